"""Names in a query to SQL: columns, paths through lookups, collections (reference dataverse.md section 3)."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from sandbox.dataverse.catalogue import Catalogue
from sandbox.dataverse.errors import bad_query, unknown_property
from sandbox.dataverse.navigation import Collection, collection, single
from sandbox.dataverse.operators import Operand, collated
from sandbox.dataverse.schema import Column, Table, quoted


@dataclass(frozen=True)
class Scope:
    """A table in a query under an alias; scopes of one query share the counter, so no alias comes twice."""

    catalogue: Catalogue
    table: Table
    alias: str = "t"
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def inner(self, table: Table) -> "Scope":
        """Give the scope of a subquery on another table."""
        return Scope(self.catalogue, table, f"n{next(self.numbers)}", self.numbers)

    def at(self, path: list[str]) -> Operand:
        """Give the column at the end of a path through lookups; raises for names that are not there."""
        sql, table, column = self._walk(path)
        return Operand(collated(sql, column), table, column)

    def _walk(self, path: list[str]) -> tuple[str, Table, Column]:
        name, *rest = path
        if rest:
            return self._through(name, rest)
        column = self.table.by_property.get(name)
        if column is None:
            raise unknown_property(name, self.table.logical)
        return f"{self.alias}.{quoted(column.name)}", self.table, column

    def _through(self, name: str, rest: list[str]) -> tuple[str, Table, Column]:
        way = single(self.catalogue, self.table, name)
        if way is None:
            raise unknown_property(name, self.table.logical)
        parts: list[str] = []
        found: list[tuple[Table, Column]] = []
        for target in way.targets:
            if len(way.targets) > 1 and not _has(target, rest[0]):
                continue
            inner = self.inner(target)
            sql, table, column = inner._walk(rest)
            own = f"{inner.alias}.{quoted(target.id)} = {self.alias}.{quoted(way.column.name)}"
            parts.append(f"(SELECT {sql} FROM {target.sql} {inner.alias} WHERE {own})")
            found.append((table, column))
        if not found:
            raise unknown_property(rest[0], way.targets[0].logical)
        return f"coalesce({', '.join(parts)})" if len(parts) > 1 else parts[0], *found[0]

    def collection(self, path: list[str]) -> tuple[Collection, str]:
        """Give the collection that a path names, and the SQL of the id whose rows it holds."""
        if len(path) != 1:
            raise bad_query("A collection that lies behind a lookup cannot be used in a filter.")
        found = collection(self.catalogue, self.table, path[0])
        if found is None:
            raise unknown_property(path[0], self.table.logical)
        return found, f"{self.alias}.{quoted(self.table.id)}"


def _has(table: Table, name: str) -> bool:
    return name in table.by_property or name in table.by_navigation
