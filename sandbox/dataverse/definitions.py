"""Definitions as the metadata API shows them, made from what a caller posts or from the seeded tables."""

import uuid
from typing import Any

from sandbox.dataverse.errors import DataverseError
from sandbox.dataverse.labels import label, managed, shown
from sandbox.dataverse.schema import Definition
from sandbox.dataverse.whole import privileges

NAMESPACE = "#Microsoft.Dynamics.CRM."
TYPE_NAMES = {
    "String": "StringType",
    "Memo": "MemoType",
    "Integer": "IntegerType",
    "BigInt": "BigIntType",
    "Decimal": "DecimalType",
    "Double": "DoubleType",
    "Money": "MoneyType",
    "Boolean": "BooleanType",
    "DateTime": "DateTimeType",
    "Picklist": "PicklistType",
    "State": "StateType",
    "Status": "StatusType",
    "Lookup": "LookupType",
    "Owner": "OwnerType",
    "Customer": "CustomerType",
    "Uniqueidentifier": "UniqueidentifierType",
}
# Owners and customers are lookups with another `AttributeType`.
SHOWN_AS = {"Owner": "Lookup", "Customer": "Lookup"}
CREATABLE = ("String", "Memo", "Integer", "BigInt", "Decimal", "Double", "Boolean", "DateTime", "Picklist")
FLOOR, CEILING = -2147483648, 2147483647
SPECIFIC: dict[str, dict[str, Any]] = {
    "String": {"MaxLength": 100, "Format": "Text", "FormatName": {"Value": "Text"}, "AutoNumberFormat": ""},
    "Memo": {"MaxLength": 2000, "Format": "TextArea"},
    "Integer": {"MinValue": FLOOR, "MaxValue": CEILING, "Format": "None"},
    "BigInt": {"MinValue": -(2**63), "MaxValue": 2**63 - 1},
    "Decimal": {"MinValue": -100000000000.0, "MaxValue": 100000000000.0, "Precision": 2},
    "Double": {"MinValue": -100000000000.0, "MaxValue": 100000000000.0, "Precision": 2},
    "DateTime": {"Format": "DateAndTime", "DateTimeBehavior": {"Value": "UserLocal"}},
    "Boolean": {"DefaultValue": False},
    "Picklist": {"DefaultFormValue": -1},
}


def _refused(words: str) -> DataverseError:
    return DataverseError(400, "0x80040203", words)


def schema_name(posted: Definition) -> str:
    """Give the schema name that a caller chose for a component."""
    name = posted.get("SchemaName") or posted.get("Name")
    if not isinstance(name, str) or not name.replace("_", "a").isalnum() or not name.isascii():
        raise _refused("A component needs a SchemaName of letters, digits and underscores.")
    return name


def attribute_type(posted: Definition) -> str:
    """Give the attribute type that the `@odata.type` names."""
    text = str(posted.get("@odata.type", "")).lstrip("#").removeprefix("Microsoft.Dynamics.CRM.")
    kind = text.removesuffix("AttributeMetadata")
    if not text.endswith("AttributeMetadata") or kind not in TYPE_NAMES:
        raise DataverseError(
            501, "0x80040800", f"The sandbox tenant does not offer columns of type '{text}'."
        )
    return kind


def attribute(entity: str, posted: Definition, *, custom: bool = True) -> Definition:
    """Give the full definition of a column."""
    kind = attribute_type(posted)
    name = schema_name(posted)
    level = (posted.get("RequiredLevel") or {}).get("Value", "None")
    base = _column(entity, name, kind, custom=custom)
    base |= SPECIFIC.get(kind, {})
    base |= {key: value for key, value in posted.items() if "@odata" not in key and key != "GlobalOptionSet"}
    base |= {
        "LogicalName": name.lower(),
        "@odata.type": f"{NAMESPACE}{SHOWN_AS.get(kind, kind)}AttributeMetadata",
        "DisplayName": shown(posted.get("DisplayName"), name),
        "Description": shown(posted.get("Description")),
        "RequiredLevel": managed(level, "canmodifyrequirementlevelsettings"),
    }
    if kind == "DateTime" and base.get("Format") == "DateOnly" and "DateTimeBehavior" not in posted:
        base["DateTimeBehavior"] = {"Value": "UserLocal"}
    return base


def _column(entity: str, name: str, kind: str, *, custom: bool) -> Definition:
    """What every column has, whatever its type."""
    return {
        "MetadataId": str(uuid.uuid4()),
        "HasChanged": None,
        "AttributeOf": None,
        "AttributeType": kind,
        "AttributeTypeName": {"Value": TYPE_NAMES[kind]},
        "EntityLogicalName": entity,
        "LogicalName": name.lower(),
        "SchemaName": name,
        "IsCustomAttribute": custom,
        "IsPrimaryId": False,
        "IsPrimaryName": False,
        "IsValidForCreate": True,
        "IsValidForRead": True,
        "IsValidForUpdate": True,
        "IsLogical": False,
        "IsManaged": not custom,
        "IsSecured": False,
        "IsValidODataAttribute": True,
        "IsAuditEnabled": managed(False, "canmodifyauditsettings"),
        "IntroducedVersion": "1.0.0.0",
        "SourceType": 0
        if kind in ("Decimal", "Integer", "String", "Boolean", "DateTime", "Picklist")
        else None,
    }


