"""How many calls may be under way at once, over all threads of this process, and for how long none may.

A refusal (429) halves the width and closes the lane, or the whole service, for as long as the service asks: the
other threads learn from it instead of being refused too. Every full round of successes then gives one place back.
Sources: dataverse.md section 7, graph.md section 7.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

LONGEST_REST = 600.0  # seconds; a longer one is nonsense
LARGEST_LANES = 1000  # lanes that are remembered; an idle one starts anew when it is forgotten


NEARLY = 0.1  # share of a budget that is left for calls under way and for other processes


def nearly_spent(headers: Mapping[str, str]) -> float | None:
    """Seconds until a budget is renewed of which little is left; None while there is enough, or nobody says.

    SharePoint tells limit, remaining units and seconds in `RateLimit-*` from 80 % on (graph.md section 7).
    """
    try:
        limit = float(headers["ratelimit-limit"])
        remaining, reset = float(headers["ratelimit-remaining"]), float(headers["ratelimit-reset"])
    except (KeyError, ValueError):
        return None
    return reset if remaining <= limit * NEARLY and 0 < reset < LONGEST_REST else None


class _Gate:
    """The places of one lane or of the whole service."""

    def __init__(self, width: int) -> None:
        self.ceiling = width
        self.width = width
        self.running = 0
        self.closed_until = 0.0
        self._credit = 0

    @property
    def free(self) -> bool:
        return self.running < self.width

    @property
    def at_rest(self) -> bool:
        return not self.running and self.width == self.ceiling

    def limit(self, ceiling: int) -> None:
        self.width = ceiling if self.width >= self.ceiling else min(self.width, ceiling)
        self.ceiling = ceiling

    def refused(self, now: float, seconds: float) -> None:
        # A burst of refusals is one piece of news: those that were under way when the first came narrow nothing.
        if now >= self.closed_until:
            self.width = max(1, self.width // 2)
        self.closed_until = max(self.closed_until, now + seconds)
        self._credit = 0

    def served(self) -> None:
        self._credit += 1
        if self._credit >= self.width and self.width < self.ceiling:
            self.width, self._credit = self.width + 1, 0


class Limiter:
    """A limit for one service, which may change, and a narrower one for each lane (a mailbox, a site)."""

    def __init__(
        self,
        width: int,
        *,
        lane_width: int = 4,
        widest: int = 32,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._changed = threading.Condition()
        self._whole = _Gate(width)
        self._widest = widest
        self._lane_width = lane_width
        self._lanes: dict[str, _Gate] = {}
        self._monotonic = monotonic

    @property
    def width(self) -> int:
        """How many calls may run at once now."""
        return self._whole.width

    def lane_width(self, lane: str) -> int:
        """How many calls of a lane may run at once now."""
        with self._changed:
            return self._gate(lane).width

    def follow(self, hint: str | None) -> None:
        """Take over the service's `x-ms-dop-hint`, within our own bounds; nonsense changes nothing."""
        if hint is None or not hint.isdecimal() or int(hint) < 1:
            return
        with self._changed:
            self._whole.limit(min(int(hint), self._widest))
            self._changed.notify_all()

    def closed_for(self, lane: str | None = None) -> float:
        """Seconds until the service wants to hear of this lane again; 0 when it may be called now."""
        with self._changed:
            until = max(gate.closed_until for gate in self._gates(lane))
        return max(0.0, until - self._monotonic())

    def refused(self, lane: str | None, seconds: float) -> None:
        """The service refused a call of a lane, or of no lane, and asks to wait."""
        with self._changed:
            gate = self._whole if lane is None else self._gate(lane)
            gate.refused(self._monotonic(), seconds)

    def rest(self, lane: str | None, seconds: float) -> None:
        """The budget of a lane is nearly used up: leave it alone for so long, before it refuses."""
        with self._changed:
            gate = self._whole if lane is None else self._gate(lane)
            gate.closed_until = max(gate.closed_until, self._monotonic() + seconds)

    def served(self, lane: str | None) -> None:
        """The service took a call."""
        with self._changed:
            for gate in self._gates(lane):
                gate.served()
            self._changed.notify_all()

    @contextmanager
    def slot(self, lane: str | None = None) -> Iterator[float]:
        """Wait for a place and hold it. Gives `closed_for`: another call may have been refused in the meantime."""
        with self._changed:
            gates = self._gates(lane)
            self._changed.wait_for(lambda: all(gate.free for gate in gates))
            for gate in gates:
                gate.running += 1
        try:
            yield self.closed_for(lane)
        finally:
            with self._changed:
                for gate in gates:
                    gate.running -= 1
                self._changed.notify_all()

    def _gates(self, lane: str | None) -> list[_Gate]:
        return [self._whole] if lane is None else [self._whole, self._gate(lane)]

    def _gate(self, lane: str) -> _Gate:
        if lane not in self._lanes:
            if len(self._lanes) >= LARGEST_LANES:
                self._forget()
            self._lanes[lane] = _Gate(self._lane_width)
        return self._lanes[lane]

    def _forget(self) -> None:
        now = self._monotonic()
        kept = {n: g for n, g in self._lanes.items() if not g.at_rest or g.closed_until > now}
        self._lanes = kept
