"""The app's host.json. A member that the host does not know or does not emulate is an error (4.6)."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from sandbox.functions.errors import HostError

_SPAN = re.compile(r"(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})")


def _span(value: object) -> timedelta:
    found = _SPAN.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("write a time span as HH:MM:SS")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def _limit(value: object) -> timedelta | None:
    return None if value == "-1" else _span(value)


Span = Annotated[timedelta, BeforeValidator(_span)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Queues(_Strict):
    """`extensions.queues`, with the defaults of azure-functions.md 4.4."""

    batch_size: int = Field(16, alias="batchSize", ge=1, le=32)
    new_batch_threshold: int | None = Field(None, alias="newBatchThreshold", ge=0)
    max_dequeue_count: int = Field(5, alias="maxDequeueCount", ge=1)
    visibility_timeout: Span = Field(timedelta(0), alias="visibilityTimeout")
    max_polling_interval: Span = Field(timedelta(seconds=2), alias="maxPollingInterval")
    message_encoding: Literal["base64", "none"] = Field("base64", alias="messageEncoding")

    @property
    def threshold(self) -> int:
        """At this many running messages the next batch is fetched."""
        return self.batch_size // 2 if self.new_batch_threshold is None else self.new_batch_threshold


class _Http(_Strict):
    route_prefix: str = Field("api", alias="routePrefix")


class _Extensions(_Strict):
    http: _Http = Field(default_factory=_Http)
    queues: Queues = Field(default_factory=Queues)


class _Bundle(_Strict):
    id: Literal["Microsoft.Azure.Functions.ExtensionBundle"]
    version: str


class _Sampling(_Strict):
    is_enabled: bool = Field(True, alias="isEnabled")
    excluded_types: str = Field("", alias="excludedTypes")
    included_types: str = Field("", alias="includedTypes")
    per_second: float = Field(20, alias="maxTelemetryItemsPerSecond")


class _Insights(_Strict):
    sampling: _Sampling = Field(default_factory=_Sampling, alias="samplingSettings")
    live_metrics: bool = Field(True, alias="enableLiveMetrics")


class _Logging(_Strict):
    application_insights: _Insights = Field(default_factory=_Insights, alias="applicationInsights")
    log_level: dict[str, str] = Field(default_factory=dict, alias="logLevel")


class HostJson(_Strict):
    """What an app asks of its host. Telemetry settings are checked only; nothing leaves the machine."""

    schema_address: str = Field("", alias="$schema")
    version: Literal["2.0"]
    function_timeout: Annotated[timedelta | None, BeforeValidator(_limit)] = Field(
        timedelta(minutes=30), alias="functionTimeout"
    )
    bundle: _Bundle | None = Field(None, alias="extensionBundle")
    extensions: _Extensions = Field(default_factory=_Extensions)
    logging: _Logging = Field(default_factory=_Logging)
    telemetry_mode: Literal["ApplicationInsights", "OpenTelemetry"] = Field(
        "ApplicationInsights", alias="telemetryMode"
    )


def read_host_json(path: Path) -> HostJson:
    """Read and check host.json. Raises HostError that lists every fault with its place."""
    try:
        return HostJson.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except OSError as exc:
        raise HostError(f"{path}: cannot be read; a function app needs a host.json") from exc
    except json.JSONDecodeError as exc:
        raise HostError(f"{path}: not JSON: line {exc.lineno}: {exc.msg}") from exc
    except ValidationError as exc:
        faults = "; ".join(_fault(error["loc"], error["type"], error["msg"]) for error in exc.errors())
        raise HostError(f"{path}: {faults}") from exc


def _fault(place: tuple[int | str, ...], kind: str, message: str) -> str:
    where = ".".join(str(part) for part in place)
    if kind == "extra_forbidden":
        return f"{where}: unknown, or not emulated by this host: correct the name or remove it"
    return f"{where}: {message}"