def option_set(posted: Definition, *, is_global: bool, name: str | None = None) -> Definition:
    """Give the full definition of a choice."""
    kind = str(posted.get("OptionSetType") or "Picklist")
    if kind != "Picklist":
        raise DataverseError(
            501, "0x80040800", f"The sandbox tenant does not offer choices of type '{kind}'."
        )
    options = [option(entry) for entry in posted.get("Options") or []]
    values = [entry["Value"] for entry in options]
    if len(set(values)) != len(values):
        words = "The picklist value already exists.  Picklist values must be unique."
        raise DataverseError(400, "0x80044310", words)
    return {
        "@odata.type": f"{NAMESPACE}OptionSetMetadata",
        "MetadataId": str(uuid.uuid4()),
        "HasChanged": None,
        "IsCustomOptionSet": True,
        "IsGlobal": is_global,
        "IsManaged": False,
        "Name": name or schema_name(posted),
        "OptionSetType": kind,
        "IntroducedVersion": "1.0.0.0",
        "ParentOptionSetName": None,
        "DisplayName": shown(posted.get("DisplayName")),
        "Description": shown(posted.get("Description")),
        "IsCustomizable": managed(True, "iscustomizable"),
        "Options": options,
    }


def option(posted: Definition, **more: object) -> Definition:
    """Give one option of a choice."""
    value = posted.get("Value")
    if isinstance(value, bool) or not isinstance(value, int):
        raise _refused("Every option needs a whole number as Value.")
    return {
        "Value": value,
        "Color": posted.get("Color"),
        "IsManaged": False,
        "ExternalValue": posted.get("ExternalValue", ""),
        "ParentValues": [],
        "Tag": None,
        "MetadataId": None,
        "HasChanged": None,
        "Label": shown(posted.get("Label")),
        "Description": shown(posted.get("Description")),
        **more,
    }


def entity(posted: Definition, type_code: int, *, custom: bool = True) -> Definition:
    """Give the full definition of a table, without its columns."""
    name = schema_name(posted)
    logical = name.lower()
    base: Definition = {
        "@odata.type": f"{NAMESPACE}EntityMetadata",
        "MetadataId": str(uuid.uuid4()),
        "HasChanged": None,
        "LogicalCollectionName": f"{logical}s",
        "EntitySetName": f"{logical}s",
        "ObjectTypeCode": type_code,
        "OwnershipType": "UserOwned",
        "PrimaryIdAttribute": f"{logical}id",
        "ChangeTrackingEnabled": False,
        "CanChangeTrackingBeEnabled": managed(True, "canchangetrackingbeenabled"),
        "IsOptimisticConcurrencyEnabled": True,
        "IsCustomEntity": custom,
        "IsManaged": not custom,
        "IsActivity": False,
        "IsIntersect": False,
        "IsPrivate": False,
        "IsLogicalEntity": False,
        "IsAuditEnabled": managed(False, "canmodifyauditsettings"),
        "HasNotes": False,
        "HasActivities": False,
        "TableType": "Standard",
        "DataProviderId": None,
        "IntroducedVersion": "1.0.0.0",
    }
    base |= {key: value for key, value in posted.items() if "@odata" not in key and key != "Attributes"}
    owned = base["OwnershipType"] == "UserOwned"
    base["Privileges"] = privileges(name, base["MetadataId"], owned=owned)
    base |= {
        "LogicalName": logical,
        "SchemaName": name,
        "DisplayName": shown(posted.get("DisplayName"), name),
        "DisplayCollectionName": shown(posted.get("DisplayCollectionName"), base["EntitySetName"]),
        "Description": shown(posted.get("Description")),
    }
    return base


def key(entity_name: str, posted: Definition, known: set[str]) -> Definition:
    """Give the full definition of an alternate key; its index is still to be built."""
    name = schema_name(posted)
    columns = posted.get("KeyAttributes") or []
    for column in columns:
        if column not in known:
            words = f"'{entity_name}' entity doesn't contain attribute with Name = '{column}'."
            raise DataverseError(400, "0x80041103", words)
    if not 1 <= len(columns) <= 16:
        raise DataverseError(
            400, "0x8006088f", "Invalid EntityKey Operation performed : a key has 1 to 16 columns."
        )
    return {
        "@odata.type": f"{NAMESPACE}EntityKeyMetadata",
        "MetadataId": str(uuid.uuid4()),
        "HasChanged": None,
        "LogicalName": name.lower(),
        "SchemaName": name,
        "EntityLogicalName": entity_name,
        "DisplayName": shown(posted.get("DisplayName"), name),
        "KeyAttributes": list(columns),
        "IsCustomizable": managed(True, "iscustomizable"),
        "IsManaged": False,
        "IntroducedVersion": "1.0.0.0",
        "EntityKeyIndexStatus": "Pending",
        "AsyncJob": None,
    }


def virtual_name(column: Definition) -> Definition:
    """Give the companion column that shows the label of a choice; it cannot be selected over OData."""
    name = f"{column['LogicalName']}name"
    made: Definition = {"@odata.type": "String", "SchemaName": f"{column['SchemaName']}Name"}
    made |= {"AttributeOf": column["LogicalName"], "IsLogical": True, "IsValidODataAttribute": False}
    made |= {"IsValidForCreate": False, "IsValidForUpdate": False, "LogicalName": name}
    return {
        **made,
        "@odata.type": f"{NAMESPACE}AttributeMetadata",
        "MetadataId": str(uuid.uuid5(uuid.UUID(column["MetadataId"]), name)),
        "AttributeType": "Virtual",
        "AttributeTypeName": {"Value": "VirtualType"},
        "EntityLogicalName": column["EntityLogicalName"],
        "DisplayName": label(None),
        "Description": label(None),
        "RequiredLevel": managed("None", "canmodifyrequirementlevelsettings"),
        "IsPrimaryId": False,
        "IsPrimaryName": False,
        "IsCustomAttribute": column["IsCustomAttribute"],
    }
