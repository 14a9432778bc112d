"""The time of the service: what Dataverse said last, not what this machine believes."""

from collections.abc import Callable
from datetime import datetime

from sync.errors import OutcomeUnknown


class ServiceClock:
    """now() is the `Date` of the most recent answer, whole seconds, UTC. Hand `heard` to Http as `on_date`."""

    def __init__(self, ask: Callable[[], object]) -> None:
        """`ask` makes one cheap call (who_am_i); it runs only when nothing was heard yet."""
        self._ask = ask
        self._last: datetime | None = None

    def heard(self, moment: datetime) -> None:
        """Take over the time of an answer."""
        self._last = moment

    def now(self) -> datetime:
        """The service's time. Raises the RemoteError tree when the first call fails."""
        if self._last is None:
            self._ask()
        if self._last is None:
            raise OutcomeUnknown("the service answered without a Date header; its time is not known")
        return self._last
