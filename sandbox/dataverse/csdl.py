"""The documents that describe the service: `$metadata` (CSDL) and the service document.

Namespace, alias, base types and the spelling of lookups as in reference dataverse.md section 8 and the sample
`constructed-metadata-csdl.xml`; alternate keys as the annotation that public `$metadata` documents show."""

from collections.abc import Callable, Iterator
from html import escape

from sandbox.dataverse.catalogue import Catalogue
from sandbox.dataverse.csdl_operations import COMPLEX_TYPES, METADATA_SETS, OPERATIONS, element
from sandbox.dataverse.labels import text_of
from sandbox.dataverse.schema import CHOICES, Collection, Column, Definition, Table

TYPES = {
    "Integer": "Edm.Int32",
    "BigInt": "Edm.Int64",
    "Decimal": "Edm.Decimal",
    "Money": "Edm.Decimal",
    "Double": "Edm.Double",
    "Boolean": "Edm.Boolean",
    "DateTime": "Edm.DateTimeOffset",
    "Uniqueidentifier": "Edm.Guid",
    **dict.fromkeys(CHOICES, "Edm.Int32"),
}
PRINCIPALS = ("systemuser", "team")
KEYS, CORE = "OData.Community.Keys.V1", "Org.OData.Core.V1"


def service_document(catalogue: Catalogue, base: str) -> Definition:
    """Give the list of all entity sets."""
    names = [*catalogue.sets, "principals", *METADATA_SETS]
    return {
        "@odata.context": f"{base}$metadata",
        "value": [{"name": name, "kind": "EntitySet", "url": name} for name in sorted(names)],
    }


class Csdl:
    """Writes the CSDL of the tables of a moment; `annotations` adds the descriptions of tables and columns."""

    def __init__(self, catalogue: Catalogue, *, annotations: bool) -> None:
        self._catalogue, self._annotations = catalogue, annotations
        self._partners = _partners(catalogue)

    def document(self) -> str:
        """Give the whole document."""
        tables = list(self._catalogue.tables.values())
        types = [line for table in tables for line in self._type(table)]
        sets = [line for table in tables for line in self._set(table)]
        return (
            '<?xml version="1.0" encoding="utf-8"?>\n'
            '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">'
            '<edmx:Reference Uri="http://vocabularies.odata.org/OData.Community.Keys.V1.xml">'
            f'<edmx:Include Namespace="{KEYS}" Alias="Keys" /></edmx:Reference><edmx:Reference '
            'Uri="http://docs.oasis-open.org/odata/odata/v4.0/os/vocabularies/Org.OData.Core.V1.xml">'
            f'<edmx:Include Namespace="{CORE}" Alias="Core" /></edmx:Reference>'
            '<edmx:DataServices><Schema Namespace="Microsoft.Dynamics.CRM" Alias="mscrm" '
            'xmlns="http://docs.oasis-open.org/odata/ns/edm">'
            '<EntityType Name="crmbaseentity" Abstract="true" />'
            '<EntityType Name="principal" BaseType="mscrm.crmbaseentity"><Key><PropertyRef Name="ownerid" /></Key>'
            '<Property Name="ownerid" Type="Edm.Guid" /></EntityType>'
            f"{''.join(types)}{COMPLEX_TYPES}{OPERATIONS.declared}"
            '<EntityContainer Name="System"><EntitySet Name="principals" '
            f'EntityType="Microsoft.Dynamics.CRM.principal" />{"".join(sets)}{OPERATIONS.imported}'
            "</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>"
        )

    def _type(self, table: Table) -> Iterator[str]:
        base = "principal" if table.logical in PRINCIPALS else "crmbaseentity"
        yield f'<EntityType Name="{table.logical}" BaseType="mscrm.{base}">'
        if base != "principal":
            yield f'<Key><PropertyRef Name="{table.id}" /></Key>'
        for column in table.columns.values():
            yield self._property(column)
            if column.is_lookup:
                yield from self._lookup(table, column)
        yield from (self._collection(table, one) for one in table.collections.values())
        yield self._described(table.definition)
        yield _keys(table)
        yield "</EntityType>"

    def _property(self, column: Column) -> str:
        kind = "Edm.Guid" if column.is_lookup else TYPES.get(column.type, "Edm.String")
        facets = {"Edm.String": {"Unicode": "false"}, "Edm.Decimal": {"Scale": "Variable"}}.get(kind, {})
        names = {"Name": column.prop, "Type": "Edm.Date" if column.date_only else kind}
        return element("Property", {**names, **facets}, self._described(column.definition))

    def _lookup(self, table: Table, column: Column) -> Iterator[str]:
        for name, only in column.navigations.items():
            target = self._catalogue.tables.get(only or column.targets[0])
            kind = "principal" if column.type == "Owner" or target is None else target.logical
            names = {"Name": name, "Type": f"mscrm.{kind}", "Nullable": "false" if column.required else None}
            names["Partner"] = self._partners.get((table.logical, name))
            key = "ownerid" if kind == "principal" or kind in PRINCIPALS or target is None else target.id
            ends = {"Property": column.prop, "ReferencedProperty": key}
            yield element("NavigationProperty", names, element("ReferentialConstraint", ends))

    def _collection(self, table: Table, one: Collection) -> str:
        partner = self._partners.get((table.logical, one.navigation))
        names = {"Name": one.navigation, "Type": f"Collection(mscrm.{one.table})", "Partner": partner}
        return element("NavigationProperty", names)

    def _described(self, definition: Definition) -> str:
        text = text_of(definition.get("Description")) if self._annotations else ""
        return element("Annotation", {"Term": f"{CORE}.Description", "String": escape(text)}) if text else ""

    def _set(self, table: Table) -> Iterator[str]:
        yield f'<EntitySet Name="{table.set_name}" EntityType="Microsoft.Dynamics.CRM.{table.logical}">'
        for column in table.columns.values():
            for name, only in column.navigations.items() if column.is_lookup else ():
                target = self._catalogue.tables.get(only or column.targets[0])
                found = "principals" if column.type == "Owner" or target is None else target.set_name
                yield element("NavigationPropertyBinding", {"Path": name, "Target": found})
        for one in table.collections.values():
            found = self._catalogue.tables[one.table].set_name
            yield element("NavigationPropertyBinding", {"Path": one.navigation, "Target": found})
        yield "</EntitySet>"


