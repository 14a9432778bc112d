"""`$expand` of lookups, nested as the caller likes (reference dataverse.md section 3)."""

import re
from dataclasses import dataclass
from typing import Any

from sandbox.dataverse.catalogue import Catalogue
from sandbox.dataverse.errors import bad_query, not_offered, unknown_property
from sandbox.dataverse.projection import Notes, Projection
from sandbox.dataverse.schema import Column, Table, quoted
from sandbox.store import Store

MOST = 15
CHUNK = 500


@dataclass(frozen=True)
class Expansion:
    """One lookup to show as a row, with the columns wanted and its own expansions."""

    column: Column
    select: list[str] | None
    nested: str | None


def split_outside(text: str, separator: str) -> list[str]:
    """Split at a separator that stands outside of brackets."""
    parts, depth, start = [], 0, 0
    for position, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character == separator and depth == 0:
            parts.append(text[start:position])
            start = position + 1
    return [part.strip() for part in [*parts, text[start:]] if part.strip()]


def expansions(catalogue: Catalogue, table: Table, text: str | None) -> list[Expansion]:
    """Read an `$expand`."""
    found = [_one(catalogue, table, part) for part in split_outside(text or "", ",")]
    if len(found) > MOST:
        raise bad_query(f"Number of link entities in query exceeded maximum limit of {MOST}.")
    return found


def _one(catalogue: Catalogue, table: Table, part: str) -> Expansion:
    match = re.fullmatch(r"(\w+)(?:\((.*)\))?", part)
    if match is None:
        raise bad_query(f"The expand clause '{part}' could not be read.")
    column = table.by_navigation.get(match[1])
    if column is None:
        relationships = catalogue.relationships.values()
        if any(r["ReferencedEntityNavigationPropertyName"] == match[1] for r in relationships):
            raise not_offered(f"expanding the collection '{match[1]}'")
        raise unknown_property(match[1], table.logical)
    inner = dict(entry.partition("=")[::2] for entry in split_outside(match[2] or "", ";"))
    for name in inner:
        if name not in ("$select", "$expand"):
            raise bad_query(f"The query option '{name}' is not allowed in an expand of a lookup.")
    select = inner.get("$select")
    return Expansion(
        column, [name.strip() for name in select.split(",")] if select else None, inner.get("$expand")
    )


def expand(
    store: Store, catalogue: Catalogue, expansion: Expansion, ids: set[str], notes: Notes
) -> dict[str, Any]:
    """Give the rows behind a lookup by id."""
    rows: dict[str, Any] = {}
    for logical in expansion.column.targets:
        target = catalogue.table(logical)
        nested = expansions(catalogue, target, expansion.nested)
        wanted = sorted(ids - rows.keys())
        for start in range(0, len(wanted), CHUNK):
            rows |= _fetch(
                store, catalogue, (target, expansion, nested), wanted[start : start + CHUNK], notes
            )
    return rows


def _fetch(
    store: Store,
    catalogue: Catalogue,
    what: tuple[Table, Expansion, list[Expansion]],
    ids: list[str],
    notes: Notes,
) -> dict[str, Any]:
    target, expansion, nested = what
    projection = Projection(catalogue, target, expansion.select, notes)
    places = [projection.also(f"t.{quoted(one.column.name)}") for one in nested]
    marks = ", ".join("?" for _ in ids)
    sql = f"SELECT {projection.sql} FROM {target.sql} t WHERE t.{quoted(target.id)} IN ({marks})"
    with store.read() as connection:
        found = connection.execute(sql, ids).fetchall()
    shaped = [projection.row(values) for values in found]
    attach(store, catalogue, list(zip(nested, places, strict=True)), (found, shaped), notes)
    return {str(values[1]): row for values, row in zip(found, shaped, strict=True)}


def attach(
    store: Store,
    catalogue: Catalogue,
    wanted: list[tuple[Expansion, int]],
    rows: tuple[list[Any], list[Any]],
    notes: Notes,
) -> None:
    """Put the expanded rows into the shaped ones; `rows` are the read and the shaped ones in the same order."""
    found, shaped = rows
    for expansion, place in wanted:
        ids = {str(values[place]) for values in found if values[place] is not None}
        targets = expand(store, catalogue, expansion, ids, notes)
        for values, row in zip(found, shaped, strict=True):
            row[expansion.column.navigation] = targets.get(str(values[place]))
