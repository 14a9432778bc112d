"""What the tenant sent and what came of it: for tests and people, never for the services."""

import threading
from collections import deque

from sandbox.clock import stamp
from sandbox.outgoing.model import Attempt

KEPT = 10_000


class Journal:
    """The newest attempts, numbered from 1."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._attempts: deque[tuple[int, Attempt]] = deque(maxlen=KEPT)
        self._last = 0

    def add(self, attempt: Attempt) -> None:
        with self._guard:
            self._last += 1
            self._attempts.append((self._last, attempt))

    def since(self, number: int) -> dict[str, object]:
        """Give the attempts after a number."""
        with self._guard:
            shown = [_shown(n, attempt) for n, attempt in self._attempts if n > number]
            return {"attempts": shown, "last": self._last}


def _shown(number: int, attempt: Attempt) -> dict[str, object]:
    return {
        "n": number,
        "channel": attempt.channel,
        "host": attempt.host,
        "path": attempt.path,
        "attempt": attempt.attempt,
        "items": attempt.items,
        "status": attempt.outcome.status,
        "failure": attempt.outcome.failure,
        "at": stamp(attempt.at),
        "milliseconds": round(attempt.outcome.seconds * 1000, 1),
    }
