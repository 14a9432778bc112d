"""Log lines of the host process: on stderr, each with the invocation it belongs to."""

import logging
import sys

from sandbox.functions.engine import invocation_id


class _Invocation(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.invocation = invocation_id() or "-"
        return True


def log_to_stderr() -> None:
    """Send all log lines to stderr; stdout belongs to the one JSON line."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_Invocation())
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(invocation)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # These write a line or more for every call, with whole addresses.
    for name in ("azure", "urllib3", "msal"):
        logging.getLogger(name).setLevel(logging.WARNING)
