"""Members of JSON objects checked by pydantic, strictly. Loaded at first use: it takes as long as a service."""

import types
from dataclasses import fields
from functools import reduce
from operator import or_
from typing import Annotated, Any, Self, TypeAliasType, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic.alias_generators import to_camel

from sandbox.strict import Settings, Unusable, listed


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


def model_of(kind: type[Settings]) -> type[Model]:
    """Give the model with the members of a class of settings."""
    hints = get_type_hints(kind, include_extras=True)
    members: dict[str, Any] = {one.name: (_hint(hints[one.name]), one.default) for one in fields(kind)}
    return create_model(kind.__name__, __base__=Model, **members)


def _hint(hint: Any) -> Any:
    """Turn bounds such as `Annotated[int, {"ge": 1}]` into what pydantic knows."""
    if isinstance(hint, TypeAliasType):
        return _hint(hint.__value__)
    if get_origin(hint) is Annotated:
        return Annotated[hint.__origin__, *(Field(**bounds) for bounds in hint.__metadata__)]
    if get_origin(hint) in (Union, types.UnionType):
        return reduce(or_, (_hint(one) for one in get_args(hint)))
    return hint
