"""The time of the service: what Dataverse said last, not what this machine believes."""

import time
from collections.abc import Callable
from datetime import datetime

from sync.errors import OutcomeUnknown

STALE = 10.0  # seconds that an answer's time stands for now; leases and due times need no more


class ServiceClock:
    """now() is the `Date` of a recent answer, whole seconds, UTC. Hand `heard` to Http as `on_date`.

    Threads may share it. It may go back a little when answers overtake each other.
    """

    def __init__(self, ask: Callable[[], object], *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`ask` makes one cheap call (who_am_i); it runs only when nothing was heard for a while.

        An idle worker would otherwise claim work under a time long past, and its lease would lapse at once.
        """
        self._ask = ask
        self._monotonic = monotonic
        self._last: tuple[datetime, float] | None = None

    def heard(self, moment: datetime) -> None:
        """Take over the time of an answer."""
        self._last = (moment, self._monotonic())  # one assignment: no reader sees half of it

    def now(self) -> datetime:
        """The service's time. Raises the RemoteError tree when the call that asks for it fails."""
        known = self._last
        if known is not None and self._monotonic() - known[1] <= STALE:
            return known[0]
        self._ask()
        heard = self._last
        if heard is None or heard is known:
            raise OutcomeUnknown("the service answered without a Date header; its time is not known")
        return heard[0]
