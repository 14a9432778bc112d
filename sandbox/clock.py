"""The virtual clock of the tenant: the only time that its services know.

It runs on from the instant it was set to, or stands still; it never goes back. Only a clock that was never
set (it shows real time) takes any instant. Its state is kept in the store, so a tenant that is started again
goes on from where its records are."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sandbox.store import Store

FIRST_YEAR, LAST_YEAR = 1970, 2200  # what all the services can spell and compute with
LONGEST = timedelta(days=36_525)


class WentBack(Exception):
    """The clock was asked to go back."""


def _real_now() -> datetime:
    return datetime.now(UTC)


class OutOfRange(Exception):
    """The clock cannot show such an instant."""


class VirtualClock:
    """Time of the tenant, shared by all services. `listeners` are called at each change; they must not wait."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._changed = threading.Condition()
        saved = store.setting("clock")
        self._frozen_at: datetime | None = None
        self._offset = timedelta(0)
        self._ever_set = saved is not None
        self.version = 0
        self.listeners: list[Callable[[], None]] = []
        if saved is not None:
            kind, _, value = saved.partition(" ")
            if kind == "frozen":
                self._frozen_at = datetime.fromisoformat(value)
            else:
                self._offset = timedelta(seconds=float(value))

    def now(self) -> datetime:
        """Give the virtual instant, aware and in UTC."""
        frozen = self._frozen_at
        return frozen if frozen is not None else _real_now() + self._offset

    @property
    def frozen(self) -> bool:
        return self._frozen_at is not None

    def set(self, instant: datetime, *, frozen: bool) -> None:
        """Set the clock; raises `WentBack` when the instant lies before its present one."""
        with self._changed:
            if self._ever_set and instant < self.now().replace(microsecond=0):
                raise WentBack(f"The clock shows {stamp(self.now())} and cannot go back to {stamp(instant)}.")
            self._apply(instant, frozen=frozen)

    def set_frozen(self, frozen: bool) -> None:
        """Stop or release the clock where it stands."""
        with self._changed:
            self._apply(self.now(), frozen=frozen)

    def advance(self, by: timedelta) -> None:
        """Move the clock forward, frozen or not."""
        with self._changed:
            if by < timedelta(0):
                raise WentBack("The clock can be advanced by zero or more seconds only.")
            if by > LONGEST:
                raise OutOfRange(f"The clock is advanced by at most {LONGEST.days} days at once.")
            self._apply(self.now() + by, frozen=self.frozen)

    def wait_for_change(self, version: int, seconds: float) -> None:
        """Return once the version is higher than the given one, or when the (real) seconds are over."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while self.version <= version and (left := deadline - time.monotonic()) > 0:
                self._changed.wait(left)

    def _apply(self, instant: datetime, *, frozen: bool) -> None:
        instant = instant.astimezone(UTC)
        if not FIRST_YEAR <= instant.year <= LAST_YEAR:
            raise OutOfRange(f"The clock shows the years {FIRST_YEAR} to {LAST_YEAR}, not {instant.year}.")
        offset = timedelta(0) if frozen else instant - _real_now()
        value = f"frozen {instant.isoformat()}" if frozen else f"running {offset.total_seconds()}"
        self._store.set_setting("clock", value)  # first, so that a full disk leaves the clock as it was
        self._frozen_at, self._offset = instant if frozen else None, offset
        self._ever_set = True
        self.version += 1
        self._changed.notify_all()
        for tell in self.listeners:
            tell()


def stamp(instant: datetime) -> str:
    """Spell an instant in whole seconds, as `2026-02-09T09:04:00Z`."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
