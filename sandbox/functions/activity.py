"""What is running, so that a driver can wait until the host is idle."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Activity:
    """Counts running work; `version` rises whenever something begins, ends or is sent."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running = 0
        self._version = 0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Mark a piece of work."""
        self._change(1)
        try:
            yield
        finally:
            self._change(-1)

    def snapshot(self) -> tuple[int, int]:
        """The number of running pieces, and the version."""
        with self._lock:
            return self._running, self._version

    def _change(self, by: int) -> None:
        with self._lock:
            self._running += by
            self._version += 1
