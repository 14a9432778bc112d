"""Chaos: a seed picks which of many faults happens; the same seed and the same calls give the same run."""

from functools import cached_property
from typing import Annotated

from pydantic import AfterValidator, Field
from werkzeug import Response

from sandbox.faults.kinds import OF_CALLS
from sandbox.faults.model import Asked
from sandbox.faults.refusing import Kind, Seconds
from sandbox.models import Model
from sandbox.strict import listed
from sandbox.wire import FAULT, Serve

# What a careful client survives without a person: 401 and lapsed feeds are asked for by name.
USUAL = (
    "throttle", "unavailable", "status", "html", "lost-answer", "reset", "reset-after", "truncate", "slow",
    "duplicate", "shuffle", "ghost",
)  # fmt: skip


def _kinds(names: list[str]) -> list[str]:
    unknown = [name for name in names if name not in OF_CALLS]
    if unknown:
        raise ValueError(f"there is no fault '{unknown[0]}'; known are: {listed(OF_CALLS)}")
    return names


class Chaos(Kind):
    """One of several faults, those of them that can happen to the call. Waits are short: `retryAfter`, `seconds`."""

    kinds: Annotated[list[str], Field(min_length=1), AfterValidator(_kinds)] = list(USUAL)
    retry_after: Seconds = 1.0
    seconds: Seconds = 0.1

    @cached_property
    def _made(self) -> dict[str, Kind]:
        said: dict[str, object] = {"retryAfter": self.retry_after, "seconds": self.seconds}
        return {
            name: OF_CALLS[name].model_validate({key: said[key] for key in said if key in _members(name)})
            for name in self.kinds
        }

    def fits(self, asked: Asked) -> bool:
        return bool(self._fitting(asked))

    def answer(self, asked: Asked, serve: Serve) -> Response:
        name = asked.chance.choice(self._fitting(asked))
        asked.request.environ[FAULT] += f" ({name})"
        return self._made[name].answer(asked, serve)

    def _fitting(self, asked: Asked) -> list[str]:
        return [
            name
            for name, kind in self._made.items()
            if kind.fits(asked) and (kind.on_parts or not asked.part)
        ]


def _members(name: str) -> set[str]:
    return {field.alias or key for key, field in OF_CALLS[name].model_fields.items()}


class Preset(Model):
    """`{"chaos": {"seed": 7, "rate": 0.05, "service": "dataverse"}}`: a whole rule in one word."""

    seed: int = 0
    rate: Annotated[float, Field(gt=0, le=1)] = 0.05
    service: str | None = None
    part: bool = False
    kinds: list[str] | None = None
    retry_after: Seconds = 1.0

    def rule(self) -> dict[str, object]:
        """Give the rule in full."""
        match = {"service": self.service, "part": self.part, "probability": self.rate, "seed": self.seed}
        do = {"kind": "chaos", "kinds": self.kinds, "retryAfter": self.retry_after}
        return {
            name: {k: v for k, v in said.items() if v is not None}
            for name, said in (("match", match), ("do", do))
        }
