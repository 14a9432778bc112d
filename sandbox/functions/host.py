"""The Functions host: `FunctionsHost` serves within a process, `run` is the life of a host process."""

import contextlib
import errno
import json
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

import requests

from sandbox.functions.clock import Clock, FollowedClock, SystemClock
from sandbox.functions.engine import Engine
from sandbox.functions.errors import HostError
from sandbox.functions.functions import read_function
from sandbox.functions.hostjson import read_host_json
from sandbox.functions.keys import load_keys
from sandbox.functions.lock import StateLock
from sandbox.functions.logs import log_to_stderr
from sandbox.functions.parts import Parts, Plan
from sandbox.functions.queues.contract import QueueError
from sandbox.functions.settings import load_settings

_PORT = (errno.EADDRINUSE, errno.EADDRNOTAVAIL)

log = logging.getLogger("sandbox.functions")


class FunctionsHost:
    """Serves one app folder on loopback. A process serves one app, but may start it several times.

    `state` keeps keys, timers and queues. The clock is the system's, unless `clock` is given or
    `clock_url` names the virtual clock of a sandbox tenant, whose certificate `ca_bundle` vouches for.
    `start` raises HostError when the app cannot be indexed or asks for what this host does not emulate.
    """

    def __init__(
        self,
        app_dir: Path,
        state: Path,
        *,
        port: int = 0,
        clock: Clock | None = None,
        clock_url: str | None = None,
        ca_bundle: Path | str | None = None,
    ) -> None:
        self._app_dir, self._state, self._port = app_dir.resolve(), state.resolve(), port
        self._clock, self._clock_url = clock, clock_url
        self._ca_bundle = None if ca_bundle is None else str(ca_bundle)
        self._parts: Parts | None = None
        self._lock: StateLock | None = None

    @property
    def url(self) -> str:
        """The address, such as http://127.0.0.1:7071."""
        return self._running.origin

    @property
    def master_key(self) -> str:
        """Opens everything, /admin included."""
        return self._running.keys.master

    @property
    def function_key(self) -> str:
        """The host key: opens every function of level `function`."""
        return self._running.keys.host

    def status(self) -> dict[str, object]:
        """What /admin/host/status answers."""
        return self._running.status.read()

    def start(self) -> Self:
        """Index the app and serve."""
        try:
            self._parts = Parts(self._plan())
        except QueueError as exc:
            raise HostError(str(exc)) from exc
        except OSError as exc:
            place = f"port {self._port}" if exc.errno in _PORT else exc.filename or self._state
            raise HostError(f"{place}: {exc.strerror or exc}; choose another") from exc
        finally:
            if self._parts is None:
                self._release()
        for name, fault in self._parts.faults.items():
            log.error("function %s is not served: %s", name, fault)
        self._parts.start()
        return self

    def stop(self, grace: float = 10.0) -> None:
        """Serve no more; running work gets `grace` seconds to end."""
        if self._parts is not None:
            self._parts.stop(grace)
            self._parts = None
            self._release()

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _plan(self) -> Plan:
        self._state.mkdir(parents=True, exist_ok=True)
        self._lock = StateLock(self._state / "host.lock")
        # The folder holds keys: it stays out of version control wherever it lies.
        (self._state / ".gitignore").write_text("*\n", encoding="utf-8")
        host_json = read_host_json(self._app_dir / "host.json")
        settings = load_settings(self._app_dir, os.environ)
        engine = Engine.of(self._app_dir)
        functions = tuple(read_function(indexed) for indexed in engine.functions)
        keys = load_keys(self._state / "keys.json", [function.name for function in functions])
        clock = self._made_clock()
        return Plan(engine, functions, host_json, settings, keys, clock, self._state, self._port)

    def _made_clock(self) -> Clock:
        if self._clock is None and self._clock_url is None:
            return SystemClock()
        if self._clock is None and self._clock_url is not None:
            try:
                self._clock = FollowedClock(self._clock_url, self._ca_bundle)
            except (requests.RequestException, KeyError, ValueError) as exc:
                raise HostError(
                    f"the virtual clock at {self._clock_url} does not answer: start it first"
                ) from exc
        assert self._clock is not None
        return self._clock

    @property
    def _running(self) -> Parts:
        if self._parts is None:
            raise HostError("the host is not started")
        return self._parts


def run(
    app_dir: Path,
    port: int,
    state: Path,
    *,
    clock_url: str | None = None,
    ca_bundle: Path | str | None = None,
    as_json: bool = False,
) -> None:
    """Serve an app until SIGTERM or SIGINT, then return. Raises HostError when it cannot start.

    With `as_json` one line goes to stdout when ready: url, masterKey, functionKey (the host key), status.
    All else, prints of the app included, goes to stderr.
    """
    ended = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    stdout = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):
        log_to_stderr()
        host = FunctionsHost(app_dir, state, port=port, clock_url=clock_url, ca_bundle=ca_bundle)
        with host:
            print(_ready(host, as_json=as_json), file=stdout, flush=True)
            while not ended.wait(1.0):
                continue


def _ready(host: FunctionsHost, *, as_json: bool) -> str:
    if not as_json:
        return f"The Functions host listens on {host.url}"
    told = {
        "url": host.url,
        "masterKey": host.master_key,
        "functionKey": host.function_key,
        "status": f"{host.url}/admin/host/status",
    }
    return json.dumps(told)
