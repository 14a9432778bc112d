"""Adding rows to collections and taking them away, inside the caller's `write()`."""

from sandbox.dataverse import find, payload, rows
from sandbox.dataverse.address import Segment
from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import DataverseError, no_such_row
from sandbox.dataverse.schema import Collection, Table


def row_of(engine: Engine, table: Table, segment: Segment) -> str:
    """Give the id of the row that a reference names; it must be a row of the table and be there."""
    if segment.name != table.set_name:
        raise DataverseError(400, "0x80048d19", f"The reference must name a row of '{table.set_name}'.")
    found = find.version_of(engine, table, segment)
    if found is None:
        raise find.missing(table, segment)
    return found.row_id


def add(engine: Engine, collection: Collection, row_id: str, target: str) -> None:
    """Add a row to a collection of another row."""
    if collection.intersect:
        rows.associate(engine, collection, row_id, target)
        return
    table = engine.catalogue.table(collection.table)
    column = table.columns[collection.lookup]
    owner = engine.catalogue.relationships[collection.relationship]["ReferencedEntity"]
    rows.update(engine, table, target, payload.lookup_values(column, owner, row_id))


def take_away(engine: Engine, collection: Collection, row_id: str, target: str) -> None:
    """Take a row out of a collection of another row; raises 404 when it is not in it (documented guess)."""
    if collection.intersect:
        rows.disassociate(engine, collection, row_id, target)
        return
    table = engine.catalogue.table(collection.table)
    if rows.value_of(engine, table, target, collection.lookup) != row_id:
        raise no_such_row(table.logical, target)
    rows.update(engine, table, target, payload.lookup_values(table.columns[collection.lookup], None, None))
