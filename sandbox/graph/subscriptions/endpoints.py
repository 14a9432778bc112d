"""States of receivers: slow ones get their notifications late, very slow ones lose them (reference graph.md 5.2).

The answers of ten minutes are counted per machine; a state lasts ten minutes of virtual time."""

import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox.graph.values import Clock
from sandbox.outgoing.addresses import receiver
from sandbox.outgoing.model import Outcome
from sandbox.outgoing.outgoing import Outgoing

WINDOW = timedelta(minutes=10)
SLOW_SHARE, DROP_SHARE = 0.10, 0.15
DELAY = WINDOW.total_seconds()


@dataclass
class _Endpoint:
    answers: deque[tuple[datetime, float]] = field(default_factory=deque)
    state: str = "normal"
    until: datetime | None = None


class Endpoints:
    """Judges receivers by how long they take to answer."""

    def __init__(self, outgoing: Outgoing, clock: Clock) -> None:
        self._outgoing, self._clock = outgoing, clock
        self._guard = threading.Lock()
        self._known: dict[str, _Endpoint] = {}

    def answered(self, outcome: Outcome, url: str) -> None:
        """Count one answer."""
        now = self._clock.now()
        with self._guard:
            endpoint = self._known.setdefault(receiver(url), _Endpoint())
            endpoint.answers.append((now, outcome.seconds))
            while endpoint.answers[0][0] <= now - WINDOW:
                endpoint.answers.popleft()
            state = self._judged([seconds for _, seconds in endpoint.answers])
            if state != "normal" and self._state(endpoint, now) == "normal":
                endpoint.state, endpoint.until = state, now + WINDOW
                endpoint.answers.clear()

    def _judged(self, answers: list[float]) -> str:
        settings = self._outgoing.settings
        if len(answers) < settings.judged_from:  # documented guess: a few answers are no evidence
            return "normal"
        if sum(seconds >= settings.drop_seconds for seconds in answers) > DROP_SHARE * len(answers):
            return "drop"
        if sum(seconds >= settings.slow_seconds for seconds in answers) > SLOW_SHARE * len(answers):
            return "slow"
        return "normal"

    def _state(self, endpoint: _Endpoint, now: datetime) -> str:
        return endpoint.state if endpoint.until is not None and now < endpoint.until else "normal"

    def hold(self, url: str) -> float | None:
        """Give the seconds by which a notification is put off, or None when it is dropped."""
        with self._guard:
            endpoint = self._known.get(receiver(url))
            state = "normal" if endpoint is None else self._state(endpoint, self._clock.now())
        return {"normal": 0.0, "slow": DELAY, "drop": None}[state]

    def shown(self) -> dict[str, str]:
        """The state of every receiver that was called."""
        now = self._clock.now()
        with self._guard:
            return {name: self._state(endpoint, now) for name, endpoint in self._known.items()}
