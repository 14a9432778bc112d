"""The running parts of a host and how they hang together."""

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sandbox.functions.accounts import Accounts
from sandbox.functions.activity import Activity
from sandbox.functions.admin import Admin
from sandbox.functions.clock import Clock
from sandbox.functions.engine import Engine
from sandbox.functions.errors import HostError
from sandbox.functions.functions import Function
from sandbox.functions.hostjson import HostJson
from sandbox.functions.invoker import Invoker
from sandbox.functions.keys import Keys
from sandbox.functions.listener import Listener, metadata
from sandbox.functions.ncrontab import parse
from sandbox.functions.outcome import HttpReply
from sandbox.functions.queues.contract import Message
from sandbox.functions.routes import Routes
from sandbox.functions.serving import Request, make_server
from sandbox.functions.settings import Settings
from sandbox.functions.status import Status
from sandbox.functions.timers import Timer, TimerStates
from sandbox.functions.values import json_input, text_input
from sandbox.functions.web import Web


@dataclass(frozen=True)
class Plan:
    """All that is known before anything runs."""

    engine: Engine
    functions: tuple[Function, ...]
    host_json: HostJson
    settings: Settings
    keys: Keys
    clock: Clock
    state: Path
    port: int


class Parts:
    """Server, timers and queue listeners of one app. Raises HostError for a binding that cannot be served."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.activity = Activity()
        options = plan.host_json.extensions.queues
        self._accounts = Accounts(plan.settings, options, plan.state, plan.clock.now, self._wake)
        self._invoker = Invoker(plan.engine, self.activity, self._accounts, plan.host_json.function_timeout)
        routes = Routes(
            [function for function in plan.functions if function.kind == "httpTrigger"],
            plan.host_json.extensions.http.route_prefix,
        )
        self.faults = routes.faults
        self._check_outputs()
        self._timers, self._listeners = self._make_timers(), self._make_listeners()
        self.status = Status(plan.clock, self.activity, self._timers, self._listeners, self.faults)
        self._server = make_server(plan.port, self._answer)
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self._web = Web(routes, plan.keys, plan.settings, self._invoker, self.origin)
        self._admin = Admin(plan.keys, self._run_now, self.status.read)

    @property
    def keys(self) -> Keys:
        """The host's keys."""
        return self._plan.keys

    def start(self) -> None:
        """Serve, watch the clock, fetch messages."""
        parts: list[Listener | Timer] = [*self._listeners, *self._timers]
        for part in parts:
            part.start()
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="http", daemon=True).start()

    def stop(self, grace: float) -> None:
        """Take no more work and give what runs `grace` seconds to end."""
        self._server.shutdown()
        self._server.server_close()
        end = time.monotonic() + grace
        parts: list[Listener | Timer] = [*self._timers, *self._listeners]
        for part in parts:
            part.stop(max(0.0, end - time.monotonic()))
        while self.activity.snapshot()[0] and time.monotonic() < end:
            time.sleep(0.01)
        self._accounts.close()

    def _answer(self, request: Request) -> HttpReply:
        first = request.target.split("?", 1)[0].strip("/").split("/", 1)[0].lower()
        return self._admin.answer(request) if first == "admin" else self._web.answer(request)

    def _enabled(self, kind: str) -> list[Function]:
        return [
            function
            for function in self._plan.functions
            if function.kind == kind and not self._plan.settings.is_disabled(function.name)
        ]

    def _check_outputs(self) -> None:
        """Find a misspelt setting or queue name now, not at the first message."""
        for function in self._plan.functions:
            for binding in function.outputs:
                if binding["type"] == "queue":
                    self._accounts.queue(binding)

    def _make_timers(self) -> list[Timer]:
        states = TimerStates(self._plan.state / "timers.json")
        made = []
        for function in self._enabled("timerTrigger"):
            text = self._plan.settings.resolve(str(function.trigger["schedule"]))
            try:
                schedule = parse(text)
                schedule.after(self._plan.clock.now())
            except ValueError as exc:
                raise HostError(f"function {function.name}: {exc}") from exc
            made.append(Timer(function, schedule, text, self._plan.clock, states, self._invoker))
        return made

    def _make_listeners(self) -> list[Listener]:
        made = []
        for function in self._enabled("queueTrigger"):
            queue = self._accounts.queue(function.trigger)
            own = self._accounts.queue(function.trigger, "-poison")
            poison = None if queue.name.endswith("-poison") else own
            queue.create()
            options = self._plan.host_json.extensions.queues
            made.append(Listener(function, queue, poison, options, self._plan.clock, self._invoker))
        return made

    def _wake(self, queue: str) -> None:
        for listener in self._listeners:
            if listener.queue.name == queue:
                listener.wake()

    def _run_now(self, name: str, text: str) -> HttpReply:
        """Start a function that is not an HTTP function; answers 202 when it has begun."""
        found = [function for function in self._plan.functions if function.name.lower() == name.lower()]
        if not found:
            return HttpReply(404)
        function = found[0]
        if function.kind == "httpTrigger":
            return HttpReply(
                501, body=b"Call an HTTP function at its own address; this host has no other way."
            )
        self._in_background(lambda: self._run_by_hand(function, text))
        return HttpReply(202)

    def _run_by_hand(self, function: Function, text: str) -> None:
        now = self._plan.clock.now()
        if function.kind == "timerTrigger":
            timers = [timer for timer in self._timers if timer.name == function.name]
            self._invoker.run(function, json_input(timers[0].told() if timers else {}))
            return
        message = Message(str(uuid.uuid4()), text, uuid.uuid4().hex, 1, now, now + timedelta(days=7), now)
        self._invoker.run(function, text_input(text), metadata(message, text))

    def _in_background(self, work: Callable[[], None]) -> None:
        """Run on a thread of its own; when this returns, the work is counted as running."""
        begun = threading.Event()

        def go() -> None:
            with self.activity.running():
                begun.set()
                work()

        threading.Thread(target=go, name="by-hand", daemon=True).start()
        begun.wait()
