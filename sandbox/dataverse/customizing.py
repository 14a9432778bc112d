"""Changes of definitions: one at a time for the whole organisation, and seen by the data routes only later.

The cloud refuses a second change while one runs (code and words as published issues show them), and its servers
keep definitions in memory for about 30 s (reference dataverse.md sections 0 and 8)."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sandbox.dataverse.catalogue import Catalogue
from sandbox.dataverse.errors import DataverseError


class Customizing:
    """Guards the definitions that are in force, and keeps those that the data routes still see."""

    def __init__(self, live: Catalogue) -> None:
        self._live = live
        self._lock = threading.Lock()
        self._stale: Catalogue | None = None
        self._stale_until = 0.0
        self.cache_seconds = 0.0
        """How long the data routes may go on with the old definitions."""
        self.write_seconds = 0.0
        """How much longer one change keeps others away; the cloud needs seconds for each."""

    @contextmanager
    def change(self) -> Iterator[None]:
        """Let one change happen; a change that fails leaves the definitions as they were."""
        if not self._lock.acquire(blocking=False):
            kind = "[EntityCustomization]"
            words = f"Cannot start the requested operation {kind} because there is another {kind} running"
            raise DataverseError(429, "0x80071151", f"{words} at this moment. Try again later.")
        try:
            yield from self._changed()
        finally:
            self._lock.release()

    def _changed(self) -> Iterator[None]:
        before = self._live.version
        old = self._live.copy() if self.cache_seconds > 0 and self.seen() is self._live else None
        try:
            yield
        except BaseException:
            if self._live.version != before:
                self._live.reload()
            raise
        if old is not None and self._live.version != before:
            self._stale, self._stale_until = old, time.monotonic() + self.cache_seconds
        if self.write_seconds:
            time.sleep(self.write_seconds)

    def seen(self) -> Catalogue:
        """Give the definitions that a data route sees without `Consistency: Strong`."""
        stale = self._stale
        if stale is None:
            return self._live
        if time.monotonic() >= self._stale_until:
            self._stale = None
            return self._live
        return stale

    def refresh(self) -> None:
        """Let the data routes see everything at once, as after a definition was deleted."""
        self._stale = None
