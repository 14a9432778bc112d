"""Places of a file, read one by one, so that a fault of form in one place hides no fault of meaning in another."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from schemas.documents import Path

type Findings = Iterator[tuple[Path, str]]
# None: the names cannot be told, because the section itself is missing or wrong. Then no name is called unknown.
type Names = frozenset[str] | None


@dataclass(frozen=True)
class Part:
    """What stands at one place of a file; a place that is not there holds None."""

    value: object
    path: Path = ()

    def __getitem__(self, name: str) -> "Part":
        """The place with this name inside."""
        inside = self.value.get(name) if isinstance(self.value, dict) else None
        return Part(inside, (*self.path, name))

    def parts(self) -> Iterator["Part"]:
        """Every place inside, of a list or a mapping."""
        if isinstance(self.value, dict):
            yield from (Part(inside, (*self.path, name)) for name, inside in self.value.items())
        elif isinstance(self.value, list):
            yield from (Part(inside, (*self.path, place)) for place, inside in enumerate(self.value))

    @property
    def name(self) -> str:
        """The last step of the path."""
        return str(self.path[-1])

    @property
    def text(self) -> str | None:
        """The text that stands here."""
        return self.value if isinstance(self.value, str) else None

    @property
    def names(self) -> Names:
        """The names of a mapping."""
        return frozenset(map(str, self.value)) if isinstance(self.value, dict) else None

    @property
    def ids(self) -> Names:
        """The ids of the entries of a list."""
        if not isinstance(self.value, list):
            return None
        found = [part["id"].text for part in self.parts()]
        return None if None in found else frozenset(each for each in found if each)

    def read[T](self, form: TypeAdapter[T]) -> T | None:
        """The value in this form; None where it is missing or its form is wrong, which is reported elsewhere."""
        try:
            return form.validate_python(self.value)
        except ValidationError:
            return None


def known(part: Part, names: Names, what: str) -> Findings:
    """A finding where the text of a place is none of these names."""
    if names is not None and part.text is not None and part.text not in names:
        yield part.path, f"{part.text!r} is not a {what}; known: {', '.join(sorted(names)[:12])}"


def used_once(parts: list[Part], where: str) -> Findings:
    """Findings for entries whose id stands before them already."""
    seen: set[str] = set()
    for part in parts:
        name = part["id"].text
        if name in seen:
            yield part["id"].path, f"{name} stands twice; ids are used once {where}"
        seen.add(name or "")
