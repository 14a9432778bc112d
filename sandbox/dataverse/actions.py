"""Unbound actions on definitions: publishing, keys, options."""

from collections.abc import Callable
from typing import Any

from werkzeug import Request, Response

from sandbox.dataverse import definitions
from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import DataverseError, not_offered, routing_error
from sandbox.dataverse.posted import checked
from sandbox.dataverse.schema import Definition
from sandbox.dataverse.writing import read_body
from sandbox.wire import json_response

type Action = Callable[[Engine, dict[str, Any]], Response]


def run(engine: Engine, name: str, request: Request) -> Response:
    """Run one action."""
    if request.method != "POST":
        return routing_error(request.url)
    body = read_body(request, name) if request.get_data() else {}
    return ACTIONS[name](engine, body)


def _publish_all(engine: Engine, body: dict[str, Any]) -> Response:
    """Definitions take effect at once here, so publishing has nothing left to do."""
    del engine, body
    return Response(status=204)


def _publish(engine: Engine, body: dict[str, Any]) -> Response:
    if not isinstance(body.get("ParameterXml"), str) or "<importexportxml" not in body["ParameterXml"]:
        raise DataverseError(
            400, "0x80040203", "PublishXml needs 'ParameterXml' with an importexportxml element."
        )
    return _publish_all(engine, body)


def _reactivate(engine: Engine, body: dict[str, Any]) -> Response:
    table = engine.catalogue.table(str(body.get("EntityLogicalName")))
    key = table.keys.get(str(body.get("EntityKeyLogicalName")))
    if key is None:
        raise DataverseError(400, "0x80041140", "The specified entitykey was not found.")
    if key.definition["EntityKeyIndexStatus"] != "Failed":
        raise DataverseError(400, "0x80060897", "Reactivate entity key is only supported for failed job")
    with engine.store.write():
        engine.catalogue.reactivate_key(table, key)
    return Response(status=204)


def _insert_option(engine: Engine, body: dict[str, Any]) -> Response:
    """Add an option to a global choice."""
    name = body.get("OptionSetName")
    if not name:
        raise not_offered("InsertOptionValue on the choice of one column")
    choice = engine.catalogue.option_sets.get(str(name))
    if choice is None:
        raise DataverseError(404, "0x80040217", f"Could not find a choice with the name '{name}'.")
    checked(name, {"Options": [{"Value": body.get("Value"), "Label": body.get("Label")}]})
    added = definitions.option({"Value": body.get("Value"), "Label": body.get("Label")})
    if any(option["Value"] == added["Value"] for option in choice["Options"]):
        words = "The picklist value already exists.  Picklist values must be unique."
        raise DataverseError(400, "0x80044310", words)
    choice["Options"].append(added)
    with engine.store.write():
        engine.catalogue.save("optionset", "", str(name), choice)
    _refresh(engine, choice)
    return json_response(200, {"NewOptionValue": added["Value"]})


def _refresh(engine: Engine, choice: Definition) -> None:
    """Let the columns that use a choice know its options."""
    for table in engine.catalogue.tables.values():
        for column in list(table.columns.values()):
            if column.definition.get("GlobalOptionSetName") == choice["Name"]:
                table.add(engine.catalogue.column(column.definition))


ACTIONS: dict[str, Action] = {
    "PublishAllXml": _publish_all,
    "PublishXml": _publish,
    "ReactivateEntityKey": _reactivate,
    "InsertOptionValue": _insert_option,
}
