"""What a reader of definitions gets: casts, `$select`, `$expand` and simple `$filter`."""

import re
from typing import Any

from odata_query import ast

from sandbox.dataverse import metadata_relations
from sandbox.dataverse.catalogue import Catalogue
from sandbox.dataverse.definitions import virtual_name
from sandbox.dataverse.errors import bad_query, not_offered
from sandbox.dataverse.expand import split_outside
from sandbox.dataverse.options import Options
from sandbox.dataverse.schema import Definition
from sandbox.dataverse.whole import choice, whole
from sandbox.odata import Unreadable, tree

ALWAYS = ("MetadataId", "@odata.type")
CHOICE_PARTS = ("OptionSet", "GlobalOptionSet")
HIDDEN = (*CHOICE_PARTS, "GlobalOptionSetName", "EnforceRequired")


class View:
    """Shapes definitions for one call."""

    def __init__(self, catalogue: Catalogue, options: Options, cast: str | None) -> None:
        self._catalogue, self._options, self._cast = catalogue, options, cast

    def one(self, definition: Definition) -> Definition:
        """Give one definition; a cast to another type finds nothing."""
        if (
            self._cast is not None
            and definition.get("@odata.type") != f"#Microsoft.Dynamics.CRM.{self._cast}"
        ):
            raise bad_query(f"The definition is not of type '{self._cast}'.")
        return self._shaped(definition, self._options.get("$select"), self._options.get("$expand"))

    def many(self, definitions: list[Definition]) -> list[Definition]:
        """Give the definitions that the cast and the filter leave over."""
        found = _with_companions(definitions)
        if self._cast is not None:
            found = [one for one in found if one["@odata.type"] == f"#Microsoft.Dynamics.CRM.{self._cast}"]
        text = self._options.get("$filter")
        if text is not None:
            found = _filtered(found, text)
        return [
            self._shaped(one, self._options.get("$select"), self._options.get("$expand")) for one in found
        ]

    def _shaped(self, definition: Definition, select: str | None, expand: str | None) -> Definition:
        definition = whole(definition)
        shown = {
            name: value for name, value in definition.items() if name not in HIDDEN or self._whole(definition)
        }
        if select is not None:
            names = [name.strip() for name in select.split(",") if name.strip()]
            shown = {name: _member(definition, name) for name in names if name not in HIDDEN}
            shown |= {name: definition[name] for name in ALWAYS if name in definition}
        for part in split_outside(expand or "", ","):
            name, _, inner = part.partition("(")
            inner_options = dict(
                entry.partition("=")[::2] for entry in split_outside(inner.removesuffix(")"), ";")
            )
            shown[name] = self._expanded(definition, name, inner_options)
        return shown

    def _whole(self, definition: Definition) -> bool:
        """Choices show their options without being asked; columns do not."""
        return "OptionSetType" in definition

    def _expanded(self, definition: Definition, name: str, inner: dict[str, str]) -> Any:
        if name in CHOICE_PARTS and "AttributeType" in definition:
            return self._choice(definition, name)
        logical = definition.get("LogicalName", "")
        table = self._catalogue.tables.get(logical) if "EntitySetName" in definition else None
        if table is None:
            raise bad_query(f"The property '{name}' cannot be expanded here.")
        if name in metadata_relations.LISTS:
            found = metadata_relations.of_table(self._catalogue, table, name)
            return [self._shaped(one, inner.get("$select"), inner.get("$expand")) for one in found]
        lists: dict[str, list[Definition]] = {
            "Attributes": _with_companions([column.definition for column in table.columns.values()]),
            "Keys": [key.definition for key in table.keys.values()],
        }
        if name not in lists:
            raise not_offered(f"expanding '{name}' of a table definition")
        return [self._shaped(one, inner.get("$select"), inner.get("$expand")) for one in lists[name]]

    def _choice(self, definition: Definition, name: str) -> Definition | None:
        shared = definition.get("GlobalOptionSetName")
        if shared:
            return choice(definition, self._catalogue.option_sets[shared])
        own = definition.get("OptionSet") if name == "OptionSet" else None
        return choice(definition, own) if own else None


def _member(definition: Definition, name: str) -> Any:
    if name not in definition:
        kind = str(definition.get("@odata.type", "")).removeprefix("#")
        if name not in OPTIONAL:
            raise bad_query(f"Could not find a property named '{name}' on type '{kind}'.")
    return definition.get(name)


OPTIONAL = (
    "MaxLength", "MinValue", "MaxValue", "Precision", "Format", "DateTimeBehavior", "Targets", "DefaultFormValue",
    "DefaultValue", "FormatName", "AutoNumberFormat", "HasFeedback", "AssociatedMenuConfiguration",
)  # fmt: skip


def _with_companions(definitions: list[Definition]) -> list[Definition]:
    """Add the virtual columns that the service lists beside choices and yes/no columns."""
    shown = []
    for one in definitions:
        shown.append(one)
        if one.get("AttributeType") in ("Picklist", "Boolean", "State", "Status"):
            shown.append(virtual_name(one))
    return shown


# `Microsoft.Dynamics.CRM.RelationshipType'OneToManyRelationship'` is compared as the text in quotes.
ENUM = re.compile(r"\bMicrosoft\.Dynamics\.CRM\.\w+(?=')")


def _filtered(definitions: list[Definition], text: str) -> list[Definition]:
    try:
        found = tree(ENUM.sub("", text))
    except Unreadable as exc:
        raise bad_query(f"The filter could not be read: {exc}") from exc
    return [one for one in definitions if _holds(found, one)]


def _holds(node: Any, definition: Definition) -> bool:
    if isinstance(node, ast.BoolOp):
        left, right = _holds(node.left, definition), _holds(node.right, definition)
        return (left and right) if isinstance(node.op, ast.And) else (left or right)
    if not isinstance(node, ast.Compare) or not isinstance(node.left, ast.Identifier):
        raise not_offered("this filter on definitions")
    if not isinstance(node.comparator, ast.Eq | ast.NotEq):
        raise not_offered("this operator in a filter on definitions")
    value = _member(whole(definition), node.left.name)
    literal: Any = node.right
    wanted = None if isinstance(literal, ast.Null) else literal.py_val
    wanted = str(wanted) if isinstance(literal, ast.GUID) else wanted
    return bool((value == wanted) == isinstance(node.comparator, ast.Eq))
