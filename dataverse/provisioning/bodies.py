"""Definitions in the JSON of the metadata endpoints, pure (reference: dataverse.md section 8)."""

from collections.abc import Mapping
from dataclasses import dataclass

from dataverse.definitions import Choice, Column, Key, Option, Table

type Json = dict[str, object]

CRM = "Microsoft.Dynamics.CRM"
WHOLE_LIMIT = 2_147_483_647
DECIMAL_LIMIT = 100_000_000_000
NO_CASCADE = ("Assign", "Merge", "Reparent", "Share", "Unshare")

ATTRIBUTE_TYPES: Mapping[str, str] = {
    "text": "String",
    "memo": "Memo",
    "integer": "Integer",
    "decimal": "Decimal",
    "boolean": "Boolean",
    "datetime": "DateTime",
    "date": "DateTime",
    "choice": "Picklist",
    "lookup": "Lookup",
}


@dataclass(frozen=True)
class Bodies:
    """Builds definitions with labels in the base language of the organisation (a Windows language id)."""

    language: int = 1033

    def table(self, table: Table) -> Json:
        """A table with its plain columns; choices, lookups and keys follow one by one."""
        return {
            "@odata.type": f"{CRM}.EntityMetadata",
            "SchemaName": table.schema_name,
            "EntitySetName": table.entity_set,
            "DisplayName": self.label(table.labels[0]),
            "DisplayCollectionName": self.label(table.labels[1]),
            "Description": self.label(table.about),
            "OwnershipType": "UserOwned",
            "IsActivity": False,
            "HasActivities": False,
            "HasNotes": False,
            "ChangeTrackingEnabled": True,
            "Attributes": [self.column(column) for column in table.columns if is_plain(column)],
        }

    def column(self, column: Column) -> Json:
        """A column. The binding of a choice is added when its id is known."""
        return {
            "@odata.type": f"{CRM}.{ATTRIBUTE_TYPES[column.kind]}AttributeMetadata",
            "SchemaName": column.schema_name,
            "DisplayName": self.label(column.label),
            "Description": self.label(column.about),
            "RequiredLevel": {"Value": "None"},
            **self._shape(column),
        }

    def relationship(self, table: Table, column: Column) -> Json:
        """A lookup with its relationship. Deleting the target clears the lookup; nothing cascades."""
        assert column.target is not None
        return {
            "@odata.type": f"{CRM}.OneToManyRelationshipMetadata",
            "SchemaName": f"{table.name}_{column.name}",
            "ReferencedEntity": column.target,
            "ReferencedAttribute": f"{column.target}id",
            "ReferencingEntity": table.name,
            "Lookup": self.column(column),
            "CascadeConfiguration": {"Delete": "RemoveLink", **dict.fromkeys(NO_CASCADE, "NoCascade")},
        }

    def key(self, table: Table, key: Key) -> Json:
        """An alternate key."""
        names = ", ".join(table.column(name).label for name in key.columns)
        return {"SchemaName": key.name, "DisplayName": self.label(names), "KeyAttributes": list(key.columns)}

    def choice(self, choice: Choice) -> Json:
        """A global choice with its options."""
        return {
            "@odata.type": f"{CRM}.OptionSetMetadata",
            "Name": choice.id,
            "DisplayName": self.label(choice.title),
            "Description": self.label(choice.about),
            "IsGlobal": True,
            "OptionSetType": "Picklist",
            "Options": [{"Value": o.value, "Label": self.label(o.label)} for o in choice.options],
        }

    def option(self, choice: Choice, option: Option) -> Json:
        """The parameters of InsertOptionValue."""
        return {"OptionSetName": choice.id, "Value": option.value, "Label": self.label(option.label)}

    def label(self, text: str) -> Json:
        """A label in the base language."""
        one = {"@odata.type": f"{CRM}.LocalizedLabel", "Label": text, "LanguageCode": self.language}
        return {"@odata.type": f"{CRM}.Label", "LocalizedLabels": [one]}

    def _shape(self, column: Column) -> Json:
        match column.kind:
            case "text":
                primary = {"IsPrimaryName": True} if column.name == "plb_name" else {}
                return {"MaxLength": column.max_length, "FormatName": {"Value": "Text"}, **primary}
            case "memo":
                return {"MaxLength": column.max_length, "Format": "TextArea"}
            case "integer":
                return {"Format": "None", "MinValue": -WHOLE_LIMIT, "MaxValue": WHOLE_LIMIT}
            case "decimal":
                return {"Precision": 4, "MinValue": -DECIMAL_LIMIT, "MaxValue": DECIMAL_LIMIT}
            case "boolean":
                return {"DefaultValue": False, "OptionSet": self._yes_or_no()}
            case "datetime":
                return {"Format": "DateAndTime", "DateTimeBehavior": {"Value": "UserLocal"}}
            case "date":
                return {"Format": "DateOnly", "DateTimeBehavior": {"Value": "DateOnly"}}
            case _:
                return {}

    def _yes_or_no(self) -> Json:
        return {
            "@odata.type": f"{CRM}.BooleanOptionSetMetadata",
            "TrueOption": {"Value": 1, "Label": self.label("Yes")},
            "FalseOption": {"Value": 0, "Label": self.label("No")},
        }


def is_plain(column: Column) -> bool:
    """Whether a column can be made together with its table: it names nothing outside of it."""
    return column.kind not in {"choice", "lookup"}


def publish_xml(tables: list[str], choices: list[str]) -> Json:
    """The parameters of PublishXml for what was changed."""
    entities = "".join(f"<entity>{name}</entity>" for name in tables)
    option_sets = "".join(f"<optionset>{name}</optionset>" for name in choices)
    inner = f"<entities>{entities}</entities><optionsets>{option_sets}</optionsets>"
    return {"ParameterXml": f"<importexportxml>{inner}</importexportxml>"}
