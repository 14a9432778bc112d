"""`/$ref` below a row: setting and clearing a lookup, adding to a collection and taking away from it.

Single-valued properties take PUT and DELETE, collections POST and DELETE; the row to take away stands in brackets
or in `$id` (reference dataverse.md section 2; Microsoft's page on associating rows)."""

from urllib.parse import parse_qs

from werkzeug import Request, Response

from sandbox.dataverse import links, payload, rows
from sandbox.dataverse.address import Segment, reference
from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import (
    DataverseError,
    bad_query,
    payload_error,
    unknown_segment,
)
from sandbox.dataverse.schema import Collection, Column, Table
from sandbox.dataverse.writing import existing, read_body


def answer(engine: Engine, table: Table, path: list[Segment], request: Request) -> Response:
    """Answer one call on `/{set}({id})/{navigation property}/$ref`."""
    name = path[1].name
    column, collection = table.by_navigation.get(name), table.collections.get(name)
    if column is None and collection is None:
        raise unknown_segment(name)
    allowed = ("PUT", "DELETE") if column is not None else ("POST", "DELETE")
    if request.method not in allowed:
        words = f"'{name}' takes {' and '.join(allowed)} of references, not {request.method}."
        raise DataverseError(405, "0x8004023b", words)
    with engine.store.write():
        row_id = existing(engine, table, path[0], request).row_id
        if column is not None:
            _lookup(engine, (table, column, name), row_id, request)
        elif collection is not None:
            _collection(engine, (table, collection), row_id, path[1], request)
    return Response(status=204)


def _lookup(engine: Engine, where: tuple[Table, Column, str], row_id: str, request: Request) -> None:
    table, column, name = where
    target: tuple[str | None, str | None] = (None, None)
    if request.method == "PUT":
        target = payload.resolve(engine, column, name, _url(table, request))
    elif _identifier(request) is not None:
        raise bad_query("A single-valued navigation property is cleared without '$id'.")
    rows.update(engine, table, row_id, payload.lookup_values(column, *target))


def _collection(
    engine: Engine, where: tuple[Table, Collection], row_id: str, segment: Segment, request: Request
) -> None:
    table, collection = where
    other = engine.catalogue.table(collection.table)
    if request.method == "POST":
        links.add(engine, collection, row_id, links.row_of(engine, other, reference(_url(table, request))))
        return
    url = _identifier(request)
    named = Segment(other.set_name, segment.row_id, segment.key) if segment.addresses_row else None
    if (named is None) == (url is None):
        raise bad_query("Name the row to take away, in brackets or in '$id', not both.")
    target = links.row_of(engine, other, named or reference(str(url)))
    links.take_away(engine, collection, row_id, target)


def _url(table: Table, request: Request) -> str:
    body = read_body(request, table.set_name)
    url = body.get("@odata.id")
    if not isinstance(url, str) or len(body) > 1 + ("@odata.context" in body):
        raise payload_error(table.set_name, "The body must have only '@odata.id' with the address of a row.")
    return url


def _identifier(request: Request) -> str | None:
    return parse_qs(request.query_string.decode()).get("$id", [None])[0]
