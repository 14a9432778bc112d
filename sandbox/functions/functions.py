"""The app's functions as the host sees them: one trigger, its outputs, its retry policy."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sandbox.functions.engine import Indexed
from sandbox.functions.errors import HostError

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,127}")
_TRIGGERS = {"httpTrigger", "timerTrigger", "queueTrigger"}
_OUTPUTS = {"http", "queue"}


@dataclass(frozen=True)
class Retry:
    """A retry policy (azure-functions.md 4.5); `most` is -1 for no end."""

    most: int
    shortest: timedelta
    longest: timedelta

    def pause(self, attempt: int) -> timedelta:
        """How long to wait before attempt 1, 2, ..."""
        factor: int = 2 ** min(attempt - 1, 30)
        return min(self.longest, self.shortest * factor)


@dataclass(frozen=True)
class Function:
    """One function. `trigger` and `outputs` are binding objects as in function.json."""

    name: str
    indexed: Indexed
    trigger: Mapping[str, Any]
    outputs: tuple[Mapping[str, Any], ...]
    retry: Retry | None = None

    @property
    def kind(self) -> str:
        """The trigger's type, such as `httpTrigger`."""
        return str(self.trigger["type"])

    @property
    def parameter(self) -> str:
        """The name of the parameter that takes the trigger's value."""
        return str(self.trigger["name"])


def read_function(indexed: Indexed) -> Function:
    """Sort a function's bindings. Raises HostError for what this host does not emulate."""
    if not _NAME.fullmatch(indexed.name) or indexed.name.lower() == "host":
        raise HostError(f"function name {indexed.name!r}: a letter, then letters, digits, _ or -; not 'host'")
    triggers = [binding for binding in indexed.bindings if str(binding["type"]).endswith("Trigger")]
    outputs = tuple(binding for binding in indexed.bindings if binding not in triggers)
    for binding in triggers:
        _refuse(indexed.name, binding, _TRIGGERS)
    for binding in outputs:
        _refuse(indexed.name, binding, _OUTPUTS)
        if str(binding.get("direction", "out")).lower() not in {"out", "1"}:
            raise HostError(f"function {indexed.name}: an input binding {binding['type']} is not emulated")
    if len(triggers) != 1:
        raise HostError(f"function {indexed.name}: needs exactly one trigger, has {len(triggers)}")
    return Function(indexed.name, indexed, triggers[0], outputs, _retry(indexed, triggers[0]))


def _refuse(name: str, binding: Mapping[str, Any], known: set[str]) -> None:
    if binding["type"] not in known:
        raise HostError(
            f"function {name}: binding {binding['type']} is not emulated by this host (it knows "
            f"{', '.join(sorted(known))}): remove it or run it on Azure"
        )


def _retry(indexed: Indexed, trigger: Mapping[str, Any]) -> Retry | None:
    options = indexed.retry
    if options is None or options.retry_strategy is None:
        return None
    if trigger["type"] != "timerTrigger":
        raise HostError(f"function {indexed.name}: a retry policy has no effect on {trigger['type']}")
    if options.delay_interval is not None:
        return Retry(int(options.max_retry_count), options.delay_interval, options.delay_interval)
    return Retry(int(options.max_retry_count), options.minimum_interval, options.maximum_interval)
