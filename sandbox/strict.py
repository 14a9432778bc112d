"""Strict reading of JSON for control calls: refusals name the member and the known ones."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Self


class Unusable(Exception):
    """JSON of a control call that cannot be used; the words name member, rule and remedy."""


@dataclass(frozen=True)
class Settings:
    """Base of frozen dataclasses that a control route shows and changes; JSON spells members in camel case.

    All have defaults, so that a tenant is ready before what checks given ones is loaded. Bounds are written
    `Annotated[int, {"ge": 1}]`, with the words of `pydantic.Field`."""

    @classmethod
    def read(cls, value: object, where: str) -> Self:
        """Give the checked settings. Raises `Unusable`; `where` says what they are a part of."""
        if value == {}:
            return cls()
        from sandbox.models import model_of  # noqa: PLC0415 - most tenants keep the defaults

        return cls(**vars(model_of(cls).read(value, where)))

    def changed(self, given: object, where: str) -> Self:
        """Give them with the given members changed, parts within parts. Raises `Unusable`."""
        if not isinstance(given, dict):
            raise Unusable(f"{where} must be a JSON object.")
        said = self._members()
        for name, value in given.items():
            part = said.get(name)
            said[name] = part.changed(value, name) if isinstance(part, Settings) else value
        return self.read(said, where)

    def shown(self) -> dict[str, object]:
        """Give them as JSON."""
        return {key: v.shown() if isinstance(v, Settings) else v for key, v in self._members().items()}

    def _members(self) -> dict[str, object]:
        return {_camel(one.name): getattr(self, one.name) for one in fields(self)}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


def listed(names: Iterable[str]) -> str:
    """Spell names for a reader."""
    return ", ".join(sorted(names)) or "none"
