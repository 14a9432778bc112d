"""Log lines of the host process: on stderr, each with the invocation it belongs to."""

import logging
import sys

from sandbox.functions.engine import invocation_id

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"invocation", "message", "asctime", "taskName"}


class _Invocation(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.invocation = invocation_id() or "-"
        return True


class _Lines(logging.Formatter):
    """The words of a record, and behind them its fields."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name is logging's
        fields = {name: value for name, value in vars(record).items() if name not in _OWN}
        shown = "".join(f" {name}={value}" for name, value in fields.items() if value is not None)
        return super().formatMessage(record) + shown


def log_to_stderr() -> None:
    """Send all log lines to stderr; stdout belongs to the one JSON line."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_Invocation())
    handler.setFormatter(_Lines("%(asctime)s %(levelname)s %(invocation)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # These write a line or more for every call, with whole addresses.
    for name in ("azure", "urllib3", "msal"):
        logging.getLogger(name).setLevel(logging.WARNING)
