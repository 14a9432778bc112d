"""How many calls may be under way at once, over all threads of this process."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class Limiter:
    """A limit for one service, which may change, and a narrower one for each lane (a mailbox)."""

    def __init__(self, width: int, *, lane_width: int = 4, widest: int = 32) -> None:
        self._changed = threading.Condition()
        self._width = width
        self._widest = widest
        self._lane_width = lane_width
        self._running = 0
        self._lanes: Counter[str] = Counter()

    @property
    def width(self) -> int:
        """How many calls may run at once now."""
        return self._width

    def follow(self, hint: str | None) -> None:
        """Take over the service's `x-ms-dop-hint`, within our own bounds; nonsense changes nothing."""
        if hint is None or not hint.isdecimal() or int(hint) < 1:
            return
        with self._changed:
            self._width = min(int(hint), self._widest)
            self._changed.notify_all()

    @contextmanager
    def slot(self, lane: str | None = None) -> Iterator[None]:
        """Wait for a place and hold it."""
        with self._changed:
            self._changed.wait_for(lambda: self._free(lane))
            self._running += 1
            if lane is not None:
                self._lanes[lane] += 1
        try:
            yield
        finally:
            self._leave(lane)

    def _free(self, lane: str | None) -> bool:
        if self._running >= self._width:
            return False
        return lane is None or self._lanes[lane] < self._lane_width

    def _leave(self, lane: str | None) -> None:
        with self._changed:
            self._running -= 1
            if lane is not None:
                self._lanes[lane] -= 1
                if not self._lanes[lane]:
                    del self._lanes[lane]
            self._changed.notify_all()
