"""Definitions with every member that the service shows, though nothing here depends on the value.

Programs read a full definition, change it and put it back, and fail on members that are not there. The members are
those that real answers have (samples `captured-entitydefinition-*`); only what differs from them is kept."""

import uuid

from sandbox.dataverse.labels import label, managed
from sandbox.dataverse.schema import Definition

FIXED = (
    "isrenameable",
    "ismappable",
    "cancreateattributes",
    "cancreateforms",
    "cancreateviews",
    "cancreatecharts",
)
RIGHTS = ("Create", "Read", "Write", "Delete", "Assign", "Share", "Append", "AppendTo")
OWNERS_ONLY = ("Assign", "Share")
MADE = "1900-01-01T00:00:00Z"


def _all(value: object, names: str) -> Definition:
    return dict.fromkeys(names.split(), value)


def _managed(value: object, names: str) -> Definition:
    """Managed properties whose logical names are their own in lower case."""
    return {
        name: managed(value, name.lower()) | {"CanBeChanged": name.lower() not in FIXED}
        for name in names.split()
    }


TABLE: Definition = {
    "ActivityTypeMask": 0,
    **_all(True, "CanTriggerWorkflow IsImportable IsEnabledForCharts IsValidForAdvancedFind"),
    **_all(
        False,
        "AutoRouteToOwnerQueue EntityHelpUrlEnabled IsDocumentManagementEnabled IsOneNoteIntegrationEnabled "
        "IsInteractionCentricEnabled IsKnowledgeManagementEnabled IsSLAEnabled IsBPFEntity "
        "IsDocumentRecommendationsEnabled IsMSTeamsIntegrationEnabled AutoCreateAccessTeams IsActivityParty "
        "IsRetrieveAuditEnabled IsRetrieveMultipleAuditEnabled IsArchivalEnabled IsRetentionEnabled "
        "IsAvailableOffline IsChildEntity IsAIRUpdated IsBusinessProcessEnabled SyncToExternalSearchIndex "
        "IsEnabledForTrace IsReadingPaneEnabled IsQuickCreateEnabled IsStateModelAware EnforceStateTransitions "
        "IsEnabledForExternalChannels UsesBusinessDataLabelTable HasFeedback IsSolutionAware HasEmailAddresses",
    ),
    **_all(
        None,
        "EntityHelpUrl SettingOf DataSourceId IconLargeName IconMediumName IconSmallName IconVectorName "
        "MobileOfflineFilters PrimaryImageAttribute RecurrenceBaseEntityLogicalName ReportViewName ExternalName "
        "EntityColor ExternalCollectionName OwnerId OwningBusinessUnit",
    ),
    "DaysSinceRecordLastModified": 0,
    "OwnerIdType": 8,
    "CreatedOn": MADE,
    "ModifiedOn": MADE,
    "Settings": [],
    **_managed(
        True,
        "IsCustomizable IsRenameable IsMappable CanCreateAttributes CanCreateForms CanCreateViews CanCreateCharts "
        "CanBeRelatedEntityInRelationship CanBePrimaryEntityInRelationship CanBeInManyToMany "
        "CanBeInCustomEntityAssociation CanEnableSyncToExternalSearchIndex CanModifyAdditionalSettings",
    ),
    **_managed(False, "CanChangeHierarchicalRelationship"),
    "IsValidForQueue": managed(False, "canmodifyqueuesettings"),
    "IsConnectionsEnabled": managed(False, "canmodifyconnectionsettings"),
    "IsDuplicateDetectionEnabled": managed(False, "canmodifyduplicatedetectionsettings"),
    "IsMailMergeEnabled": managed(False, "canmodifymailmergesettings"),
    "IsVisibleInMobile": managed(False, "canmodifymobilevisibility"),
    "IsVisibleInMobileClient": managed(True, "canmodifymobileclientvisibility"),
    "IsReadOnlyInMobileClient": managed(False, "canmodifymobileclientreadonly"),
    "IsOfflineInMobileClient": managed(False, "canmodifymobileclientoffline"),
}
COLUMN: Definition = {
    **_all(
        True, "CanBeSecuredForRead CanBeSecuredForCreate CanBeSecuredForUpdate IsValidForForm IsValidForGrid"
    ),
    **_all(False, "IsRetrievable IsFilterable IsSearchable IsRequiredForForm IsDataSourceSecret"),
    **_all(None, "DeprecatedVersion LinkedAttributeId ExternalName InheritsFrom"),
    "CreatedOn": MADE,
    "ModifiedOn": MADE,
    "ColumnNumber": 1,
    "AutoNumberFormat": "",
    "Settings": [],
    "IsGlobalFilterEnabled": managed(False, "canmodifyglobalfiltersettings"),
    "IsSortableEnabled": managed(False, "canmodifyissortablesettings"),
    "IsValidForAdvancedFind": managed(True, "canmodifysearchsettings"),
    **_managed(True, "IsCustomizable IsRenameable CanModifyAdditionalSettings"),
}
COMPANION: Definition = {
    **_all(True, "IsValidForRead"),
    **_all(False, "IsManaged IsSecured"),
    "HasChanged": None,
    "IntroducedVersion": "1.0.0.0",
    "SourceType": None,
    "IsAuditEnabled": managed(False, "canmodifyauditsettings"),
}
CALCULATED: Definition = {"FormulaDefinition": "", "SourceTypeMask": 0}
BY_TYPE: dict[str, Definition] = {
    "Boolean": CALCULATED,
    "Integer": CALCULATED,
    "Decimal": CALCULATED | {"ImeMode": "Disabled"},
    "Double": {"ImeMode": "Disabled"},
    "String": CALCULATED | {"ImeMode": "Auto", "YomiOf": None, "IsLocalizable": False},
    "Memo": {"ImeMode": "Auto", "IsLocalizable": False},
    "Picklist": CALCULATED | {"ParentPicklistLogicalName": None, "ChildPicklistLogicalNames": []},
    "DateTime": CALCULATED
    | {"ImeMode": "Inactive", "MinSupportedValue": "1753-01-01T00:00:00Z"}
    | {"MaxSupportedValue": "9999-12-30T23:59:59Z"}
    | {"CanChangeDateTimeBehavior": managed(False, "canmodifybehavior")},
    "State": {"DefaultFormValue": None},
    "Status": {"DefaultFormValue": None},
    "Lookup": {"Format": "None"},
    "Owner": {"Format": "None"},
    "Virtual": COMPANION,
}
CHOICE: Definition = {
    **_all(None, "HasChanged ExternalTypeName ParentOptionSetName Description DisplayName"),
    "IsCustomOptionSet": True,
    "IsManaged": False,
    "IntroducedVersion": "1.0.0.0",
    "IsCustomizable": managed(True, "iscustomizable"),
}
OPTION: Definition = {
    **_all(None, "Color ExternalValue Tag MetadataId HasChanged"),
    "IsManaged": False,
    "ParentValues": [],
    "Description": label(None),
}
KINDS = {"State": "State", "Status": "Status"}
RELATION: Definition = {
    **_all(False, "IsHierarchical IsRelationshipAttributeDenormalized"),
    **_all(None, "EntityKey IsDenormalizedLookup DenormalizedAttributeName"),
    "SecurityTypes": "Append",
    "RelationshipBehavior": 1,
    "RelationshipAttributes": [],
}
MENU: Definition = {
    **_all(None, "Icon MenuId QueryApi"),
    "IsCustomizable": False,
    "AvailableOffline": True,
    "ViewId": "00000000-0000-0000-0000-000000000000",
}


