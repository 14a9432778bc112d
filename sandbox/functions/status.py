"""How the host stands, told so that a driver can wait until it is idle."""

from collections.abc import Sequence
from datetime import datetime

from sandbox.functions.activity import Activity
from sandbox.functions.clock import Clock
from sandbox.functions.listener import Listener
from sandbox.functions.queues.contract import Depth, QueueError
from sandbox.functions.timers import Timer

_TRIES = 5


class Status:
    """Reads one consistent picture of queues, timers and running work."""

    def __init__(
        self,
        clock: Clock,
        activity: Activity,
        timers: Sequence[Timer],
        listeners: Sequence[Listener],
        faults: dict[str, str],
    ) -> None:
        self._clock, self._activity = clock, activity
        self._timers, self._listeners, self._faults = timers, listeners, faults

    def read(self) -> dict[str, object]:
        """The picture. While work begins or ends under the reading it says that something runs."""
        self._clock.refresh()
        for _ in range(_TRIES):
            before = self._activity.snapshot()[1]
            picture = self._picture()
            running, after = self._activity.snapshot()
            if after == before:
                break
            picture["running"] = max(running, 1)
        return {"state": "Running", **picture, "errors": self._faults}

    def _picture(self) -> dict[str, object]:
        now = self._clock.now()
        depths = {listener.queue.name: _depth(listener) for listener in self._listeners}
        busy = max(self._activity.snapshot()[0], sum(listener.holding for listener in self._listeners))
        return {
            "running": busy,
            "queues": {name: _told(depth) for name, depth in depths.items()},
            "poison": {
                listener.poison.name: listener.poisoned for listener in self._listeners if listener.poison
            },
            "timers": {
                timer.name: {"last": _iso(timer.status.last), "next": _iso(timer.due)}
                for timer in self._timers
            },
            "timersSettled": not any(timer.is_due(now) for timer in self._timers),
            "clock": _iso(now),
        }


def _depth(listener: Listener) -> Depth:
    try:
        return listener.queue.depth()
    except QueueError:
        return Depth(0, 0)


def _told(depth: Depth) -> dict[str, object]:
    return {"visible": depth.visible, "invisible": depth.invisible, "nextVisible": _iso(depth.next_visible)}


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat().replace("+00:00", "Z")
