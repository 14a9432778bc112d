"""From stored rows to JSON: selected columns, etag, primary key, and the annotations asked for."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sandbox.dataverse.catalogue import Catalogue
from sandbox.dataverse.errors import unknown_property
from sandbox.dataverse.schema import Column, Table, quoted

FORMATTED = "OData.Community.Display.V1.FormattedValue"
LOOKUP_TABLE = "Microsoft.Dynamics.CRM.lookuplogicalname"
TOTAL = "Microsoft.Dynamics.CRM.totalrecordcount"
EXCEEDED = "Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded"
COOKIE = "Microsoft.Dynamics.CRM.fetchxmlpagingcookie"
MORE = "Microsoft.Dynamics.CRM.morerecords"
NAVIGATION = "Microsoft.Dynamics.CRM.associatednavigationproperty"

type JsonRow = dict[str, Any]


def selected(table: Table, names: Sequence[str] | None) -> list[Column]:
    """Give the columns of a `$select` (all when there is none); unknown names are refused."""
    if names is None:
        return list(table.columns.values())
    found = []
    for name in names:
        column = table.by_property.get(name)
        if column is None:
            raise unknown_property(name, table.logical)
        found.append(column)
    return found


def name_of(catalogue: Catalogue, column: Column, alias: str) -> str:
    """Give the SQL for the primary name of the row that a lookup refers to."""
    parts = []
    for logical in column.targets:
        target = catalogue.tables.get(logical)
        if target is not None:
            parts.append(
                f"(SELECT {quoted(target.name)} FROM {target.kept} "
                f"WHERE {quoted(target.id)} = {alias}.{quoted(column.name)})"
            )
    return f"coalesce({', '.join(parts)})" if len(parts) > 1 else (parts or ["NULL"])[0]


class Projection:
    """The select list of a query on alias `t`, and the way from its rows to JSON."""

    def __init__(
        self, catalogue: Catalogue, table: Table, names: Sequence[str] | None, notes: "Notes"
    ) -> None:
        self._table, self._notes = table, notes
        self._columns = selected(table, names)
        self.extra: list[str] = []
        parts = ['t."versionnumber"', f"t.{quoted(table.id)}"]
        self._cells: list[Callable[[Sequence[Any], JsonRow], None]] = []
        for column in self._columns:
            self._cells.append(_cell(column, len(parts)))
            parts.append(f"t.{quoted(column.name)}")
        for column in self._columns if notes.any else ():
            self._cells.append(_note(column, len(parts), self._position(column), notes))
            parts.append(name_of(catalogue, column, "t") if column.is_lookup else "NULL")
            parts.append(f"t.{quoted(column.name + '__type')}" if column.polymorphic else "NULL")
        self._parts = parts

    def _position(self, column: Column) -> int:
        return 2 + self._columns.index(column)

    def also(self, sql: str) -> int:
        """Read one expression more and give its position in the rows."""
        self._parts.append(sql)
        return len(self._parts) - 1

    @property
    def sql(self) -> str:
        return ", ".join(self._parts)

    @property
    def properties(self) -> list[str]:
        return [column.prop for column in self._columns]

    def row(self, values: Sequence[Any]) -> JsonRow:
        """Give one row as JSON."""
        shaped: JsonRow = {"@odata.etag": f'W/"{values[0]}"'}
        for cell in self._cells:
            cell(values, shaped)
        shaped[self._table.id] = values[1]
        return shaped


class Notes:
    """Which annotations the caller asked for with `odata.include-annotations`."""

    def __init__(self, wanted: str | None) -> None:
        names = [name.strip() for name in (wanted or "").split(",") if name.strip()]
        self.everything = "*" in names
        self.formatted = self.everything or FORMATTED in names
        self.lookup = self.everything or LOOKUP_TABLE in names
        self.navigation = self.everything or NAVIGATION in names
        self.total = self.everything or TOTAL in names
        self.exceeded = self.everything or EXCEEDED in names
        self.cookie = self.everything or COOKIE in names
        self.more = self.everything or MORE in names
        self.any = self.formatted or self.lookup or self.navigation


def _cell(column: Column, position: int) -> Callable[[Sequence[Any], JsonRow], None]:
    prop = column.prop

    def plain(values: Sequence[Any], shaped: JsonRow) -> None:
        shaped[prop] = values[position]

    def boolean(values: Sequence[Any], shaped: JsonRow) -> None:
        value = values[position]
        shaped[prop] = None if value is None else bool(value)

    return boolean if column.type == "Boolean" else plain


def _note(
    column: Column, position: int, source: int, notes: Notes
) -> Callable[[Sequence[Any], JsonRow], None]:
    def annotate(values: Sequence[Any], shaped: JsonRow) -> None:
        value = values[source]
        if value is None:
            return
        text = values[position] if column.is_lookup else formatted(column, value)
        if notes.formatted and text is not None:
            shaped[f"{column.prop}@{FORMATTED}"] = text
        if column.is_lookup and notes.lookup:
            shaped[f"{column.prop}@{LOOKUP_TABLE}"] = values[position + 1] or column.targets[0]
        if column.is_lookup and notes.navigation:
            shaped[f"{column.prop}@{NAVIGATION}"] = column.navigation_to(values[position + 1])

    return annotate


def formatted(column: Column, value: Any) -> str | None:
    """Give the text that a person sees for a value, None where there is no other than the value itself."""
    if column.is_choice or column.type == "Boolean":
        return column.options.get(int(value))
    if column.type == "DateTime":
        shape = "%d/%m/%Y" if column.date_only else "%d/%m/%Y %H:%M"
        return datetime.fromisoformat(value).strftime(shape)
    if column.type in ("Integer", "BigInt"):
        return f"{value:,}"
    if column.type in ("Decimal", "Double", "Money"):
        return f"{value:,.2f}"
    return None
