"""Writes of single rows over HTTP: create, upsert, update, delete, one property, one lookup.

The rules of the verbs and of `If-Match` and `If-None-Match` are those of reference dataverse.md section 2."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from werkzeug import Request, Response

from sandbox.dataverse import deep, find, payload, rows
from sandbox.dataverse.address import Segment
from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import (
    DataverseError,
    already_exists,
    bad_query,
    payload_error,
    unknown_segment,
    version_mismatch,
)
from sandbox.dataverse.options import Options
from sandbox.dataverse.query import read_one
from sandbox.dataverse.schema import Table
from sandbox.dataverse.values import Value, to_store
from sandbox.wire import json_response, strict_json

ENTITY_ID = "sandbox.entity_id"


def read_row(request: Request, where: str) -> dict[str, Any]:
    """Give the JSON object in a body, with every digit of its numbers."""
    return read_body(request, where, Decimal)


def read_body(request: Request, where: str, fraction: Callable[[str], object] = float) -> dict[str, Any]:
    """Give the JSON object in a body."""
    raw = request.get_data()
    if raw and request.mimetype != "application/json":  # status and code are a guess
        words = "A supported MIME type could not be found that matches the content type of the request."
        raise DataverseError(415, "0x0", f"{words} Send '{request.mimetype}' bodies as 'application/json'.")
    try:
        body = strict_json(raw or b"null", fraction)
    except ValueError as exc:
        raise payload_error(where, f"The body could not be read as JSON: {exc}.") from exc
    if not isinstance(body, dict):
        raise payload_error(where, "The body must be a JSON object.")
    return body


def read_only(table: Table, request: Request) -> DataverseError:
    """Give the refusal of a write to a table that the service fills (words as published issues show them)."""
    verb = {"POST": "Create", "DELETE": "Delete"}.get(request.method, "Update")
    words = f"The '{verb}' method does not support entities of type '{table.logical}'."
    return DataverseError(
        400, "0x80040800", f"{words} MessageProcessorCache returned MessageProcessor.Empty."
    )


def create(engine: Engine, table: Table, request: Request) -> Response:
    """POST to an entity set."""
    options = Options.of(request)
    body = read_row(request, table.set_name)
    with engine.store.write():
        row_id = deep.create(engine, table, body)
        return _written(engine, table, Segment(table.set_name, row_id=row_id), request, options, created=True)


def upsert(engine: Engine, table: Table, segment: Segment, request: Request) -> Response:
    """PATCH of a row: update or create, narrowed by the conditional headers."""
    options = Options.of(request)
    body = read_row(request, table.set_name)
    with engine.store.write():
        found = find.version_of(engine, table, segment)
        check_conditions(table, segment, found, request)
        if found is not None:
            _update(engine, table, segment, found, body)
            return _written(engine, table, segment, request, options, created=False)
        addressed = find.addressed(table, segment)
        values = addressed | payload.columns_of(engine, table, body, creating=True)
        made = rows.create(engine, table, values if segment.key else values | addressed)
        if options.representation:  # the body wins over the key in the address, so only the id is sure
            segment = Segment(table.set_name, row_id=made)
        return _written(engine, table, segment, request, options, created=True)


def _update(engine: Engine, table: Table, segment: Segment, found: find.Found, body: dict[str, Any]) -> None:
    values = payload.columns_of(engine, table, body, creating=False)
    rows.update(engine, table, found.row_id, without_key(table, segment, values))


def without_key(table: Table, segment: Segment, values: dict[str, Value]) -> dict[str, Value]:
    """Leave out the columns of the key in the address: an update does not change them."""
    key = find.key_values(table, segment) if segment.key else {}
    return {name: value for name, value in values.items() if name not in key}


def _condition(request: Request, name: str) -> str | None:
    """Give a conditional header; clients send `If-None-Match: null` against cached answers."""
    value = request.headers.get(name)
    return None if value in (None, "", "null") else value


def check_conditions(table: Table, segment: Segment, found: find.Found | None, request: Request) -> None:
    """Raise what the conditional headers of a write demand."""
    none_match, match = _condition(request, "If-None-Match"), _condition(request, "If-Match")
    if none_match == "*" and found is not None:
        raise already_exists()
    if match is None:
        return
    if found is None:
        raise find.missing(table, segment)
    if match == "*":
        return
    if not table.optimistic:
        words = f"Optimistic concurrency isn't enabled for entity type {table.logical}."
        raise DataverseError(400, "0x8006088d", words)
    if match != found.etag:
        raise version_mismatch()


def known_version(request: Request) -> str | None:
    """Give the etag that a reader already has."""
    return _condition(request, "If-None-Match")


def _written(
    engine: Engine, table: Table, segment: Segment, request: Request, options: Options, *, created: bool
) -> Response:
    """Answer a write: 204 with the address as it was used, or the row when the caller wants it."""
    url = f"{options.base}{_spelled(table, segment)}"
    request.environ[ENTITY_ID] = url
    if options.representation:
        row = read_one(engine, table, segment, options)
        headers = {"ETag": row["@odata.etag"], **options.applied}
        return json_response(201 if created else 200, row, headers)
    return Response(status=204, headers={"OData-EntityId": url, "Location": url})


def _spelled(table: Table, segment: Segment) -> str:
    if segment.row_id is not None:
        return f"{table.set_name}({segment.row_id})"
    parts = []
    for prop, text in segment.key.items():
        column = table.by_property[prop]
        textual = column.type in ("String", "Memo")
        parts.append(f"{prop}='{text.replace(chr(39), chr(39) * 2)}'" if textual else f"{prop}={text}")
    return f"{table.set_name}({','.join(parts)})"


def delete(engine: Engine, table: Table, segment: Segment, request: Request) -> Response:
    """DELETE of a row."""
    with engine.store.write():
        found = find.version_of(engine, table, segment)
        if found is None:
            raise find.missing(table, segment)
        check_conditions(table, segment, found, request)
        rows.delete(engine, table, found.row_id)
    return Response(status=204)


def one_property(engine: Engine, table: Table, path: list[Segment], request: Request) -> Response:
    """PUT or DELETE of `/{set}({id})/{column}`."""
    segment, name = path[0], path[1].name
    column = table.by_property.get(name)
    if column is None or column.is_lookup:
        raise unknown_segment(name)
    if not column.on_update:
        raise bad_query(f"The property '{name}' cannot be updated.")
    value = _value(table, request) if request.method == "PUT" else None
    with engine.store.write():
        found = existing(engine, table, segment, request)
        rows.update(engine, table, found.row_id, {column.name: to_store(table, column, value)})
    return Response(status=204)


def _value(table: Table, request: Request) -> object:
    body = read_row(request, table.set_name)
    if "value" not in body:
        raise payload_error(table.set_name, "The body must have 'value' with the value of the property.")
    return body["value"]


def existing(engine: Engine, table: Table, segment: Segment, request: Request) -> find.Found:
    """Give the addressed row whose version is the one that the caller expects, or raise."""
    found = find.version_of(engine, table, segment)
    if found is None:
        raise find.missing(table, segment)
    check_conditions(table, segment, found, request)
    return found
