"""What the services of the tenant were asked: for measuring clients, never for the clients themselves."""

import threading
from collections import Counter, deque
from dataclasses import dataclass

KEPT = 100_000


@dataclass(frozen=True)
class Entry:
    """One call from outside; the parts of a `$batch` are one call."""

    method: str
    path: str
    status: int
    request_bytes: int
    response_bytes: int
    milliseconds: float
    service: str


class RequestLog:
    """The newest calls, numbered from 1 in the order of their answers."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._entries: deque[tuple[int, Entry]] = deque(maxlen=KEPT)
        self._last = 0
        self._by_service: Counter[str] = Counter()

    def add(self, entry: Entry) -> None:
        with self._guard:
            self._last += 1
            self._entries.append((self._last, entry))
            self._by_service[entry.service] += 1

    def counts(self) -> dict[str, object]:
        """Give the number of the last call and the calls per service since the start."""
        with self._guard:
            return {"last": self._last, "byService": dict(self._by_service)}

    def since(self, number: int) -> dict[str, object]:
        """Give the calls after a number."""
        with self._guard:
            calls = [_as_json(n, entry) for n, entry in self._entries if n > number]
            return {"requests": calls, "last": self._last}


def _as_json(number: int, entry: Entry) -> dict[str, object]:
    return {
        "n": number,
        "method": entry.method,
        "path": entry.path,
        "status": entry.status,
        "requestBytes": entry.request_bytes,
        "responseBytes": entry.response_bytes,
        "milliseconds": entry.milliseconds,
        "service": entry.service,
    }
