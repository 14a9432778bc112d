"""The faults of one tenant: every call of a service goes through here, and so does every notification.

The kinds of faults are loaded with the first rule: a tenant wants to be ready soon, and most have none."""

import random
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from werkzeug import Request, Response

from sandbox.clock import VirtualClock
from sandbox.faults.model import Asked, draw
from sandbox.wire import FAULT, Observer, Serve

if TYPE_CHECKING:
    from sandbox.faults.refusing import Kind
    from sandbox.faults.rules import Rule

NO_CHANCE = draw(0, 0)


class Faults:
    """Holds the rules in their order. Of the rules that are due on a call the first one has its effect."""

    def __init__(self, clock: VirtualClock) -> None:
        self.observers: list[Observer] = []
        self._clock = clock
        self._guard = threading.Lock()
        self._ended = threading.Event()
        self._rules: list[Rule] = []
        self._made = 0

    def answer(self, service: str, request: Request, serve: Serve, *, part: bool = False) -> Response:
        """Give the answer of `serve`, or what a rule makes of it. `part` says that the call is part of a batch."""
        if self.observers:
            serve = self._observed(serve)
        if not self._rules:
            return serve(request)
        asked = Asked(service, request, part, self._clock, NO_CHANCE, self._ended.wait)
        due = self._due(asked)
        if due is None:
            return serve(request)
        kind, chance = due
        return kind.answer(replace(asked, chance=chance), serve)

    def _due(self, asked: Asked) -> "tuple[Kind, random.Random] | None":
        """Give the fault that the call gets, with its chance; every rule that matches has counted the call."""
        from sandbox.faults.refusing import Kind  # noqa: PLC0415

        method, target = asked.request.method, asked.target
        with self._guard:
            matching = [r for r in self._rules if r.match.concerns(asked.service, method, target, asked.part)]
            due = [
                (r, r.kind) for r in matching if isinstance(r.kind, Kind) and r.kind.fits(asked) and r.due()
            ]
            if not due:
                return None
            rule, kind = due[0]
            rule.fired += 1
            asked.request.environ[FAULT] = rule.name
            return kind, draw(rule.match.seed, -rule.seen)

    def deliveries(self, channel: str, path: str) -> list[float]:
        """Give the seconds after which a notification to a path is delivered: `[0.0]`, or as a rule wants it."""
        if not self._rules:
            return [0.0]
        from sandbox.faults.notifying import Notice  # noqa: PLC0415

        with self._guard:
            matching = [rule for rule in self._rules if rule.match.concerns(channel, "POST", path, False)]
            due = [(rule, rule.kind) for rule in matching if isinstance(rule.kind, Notice) and rule.due()]
            if not due:
                return [0.0]
            due[0][0].fired += 1
            return due[0][1].delays()

    def add(self, described: Sequence[object]) -> "list[Rule]":
        """Add rules, all or none. Raises `Unusable`."""
        from sandbox.faults.rules import read_rule  # noqa: PLC0415

        with self._guard:
            rules = [read_rule(value, str(self._made + n)) for n, value in enumerate(described, 1)]
            self._made += len(rules)
            self._rules = [*self._rules, *rules]
        return rules

    def rules(self) -> list[dict[str, object]]:
        """Give all rules as JSON, with how often each matched and fired."""
        with self._guard:
            return [rule.shown() for rule in self._rules]

    def clear(self) -> None:
        """Forget all rules."""
        self._rules = []

    def end(self) -> None:
        """Let calls that are slowed down go on at once, and none be slowed down any more."""
        self._ended.set()

    def _observed(self, serve: Serve) -> Serve:
        def through(request: Request) -> Response:
            response = serve(request)
            for observer in self.observers:
                observer(request, response)
            return response

        return through
