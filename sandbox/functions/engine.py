"""The only module that knows `azure_functions_runtime`: index an app, invoke its functions.

Source: azure-functions.md 4.1. The runtime keeps its index in module globals, so a process serves one app.
"""

import asyncio
import json
import sys
import threading
import uuid
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import azure_functions_runtime as runtime

from sandbox.functions.errors import HostError
from sandbox.functions.outcome import Outcome
from sandbox.functions.protos import PROTOS, ask
from sandbox.functions.values import read_outcome


@dataclass(frozen=True)
class Indexed:
    """One function as the runtime found it. `bindings` are the host's JSON binding objects."""

    name: str
    function_id: str
    bindings: tuple[Mapping[str, Any], ...]
    retry: Any = None


class Engine:
    """Runs functions on an event loop of its own thread; safe to call from any thread."""

    _of_process: "Engine | None" = None

    def __init__(self, app_dir: Path) -> None:
        self._app_dir = app_dir
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="functions-loop", daemon=True).start()
        self.functions: tuple[Indexed, ...] = ()

    @classmethod
    def of(cls, app_dir: Path) -> "Engine":
        """Index the app, once in a process. Raises HostError where the worker would report failure."""
        app_dir = app_dir.resolve()
        if cls._of_process is None:
            engine = cls(app_dir)
            engine.functions = engine._wait(engine._index())
            cls._of_process = engine
        if cls._of_process._app_dir != app_dir:
            raise HostError(f"this process already serves {cls._of_process._app_dir}: use another process")
        return cls._of_process

    def invoke(
        self,
        function: Indexed,
        inputs: Mapping[str, Any],
        metadata: Mapping[str, Any] | None = None,
        retry: tuple[int, int] = (0, 0),
        timeout: float | None = None,
    ) -> Outcome:
        """Run a function and wait for its end; after `timeout` seconds it counts as failed.

        A sync function cannot be stopped: it runs on unobserved (Azure would end the whole worker).
        """
        call = self._invocation(function, inputs, metadata or {}, retry)
        task = asyncio.run_coroutine_threadsafe(call, self._loop)
        try:
            return read_outcome(task.result(timeout))
        except TimeoutError:
            task.cancel()
            return Outcome(False, f"TimeoutError: longer than functionTimeout ({timeout} s)")

    def _wait[T](self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _index(self) -> tuple[Indexed, ...]:
        if str(self._app_dir) not in sys.path:
            sys.path.insert(0, str(self._app_dir))
        runtime.start_threadpool_executor()
        init = SimpleNamespace(capabilities={}, function_app_directory=str(self._app_dir))
        answer = await runtime.worker_init_request(ask(worker_init_request=init))
        if answer.result.status != PROTOS.StatusResult.Success:
            raise HostError(f"{self._app_dir}: no function is served: {answer.result.exception.message}")
        found = await runtime.functions_metadata_request(ask())
        return tuple(_indexed(meta) for meta in found.function_metadata_results or ())

    async def _invocation(
        self,
        function: Indexed,
        inputs: Mapping[str, Any],
        metadata: Mapping[str, Any],
        retry: tuple[int, int],
    ) -> Any:
        invocation_id = str(uuid.uuid4())
        # The runtime sets this for sync functions only; an async one needs it for its log lines too.
        runtime.invocation_id_cv.set(invocation_id)
        call = SimpleNamespace(
            invocation_id=invocation_id,
            function_id=function.function_id,
            trace_context=SimpleNamespace(trace_parent="", trace_state="", attributes={}),
            retry_context=SimpleNamespace(retry_count=retry[0], max_retry_count=retry[1], exception=None),
            input_data=[PROTOS.ParameterBinding(name=name, data=data) for name, data in inputs.items()],
            trigger_metadata=dict(metadata),
        )
        return await runtime.invocation_request(ask(invocation_request=call))


def invocation_id() -> str | None:
    """The id of the invocation that runs here, for log lines; None outside of one."""
    current: str | None = runtime.invocation_id_cv.get()
    return current


def _indexed(meta: Any) -> Indexed:
    bindings = tuple(json.loads(raw) for raw in meta.raw_bindings)
    return Indexed(meta.name, meta.function_id, bindings, meta.retry_options)
