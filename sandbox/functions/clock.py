"""Time for timers and queues: the system's, or the virtual clock of a sandbox tenant."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import requests

log = logging.getLogger(__name__)

_WAIT = 20  # seconds that one question for news of the clock may hang
_TOLERANCE = timedelta(seconds=2)  # the tenant tells whole seconds


class Clock(Protocol):
    """What the host's loops ask of time."""

    def now(self) -> datetime:
        """The present instant in UTC."""
        ...

    def seconds_until(self, instant: datetime) -> float | None:
        """Real seconds until the clock shows an instant; None: not before somebody moves the clock."""
        ...

    def on_jump(self, wake: Callable[[], None]) -> None:
        """Call `wake` whenever the clock was set."""
        ...

    def refresh(self) -> None:
        """Learn at once of a clock that was set a moment ago."""
        ...


class SystemClock:
    """The time of this machine."""

    def now(self) -> datetime:
        """The present instant in UTC."""
        return datetime.now(UTC)

    def seconds_until(self, instant: datetime) -> float | None:
        """Seconds until an instant, at least 0."""
        return max(0.0, (instant - self.now()).total_seconds())

    def on_jump(self, wake: Callable[[], None]) -> None:
        """Never: this clock is not set."""

    def refresh(self) -> None:
        """Nothing to learn."""


@dataclass(frozen=True)
class _Reading:
    """What the tenant said, and when it did on this machine's monotonic clock."""

    shown: datetime
    at: float
    frozen: bool
    version: int

    def now(self) -> datetime:
        passed = 0.0 if self.frozen else time.monotonic() - self.at
        return self.shown + timedelta(seconds=passed)


class FollowedClock:
    """The virtual clock at an address such as `https://127.0.0.1:P/_sandbox/clock`.

    A thread hangs on the address for news, so a jump is known within milliseconds. While the tenant is
    away, the clock runs on as last told.
    """

    def __init__(self, url: str, ca_bundle: str | None = None) -> None:
        self._url = url
        self._verify: str | bool = ca_bundle or True
        self._jumps: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        with self._session() as session:
            self._reading = self._ask(session, {})
        threading.Thread(target=self._follow, name="virtual-clock", daemon=True).start()

    def now(self) -> datetime:
        """The present instant of the virtual clock in UTC."""
        return self._reading.now()

    def seconds_until(self, instant: datetime) -> float | None:
        """Real seconds until the virtual clock shows an instant; None while it stands still before it."""
        reading = self._reading
        remaining = (instant - reading.now()).total_seconds()
        if remaining <= 0:
            return 0.0
        return None if reading.frozen else remaining

    def on_jump(self, wake: Callable[[], None]) -> None:
        """Call `wake` whenever the clock was set."""
        self._jumps.append(wake)

    def refresh(self) -> None:
        """Ask the tenant now; while it is away the last word stands."""
        with self._session() as session, suppress(requests.RequestException, KeyError, ValueError):
            self._take(self._ask(session, {}))

    def _session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        session.verify = self._verify
        return session

    def _ask(self, session: requests.Session, query: dict[str, int]) -> _Reading:
        answer = session.get(self._url, params=query, timeout=_WAIT + 10)
        answer.raise_for_status()
        said = answer.json()
        shown = datetime.fromisoformat(said["now"]).astimezone(UTC)
        return _Reading(shown, time.monotonic(), bool(said["frozen"]), int(said["version"]))

    def _take(self, reading: _Reading) -> None:
        with self._lock:
            known = self._reading
            # A tenant that was started again counts from 0; an answer that was overtaken shows an older time.
            restarted = reading.version < known.version and reading.shown >= known.now() - _TOLERANCE
            if not (restarted or reading.version > known.version):
                return
            self._reading = reading
        for wake in self._jumps:
            wake()

    def _follow(self) -> None:
        session = self._session()
        reachable = True
        while True:
            query = {"after": self._reading.version, "wait": _WAIT} if reachable else {}
            try:
                self._take(self._ask(session, query))
                reachable = True
            except (requests.RequestException, KeyError, ValueError):
                if reachable:
                    log.warning("the virtual clock does not answer; it runs on as last told")
                reachable = False
                time.sleep(0.5)
