"""A sliding window of costs."""

from collections import deque


class Window:
    """The sum of what was spent in the last seconds."""

    def __init__(self) -> None:
        self._spent: deque[tuple[float, float]] = deque()
        self.total = 0.0

    def slide(self, now: float, seconds: float) -> None:
        """Forget what is older than the window."""
        edge = now - seconds
        while self._spent and self._spent[0][0] <= edge:
            self.total -= self._spent.popleft()[1]
        if not self._spent:
            self.total = 0.0  # no rest of rounding

    def spend(self, now: float, cost: float) -> None:
        """Add a cost."""
        self._spent.append((now, cost))
        self.total += cost

    def wait(self, now: float, seconds: float, allowed: float) -> float:
        """Give the seconds until no more than the allowed sum is left, if nothing is added."""
        left, until = self.total, 0.0
        for moment, cost in self._spent:
            if left <= allowed:
                break
            left, until = left - cost, moment + seconds - now
        return until
