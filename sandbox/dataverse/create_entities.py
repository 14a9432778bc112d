"""The action `CreateEntities`: tables with all their columns in one call, all of them or none.

Little is documented about it; the shape is the one that Microsoft's Python client sends (reference
dataverse.md section 8), and the empty answer is a guess."""

from typing import Any

from werkzeug import Request, Response

from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import payload_error, routing_error
from sandbox.dataverse.metadata_write import add_entity
from sandbox.dataverse.writing import read_body

NAME = "CreateEntities"
KIND = "Microsoft.Dynamics.CRM.ComplexEntityMetadata"


def create(engine: Engine, request: Request) -> Response:
    """Create every table of the call."""
    if request.method != "POST":
        return routing_error(request.url)
    wanted = read_body(request, NAME).get("Entities")
    if not isinstance(wanted, list) or not wanted or not all(_is_table(one) for one in wanted):
        raise payload_error(NAME, f"The parameter 'Entities' must be a list of '{KIND}'.")
    try:
        with engine.store.write():
            for one in wanted:
                add_entity(engine, request, _plain(one))
    except Exception:
        engine.catalogue.reload()  # tables before the refused one are rolled back
        raise
    return Response(status=204)


def _is_table(one: object) -> bool:
    return isinstance(one, dict) and str(one.get("@odata.type", "")).lstrip("#") == KIND


def _plain(value: Any) -> Any:
    """Give the definition with the type names that the other routes take."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {name: _plain_type(one) if name == "@odata.type" else _plain(one) for name, one in value.items()}


def _plain_type(name: object) -> str:
    return str(name).replace("Microsoft.Dynamics.CRM.Complex", "Microsoft.Dynamics.CRM.")
