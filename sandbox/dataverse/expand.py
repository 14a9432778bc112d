"""Reading `$expand`: lookups and collections, what may stand in the brackets (reference dataverse.md section 3)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sandbox.dataverse.catalogue import Catalogue
from sandbox.dataverse.errors import DataverseError, bad_query
from sandbox.dataverse.navigation import Collection, Single, navigation
from sandbox.dataverse.schema import Table

MOST = 15
ENTRY = re.compile(r"(?P<name>\w+)(?P<reference>/\$ref)?(?:\((?P<inner>.*)\))?", re.DOTALL)
ALLOWED = ("$select", "$filter", "$orderby", "$top", "$expand")


@dataclass(frozen=True)
class Expansion:
    """One navigation property to show, with the options in its brackets and its own expansions."""

    way: Single | Collection
    options: dict[str, str]
    reference: bool = False
    nested: "list[Expansion]" = field(default_factory=list)

    @property
    def select(self) -> list[str] | None:
        return names(self.options.get("$select"))


def names(text: str | None) -> list[str] | None:
    """Give the names of a `$select`, None for all columns."""
    if text is None or text.strip() in ("", "*"):
        return None
    return [name.strip() for name in text.split(",") if name.strip()]


def split_outside(text: str, separator: str) -> list[str]:
    """Split at a separator that stands outside of brackets and quotes."""
    parts, depth, start, quoted = [], 0, 0, False
    for position, character in enumerate(text):
        quoted ^= character == "'"
        if quoted:
            continue
        depth += (character == "(") - (character == ")")
        if character == separator and depth == 0:
            parts.append(text[start:position])
            start = position + 1
    return [part.strip() for part in [*parts, text[start:]] if part.strip()]


def expansions(catalogue: Catalogue, table: Table, text: str | None) -> list[Expansion]:
    """Give what an `$expand` asks for; raises for what the service does not allow."""
    if text is None:
        return []
    try:
        found = _read(catalogue, table, text)
    except RecursionError as exc:
        raise bad_query("The expand clause is nested too deep.") from exc
    every = list(_flat(found))
    if len(every) > MOST:
        # documented guess: the code is that of too many link-entity elements, which an expand becomes
        raise DataverseError(400, "0x8004430d", "Number of link entities in query exceeded maximum limit.")
    if deep(found):
        _check_deep(every)
    return found


def deep(found: list[Expansion]) -> bool:
    """Tell whether an expansion has expansions itself: then collections come in pages."""
    return any(one.nested for one in found)


def _read(catalogue: Catalogue, table: Table, text: str) -> list[Expansion]:
    return [_one(catalogue, table, part) for part in split_outside(text, ",")]


def _flat(found: list[Expansion]) -> Iterator[Expansion]:
    for one in found:
        yield one
        yield from _flat(one.nested)


def _one(catalogue: Catalogue, table: Table, part: str) -> Expansion:
    match = ENTRY.fullmatch(part)
    if match is None:
        raise bad_query(f"The expand clause '{part}' could not be read.")
    way = navigation(catalogue, table, match["name"])
    options = _options(match["inner"] or "")
    if match["reference"] and isinstance(way, Collection):
        raise bad_query("Expand with $ref is only supported on lookup type navigation property.")
    if isinstance(way, Single) and ("$orderby" in options or "$top" in options):
        raise _only_select_and_filter()
    if isinstance(way, Collection) or len(way.targets) == 1:
        (way.target if isinstance(way, Collection) else way.targets[0]).readable()
    inner = options.get("$expand")
    return Expansion(way, options, bool(match["reference"]), _nested(catalogue, way, inner) if inner else [])


def _nested(catalogue: Catalogue, way: Single | Collection, text: str) -> list[Expansion]:
    """A lookup to several tables is expanded further by what its first table has."""
    if isinstance(way, Collection):
        return _read(catalogue, way.target, text)
    failure: DataverseError | None = None
    for target in way.targets:
        try:
            return _read(catalogue, target, text)
        except DataverseError as exc:
            failure = failure or exc
    raise failure or bad_query(f"The lookup '{way.name}' leads nowhere.")


def _options(inner: str) -> dict[str, str]:
    options: dict[str, str] = {}
    for entry in split_outside(inner, ";"):
        name, _, value = entry.partition("=")
        name = name.strip()
        if name not in ALLOWED:
            raise bad_query(f"The query option '{name}' is not supported in an expand clause.")
        if name in options or not value.strip():
            raise bad_query(f"The query option '{name}' in an expand clause must come once and have a value.")
        options[name] = value.strip()
    return options


def _check_deep(every: list[Expansion]) -> None:
    if any("$orderby" in one.options or "$top" in one.options for one in every):
        raise _only_select_and_filter()
    if any(isinstance(one.way, Collection) and one.way.through for one in every):
        # documented guess: nesting is documented as not supported with many-to-many, the words are not
        raise bad_query("Nested expand is not supported with many-to-many relationships.")


def _only_select_and_filter() -> DataverseError:
    words = (
        "Only $select and $filter clause can be provided while doing $expand on many-to-one relationship or"
    )
    return bad_query(f"{words} nested one-to-many relationship.")
