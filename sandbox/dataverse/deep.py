"""Creating a row together with rows that belong to it: nested objects and lists in the body of a POST.

One transaction, so the caller must hold `write()` (reference dataverse.md section 2, deep insert)."""

from typing import Any

from sandbox.dataverse import links, payload, rows
from sandbox.dataverse.address import reference
from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import payload_error
from sandbox.dataverse.payload import BIND
from sandbox.dataverse.schema import Collection, Table
from sandbox.dataverse.values import Value

type Body = dict[str, Any]


def create(engine: Engine, table: Table, body: Body, fixed: dict[str, Value] | None = None) -> str:
    """Create the row of a body and everything nested in it; gives its id. `fixed` are values from outside."""
    single = {
        name: value for name, value in body.items() if name in table.by_navigation and value is not None
    }
    many = {name: value for name, value in body.items() if name.removesuffix(BIND) in table.collections}
    plain = {name: value for name, value in body.items() if name not in single and name not in many}
    values = payload.columns_of(engine, table, plain, creating=True) | (fixed or {})
    for name, nested in single.items():
        values |= _above(engine, table, name, nested)
    row_id = rows.create(engine, table, values)
    for name, listed in many.items():
        collection = table.collections[name.removesuffix(BIND)]
        if not isinstance(listed, list):
            raise payload_error(table.set_name, f"The value of '{name}' must be a list.")
        for one in listed:
            _below(engine, collection, row_id, one, bound=name.endswith(BIND))
    return row_id


def _above(engine: Engine, table: Table, name: str, nested: Any) -> dict[str, Value]:
    """Create the row behind a lookup and give the values of the lookup."""
    column = table.by_navigation[name]
    only = column.navigations[name]
    if not isinstance(nested, dict) or (only is None and column.polymorphic):
        raise payload_error(table.set_name, f"The value of '{name}' must be an object with a new row.")
    target = engine.catalogue.table(only or column.targets[0])
    return payload.lookup_values(column, target.logical, create(engine, target, nested))


def _below(engine: Engine, collection: Collection, row_id: str, one: Any, *, bound: bool) -> None:
    """Create or find one row of a collection and add it."""
    table = engine.catalogue.table(collection.table)
    if bound and isinstance(one, str):
        links.add(engine, collection, row_id, links.row_of(engine, table, reference(one)))
    elif bound or not isinstance(one, dict):
        raise payload_error(table.set_name, f"'{collection.navigation}' holds what is no row.")
    elif collection.intersect:
        links.add(engine, collection, row_id, create(engine, table, one))
    else:
        column = table.columns[collection.lookup]
        owner = engine.catalogue.relationships[collection.relationship]["ReferencedEntity"]
        create(engine, table, one, payload.lookup_values(column, owner, row_id))
