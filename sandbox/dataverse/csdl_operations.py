"""The part of `$metadata` that does not depend on the tables: metadata types, functions and actions.

Only what this tenant offers; parameters as on Microsoft's pages of the actions (reference dataverse.md 6 and 8)."""

from typing import NamedTuple

from sandbox.dataverse.definitions import CREATABLE

METADATA_SETS = {
    "EntityDefinitions": "EntityMetadata",
    "GlobalOptionSetDefinitions": "OptionSetMetadataBase",
    "RelationshipDefinitions": "RelationshipMetadataBase",
}
METADATA_TYPES = {
    "MetadataBase": "crmbaseentity",
    "EntityMetadata": "MetadataBase",
    "AttributeMetadata": "MetadataBase",
    "EntityKeyMetadata": "MetadataBase",
    "OptionSetMetadataBase": "MetadataBase",
    "OptionSetMetadata": "OptionSetMetadataBase",
    "BooleanOptionSetMetadata": "OptionSetMetadataBase",
    "RelationshipMetadataBase": "MetadataBase",
    "OneToManyRelationshipMetadata": "RelationshipMetadataBase",
    "ManyToManyRelationshipMetadata": "RelationshipMetadataBase",
    **{f"{kind}AttributeMetadata": "AttributeMetadata" for kind in (*CREATABLE, "Lookup", "State", "Status")},
}
LISTS = {
    "Attributes": "AttributeMetadata",
    "Keys": "EntityKeyMetadata",
    "ManyToManyRelationships": "ManyToManyRelationshipMetadata",
    "ManyToOneRelationships": "OneToManyRelationshipMetadata",
    "OneToManyRelationships": "OneToManyRelationshipMetadata",
}
ROWS = "Collection(mscrm.crmbaseentity)"
BOUND = {
    name: {"entityset": ROWS, "Targets": ROWS}
    for name in ("CreateMultiple", "UpdateMultiple", "UpsertMultiple")
}
OPTION = {
    "OptionSetName": "Edm.String",
    "AttributeLogicalName": "Edm.String",
    "EntityLogicalName": "Edm.String",
    "SolutionUniqueName": "Edm.String",
}
LABELS = {"Value": "Edm.Int32", "Label": "mscrm.Label", "Description": "mscrm.Label"}
RELATED = {
    "Lookup": "mscrm.ComplexLookupAttributeMetadata",
    "OneToManyRelationships": "Collection(mscrm.ComplexOneToManyRelationshipMetadata)",
    "SolutionUniqueName": "Edm.String",
}
UNBOUND: dict[str, dict[str, str]] = {
    "PublishAllXml": {},
    "PublishXml": {"ParameterXml": "Edm.String"},
    "ReactivateEntityKey": {"EntityLogicalName": "Edm.String", "EntityKeyLogicalName": "Edm.String"},
    "CreateEntities": {"Entities": "Collection(mscrm.ComplexEntityMetadata)"},
    "CreateCustomerRelationships": RELATED,
    "CreatePolymorphicLookupAttribute": RELATED,
    "InsertOptionValue": {**OPTION, **LABELS},
    "InsertStatusValue": {**OPTION, **LABELS, "StateCode": "Edm.Int32"},
    "UpdateOptionValue": {**OPTION, **LABELS, "MergeLabels": "Edm.Boolean"},
    "UpdateStateValue": {**OPTION, **LABELS, "MergeLabels": "Edm.Boolean", "DefaultStatusCode": "Edm.Int32"},
    "DeleteOptionValue": {**OPTION, "Value": "Edm.Int32"},
    "OrderOption": {**OPTION, "Values": "Collection(Edm.Int32)"},
}
RELATED_ANSWER = {"AttributeId": "Edm.Guid", "RelationshipIds": "Collection(Edm.Guid)"}
ANSWERS: dict[str, dict[str, str]] = {
    "WhoAmI": dict.fromkeys(("BusinessUnitId", "OrganizationId", "UserId"), "Edm.Guid"),
    "CreateMultiple": {"Ids": "Collection(Edm.Guid)"},
    "CreateCustomerRelationships": RELATED_ANSWER,
    "CreatePolymorphicLookupAttribute": RELATED_ANSWER,
    "InsertOptionValue": {"NewOptionValue": "Edm.Int32"},
    "InsertStatusValue": {"NewOptionValue": "Edm.Int32"},
}
COMPLEX: dict[str, dict[str, str]] = {
    "LocalizedLabel": {"Label": "Edm.String", "LanguageCode": "Edm.Int32"},
    "Label": {
        "LocalizedLabels": "Collection(mscrm.LocalizedLabel)",
        "UserLocalizedLabel": "mscrm.LocalizedLabel",
    },
    **{f"{name}Response": members for name, members in ANSWERS.items()},
}
OPEN = ("ComplexEntityMetadata", "ComplexLookupAttributeMetadata", "ComplexOneToManyRelationshipMetadata")