def _partners(catalogue: Catalogue) -> dict[tuple[str, str], str]:
    """Give for (table, navigation property) the navigation property on the other side."""
    found: dict[tuple[str, str], str] = {}
    for one in catalogue.relationships.values():
        many = one["ReferencedEntity"], one["ReferencedEntityNavigationPropertyName"]
        single = one["ReferencingEntity"], one["ReferencingEntityNavigationPropertyName"]
        found |= {many: single[1], single: many[1]}
    for one in catalogue.associations.values():
        first, second = (
            (one[f"Entity{n}LogicalName"], one[f"Entity{n}NavigationPropertyName"]) for n in (1, 2)
        )
        found |= {first: second[1], second: first[1]}
    return found


def _keys(table: Table) -> str:
    """Give the annotation that names the alternate keys."""
    keys = [key for key in table.keys.values() if key.active]
    if not keys:
        return ""
    records = "".join(_record(table, key.columns) for key in keys)
    return element("Annotation", {"Term": f"{KEYS}.AlternateKeys"}, f"<Collection>{records}</Collection>")


def _record(table: Table, columns: tuple[str, ...]) -> str:
    parts = ""
    for name in columns:
        prop = table.columns[name].prop
        alias = element("PropertyValue", {"Property": "Alias", "String": prop})
        path = element("PropertyValue", {"Property": "Name", "PropertyPath": prop})
        parts += element("Record", {"Type": f"{KEYS}.PropertyRef"}, alias + path)
    value = element("PropertyValue", {"Property": "Key"}, f"<Collection>{parts}</Collection>")
    return element("Record", {"Type": f"{KEYS}.AlternateKey"}, value)


class Described:
    """Keeps the document until the definitions change; it is made once for each version of them."""

    def __init__(self, definitions: Callable[[], Catalogue]) -> None:
        self._definitions = definitions
        self._kept: dict[bool, tuple[int, str]] = {}

    def document(self, *, annotations: bool) -> str:
        """Give `$metadata` of the present definitions."""
        catalogue = self._definitions()
        version, text = self._kept.get(annotations, (-1, ""))
        if version != catalogue.version:
            version, text = catalogue.version, Csdl(catalogue, annotations=annotations).document()
            self._kept[annotations] = version, text
        return text
