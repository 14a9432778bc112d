"""CreateMultiple, UpdateMultiple and UpsertMultiple: all rows of a call or none (dataverse.md section 6)."""

from typing import Any

from werkzeug import Request, Response

from sandbox.dataverse import find, payload, rows
from sandbox.dataverse.address import GUID, Segment, reference
from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import DataverseError, no_such_row, not_offered, payload_error, unknown_segment
from sandbox.dataverse.options import Options
from sandbox.dataverse.schema import Table
from sandbox.dataverse.writing import read_row, without_key
from sandbox.wire import json_response

NAMESPACE = "Microsoft.Dynamics.CRM."


def run(engine: Engine, table: Table, action: str, request: Request) -> Response:
    """Run the bulk action that is bound to an entity set."""
    name = action.removeprefix(NAMESPACE)
    if not action.startswith(NAMESPACE):
        raise unknown_segment(action)
    if name == "DeleteMultiple":
        raise DataverseError(405, "0x80040315", "DeleteMultiple has not yet been implemented.")
    if name not in ("CreateMultiple", "UpdateMultiple", "UpsertMultiple"):
        raise not_offered(f"the action '{action}'")
    targets = _targets(table, read_row(request, table.set_name))
    options = Options.of(request)
    with engine.store.write():
        if name == "CreateMultiple":
            ids = [_create(engine, table, target) for target in targets]
            about = f"{options.base}$metadata#{NAMESPACE}CreateMultipleResponse"
            return json_response(200, {"@odata.context": about, "Ids": ids})
        seen: set[str] = set()
        for target in targets:
            row_id = (_update if name == "UpdateMultiple" else _upsert)(engine, table, target)
            _once(row_id, seen)
    return Response(status=204)


def _targets(table: Table, body: dict[str, Any]) -> list[dict[str, Any]]:
    for name in body:
        if name != "Targets":
            raise payload_error(
                table.set_name, f"The parameter '{name}' is not a parameter of the operation."
            )
    targets = body.get("Targets")
    if not isinstance(targets, list) or not targets or not all(isinstance(one, dict) for one in targets):
        raise payload_error(
            table.set_name, "The parameter 'Targets' must be a list of rows with at least one."
        )
    for target in targets:
        kind = str(target.get("@odata.type", "")).lstrip("#")
        if kind != f"{NAMESPACE}{table.logical}":
            raise payload_error(
                table.set_name, f"Every target needs '@odata.type': '{NAMESPACE}{table.logical}'."
            )
    return targets


def _once(row_id: str, seen: set[str]) -> None:
    if row_id in seen:
        raise DataverseError(400, "0x80040216", "The rows of one request must be unique.")
    seen.add(row_id)


def _create(engine: Engine, table: Table, target: dict[str, Any]) -> str:
    return rows.create(engine, table, payload.columns_of(engine, table, target, creating=True))


def _update(engine: Engine, table: Table, target: dict[str, Any]) -> str:
    segment = _segment(table, target)
    found = find.version_of(engine, table, segment)
    if found is None:
        raise no_such_row(table.logical, segment.row_id or "")
    rows.update(engine, table, found.row_id, payload.columns_of(engine, table, target, creating=False))
    return found.row_id


def _segment(table: Table, target: dict[str, Any]) -> Segment:
    """Give the address of a target: its primary key, or the alternate key in `@odata.id`."""
    url, row_id = target.get("@odata.id"), target.get(table.id)
    if isinstance(row_id, str) and GUID.fullmatch(row_id):
        return Segment(table.set_name, row_id=row_id.lower())
    if not isinstance(url, str):
        raise DataverseError(400, "0x80040203", "Expected non-empty Guid.")
    segment = reference(url)
    if segment.name != table.set_name:
        raise payload_error(table.set_name, f"The target '{segment.name}' is of another table.")
    return segment


def _upsert(engine: Engine, table: Table, target: dict[str, Any]) -> str:
    segment = _segment(table, target)
    found = find.version_of(engine, table, segment)
    if found is not None:
        values = payload.columns_of(engine, table, target, creating=False)
        rows.update(engine, table, found.row_id, without_key(table, segment, values))
        return found.row_id
    values = payload.columns_of(engine, table, target, creating=True)
    addressed = find.addressed(table, segment)
    if segment.key and addressed.keys() & values.keys():
        raise DataverseError(400, "0x80040216", "An unexpected error occurred.")
    return rows.create(engine, table, values | addressed)
