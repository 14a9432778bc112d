"""One host at a time on a state folder: two would run every timer twice."""

import os
import sys
from pathlib import Path

from sandbox.functions.errors import HostError


class StateLock:
    """Held while the file is open, so a killed host lets go of it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(self._descriptor)
        except OSError as exc:
            os.close(self._descriptor)
            raise HostError(
                f"{path.parent}: another host works on this state folder: end it, or choose another folder"
            ) from exc

    def release(self) -> None:
        """Let the next host in."""
        os.close(self._descriptor)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
