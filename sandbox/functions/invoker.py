"""One way to run a function: count it, log it, write its outputs."""

import json
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Protocol

from sandbox.functions.activity import Activity
from sandbox.functions.engine import Engine
from sandbox.functions.errors import HostError
from sandbox.functions.functions import Function
from sandbox.functions.outcome import Outcome
from sandbox.functions.queues.contract import Queue, QueueError

log = logging.getLogger("sandbox.functions")


class Sink(Protocol):
    """Where output bindings go."""

    def queue(self, binding: Mapping[str, Any]) -> Queue:
        """The queue that a binding names."""
        ...

    def encoded(self, text: str) -> str:
        """A message's text as it is stored."""
        ...


class Invoker:
    """Runs functions. A failed output binding fails the invocation, as on Azure."""

    def __init__(self, engine: Engine, activity: Activity, sink: Sink, timeout: timedelta | None) -> None:
        self._engine = engine
        self.activity = activity
        self._sink = sink
        self._timeout = None if timeout is None else timeout.total_seconds()

    def run(
        self,
        function: Function,
        value: Any,
        metadata: Mapping[str, Any] | None = None,
        retry: tuple[int, int] = (0, 0),
    ) -> Outcome:
        """Run a function to its end and write its outputs."""
        inputs = {function.parameter: value}
        with self.activity.running():
            outcome = self._engine.invoke(function.indexed, inputs, metadata, retry, self._timeout)
            if outcome.succeeded:
                outcome = self._written(function, outcome)
        if not outcome.succeeded:
            # The text of an exception may hold what must not be logged: its type names the kind.
            log.error("function %s failed: %s", function.name, outcome.error.split(":", 1)[0])
            log.debug("function %s: %s", function.name, outcome.error)
        return outcome

    def _written(self, function: Function, outcome: Outcome) -> Outcome:
        try:
            for binding in function.outputs:
                text = outcome.texts.get(str(binding["name"]))
                if binding["type"] == "queue" and text is not None:
                    self._send(binding, text)
        except (QueueError, HostError) as exc:
            log.error("function %s: output %s: %s", function.name, binding["name"], exc)
            return Outcome(False, f"{type(exc).__name__}: {exc}")
        return outcome

    def _send(self, binding: Mapping[str, Any], text: str) -> None:
        queue = self._sink.queue(binding)
        queue.create()
        for message in messages(text):
            queue.send(self._sink.encoded(message))


def messages(text: str) -> list[str]:
    """The messages that an output text becomes: JSON is written anew, an array is one message each."""
    try:
        value = json.loads(text)
    except ValueError:
        return [text]
    if isinstance(value, list):
        return [item if isinstance(item, str) else _compact(item) for item in value]
    return [_compact(value)] if isinstance(value, dict) else [text]


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
