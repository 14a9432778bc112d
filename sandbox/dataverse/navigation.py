"""The ways from one table to another: lookups to one row, collections to many (reference dataverse.md 2, 3)."""

from dataclasses import dataclass

from sandbox.dataverse.catalogue import Catalogue
from sandbox.dataverse.errors import unknown_property
from sandbox.dataverse.schema import Column, Table, quoted


@dataclass(frozen=True)
class Through:
    """The table that holds the pairs of a many-to-many relationship, and its columns of both sides."""

    sql: str
    near: str
    far: str


@dataclass(frozen=True)
class Collection:
    """A collection-valued navigation property: the rows of `target` that belong to one row."""

    name: str
    target: Table
    lookup: Column | None = None
    through: Through | None = None

    def holds(self, alias: str, parent: str) -> str:
        """Give the condition that the target under `alias` belongs to the parent, an SQL expression of its id."""
        if self.through is None:
            return f"{alias}.{quoted(self._lookup)} = {parent}"
        pairs = f"SELECT {quoted(self.through.far)} FROM {self.through.sql}"
        return f"{alias}.{quoted(self.target.id)} IN ({pairs} WHERE {quoted(self.through.near)} = {parent})"

    def source(self, alias: str) -> tuple[str, str]:
        """Give the FROM with target and parents, and the expression of the parent's id in it."""
        if self.through is None:
            return f"{self.target.sql} {alias}", f"{alias}.{quoted(self._lookup)}"
        joined = f"x.{quoted(self.through.far)} = {alias}.{quoted(self.target.id)}"
        return (
            f"{self.through.sql} x JOIN {self.target.sql} {alias} ON {joined}",
            f"x.{quoted(self.through.near)}",
        )

    @property
    def _lookup(self) -> str:
        return self.lookup.name if self.lookup is not None else ""


@dataclass(frozen=True)
class Single:
    """A single-valued navigation property: a lookup column and the tables it leads to under this name."""

    name: str
    column: Column
    targets: tuple[Table, ...]


def single(catalogue: Catalogue, table: Table, name: str) -> Single | None:
    """Give the lookup behind a navigation property, or None."""
    column = table.by_navigation.get(name)
    if column is None:
        return None
    only = column.navigations.get(name)
    return Single(
        name, column, tuple(catalogue.table(target) for target in ([only] if only else column.targets))
    )


def collection(catalogue: Catalogue, table: Table, name: str) -> Collection | None:
    """Give the collection behind a navigation property, or None."""
    one = table.collections.get(name)
    if one is None:
        return None
    target = catalogue.table(one.table)
    if one.lookup:
        return Collection(name, target, target.columns[one.lookup])
    pairs = catalogue.table(one.intersect)
    return Collection(name, target, through=Through(pairs.sql, one.own, one.other))


def navigation(catalogue: Catalogue, table: Table, name: str) -> Single | Collection:
    """Give what a navigation property leads to, or raise the error of the service."""
    found = single(catalogue, table, name) or collection(catalogue, table, name)
    if found is None:
        raise unknown_property(name, table.logical)
    return found
