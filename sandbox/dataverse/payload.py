"""Bodies of writes: JSON to column values, with names, lookups and values checked as the service does."""

from sandbox.dataverse import find
from sandbox.dataverse.address import reference
from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import (
    DataverseError,
    payload_error,
    undeclared_property,
)
from sandbox.dataverse.schema import Column, Table
from sandbox.dataverse.values import Value, to_store

BIND = "@odata.bind"


def columns_of(engine: Engine, table: Table, body: dict[str, object], *, creating: bool) -> dict[str, Value]:
    """Give the values to store. Columns that the caller may not set are left out, as in the cloud."""
    values: dict[str, Value] = {}
    for name, value in body.items():
        if name.endswith(BIND):
            values |= _bound(engine, table, name.removesuffix(BIND), value)
        elif name == "@odata.type" and str(value).lstrip("#") != f"Microsoft.Dynamics.CRM.{table.logical}":
            raise payload_error(table.set_name, f"A row of type '{value}' does not belong into this set.")
        elif "@" not in name:
            column = _column(table, name)
            read = to_store(table, column, value)  # what is not taken has to be readable, too
            if column.on_create if creating else column.on_update:
                values[column.name] = read
    return values


def _column(table: Table, name: str) -> Column:
    column = table.by_property.get(name)
    if column is None and name in {*table.by_navigation, *table.collections}:
        # documented guess: code and words; Microsoft's page says that rows are nested when creating only
        raise payload_error(table.set_name, f"'{name}' cannot be nested here: use '{name}{BIND}' or '$ref'.")
    if column is None:
        detail = (
            f"The property '{name}' does not exist on type 'Microsoft.Dynamics.CRM.{table.logical}'. Make sure to "
            f"only use property names that are defined by the type."
        )
        raise payload_error(table.set_name, detail)
    if column.is_lookup:
        words = "CRM do not support direct update of Entity Reference properties, Use Navigation properties instead."
        raise DataverseError(400, "0x80048d19", words)
    return column


def _bound(engine: Engine, table: Table, navigation: str, value: object) -> dict[str, Value]:
    column = table.by_navigation.get(navigation)
    if column is None:
        raise undeclared_property(table.set_name, navigation, table.logical)
    if value is None:
        return lookup_values(column, None, None)
    if not isinstance(value, str):
        raise payload_error(
            table.set_name, f"The value of '{navigation}{BIND}' must be the address of a row."
        )
    logical, row_id = resolve(engine, column, navigation, value)
    return lookup_values(column, logical, row_id)


def resolve(engine: Engine, column: Column, navigation: str, url: str) -> tuple[str, str]:
    """Give table and id of the row that a reference names; the row must exist and be of a fitting table."""
    segment = reference(url)
    target = engine.catalogue.table_of_set(segment.name)
    if target.logical not in column.targets or column.navigations[navigation] not in (None, target.logical):
        words = f"The lookup '{column.name}' cannot refer to a row of '{target.logical}'."
        raise DataverseError(400, "0x80048d19", words)
    found = find.version_of(engine, target, segment)
    if found is None:
        raise find.missing(target, segment)
    return target.logical, found.row_id


def lookup_values(column: Column, logical: str | None, row_id: str | None) -> dict[str, Value]:
    """Give the stored values of a lookup; a polymorphic one keeps the table as well."""
    if column.polymorphic:
        return {column.name: row_id, f"{column.name}__type": logical}
    return {column.name: row_id}
