"""Strict reading of JSON for control calls: refusals name the member and the known ones."""

from collections.abc import Iterable
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel


class Unusable(Exception):
    """JSON of a control call that cannot be used; the words name member, rule and remedy."""


class Model(BaseModel):
    """A JSON object with the members of its class and no others."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, defer_build=True, alias_generator=to_camel
    )

    @classmethod
    def read(cls, value: object, where: str) -> Self:
        """Give the checked object. Raises `Unusable`; `where` says what it is a part of."""
        if not isinstance(value, dict):
            raise Unusable(f"{where} must be a JSON object.")
        try:
            return cls.model_validate(value)
        except ValidationError as exc:
            raise Unusable(_words(cls, exc, where)) from exc


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
