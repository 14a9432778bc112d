"""The limits as numbers. Null switches one off. Seconds here are real: they wait on the wire."""

from typing import Annotated

from pydantic import Field

from sandbox.strict import Model

type Number = Annotated[int, Field(ge=1)] | None
type Window = Annotated[float, Field(gt=0, le=86_400)]


class DataverseLimits(Model):
    """Service protection, for each user: requests and execution time in a sliding window, and calls at once.

    `affinity` offers the cookie of one web server: who keeps it has half of the limits (documented guess)."""

    requests: Number = 6000
    execution_seconds: Annotated[float, Field(gt=0)] | None = 1200.0
    concurrent: Number = 52
    window_seconds: Window = 300.0
    dop_hint: Annotated[int, Field(ge=1)] = 4
    affinity: bool = True


class MailLimits(Model):
    """For each app and mailbox: calls at once, and requests in a sliding window. `retryAfter` is for the former."""

    concurrent: Number = 4
    requests: Number = 10_000
    window_seconds: Window = 600.0
    retry_after: Annotated[float, Field(ge=0)] | str | None = 1.0


class SharePointLimits(Model):
    """For each app: resource units in a sliding minute. Refused calls count too."""

    units: Number = 1250
    window_seconds: Window = 60.0


class Settings(Model):
    """All of them, and how many milliseconds an answer takes on its way."""

    dataverse: DataverseLimits = DataverseLimits()
    mail: MailLimits = MailLimits()
    sharepoint: SharePointLimits = SharePointLimits()
    latency_milliseconds: Annotated[float, Field(ge=0, le=60_000)] = 0.0


def changed(settings: Settings, given: dict[str, object]) -> Settings:
    """Give the settings with the given members changed. Raises `Unusable`."""
    said: dict[str, object] = dict(settings.model_dump(by_alias=True))
    for name, value in given.items():
        before, kind = said.get(name), type(getattr(settings, name, None))
        if isinstance(before, dict) and issubclass(kind, Model):
            merged = before | value if isinstance(value, dict) else value
            said[name] = kind.read(merged, name)
        else:
            said[name] = value
    return Settings.read(said, "The limits")
