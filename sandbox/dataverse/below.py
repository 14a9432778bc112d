"""Reading what lies below a row: one column, the row behind a lookup, the rows of a collection, references and
counts (reference dataverse.md sections 2 and 3; empty lookups and columns answer 204)."""

from typing import Any

from werkzeug import Response

from sandbox.dataverse import changes, find, query
from sandbox.dataverse.address import Segment
from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import bad_query, not_offered, unknown_segment
from sandbox.dataverse.navigation import Collection, Single, collection, single
from sandbox.dataverse.options import Options
from sandbox.dataverse.projection import Projection
from sandbox.dataverse.query import Rows
from sandbox.dataverse.schema import Column, Table, quoted
from sandbox.dataverse.security import access
from sandbox.wire import json_response

COUNT, REFERENCE, VALUE = "$count", "$ref", "$value"


def read(engine: Engine, table: Table, where: list[Segment], options: Options) -> Response:
    """Answer a GET of `{set}/$count`, of `{set}({id})/{name}`, or of that with `/$value`, `/$ref`, `/$count`."""
    if not where[0].addresses_row:
        return _below_set(engine, table, where, options)
    name = where[1].name
    last = where[2].name if len(where) > 2 else None
    if len(where) > 3 or last not in (None, COUNT, REFERENCE, VALUE):
        raise not_offered("addresses behind a navigation property")
    if where[1].called or where[1].addresses_row:
        raise not_offered("addressing a row within a collection, or a function of a row")
    column = table.by_property.get(name)
    if column is not None and last in (None, VALUE):
        return _column(engine, table, where[0], column, options, raw=last == VALUE)
    way = single(engine.catalogue, table, name)
    if way is not None and last in (None, REFERENCE):
        return _lookup(engine, (table, where[0]), way, options, reference=last == REFERENCE)
    rows = collection(engine.catalogue, table, name)
    if rows is None or last == VALUE:
        raise unknown_segment(last if last and (column or way or rows) else name)
    return _collection(engine, (table, where[0]), rows, options, last)


def _below_set(engine: Engine, table: Table, where: list[Segment], options: Options) -> Response:
    if len(where) > 2 or where[1].name != COUNT:
        raise unknown_segment(where[1].name)
    if options.get("$deltatoken") is not None:
        return changes.count(engine, table, options)
    return query.count_only(engine, Rows(table), options)


def _stored(engine: Engine, table: Table, segment: Segment, sql: str) -> tuple[str, Any]:
    """Give the id of the addressed row and what an expression is for it."""
    where, values = find.condition(table, segment)
    with engine.store.read() as connection:
        statement = f"SELECT t.{quoted(table.id)}, {sql} FROM {table.sql} t WHERE {where}"
        row = connection.execute(statement, values).fetchone()
    if row is None:
        access.unseen(engine, table, where, values)
        raise find.missing(table, segment)
    return str(row[0]), row[1]


def _column(
    engine: Engine, table: Table, segment: Segment, column: Column, options: Options, *, raw: bool
) -> Response:
    row_id, stored = _stored(engine, table, segment, f"t.{quoted(column.name)}")
    if stored is None:
        return Response(status=204)
    projection = Projection(engine.catalogue, table, [column.prop], options.notes)
    with engine.store.read() as connection:
        statement = f"SELECT {projection.sql} FROM {table.sql} t WHERE t.{quoted(table.id)} = ?"
        shaped = projection.row(connection.execute(statement, (row_id,)).fetchone())
    value = shaped[column.prop]
    if raw:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return Response(text, content_type="text/plain; charset=utf-8")
    about = f"{options.base}$metadata#{table.set_name}({row_id})/{column.prop}"
    return json_response(200, {"@odata.context": about, "value": value}, options.applied)


def _lookup(
    engine: Engine, where: tuple[Table, Segment], way: Single, options: Options, *, reference: bool
) -> Response:
    table, segment = where
    _, target_id = _stored(engine, table, segment, f"t.{quoted(way.column.name)}")
    for target in way.targets if target_id is not None else ():
        rows = Rows(target, f"t.{quoted(target.id)} = ?", (target_id,))
        if reference and find.version_of(engine, target, Segment("", row_id=target_id)) is not None:
            return json_response(200, _reference(options, target, target_id))
        row = None if reference else query.single_row(engine, rows, options)
        if row is not None:
            return json_response(200, row, {"ETag": row["@odata.etag"], **options.applied})
    return Response(status=204)  # documented guess: for /$ref too


def _reference(options: Options, target: Table, row_id: str) -> dict[str, str]:
    address = f"{options.base}{target.set_name}({row_id})"
    return {"@odata.context": f"{options.base}$metadata#$ref", "@odata.id": address}


def _collection(
    engine: Engine, where: tuple[Table, Segment], way: Collection, options: Options, last: str | None
) -> Response:
    row_id, _ = _stored(engine, *where, "1")
    rows = Rows(way.target, way.holds("t", "?"), (row_id,))
    if last == COUNT:
        return query.count_only(engine, rows, options)
    if options.get("$deltatoken") is not None or "odata.track-changes" in options.preferences:
        raise bad_query("Changes are tracked for whole tables, not for the rows that belong to one row.")
    if last is None:
        return json_response(200, query.read_many(engine, rows, options), options.applied)
    if options.get("$select") or options.get("$expand"):
        raise bad_query("References are read without $select and $expand.")
    page = query.read_many(engine, rows, options)
    address = f"{options.base}{way.target.set_name}"
    page["@odata.context"] = f"{options.base}$metadata#Collection($ref)"
    page["value"] = [{"@odata.id": f"{address}({row[way.target.id]})"} for row in page["value"]]
    return json_response(200, page, options.applied)
