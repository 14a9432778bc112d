"""The RemoteExecutionContext that a webhook is sent: a .NET contract as JSON (dataverse.md section 10, sample)."""

from datetime import UTC, datetime
from typing import Any

from sandbox.dataverse.catalogue import Catalogue
from sandbox.dataverse.labels import text_of
from sandbox.dataverse.schema import Column, Table
from sandbox.dataverse.values import Value
from sandbox.dataverse.webhooks.model import CREATE, DELETE, Happening, Image, Step, Values

type Json = dict[str, Any]

CONTRACTS = "http://schemas.microsoft.com/xrm/2011/Contracts"
NOBODY = "00000000-0000-0000-0000-000000000000"
# A write computes these as well; they are not among what was changed.
DERIVED = ("versionnumber", "owninguser", "owningteam", "owningbusinessunit")
IF_ANY = ("createdonbehalfby", "modifiedonbehalfby")
TOO_LONG = ("ParentContext", "InputParameters", "PreEntityImages", "PostEntityImages")
MOST_BYTES = 256 * 1024


def build(catalogue: Catalogue, step: Step, happened: Happening, now: datetime) -> Json:
    """Give the context of one step for one row."""
    user = happened.ids["user"]
    return {
        "BusinessUnitId": happened.ids["businessunit"],
        "CorrelationId": happened.ids["correlation"],
        "Depth": 1,
        "InitiatingUserId": happened.ids.get("initiating", user),
        "InitiatingUserAzureActiveDirectoryObjectId": NOBODY,
        "InputParameters": [{"key": "Target", "value": _target(catalogue, happened)}],
        "IsExecutingOffline": False,
        "IsInTransaction": step.waited_for,
        "IsOfflinePlayback": False,
        "IsolationMode": 1,
        "MessageName": happened.message,
        "Mode": 0 if step.waited_for else 1,
        "OperationCreatedOn": f"/Date({_milliseconds(now)}+0000)/",
        "OperationId": happened.ids["operation"],
        "OrganizationId": happened.ids["organisation"],
        "OrganizationName": happened.ids["name"],
        "OutputParameters": _output(happened),
        "OwningExtension": _reference("sdkmessageprocessingstep", step.id),
        "ParentContext": None,
        "PostEntityImages": _images(catalogue, step, happened, after=True),
        "PreEntityImages": _images(catalogue, step, happened, after=False),
        "PrimaryEntityId": happened.row_id,
        "PrimaryEntityName": happened.table.logical,
        "RequestId": happened.ids.get("request"),
        "SecondaryEntityName": "none",
        "SharedVariables": [] if happened.tag is None else [{"key": "tag", "value": happened.tag}],
        "Stage": 40,
        "UserAzureActiveDirectoryObjectId": NOBODY,
        "UserId": step.user or user,
    }


def shortened(context: Json) -> Json:
    """Give the context without the members that are left out of a payload that is too long."""
    return {name: value for name, value in context.items() if name not in TOO_LONG}


def _target(catalogue: Catalogue, happened: Happening) -> Json:
    if happened.message == DELETE:
        return {
            "__type": f"EntityReference:{CONTRACTS}",
            **_reference(happened.table.logical, happened.row_id),
        }
    values = {name: value for name, value in happened.values.items() if name not in DERIVED}
    silent = tuple(values) if happened.message == CREATE else IF_ANY
    values = {name: value for name, value in values.items() if value is not None or name not in silent}
    values[happened.table.id] = happened.row_id
    version = happened.values.get("versionnumber")
    return _entity(
        catalogue, happened.table, happened.row_id, values, None if version is None else str(version)
    )


def _output(happened: Happening) -> list[Json]:
    return [{"key": "id", "value": happened.row_id}] if happened.message == CREATE else []


def _images(catalogue: Catalogue, step: Step, happened: Happening, *, after: bool) -> list[Json]:
    row = happened.after if after else happened.before
    if row is None:
        return []
    wanted = [image for image in step.images if (image.after if after else image.before)]
    return [{"key": image.alias, "value": _image(catalogue, happened, image, row)} for image in wanted]


def _image(catalogue: Catalogue, happened: Happening, image: Image, row: Values) -> Json:
    """A copy holds the columns that have a value."""
    table = happened.table
    names = image.columns or tuple(name for name in table.columns if name not in DERIVED)
    values = {name: row[name] for name in names if row.get(name) is not None}
    kinds = {f"{name}__type": row[f"{name}__type"] for name in names if row.get(f"{name}__type")}
    return _entity(catalogue, table, happened.row_id, {**values, **kinds, table.id: happened.row_id}, None)


def _entity(catalogue: Catalogue, table: Table, row_id: str, values: Values, version: str | None) -> Json:
    shown = {name: value for name, value in values.items() if name in table.columns}
    labels = ((name, _label(catalogue, table.columns[name], value)) for name, value in shown.items())
    return {
        "__type": f"Entity:{CONTRACTS}",
        "Attributes": [
            {"key": name, "value": _value(table.columns[name], value, values)}
            for name, value in shown.items()
        ],
        "EntityState": None,
        "FormattedValues": [{"key": name, "value": text} for name, text in labels if text is not None],
        "Id": row_id,
        "KeyAttributes": [],
        "LogicalName": table.logical,
        "RelatedEntities": [],
        "RowVersion": version,
    }


def _value(column: Column, value: Value, values: Values) -> object:
    if value is None:
        return None
    if column.is_choice:
        return {"__type": f"OptionSetValue:{CONTRACTS}", "Value": value}
    if column.is_lookup:
        logical = str(values.get(f"{column.name}__type") or column.targets[0])
        return {"__type": f"EntityReference:{CONTRACTS}", **_reference(logical, str(value))}
    if column.type == "DateTime":
        return f"/Date({_milliseconds(datetime.fromisoformat(str(value)))})/"
    if column.type == "Money":
        return {"__type": f"Money:{CONTRACTS}", "Value": value}
    return bool(value) if column.type == "Boolean" else value


def _label(catalogue: Catalogue, column: Column, value: Value) -> str | None:
    if value is None or not (column.is_choice or column.type == "Boolean"):
        return None
    return next(
        (text_of(one["Label"]) for one in catalogue.options_of(column.definition) if one["Value"] == value),
        None,
    )


def _reference(logical: str, row_id: str) -> Json:
    return {"Id": row_id, "KeyAttributes": [], "LogicalName": logical, "Name": None, "RowVersion": None}


def _milliseconds(instant: datetime) -> int:
    aware = instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)
    return int(aware.timestamp() * 1000)
