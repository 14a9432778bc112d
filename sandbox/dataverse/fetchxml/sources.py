"""The tables of a query and how they are joined; conditions to SQL."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from sandbox.dataverse import operators
from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import not_offered
from sandbox.dataverse.fetchxml.model import (
    Condition,
    Entity,
    Filter,
    refused,
    unknown_column,
    unknown_entity,
)
from sandbox.dataverse.operators import COMPARED, Bound, Operand, collated
from sandbox.dataverse.schema import Table, quoted
from sandbox.dataverse.values import Value

COMPARISONS = {**COMPARED, "ne": "IS NOT", "neq": "IS NOT"}
BITS = {"1": "true", "0": "false"}


@dataclass(frozen=True)
class Source:
    """A table in the query: its SQL alias, the name that conditions and results use for it, its element."""

    table: Table
    sql: str
    alias: str
    element: Entity

    def at(self, name: str) -> Operand:
        """Give a column by its logical name."""
        column = self.table.columns.get(name)
        if column is None:
            raise unknown_column(self.table.logical, name)
        return Operand(collated(f"{self.sql}.{quoted(column.name)}", column), self.table, column)


def table_of(engine: Engine, name: str) -> Table:
    """Give a table by its logical name, or raise the error of the query builder."""
    table = engine.catalogue.tables.get(name)
    if table is None:
        raise unknown_entity(name)
    return table


@dataclass
class Sources:
    """All tables of a query. `joins` and `where` are SQL with the values in the order of their places."""

    engine: Engine
    root: Source
    all: list[Source] = field(default_factory=list)
    joins: list[str] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    extra: list[Bound] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @classmethod
    def of(cls, engine: Engine, entity: Entity) -> "Sources":
        root = Source(table_of(engine, entity.name), "t", "", entity)
        made = cls(engine, root, [root])
        made._link_all(root, entity)
        return made

    def _link_all(self, parent: Source, entity: Entity) -> None:
        for link in entity.links:
            source = self._source(link)
            on = self._joined(parent, source)
            if link.kind in ("exists", "in"):
                self.extra.append(self._exists(source, on))
                continue
            self._check_alias(source)
            self.all.append(source)
            sql, values = self._both(on, source)
            word = "LEFT JOIN" if link.kind == "outer" else "JOIN"
            self.joins.append(f"{word} {source.table.sql} {source.sql} ON {sql}")
            self.values += values
            self._link_all(source, link)

    def _source(self, link: Entity) -> Source:
        number = next(self.numbers)
        table = table_of(self.engine, link.name)
        return Source(table, f"l{number}", link.alias or f"{link.name}{number}", link)

    def _check_alias(self, source: Source) -> None:
        if any(one.alias == source.alias for one in self.all):
            raise refused(
                "0x80041109", f"The alias '{source.alias}' is not unique amongst all link-entities."
            )

    def _joined(self, parent: Source, source: Source) -> str:
        own, other = source.at(source.element.origin), parent.at(source.element.to)
        return f"{own.sql} = {other.sql}"

    def _both(self, on: str, source: Source) -> Bound:
        """A filter within a link belongs to the join: an outer one still shows rows that do not match."""
        parts, values = [on], []
        for one in source.element.filters:
            sql, bound = self.filter(one, source)
            parts.append(sql)
            values += bound
        return " AND ".join(parts), values

    def _exists(self, source: Source, on: str) -> Bound:
        sql, values = self._both(on, source)
        return f"EXISTS (SELECT 1 FROM {source.table.sql} {source.sql} WHERE {sql})", values

    def where(self) -> Bound:
        """Give the condition of the whole query; its values come behind those of the joins."""
        parts, values = ["1"], []
        for sql, bound in [*(self.filter(one, self.root) for one in self.root.element.filters), *self.extra]:
            parts.append(sql)
            values += bound
        return " AND ".join(parts), values

    def named(self, alias: str) -> Source:
        """Give the link-entity of an alias."""
        for one in self.all:
            if alias and alias in (one.alias, one.element.name if one is not self.root else ""):
                return one
        raise refused("0x8004110a", f"There is no link-entity with the alias '{alias}'.")

    def filter(self, node: Filter, source: Source) -> Bound:
        """Give the SQL of a filter element."""
        parts = [self._condition(one, source) for one in node.conditions]
        parts += [self.filter(one, source) for one in node.filters]
        parts += [self._linked(one, source) for one in node.links]
        if not parts:
            return "1", []
        word = " OR " if node.either else " AND "
        return f"({word.join(sql for sql, _ in parts)})", [value for _, bound in parts for value in bound]

    def _condition(self, node: Condition, source: Source) -> Bound:
        if node.entityname:
            source = self.named(node.entityname)
        operand = source.at(node.attribute)
        if node.valueof:
            return self._compared(node, source, operand)
        values = node.values
        if operand.column.type == "Boolean":
            values = [BITS.get(one, one.lower()) for one in values]
        return operators.condition(self.engine, node.operator, operand, values)

    def _compared(self, node: Condition, source: Source, operand: Operand) -> Bound:
        alias, _, name = node.valueof.rpartition(".")
        other = (self.named(alias) if alias else source).at(name)
        if node.operator not in COMPARISONS:
            raise not_offered(f"the operator '{node.operator}' with 'valueof'")
        if other.column.type != operand.column.type:
            raise operators.bad_condition(f"'{node.attribute}' and '{node.valueof}' have different types.")
        return f"{operand.sql} {COMPARISONS[node.operator]} {other.sql}", []

    def _linked(self, link: Entity, parent: Source) -> Bound:
        source = self._source(link)
        on = self._joined(parent, source)
        if link.kind == "not all":
            sql, values = self._both("1", source)
            inner = f"SELECT 1 FROM {source.table.sql} {source.sql} WHERE {on} AND (({sql}) IS NOT TRUE)"
            return f"EXISTS ({inner})", values
        sql, values = self._exists(source, on)
        return (f"NOT {sql}" if link.kind == "not any" else sql), values
