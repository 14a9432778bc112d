"""What every model of the domain shares: frozen values, instants in UTC."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict


class Frozen(BaseModel):
    """A value that does not change and does not mind members it does not know."""

    # Built at first use: importing the app then costs a fraction.
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class Configured(BaseModel):
    """A part of a configuration file of ours: an unknown name is a typing error and is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a date and time needs an offset, such as 2026-02-09T09:04:00Z")
    return value.astimezone(UTC).replace(microsecond=0)


def _said(value: str) -> str:
    if not value.strip():
        raise ValueError("is empty; say it in words")
    return value


Text = Annotated[str, AfterValidator(_said)]
"""A text that says something."""

Instant = Annotated[datetime, AfterValidator(_in_utc)]
"""An aware instant in UTC, whole seconds, rounded down (reference: sla.md section 1)."""
