"""The function `RetrieveMetadataChanges`: definitions by an `EntityQueryExpression`, all in one answer.

Microsoft's Python client reads typed columns with it. A version stamp is honoured as long as nothing changed; after
that the caller must read everything anew, which the cloud may demand at any time (code of the error list)."""

import json
from collections.abc import Callable
from typing import Any

from werkzeug import Request, Response

from sandbox.dataverse import metadata_relations
from sandbox.dataverse.address import ROOT, Segment
from sandbox.dataverse.catalogue import Catalogue
from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import DataverseError, bad_query, not_offered, routing_error
from sandbox.dataverse.schema import Definition, Table
from sandbox.dataverse.whole import choice, whole
from sandbox.wire import json_response

NAME = "RetrieveMetadataChanges"
QUERY = ("Properties", "Criteria", "AttributeQuery", "KeyQuery", "RelationshipQuery", "LabelQuery")
HIDDEN = ("GlobalOptionSetName", "EnforceRequired")
ALWAYS = ("@odata.type", "MetadataId", "HasChanged", "LogicalName")

type Node = dict[str, Any]


def answer(engine: Engine, segment: Segment, request: Request) -> Response:
    """Answer one call."""
    if request.method != "GET" or not segment.called:
        return routing_error(request.url)
    parameters = {name: _parameter(request, value) for name, value in segment.key.items()}
    for name in parameters:
        if name not in ("Query", "ClientVersionStamp"):
            raise not_offered(f"the parameter '{name}' of {NAME}")
    catalogue = engine.catalogue
    stamp = parameters.get("ClientVersionStamp")
    if stamp is not None and str(stamp) != str(catalogue.version):
        words = "Version stamp associated with the client has expired. Please perform a full sync."
        raise DataverseError(400, "0x80044352", words)
    query = _object(parameters.get("Query"), QUERY)
    found = [] if stamp is not None else [_table(catalogue, one, query) for one in _tables(catalogue, query)]
    about = f"https://{request.host}{ROOT}$metadata#Microsoft.Dynamics.CRM.{NAME}Response"
    body = {"@odata.context": about, "ServerVersionStamp": str(catalogue.version), "DeletedMetadata": None}
    return json_response(200, {**body, "EntityMetadata": found})


def _parameter(request: Request, written: str) -> Any:
    """Give a parameter: the value itself, or the JSON of its alias."""
    text = request.args.get(written) if written.startswith("@") else written
    if text is None:
        raise bad_query(f"The parameter alias '{written}' has no value.")
    try:
        return json.loads(text) if text.startswith("{") else text.strip("'")
    except ValueError as exc:
        raise bad_query(f"The value of '{written}' could not be read as JSON.") from exc


def _object(node: Any, known: tuple[str, ...]) -> Node:
    """Give a part of the query; refuses members that it does not have."""
    if node is None:
        return {}
    if not isinstance(node, dict):
        raise bad_query(f"A part of the query of {NAME} is no object.")
    for name in node:
        if "@" not in name and name not in known:
            raise bad_query(f"The property '{name}' does not exist in the query of {NAME}.")
    return node


def _tables(catalogue: Catalogue, query: Node) -> list[Table]:
    return [one for one in catalogue.tables.values() if _meets(whole(one.definition), query.get("Criteria"))]


def _table(catalogue: Catalogue, table: Table, query: Node) -> Definition:
    names = _names(query.get("Properties"))
    shown = _picked(whole(table.definition), names)
    parts: dict[str, tuple[str, Callable[[], list[Definition]]]] = {
        "Attributes": ("AttributeQuery", lambda: _columns(catalogue, table)),
        "Keys": ("KeyQuery", lambda: [key.definition for key in table.keys.values()]),
        **{one: ("RelationshipQuery", _related(catalogue, table, one)) for one in metadata_relations.LISTS},
    }
    for name, (within, listed) in parts.items():
        if names is None or name in names:
            inner = _object(query.get(within), ("Properties", "Criteria"))
            wanted = _names(inner.get("Properties"))
            found = [one for one in listed() if _meets(one, inner.get("Criteria"))]
            shown[name] = [_picked(one, wanted) for one in found]
    return shown


def _related(catalogue: Catalogue, table: Table, name: str) -> Callable[[], list[Definition]]:
    return lambda: metadata_relations.of_table(catalogue, table, name)


def _columns(catalogue: Catalogue, table: Table) -> list[Definition]:
    """Give the columns with the options that they take, their own or those of everybody."""
    shown = []
    for column in table.columns.values():
        one = whole(column.definition)
        shared = one.get("GlobalOptionSetName")
        options = catalogue.option_sets[shared] if shared else one.get("OptionSet")
        one = {name: value for name, value in one.items() if name not in HIDDEN}
        shown.append(one if options is None else {**one, "OptionSet": choice(one, options)})
    return shown


def _names(node: Any) -> list[str] | None:
    """Give the wanted properties; None for all."""
    properties = _object(node, ("AllProperties", "PropertyNames"))
    if properties.get("AllProperties"):
        return None
    names = properties.get("PropertyNames") or []
    if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
        raise bad_query("'PropertyNames' must be a list of names.")
    return names


def _picked(definition: Definition, names: list[str] | None) -> Definition:
    """Give the wanted members; those that a type does not have are left out."""
    wanted = definition if names is None else {*ALWAYS, *names}
    return {name: value for name, value in definition.items() if name in wanted}


def _meets(definition: Definition, node: Any) -> bool:
    criteria = _object(node, ("FilterOperator", "Conditions", "Filters"))
    parts = [_holds(definition, one) for one in criteria.get("Conditions") or []]
    parts += [_meets(definition, one) for one in criteria.get("Filters") or []]
    return any(parts) if criteria.get("FilterOperator") == "Or" and parts else all(parts)


def _holds(definition: Definition, node: Any) -> bool:
    condition = _object(node, ("PropertyName", "ConditionOperator", "Value"))
    name, operator = condition.get("PropertyName"), str(condition.get("ConditionOperator"))
    wanted = _object(condition.get("Value"), ("Type", "Value")).get("Value")
    if operator not in ("Equals", "NotEquals", "In", "NotIn"):
        raise not_offered(f"the operator '{operator}' in {NAME}")
    values = wanted if isinstance(wanted, list) else [wanted]
    found = str(definition.get(str(name))).lower() in {str(one).lower() for one in values}
    return found != operator.startswith("Not")
