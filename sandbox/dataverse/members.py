"""Which members a posted definition may have: those that the same kind of definition shows, and no other.

The metadata API has closed types, so a misspelled member is refused like one of a row (dataverse.md section 14.9)."""

from collections.abc import Iterable
from functools import cache

from sandbox.dataverse import definitions, whole
from sandbox.dataverse.errors import payload_error
from sandbox.dataverse.schema import Definition

LISTS = ("Attributes", "Keys", "ManyToManyRelationships", "ManyToOneRelationships", "OneToManyRelationships")
COMMON = "MetadataId HasChanged SchemaName IsManaged IntroducedVersion IsCustomizable"
# These are on no page of the types of relationships, yet a public client always sends them.
TEXTS = "Description DisplayName"
RELATIONSHIP = f"{COMMON} {TEXTS} RelationshipType IsCustomRelationship IsValidForAdvancedFind SecurityTypes"
ENDS = "LogicalName IntersectAttribute NavigationPropertyName AssociatedMenuConfiguration"


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


FIXED: dict[str, frozenset[str]] = {
    "EntityKeyMetadata": _names(
        f"{COMMON} LogicalName EntityLogicalName DisplayName KeyAttributes EntityKeyIndexStatus AsyncJob "
        "IsSynchronous IsExportKey IsSecondaryKey"
    ),
    "OptionSetMetadata": _names(
        f"{COMMON} Name IsGlobal IsCustomOptionSet OptionSetType DisplayName Description Options "
        "ExternalTypeName ParentOptionSetName TrueOption FalseOption"
    ).difference(["SchemaName"]),
    "OptionMetadata": _names(
        "Value Label Description Color ExternalValue ParentValues Tag IsManaged MetadataId HasChanged IsHidden "
        "State TransitionData DefaultStatus InvariantName"
    ),
    "OneToManyRelationshipMetadata": _names(
        f"{RELATIONSHIP} Lookup ReferencedEntity ReferencedAttribute ReferencedEntityNavigationPropertyName "
        "ReferencingEntity ReferencingAttribute ReferencingEntityNavigationPropertyName CascadeConfiguration "
        "AssociatedMenuConfiguration IsHierarchical EntityKey IsDenormalizedLookup DenormalizedAttributeName "
        "IsRelationshipAttributeDenormalized RelationshipBehavior RelationshipAttributes"
    ),
    "ManyToManyRelationshipMetadata": _names(
        " ".join(f"Entity{end}{name}" for end in (1, 2) for name in ENDS.split())
        + f" {RELATIONSHIP} IntersectEntityName"
    ),
}
MORE = {"Memo": ("FormatName",), "Lookup": ("Targets",), "Customer": ("Targets",)}


@cache
def _members(kind: str) -> frozenset[str]:
    """Give the members of a kind of definition, such as `EntityMetadata` or `StringAttributeMetadata`."""
    if kind in FIXED:
        return FIXED[kind]
    posted: Definition = {"@odata.type": kind, "SchemaName": "x_name"}
    if kind == "EntityMetadata":
        return frozenset({*whole.whole(definitions.entity(posted, 1)), *LISTS, "PrimaryNameAttribute"})
    column = definitions.attribute("x_table", posted)
    more: Iterable[str] = MORE.get(column["AttributeType"], ())
    return frozenset({*whole.whole(column), *more, "OptionSet", "GlobalOptionSet"})


def known(where: str, kind: str, posted: Definition) -> None:
    """Refuse members that this kind of definition does not have."""
    for name in posted:
        if "@" not in name and name not in _members(kind):
            words = (
                f"The property '{name}' does not exist on type 'Microsoft.Dynamics.CRM.{kind}'. Make sure to only "
                f"use property names that are defined by the type."
            )
            raise payload_error(where, words)
    options = posted.get("Options")
    for option in options if isinstance(options, list) else ():
        if isinstance(option, dict):
            known(where, "OptionMetadata", option)
    if isinstance(posted.get("OptionSet"), dict) and kind != "OptionSetMetadata":
        known(where, "OptionSetMetadata", posted["OptionSet"])
