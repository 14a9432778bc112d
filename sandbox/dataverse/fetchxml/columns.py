"""The columns of a FetchXML answer: from `attribute` elements to SQL, and from its values to JSON."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.dataverse.aggregates import Aggregate
from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import not_offered
from sandbox.dataverse.fetchxml.model import Attribute, Fetch, refused
from sandbox.dataverse.fetchxml.sources import Source, Sources
from sandbox.dataverse.operators import Operand
from sandbox.dataverse.projection import FORMATTED, LOOKUP_TABLE, JsonRow, Notes, formatted, name_of
from sandbox.dataverse.schema import quoted

AGGREGATED = "0x80041107"  # QueryBuilderAttribute_With_Aggregate
FUNCTIONS = {"sum": "sum", "avg": "avg", "min": "min", "max": "max", "countcolumn": "column"}
PARTS = {
    "year": "CAST(strftime('%Y', {0}) AS INTEGER)",
    "quarter": "(CAST(strftime('%m', {0}) AS INTEGER) + 2) / 3",
    "month": "CAST(strftime('%m', {0}) AS INTEGER)",
    "week": (
        "(CAST(strftime('%j', {0}) AS INTEGER) + CAST(strftime('%w', {0}, 'start of year') AS INTEGER) - 1) / 7 + 1"
    ),
    "day": "CAST(strftime('%d', {0}) AS INTEGER)",
}


@dataclass(frozen=True)
class Cell:
    """One column of the answer: its name, its SQL, and what its values are."""

    name: str
    sql: str
    source: Source
    operand: Operand | None = None
    measure: Aggregate | None = None
    grouped: bool = False

    @property
    def is_lookup(self) -> bool:
        return self.operand is not None and self.operand.column.is_lookup

    def noted(self, engine: Engine) -> list[str]:
        """Give the SQL of the name behind a lookup and of the table it leads to."""
        if not self.is_lookup or self.operand is None:
            return ["NULL", "NULL"]
        column = self.operand.column
        kind = f"{self.source.sql}.{quoted(column.name + '__type')}" if column.polymorphic else "NULL"
        return [name_of(engine.catalogue, column, self.source.sql), kind]

    def show(self, values: tuple[Any, Any, Any], row: JsonRow, notes: Notes) -> None:
        """Put a value with its name and target into the row; an empty one is left out."""
        value, target_name, target = values
        if value is None:
            return
        if self.measure is not None:
            value = self.measure.shown(value)
        column = self.operand.column if self.operand is not None else None
        row[self.name] = bool(value) if column is not None and column.type == "Boolean" else value
        text = self._text(value, target_name)
        if notes.formatted and text is not None:
            row[f"{self.name}@{FORMATTED}"] = text
        if notes.lookup and column is not None and column.is_lookup:
            row[f"{self.name}@{LOOKUP_TABLE}"] = target or column.targets[0]

    def _text(self, value: Any, target_name: str | None) -> str | None:
        if self.measure is not None:
            return self.measure.text(value)
        if self.operand is None:
            return f"{value:,}"
        return target_name if self.is_lookup else formatted(self.operand.column, value)


@dataclass
class Columns:
    """All columns of the answer. Rows of the entity itself come with version and id."""

    engine: Engine
    cells: list[Cell] = field(default_factory=list)
    keyed: bool = True

    @classmethod
    def of(cls, engine: Engine, fetch: Fetch, sources: Sources) -> "Columns":
        made = cls(engine, keyed=not fetch.aggregate and not fetch.distinct)
        for source in sources.all:
            made.cells += _cells(fetch, source, own=source is sources.root)
        names = [cell.name for cell in made.cells]
        double = next((name for name in names if names.count(name) > 1), None)
        if double is not None:
            raise refused("0x80041109", f"The column name '{double}' is not unique; give an alias.")
        if not names:
            raise refused(AGGREGATED, "The query has no column to return.")
        return made

    def select(self, notes: Notes, root: Source) -> str:
        """Give the select list: version and id, the cells, and what their annotations need."""
        parts = ['t."versionnumber"', f"t.{quoted(root.table.id)}"] if self.keyed else ["NULL", "NULL"]
        parts += [cell.sql for cell in self.cells]
        for cell in self.cells if notes.formatted or notes.lookup else ():
            parts += cell.noted(self.engine)
        return ", ".join(parts)

    def row(self, values: Sequence[Any], notes: Notes, root: Source) -> JsonRow:
        """Give one row as JSON."""
        row: JsonRow = {"@odata.etag": f'W/"{values[0]}"'} if self.keyed else {}
        first, noted = 2 + len(self.cells), notes.formatted or notes.lookup
        for place, cell in enumerate(self.cells):
            behind = values[first + 2 * place : first + 2 * place + 2] if noted else (None, None)
            cell.show((values[2 + place], *behind), row, notes)
        if self.keyed:
            row[root.table.id] = values[1]
        return row

    def named(self, alias: str) -> Cell:
        """Give the column of an alias."""
        found = next((cell for cell in self.cells if cell.name == alias), None)
        if found is None:
            raise refused("0x8004110a", f"There is no column with the alias '{alias}'.")
        return found


def _cells(fetch: Fetch, source: Source, *, own: bool) -> list[Cell]:
    element = source.element
    if fetch.aggregate:
        if element.everything:
            raise refused(AGGREGATED, "all-attributes cannot be used in an aggregate query.")
        return [_aggregated(source, one) for one in element.attributes]
    if element.everything or (own and not element.attributes):
        return [_plain(source, Attribute(name), own=own) for name in source.table.columns]
    return [_plain(source, one, own=own) for one in element.attributes]


def _plain(source: Source, attribute: Attribute, *, own: bool) -> Cell:
    if attribute.aggregate or attribute.groupby or attribute.dategrouping:
        raise refused(
            AGGREGATED, f"'{attribute.name}' is aggregated, but the query is not: aggregate='true'."
        )
    operand = source.at(attribute.name)
    usual = operand.column.prop if own else f"{source.alias}.{attribute.name}"
    return Cell(attribute.alias or usual, operand.sql, source, operand)


def _aggregated(source: Source, attribute: Attribute) -> Cell:
    operand, alias = source.at(attribute.name), attribute.alias
    if not alias:
        raise refused("0x8004110b", f"The attribute '{attribute.name}' of an aggregate query needs an alias.")
    if attribute.groupby and not attribute.aggregate:
        return _group(source, attribute, operand)
    if attribute.groupby or not attribute.aggregate:
        words = "An attribute of an aggregate query must have either 'aggregate' or 'groupby'"
        raise refused(AGGREGATED, f"{words}, not so '{attribute.name}'.")
    if attribute.aggregate == "count":
        measure = Aggregate("count")
    elif attribute.aggregate in FUNCTIONS:
        function = FUNCTIONS[attribute.aggregate]
        measure = Aggregate("distinct" if function == "column" and attribute.distinct else function, operand)
    else:
        raise refused("0x8004111a", f"The aggregate '{attribute.aggregate}' is not valid.")
    measure.check(attribute.name)
    return Cell(alias, measure.sql, source, measure=measure)


def _group(source: Source, attribute: Attribute, operand: Operand) -> Cell:
    part = attribute.dategrouping
    if not part:
        return Cell(attribute.alias, operand.sql, source, operand, grouped=True)
    if part in ("fiscal-period", "fiscal-year"):
        raise not_offered(f"dategrouping='{part}'")
    if part not in PARTS or operand.column.type != "DateTime":
        raise refused("0x80041108", f"dategrouping='{part}' cannot be applied to '{attribute.name}'.")
    return Cell(attribute.alias, PARTS[part].format(operand.sql), source, grouped=True)
