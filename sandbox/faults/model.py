"""What all parts of a rule share: strict reading of JSON, and refusals that name the member and the known ones."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel
from werkzeug import Request, Response

from sandbox.clock import VirtualClock
from sandbox.wire import raw_target

type Serve = Callable[[Request], Response]
type Observer = Callable[[Request, Response], None]

SERVICES = ("authority", "dataverse", "graph")
CHANNELS = ("graph-notification", "dataverse-webhook")


class BadRule(Exception):
    """A rule that cannot be used; the words name member, rule and remedy."""


class Model(BaseModel):
    """A JSON object with the members of its class and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, alias_generator=to_camel)

    @classmethod
    def read(cls, value: object, where: str) -> Self:
        """Give the checked object. Raises `BadRule`; `where` says what it is a part of."""
        if not isinstance(value, dict):
            raise BadRule(f"{where} must be a JSON object.")
        try:
            return cls.model_validate(value)
        except ValidationError as exc:
            raise BadRule(_words(cls, exc, where)) from exc


def _words(kind: type[Model], error: ValidationError, where: str) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    if first["type"] == "extra_forbidden":
        known = listed(field.alias or key for key, field in kind.model_fields.items())
        return f"{where} has no member '{name}'; known are: {known}."
    return f"{where}: '{name}' cannot be used: {first['msg'].removeprefix('Value error, ')}."


def listed(names: Iterable[str]) -> str:
    """Spell names for a reader."""
    return ", ".join(sorted(names)) or "none"


@dataclass(frozen=True)
class Asked:
    """One call as the rules see it; `chance` comes from the seed of the rule and its count of calls."""

    service: str
    request: Request
    part: bool
    chance: random.Random
    clock: VirtualClock
    wait: Callable[[float], object]

    @property
    def target(self) -> str:
        """Path and query as the caller wrote them."""
        return raw_target(self.request)
