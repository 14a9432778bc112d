"""Adding rows to collections and taking them away, inside the caller's `write()`."""

from sandbox.dataverse import find, payload, rows
from sandbox.dataverse.address import Segment
from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import DataverseError, no_such_row
from sandbox.dataverse.schema import Collection, Table
from sandbox.dataverse.security import access


def row_of(engine: Engine, table: Table, segment: Segment) -> str:
    """Give the id of the row that a reference names; it must be a row of the table and be there."""
    if segment.name != table.set_name:
        raise DataverseError(400, "0x80048d19", f"The reference must name a row of '{table.set_name}'.")
    found = find.version_of(engine, table, segment)
    if found is None:
        raise find.missing(table, segment)
    return found.row_id


def _allowed(engine: Engine, collection: Collection, row_id: str, target: str) -> None:
    """Raise unless the caller may connect the rows, whichever of both was addressed."""
    if engine.caller.rights is None:
        return
    pairs = engine.catalogue.associations[collection.relationship]
    sides = [engine.catalogue.table(pairs[f"Entity{end}LogicalName"]) for end in (1, 2)]
    ids = [row_id, target] if collection.own == pairs["Entity1IntersectAttribute"] else [target, row_id]
    access.pairing(engine, (sides[0], ids[0]), (sides[1], ids[1]))


def add(engine: Engine, collection: Collection, row_id: str, target: str) -> None:
    """Add a row to a collection of another row."""
    if collection.intersect:
        _allowed(engine, collection, row_id, target)
        rows.associate(engine, collection, row_id, target)
        return
    table = engine.catalogue.table(collection.table)
    column = table.columns[collection.lookup]
    owner = engine.catalogue.relationships[collection.relationship]["ReferencedEntity"]
    rows.update(engine, table, target, payload.lookup_values(column, owner, row_id))


def take_away(engine: Engine, collection: Collection, row_id: str, target: str) -> None:
    """Take a row out of a collection of another row; raises 404 when it is not in it (documented guess)."""
    if collection.intersect:
        _allowed(engine, collection, row_id, target)
        rows.disassociate(engine, collection, row_id, target)
        return
    table = engine.catalogue.table(collection.table)
    if rows.value_of(engine, table, target, collection.lookup) != row_id:
        raise no_such_row(table.logical, target)
    rows.update(engine, table, target, payload.lookup_values(table.columns[collection.lookup], None, None))
