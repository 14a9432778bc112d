"""Timer triggers: state, past due once, one run at a time (azure-functions.md 4.3)."""

import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sandbox.functions.clock import Clock
from sandbox.functions.functions import Function
from sandbox.functions.invoker import Invoker
from sandbox.functions.ncrontab import Schedule
from sandbox.functions.values import json_input

log = logging.getLogger("sandbox.functions")


@dataclass(frozen=True)
class Status:
    """What is remembered of a timer."""

    last: datetime | None
    next: datetime
    updated: datetime
    schedule: str = ""

    def written(self) -> dict[str, str | None]:
        """As it is stored and shown to the function; `Last` is the year 1 when it never ran."""
        return {
            "Last": (self.last or datetime.min.replace(tzinfo=UTC)).isoformat(),
            "Next": self.next.isoformat(),
            "LastUpdated": self.updated.isoformat(),
        }


class TimerStates:
    """The states of all timers in one JSON file, replaced whole at every change."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._states: dict[str, dict[str, str]] = self._read()

    def get(self, name: str) -> Status | None:
        """What is remembered of a timer, None at first sight."""
        state = self._states.get(name)
        if state is None:
            return None
        last = datetime.fromisoformat(state["Last"])
        return Status(
            None if last.year == 1 else last,
            datetime.fromisoformat(state["Next"]),
            datetime.fromisoformat(state["LastUpdated"]),
            state.get("Schedule", ""),
        )

    def put(self, name: str, status: Status) -> None:
        """Remember; a full disk is logged, the timer goes on from memory."""
        with self._lock:
            self._states[name] = {**status.written(), "Schedule": status.schedule}  # type: ignore[dict-item]
            temporary = self._path.with_suffix(".new")
            try:
                temporary.write_text(json.dumps(self._states, indent=2), encoding="utf-8")
                temporary.replace(self._path)
            except OSError as exc:
                log.error("%s: timer state is not saved: %s", self._path, exc.strerror)

    def _read(self) -> dict[str, dict[str, str]]:
        try:
            states: dict[str, dict[str, str]] = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except ValueError:
            log.warning("%s: not JSON; timers start as at first sight", self._path)
            return {}
        return states


class Timer:
    """One timer function on a thread of its own, which is why runs never overlap."""

    def __init__(
        self,
        function: Function,
        schedule: Schedule,
        text: str,
        clock: Clock,
        states: TimerStates,
        invoker: Invoker,
    ) -> None:
        self.name = function.name
        self._function, self._schedule, self._text = function, schedule, text
        self._clock, self._states, self._invoker = clock, states, invoker
        self._wake = threading.Event()
        self._stopping = False
        self._attempt = 0
        self._past_due = False
        self._status, self._due = self._first()
        self._thread = threading.Thread(target=self._loop, name=f"timer-{self.name}", daemon=True)

    @property
    def status(self) -> Status:
        """What is remembered of it now."""
        return self._status

    @property
    def due(self) -> datetime:
        """When it runs next, a retry included."""
        return self._due

    def is_due(self, now: datetime) -> bool:
        """Whether a run is due, or still going on."""
        return self._due <= now

    def told(self) -> Mapping[str, object]:
        """What a run of it is told about its schedule."""
        return {
            "Schedule": {"AdjustForDST": True},
            "ScheduleStatus": self._status.written(),
            "IsPastDue": self._past_due,
        }

    def start(self) -> None:
        """Begin to watch the clock."""
        self._clock.on_jump(self._wake.set)
        self._thread.start()

    def stop(self, grace: float) -> None:
        """Start no more runs, and wait for the present one."""
        self._stopping = True
        self._wake.set()
        self._thread.join(grace)

    def _first(self) -> tuple[Status, datetime]:
        """Past due wins over run_on_startup; a timer seen for the first time waits for its time."""
        now = self._clock.now()
        known = self._states.get(self.name) if self._monitored(now) else None
        fresh = Status(known.last if known else None, self._schedule.after(now), now, self._text)
        if known is not None and known.schedule == self._text and known.next <= now:
            self._past_due = True
            return known, now
        self._keep(fresh)
        return fresh, now if self._function.trigger.get("runOnStartup") else fresh.next

    def _loop(self) -> None:
        while not self._stopping:
            self._wake.wait(self._clock.seconds_until(self._due))
            self._wake.clear()
            if not self._stopping and self._due <= self._clock.now():
                self._fire()

    def _fire(self) -> None:
        retry = self._function.retry
        attempts = (self._attempt, retry.most if retry else 0)
        with self._invoker.activity.running():
            outcome = self._invoker.run(self._function, json_input(self.told()), None, attempts)
            now = self._clock.now()
            again = not outcome.succeeded and retry and (retry.most < 0 or self._attempt < retry.most)
            if again and retry:
                self._attempt += 1
                self._due = now + retry.pause(self._attempt)
                return
            self._attempt, self._past_due = 0, False
            self._status = Status(now, self._schedule.after(now), now, self._text)
            self._keep(self._status)
            self._due = self._status.next

    def _keep(self, status: Status) -> None:
        if self._monitored(status.updated):
            self._states.put(self.name, status)

    def _monitored(self, now: datetime) -> bool:
        return self._function.trigger.get("useMonitor", True) and not self._schedule.is_frequent(now)