def whole(definition: Definition) -> Definition:
    """Give a definition with all members of its kind; those that it has itself stay as they are."""
    if "EntitySetName" in definition:
        return {**TABLE, **_named(definition), **definition}
    if "AttributeType" in definition:
        kind = definition["AttributeType"]
        room = {"DatabaseLength": 2 * definition["MaxLength"]} if kind == "String" else {}
        return {**COLUMN, **BY_TYPE.get(kind, {}), **room, **definition}
    if definition.get("RelationshipType") == "OneToManyRelationship":
        menu = MENU | (definition.get("AssociatedMenuConfiguration") or {})
        cascade = {"Archive": "NoCascade"} | definition["CascadeConfiguration"]
        nested = {"AssociatedMenuConfiguration": menu, "CascadeConfiguration": cascade}
        return {**RELATION, **definition, **nested}
    return definition


def choice(owner: Definition, definition: Definition) -> Definition:
    """Give the options of a column or of everybody with all members; `owner` is where they were asked for."""
    space = uuid.UUID(str(owner["MetadataId"]))
    made: Definition = {
        "MetadataId": str(uuid.uuid5(space, "options")),
        "Name": f"{owner.get('EntityLogicalName')}_{owner.get('LogicalName')}",
        **CHOICE,
        "Description": label(None),
        "DisplayName": owner.get("DisplayName") or label(None),
        **definition,
    }
    kind = KINDS.get(str(definition.get("OptionSetType")))
    if kind:
        marked: Definition = {"@odata.type": f"#Microsoft.Dynamics.CRM.{kind}OptionMetadata"}
        marked |= {"TransitionData": None} if kind == "Status" else {}
        made["Options"] = [marked | OPTION | option for option in definition["Options"]]
    for part in ("TrueOption", "FalseOption"):
        if part in definition:
            made[part] = OPTION | definition[part]
    return made


def _named(definition: Definition) -> Definition:
    return {"CollectionSchemaName": f"{definition['SchemaName']}s"}


def privileges(schema_name: str, table_id: str, *, owned: bool) -> list[Definition]:
    """Give the privileges on a table; those of rows without an owner are for the whole organisation only."""
    depths = dict.fromkeys(("CanBeBasic", "CanBeDeep", "CanBeLocal"), owned) | {"CanBeGlobal": True}
    never = _all(False, "CanBeEntityReference CanBeParentEntityReference CanBeRecordFilter")
    return [
        {
            **depths,
            **never,
            "Name": f"prv{right}{schema_name}",
            "PrivilegeId": str(uuid.uuid5(uuid.UUID(table_id), right)),
            "PrivilegeType": right,
        }
        for right in RIGHTS
        if owned or right not in OWNERS_ONLY
    ]