class Operations(NamedTuple):
    """Functions and actions: as declared in the schema, and as imported by the container."""

    declared: str
    imported: str


def element(name: str, attributes: dict[str, str | None] | dict[str, str], inner: str = "") -> str:
    """Spell one XML element; attributes that are None are left out. Values must be safe already."""
    spelled = "".join(f' {key}="{value}"' for key, value in attributes.items() if value is not None)
    return f"<{name}{spelled}>{inner}</{name}>" if inner else f"<{name}{spelled} />"


def _operation(name: str, parameters: dict[str, str], kind: str = "Action", *, bound: bool = False) -> str:
    inner = "".join(
        element("Parameter", {"Name": one, "Type": of, "Nullable": "false" if of == ROWS else None})
        for one, of in parameters.items()
    )
    if name in ANSWERS:
        inner += element("ReturnType", {"Type": f"mscrm.{name}Response", "Nullable": "false"})
    return element(kind, {"Name": name, "IsBound": "true" if bound else None}, inner)


def _entity(name: str, base: str) -> str:
    inner = ""
    if name == "MetadataBase":
        key = element("PropertyRef", {"Name": "MetadataId"})
        inner = f"<Key>{key}</Key>" + element("Property", {"Name": "MetadataId", "Type": "Edm.Guid"})
    if name == "EntityMetadata":
        inner = "".join(
            element(
                "NavigationProperty",
                {"Name": one, "Type": f"Collection(mscrm.{of})", "ContainsTarget": "true"},
            )
            for one, of in LISTS.items()
        )
    return element("EntityType", {"Name": name, "BaseType": f"mscrm.{base}", "OpenType": "true"}, inner)


def _complex(name: str, members: dict[str, str]) -> str:
    inner = "".join(element("Property", {"Name": one, "Type": of}) for one, of in members.items())
    return element("ComplexType", {"Name": name}, inner)


COMPLEX_TYPES = "".join(
    [
        *(_complex(name, members) for name, members in COMPLEX.items()),
        *(element("ComplexType", {"Name": name, "OpenType": "true"}) for name in OPEN),
        *(_entity(name, base) for name, base in METADATA_TYPES.items()),
    ]
)
OPERATIONS = Operations(
    "".join(
        [
            _operation("WhoAmI", {}, "Function"),
            *(_operation(name, parameters, bound=True) for name, parameters in BOUND.items()),
            *(_operation(name, parameters) for name, parameters in UNBOUND.items()),
        ]
    ),
    "".join(
        [
            *(
                element("EntitySet", {"Name": name, "EntityType": f"Microsoft.Dynamics.CRM.{kind}"})
                for name, kind in METADATA_SETS.items()
            ),
            element("FunctionImport", {"Name": "WhoAmI", "Function": "mscrm.WhoAmI"}),
            *(element("ActionImport", {"Name": name, "Action": f"mscrm.{name}"}) for name in UNBOUND),
        ]
    ),
)
