"""Carries single calls by the present settings and writes each into the journal."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.clock import VirtualClock
from sandbox.outgoing.addresses import logged_path, receiver
from sandbox.outgoing.journal import Journal
from sandbox.outgoing.model import Attempt, Outcome, Parcel, Settings
from sandbox.store import Store

if TYPE_CHECKING:
    from sandbox.outgoing.posting import Poster

SETTING = "notifications"
JSON = {"Content-Type": "application/json; charset=utf-8"}


class Courier:
    """The settings are kept in the store; the journal goes with the process."""

    def __init__(self, store: Store, clock: VirtualClock, own_ca: Path) -> None:
        self._store, self._clock, self._own_ca = store, clock, own_ca
        self.settings = Settings.read(json.loads(store.setting(SETTING) or "{}"), "The settings")
        self.journal = Journal()
        self._poster: Poster | None = None

    def change(self, settings: Settings) -> None:
        """Take other settings; `ca_bundle` must be PEM, else `ssl.SSLError` or `ValueError`."""
        poster = _poster(self._own_ca, settings)
        self._store.set_setting(SETTING, json.dumps(settings.shown()))
        self.settings, self._poster = settings, poster

    def post(self, url: str, body: str, headers: dict[str, str], timeout: float) -> Outcome:
        """Post, JSON unless the headers say otherwise, and give what came of it."""
        if self._poster is None:
            self._poster = _poster(self._own_ca, self.settings)
        return self._poster.post(url, body.encode(), JSON | headers, timeout)

    def note(self, parcel: Parcel, outcome: Outcome, items: int = 1) -> None:
        """Write an attempt into the journal."""
        self.journal.add(
            Attempt(
                channel=parcel.channel,
                host=receiver(parcel.url),
                path=logged_path(parcel.url),
                attempt=parcel.attempt,
                items=items,
                at=self._clock.now(),
                outcome=outcome,
            )
        )

    def close(self) -> None:
        """Drop kept connections."""
        if self._poster is not None:
            self._poster.close()


def _poster(own_ca: Path, settings: Settings) -> "Poster":
    """Load the HTTP library with the first parcel only: a tenant wants to be ready soon."""
    from sandbox.outgoing.posting import Poster  # noqa: PLC0415

    return Poster(own_ca, settings)
