"""Finding the one row that an address names, by id or by alternate key."""

from dataclasses import dataclass

from sandbox.dataverse.address import GUID, Segment
from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import DataverseError, bad_query, no_such_key_value, no_such_row
from sandbox.dataverse.schema import Table, quoted
from sandbox.dataverse.values import Value, literal


@dataclass(frozen=True)
class Found:
    """A row that exists."""

    row_id: str
    version: int

    @property
    def etag(self) -> str:
        return f'W/"{self.version}"'


def key_values(table: Table, segment: Segment) -> dict[str, Value]:
    """Give the columns and values of an address by alternate key; refuses what is no active key."""
    values: dict[str, Value] = {}
    for prop, text in segment.key.items():
        column = table.by_property.get(prop)
        if column is None:
            raise _invalid(table)
        if (prop in segment.bare) == (column.type in ("String", "Memo")):
            raise bad_query(
                f"The value of '{prop}' in the request URI has the wrong form: text in quotes only."
            )
        values[column.name] = literal(table, column, text)
    names = frozenset(values)
    if names == {table.id} or table.active_key(names):
        return values
    if any(frozenset(key.columns) == names for key in table.keys.values()):
        words = f"The specified key attributes are not a defined key for the {table.logical} entity"
        raise DataverseError(400, "0x80060890", words)
    raise _invalid(table)


def addressed(table: Table, segment: Segment) -> dict[str, Value]:
    """Give the column values that an address fixes for a row to be created under it."""
    return {table.id: segment.row_id} if segment.row_id else key_values(table, segment)


def _invalid(table: Table) -> DataverseError:
    words = (
        f"The key in the request URI is not valid for resource 'Microsoft.Dynamics.CRM.{table.logical}'. Ensure "
        f"that the names and number of key properties match the declared or alternate key properties for the "
        f"resource 'Microsoft.Dynamics.CRM.{table.logical}'."
    )
    return DataverseError(400, "0x80060888", words)


def condition(table: Table, segment: Segment) -> tuple[str, list[Value]]:
    """Give the SQL condition for an address."""
    if segment.row_id is not None:
        return f"{quoted(table.id)} = ?", [segment.row_id]
    if not segment.key:
        raise _invalid(table)
    values = key_values(table, segment)
    return " AND ".join(f"{quoted(name)} = ?" for name in values), list(values.values())


def version_of(engine: Engine, table: Table, segment: Segment) -> Found | None:
    """Give id and version of the addressed row, or None."""
    where, values = condition(table, segment)
    with engine.store.read() as connection:
        sql = f'SELECT {quoted(table.id)}, "versionnumber" FROM {table.kept} WHERE {where}'
        row = connection.execute(sql, values).fetchone()
    return None if row is None else Found(str(row[0]), int(row[1]))


def missing(table: Table, segment: Segment) -> DataverseError:
    """Give the 404 for an address without a row."""
    if segment.row_id is not None:
        return no_such_row(table.logical, segment.row_id)
    only = segment.key.get(table.id)
    if only is not None and GUID.fullmatch(only):
        return no_such_row(table.logical, only)
    return no_such_key_value(table.logical)
