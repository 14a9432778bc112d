"""What the services of the tenant were asked: for measuring clients, never for the clients themselves."""

import threading
from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

KEPT = 100_000


class Entry(NamedTuple):
    """One call from outside; a `$batch` is one, with the number of its parts. Bytes are those of the bodies.

    The status is 0 where a fault reset the connection; `fault` names the rule that did something to the call."""

    method: str
    path: str
    status: int
    request_bytes: int
    response_bytes: int
    milliseconds: float
    service: str
    at: datetime
    parts: int | None = None
    fault: str | None = None


@dataclass
class _Sums:
    calls: int = 0
    refused: int = 0
    request_bytes: int = 0
    response_bytes: int = 0

    def add(self, entry: Entry) -> None:
        self.calls += 1
        self.refused += entry.status == 429
        self.request_bytes += entry.request_bytes
        self.response_bytes += entry.response_bytes


class RequestLog:
    """The newest calls, numbered from 1 in the order of their answers."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._entries: deque[tuple[int, Entry]] = deque(maxlen=KEPT)
        self._last = 0
        self._sums: defaultdict[str, _Sums] = defaultdict(_Sums)

    def add(self, entry: Entry) -> None:
        with self._guard:
            self._last += 1
            self._entries.append((self._last, entry))
            self._sums[entry.service].add(entry)

    def clear(self) -> None:
        """Forget all calls and sums; the numbers go on."""
        with self._guard:
            self._entries.clear()
            self._sums.clear()

    def counts(self) -> dict[str, object]:
        """Give the number of the last call and, per service, calls, bytes and refusals for being too many."""
        with self._guard:
            return {
                "last": self._last,
                "byService": {name: sums.calls for name, sums in self._sums.items()},
                "refused": {name: sums.refused for name, sums in self._sums.items()},
                "requestBytes": {name: sums.request_bytes for name, sums in self._sums.items()},
                "responseBytes": {name: sums.response_bytes for name, sums in self._sums.items()},
            }

    def since(self, number: int) -> dict[str, object]:
        """Give the calls after a number."""
        with self._guard:
            calls = [_as_json(n, entry) for n, entry in self._entries if n > number]
            return {"requests": calls, "last": self._last}


def _as_json(number: int, entry: Entry) -> dict[str, object]:
    return {
        "n": number,
        "at": entry.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "service": entry.service,
        "method": entry.method,
        "path": entry.path,
        "status": entry.status,
        "requestBytes": entry.request_bytes,
        "responseBytes": entry.response_bytes,
        "milliseconds": entry.milliseconds,
        "parts": entry.parts,
        "fault": entry.fault,
    }
