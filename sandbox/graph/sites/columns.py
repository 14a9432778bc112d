"""The columns of a list as the other parts use them, and as Graph shows them."""

import json
import uuid
from dataclasses import dataclass
from functools import cached_property
from sqlite3 import Connection

from sandbox.graph.sites import facets
from sandbox.graph.sites.facets import FACETS, Kind
from sandbox.graph.values import Json, Row, rows

SHOWN = ("columnGroup", "description", "displayName", "enforceUniqueValues", "hidden", "indexed", "readOnly")
UNINDEXED = ("note", "multichoice", "url", "calculated", "computed")


@dataclass(frozen=True)
class Column:
    """One column. Its name never changes, and decides how a value is spelled."""

    id: str
    name: str
    doc: Json
    facet: str | None
    kind: Kind

    @property
    def settings(self) -> Json:
        """The members of its facet."""
        settings: Json = self.doc[self.facet] if self.facet else {}
        return settings

    @cached_property
    def refers(self) -> bool:
        """Whether its values are ids of other items: people and lookups."""
        return self.kind.name in ("user", "lookup")

    @cached_property
    def key(self) -> str:
        """The name under which a value is written, and read by default."""
        return f"{self.name}LookupId" if self.refers else self.name

    @property
    def date_only(self) -> bool:
        return self.kind.name == "dateTime" and self.settings["format"] == "dateOnly"

    @cached_property
    def own(self) -> bool:
        """Whether its values lie in the fields of an item; the rest is computed."""
        return not self.doc["service"]

    def shown(self) -> Json:
        """The columnDefinition of Graph."""
        body: Json = {name: self.doc[name] for name in SHOWN}
        body |= {"id": self.id, "name": self.name, "required": self.doc["required"]}
        if self.doc.get("defaultValue"):
            body["defaultValue"] = self.doc["defaultValue"]
        return body | ({self.facet: self.settings} if self.facet else {})


@dataclass(frozen=True)
class Columns:
    """All columns of a list, hidden ones too."""

    every: tuple[Column, ...]

    @cached_property
    def by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.every}

    @cached_property
    def by_key(self) -> dict[str, Column]:
        """By every name that a value can be asked for: `Owner` and `OwnerLookupId`."""
        return self.by_name | {column.key: column for column in self.every}

    @cached_property
    def own(self) -> tuple[Column, ...]:
        return tuple(column for column in self.every if column.own)

    @cached_property
    def by_default(self) -> tuple[Column, ...]:
        """The columns that `$expand=fields` brings unasked."""
        return tuple(column for column in self.own if not column.doc["hidden"])

    @cached_property
    def unique(self) -> tuple[Column, ...]:
        return tuple(column for column in self.own if column.doc["enforceUniqueValues"])

    @cached_property
    def calculated(self) -> tuple[Column, ...]:
        return tuple(column for column in self.own if column.kind.name == "calculated")


_known: dict[str, tuple[int, Columns]] = {}


def of(db: Connection, owner: Row) -> Columns:
    """The columns of a list. They are kept until its revision rises."""
    known = _known.get(owner["id"])
    if known is None or known[0] != owner["revision"]:
        found = rows(db, "SELECT id, name, doc FROM sp_column WHERE list = ? ORDER BY rowid", owner["id"])
        known = (owner["revision"], Columns(tuple(_column(each) for each in found)))
        _known[owner["id"]] = known
    return known[1]


def _column(found: Row) -> Column:
    doc = json.loads(found["doc"])
    facet = next((name for name in FACETS if name in doc), None)
    return Column(found["id"], found["name"], doc, facet, facets.kind(facet, doc[facet] if facet else {}))


def add(db: Connection, owner: str, name: str, doc: Json, column: str | None = None) -> str:
    """Store a column and give its id."""
    column = column or str(uuid.uuid4())
    db.execute("INSERT INTO sp_column VALUES (?, ?, ?, ?)", (column, owner, name, json.dumps(doc)))
    return column
