"""Unbound actions on definitions: publishing, keys, options."""

from collections.abc import Callable
from typing import Any

from werkzeug import Request, Response

from sandbox.dataverse import metadata_relations, option_actions
from sandbox.dataverse.address import ROOT
from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import DataverseError, routing_error
from sandbox.dataverse.writing import read_body
from sandbox.wire import json_response

type Action = Callable[[Engine, dict[str, Any]], dict[str, Any] | None]


def run(engine: Engine, name: str, request: Request) -> Response:
    """Run one action."""
    if request.method != "POST":
        return routing_error(request.url)
    body = read_body(request, name) if request.get_data() else {}
    answer = ACTIONS[name](engine, body)
    if answer is None:
        return Response(status=204)
    about = f"https://{request.host}{ROOT}$metadata#Microsoft.Dynamics.CRM.{name}Response"
    return json_response(200, {"@odata.context": about, **answer})


def _publish_all(engine: Engine, body: dict[str, Any]) -> None:
    """Definitions take effect at once here, so publishing has nothing left to do."""
    del engine, body


def _publish(engine: Engine, body: dict[str, Any]) -> None:
    if not isinstance(body.get("ParameterXml"), str) or "<importexportxml" not in body["ParameterXml"]:
        raise DataverseError(
            400, "0x80040203", "PublishXml needs 'ParameterXml' with an importexportxml element."
        )
    _publish_all(engine, body)


def _reactivate(engine: Engine, body: dict[str, Any]) -> None:
    table = engine.catalogue.table(str(body.get("EntityLogicalName")))
    key = table.keys.get(str(body.get("EntityKeyLogicalName")))
    if key is None:
        raise DataverseError(400, "0x80041140", "The specified entitykey was not found.")
    if key.definition["EntityKeyIndexStatus"] != "Failed":
        raise DataverseError(400, "0x80060897", "Reactivate entity key is only supported for failed job")
    with engine.store.write():
        engine.catalogue.reactivate_key(table, key)


ACTIONS: dict[str, Action] = {
    "PublishAllXml": _publish_all,
    "PublishXml": _publish,
    "ReactivateEntityKey": _reactivate,
    "InsertOptionValue": option_actions.insert,
    "InsertStatusValue": option_actions.insert_status,
    "UpdateOptionValue": option_actions.update,
    "UpdateStateValue": option_actions.update_state,
    "DeleteOptionValue": option_actions.delete,
    "OrderOption": option_actions.order,
    "CreatePolymorphicLookupAttribute": metadata_relations.create_polymorphic,
    "CreateCustomerRelationships": metadata_relations.create_customer,
}
