"""Putting expanded rows into the rows they belong to, one query for each navigation property and up to 500 rows.

Without nested expansions a collection comes whole, up to 5,000 rows, and its link repeats it; with them it comes in
pages and its link leads to the next one (reference dataverse.md section 3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import bad_query, unknown_property
from sandbox.dataverse.expand import Expansion, deep
from sandbox.dataverse.filters import Filter
from sandbox.dataverse.navigation import Collection, Single
from sandbox.dataverse.options import LARGEST_PAGE, Options
from sandbox.dataverse.projection import JsonRow, Projection
from sandbox.dataverse.schema import Table, quoted
from sandbox.dataverse.values import Value
from sandbox.wire import is_number

CHUNK = 500
SAFE = ",()/@$=;'"

type Found = list[tuple[Sequence[Any], JsonRow]]


@dataclass(frozen=True)
class Expander:
    """Expands the rows of one answer."""

    engine: Engine
    options: Options
    expansions: list[Expansion]

    @property
    def deep(self) -> bool:
        return deep(self.expansions)

    def attach(self, table: Table, expansions: list[Expansion], places: list[int], found: Found) -> None:
        """Put the expansions into the shaped rows; `places` says where the read rows have the lookups."""
        for expansion, place in zip(expansions, places, strict=True):
            if isinstance(expansion.way, Single):
                self._lookups(expansion, expansion.way, place, found)
            else:
                self._collections(table, expansion, expansion.way, found)

    def places(self, table: Table, projection: Projection, expansions: list[Expansion]) -> list[int]:
        """Let a projection read the lookups that are expanded."""
        return [
            projection.also(_lookup_sql(table, one.way)) if isinstance(one.way, Single) else -1
            for one in expansions
        ]

    def _lookups(self, expansion: Expansion, way: Single, place: int, found: Found) -> None:
        wanted = {str(values[place]) for values, _ in found if values[place] is not None}
        rows: dict[str, JsonRow] = {}
        for target in way.targets:
            left = sorted(wanted - rows.keys())
            for start in range(0, len(left), CHUNK):
                rows |= self._rows_by_id(expansion, target, left[start : start + CHUNK])
        for values, row in found:
            row[way.name] = rows.get(str(values[place]))

    def _rows_by_id(self, expansion: Expansion, target: Table, ids: list[str]) -> dict[str, JsonRow]:
        select = [target.id] if expansion.reference else _present(expansion, target)
        projection = Projection(self.engine.catalogue, target, select, self.options.notes)
        places = self.places(target, projection, expansion.nested)
        where, values = self._condition(target, expansion)
        among = f"t.{quoted(target.id)} IN ({', '.join('?' * len(ids))})"
        sql = f"SELECT {projection.sql} FROM {target.sql} t WHERE {among} AND {where}"
        read = self._read(projection, sql, [*ids, *values])
        self.attach(target, expansion.nested, places, read)
        if expansion.reference:
            address = f"{self.options.base}{target.set_name}"
            return {str(values[1]): {"@odata.id": f"{address}({values[1]})"} for values, _ in read}
        return {str(values[1]): _without_etag(row) for values, row in read}

    def _condition(self, target: Table, expansion: Expansion) -> tuple[str, list[Value]]:
        text = expansion.options.get("$filter")
        compiled = Filter(self.engine, target, self.options.query)
        return (compiled.where(text), compiled.values) if text else ("1", [])

    def _read(self, projection: Projection, sql: str, values: Sequence[Value]) -> Found:
        with self.engine.store.read() as connection:
            read = connection.execute(sql, values).fetchall()
        return [(values, projection.row(values)) for values in read]

    def _collections(self, table: Table, expansion: Expansion, way: Collection, found: Found) -> None:
        ids = [str(values[1]) for values, _ in found]
        members: dict[str, list[JsonRow]] = {one: [] for one in ids}
        for start in range(0, len(ids), CHUNK):
            for owner, row in self._members(expansion, way, ids[start : start + CHUNK]):
                members[owner].append(row)
        for values, row in found:
            rows = members[str(values[1])]
            row[way.name] = rows
            path = f"{table.set_name}({values[1]})/{way.name}"
            link = self._link(expansion, way, path, rows)
            if link is not None:
                row[f"{way.name}@odata.nextLink"] = link

    def _members(self, expansion: Expansion, way: Collection, ids: list[str]) -> list[tuple[str, JsonRow]]:
        target = way.target
        select = expansion.select
        if way.lookup is not None and select is not None and not self.deep:
            select = [*select, *{way.lookup.prop} - set(select)]
        projection = Projection(self.engine.catalogue, target, select, self.options.notes)
        places = self.places(target, projection, expansion.nested)
        source, parent = way.source("t")
        owner = projection.also(parent)
        order = self._order(expansion, target)
        projection.also(f"row_number() OVER (PARTITION BY {parent} ORDER BY {order}) AS expand_place")
        where, values = self._condition(target, expansion)
        among = f"{parent} IN ({', '.join('?' * len(ids))})"
        inner = f"SELECT {projection.sql} FROM {source} WHERE {among} AND {where}"
        sql = f"SELECT * FROM ({inner}) WHERE expand_place <= {self._most(expansion)} ORDER BY expand_place"
        read = self._read(projection, sql, [*ids, *values])
        self.attach(target, expansion.nested, places, read)
        return [(str(one[owner]), _without_etag(row) if self.deep else row) for one, row in read]

    def _order(self, expansion: Expansion, target: Table) -> str:
        text = expansion.options.get("$orderby")
        terms = Filter(self.engine, target, self.options.query).order(text) if text else []
        spelled = [f"{sql}{' DESC' if down else ''}" for sql, down in terms]
        return ", ".join([*spelled, f"t.{quoted(target.id)}"])

    def _most(self, expansion: Expansion) -> int:
        if self.deep:
            return self.options.page_size
        top = expansion.options.get("$top", str(LARGEST_PAGE))
        if not is_number(top):
            raise bad_query(f"Invalid value '{top}' for $top query option found.")
        return min(int(top), LARGEST_PAGE)

    def _link(self, expansion: Expansion, way: Collection, path: str, rows: list[JsonRow]) -> str | None:
        if not self.deep:
            query = "&".join(f"{name}={quote(text, safe=SAFE)}" for name, text in expansion.options.items())
            return f"{self.options.base}{path}{'?' if query else ''}{query}"
        if len(rows) < self.options.page_size:
            return None
        begun = Options(expansion.options, self.options.preferences, self.options.base, path)
        return self.engine.pager.next_link(begun, 2, {"after": [rows[-1][way.target.id]]})


def _lookup_sql(table: Table, way: Single) -> str:
    """Of several tables behind a lookup, one may not have the column that is expanded further."""
    return f"t.{quoted(way.column.name)}" if way.name in table.by_navigation else "NULL"


def _present(expansion: Expansion, target: Table) -> list[str] | None:
    select, way = expansion.select, expansion.way
    if select is None or not isinstance(way, Single) or len(way.targets) == 1:
        return select
    for name in select:
        if not any(name in one.by_property for one in way.targets):
            raise unknown_property(name, target.logical)
    return [name for name in select if name in target.by_property]


def _without_etag(row: JsonRow) -> JsonRow:
    """Rows behind lookups and in pages of collections come without their version."""
    del row["@odata.etag"]
    return row
