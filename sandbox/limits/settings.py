"""The limits as numbers. Null switches one off. Seconds here are real: they wait on the wire."""

from dataclasses import dataclass
from typing import Annotated

from sandbox import strict

type Number = Annotated[int, {"ge": 1}] | None
type Window = Annotated[float, {"gt": 0, "le": 86_400}]


@dataclass(frozen=True)
class DataverseLimits(strict.Settings):
    """Service protection, for each user: requests and execution time in a sliding window, and calls at once.

    `affinity` offers the cookie of one web server: who keeps it has half of the limits (documented guess)."""

    requests: Number = 6000
    execution_seconds: Annotated[float, {"gt": 0}] | None = 1200.0
    concurrent: Number = 52
    window_seconds: Window = 300.0
    dop_hint: Annotated[int, {"ge": 1}] = 4
    affinity: bool = True


@dataclass(frozen=True)
class MailLimits(strict.Settings):
    """For each app and mailbox: calls at once, and requests in a sliding window. `retryAfter` is for the former."""

    concurrent: Number = 4
    requests: Number = 10_000
    window_seconds: Window = 600.0
    retry_after: Annotated[float, {"ge": 0}] | str | None = 1.0


@dataclass(frozen=True)
class SharePointLimits(strict.Settings):
    """For each app: resource units in a sliding minute. Refused calls count too."""

    units: Number = 1250
    window_seconds: Window = 60.0


@dataclass(frozen=True)
class Settings(strict.Settings):
    """All of them, and how many milliseconds an answer takes on its way."""

    dataverse: DataverseLimits = DataverseLimits()
    mail: MailLimits = MailLimits()
    sharepoint: SharePointLimits = SharePointLimits()
    latency_milliseconds: Annotated[float, {"ge": 0, "le": 60_000}] = 0.0
