"""How a failure of the sandbox itself is logged: by its kind and its place, never by its words.

The words of an exception may hold what a caller sent: a subject, a key, the address of a receiver."""

import logging
import traceback
from pathlib import Path

DEEPEST = 8  # lines that are named


def log_failure(log: logging.Logger, what: str, error: BaseException) -> None:
    """Log where something failed; the whole trace, words included, at DEBUG only."""
    frames = traceback.extract_tb(error.__traceback__)[-DEEPEST:]
    places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
    log.error("%s: %s at %s", what, type(error).__name__, places)
    log.debug("%s", what, exc_info=error)
