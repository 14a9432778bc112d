"""Relationships between tables: one-to-many with its lookup, many-to-many with its intersect table.

Shapes and defaults as in reference dataverse.md section 8 and Microsoft's pages on relationship definitions."""

import uuid
from typing import Any

from werkzeug import Request, Response

from sandbox.dataverse import definitions, members, seed
from sandbox.dataverse.catalogue import Catalogue
from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import DataverseError, payload_error
from sandbox.dataverse.labels import managed
from sandbox.dataverse.metadata_write import check_new_column, made, record, solution_of
from sandbox.dataverse.posted import checked, prefixed
from sandbox.dataverse.schema import Definition, Table
from sandbox.dataverse.writing import read_body

ROUTE, NAMESPACE = "RelationshipDefinitions", "Microsoft.Dynamics.CRM."
CASCADE = {
    "Assign": "NoCascade",
    "Delete": "RemoveLink",
    "Merge": "NoCascade",
    "Reparent": "NoCascade",
    "Share": "NoCascade",
    "Unshare": "NoCascade",
    "RollupView": "NoCascade",
}
MENU = {
    "Behavior": "UseCollectionName",
    "Group": "Details",
    "Order": 10000,
    "Label": {"LocalizedLabels": [], "UserLocalizedLabel": None},
}
SIDES = {"ManyToOneRelationships": "ReferencingEntity", "OneToManyRelationships": "ReferencedEntity"}
LISTS = (*SIDES, "ManyToManyRelationships")


def of_table(catalogue: Catalogue, table: Table, name: str) -> list[Definition]:
    """Give one of the three lists of relationships of a table."""
    side = SIDES.get(name)
    if side is not None:
        return [one for one in catalogue.relationships.values() if one[side] == table.logical]
    both = ("Entity1LogicalName", "Entity2LogicalName")
    return [one for one in catalogue.associations.values() if table.logical in (one[end] for end in both)]


def create_relationship(engine: Engine, request: Request) -> Response:
    """Create a relationship of either kind; a one-to-many brings its lookup column along."""
    posted = read_body(request, ROUTE)
    kind = str(posted.get("@odata.type", "")).lstrip("#").removeprefix(NAMESPACE)
    if kind not in _MAKERS:
        raise payload_error(ROUTE, f"'@odata.type' must be one of: {', '.join(_MAKERS)}.")
    with engine.store.write():
        definition = _MAKERS[kind](engine, posted)
        record(engine, solution_of(request), "relationship", definition)
    return made(request, f"{ROUTE}({definition['MetadataId']})")


def _one_to_many(engine: Engine, posted: Definition) -> Definition:
    if not isinstance(posted.get("Lookup"), dict):
        raise payload_error(ROUTE, "A one-to-many relationship needs its 'Lookup'.")
    return add_lookup(engine, posted["Lookup"], [posted])[1][0]


def add_lookup(
    engine: Engine, posted: Definition, related: list[Definition], kind: str = "Lookup"
) -> tuple[Definition, list[Definition]]:
    """Add a lookup column and one relationship for each of its targets; gives their definitions."""
    catalogue = engine.catalogue
    members.known(ROUTE, "LookupAttributeMetadata", posted)
    for one in related:
        members.known(ROUTE, "OneToManyRelationshipMetadata", one)
    table = catalogue.table(str(related[0].get("ReferencingEntity")))
    targets = [catalogue.table(str(one.get("ReferencedEntity"))) for one in related]
    asked: dict[str, Any] = {**checked(ROUTE, posted), "@odata.type": f"{kind}AttributeMetadata"}
    lookup = definitions.attribute(table.logical, asked | {"Targets": [one.logical for one in targets]})
    prefixed(lookup["SchemaName"])
    check_new_column(table, lookup)
    column = catalogue.add_column(table, lookup)
    added = []
    for one, target in zip(related, targets, strict=True):
        definition = _lookup_relationship(catalogue, checked(ROUTE, one), lookup, target)
        definition["ReferencingEntityNavigationPropertyName"] = column.navigation_to(target.logical)
        catalogue.add_relationship(definition)
        added.append(definition)
    return lookup, added


def create_polymorphic(engine: Engine, body: Definition) -> Definition:
    """The action `CreatePolymorphicLookupAttribute`: one lookup with a relationship to each of several tables."""
    return _several(engine, "CreatePolymorphicLookupAttribute", body)


def create_customer(engine: Engine, body: Definition) -> Definition:
    """The action `CreateCustomerRelationships`: one lookup to accounts and contacts."""
    related = body.get("OneToManyRelationships")
    named = [one.get("ReferencedEntity") for one in related or () if isinstance(one, dict)]
    if sorted(map(str, named)) != ["account", "contact"]:
        raise payload_error(
            "CreateCustomerRelationships", "It needs one relationship to account and one to contact."
        )
    return _several(engine, "CreateCustomerRelationships", body, "Customer")


def _several(engine: Engine, name: str, body: Definition, kind: str = "Lookup") -> Definition:
    related, posted = body.get("OneToManyRelationships"), body.get("Lookup")
    for one in body:
        if one not in ("OneToManyRelationships", "Lookup", "SolutionUniqueName"):
            raise payload_error(name, f"The parameter '{one}' is not a parameter of the operation '{name}'.")
    if not isinstance(related, list) or not related or not all(isinstance(one, dict) for one in related):
        raise payload_error(name, "The parameter 'OneToManyRelationships' must be a list of relationships.")
    if not isinstance(posted, dict) or len({str(one.get("ReferencingEntity")) for one in related}) > 1:
        raise payload_error(name, "The parameter 'Lookup' must be a column of the one referencing table.")
    with engine.store.write():
        lookup, added = add_lookup(engine, posted, related, kind)
        for made_one in added:
            record(engine, body.get("SolutionUniqueName"), "relationship", made_one)
    return {"RelationshipIds": [one["MetadataId"] for one in added], "AttributeId": lookup["MetadataId"]}


def replace(engine: Engine, old: Definition, request: Request) -> Response:
    """PUT of a relationship: its cascade and its menus; everything else stays what it was."""
    posted = read_body(request, ROUTE)
    members.known(ROUTE, str(old["@odata.type"]).removeprefix(f"#{NAMESPACE}"), posted)
    posted = checked(ROUTE, posted)
    menus = [name for name in posted if name.endswith("AssociatedMenuConfiguration")]
    new = {**old, **{name: posted[name] for name in menus}}
    if "CascadeConfiguration" in old:
        new["CascadeConfiguration"] = old["CascadeConfiguration"] | (posted.get("CascadeConfiguration") or {})
    catalogue = engine.catalogue
    with engine.store.write():
        record(engine, solution_of(request), "relationship", new)
        if "CascadeConfiguration" in old:
            catalogue.add_relationship(new)
        else:
            catalogue.save("association", "", new["SchemaName"], new)
            catalogue.associations[new["SchemaName"]] = new
    return Response(status=204)


def _new_name(catalogue: Catalogue, posted: Definition) -> str:
    name = prefixed(definitions.schema_name(posted))
    known = {one.lower() for one in (*catalogue.relationships, *catalogue.associations)}
    if name.lower() in known:
        words = "A relationship with the specified name already exists. Please specify a unique name."
        raise DataverseError(400, "0x8004432b", words)
    return name


def _common(name: str, kind: str) -> Definition:
    return {
        "@odata.type": f"#{NAMESPACE}{kind}Metadata",
        "MetadataId": str(uuid.uuid4()),
        "HasChanged": None,
        "SchemaName": name,
        "RelationshipType": kind,
        "IsCustomRelationship": True,
        "IsManaged": False,
        "IntroducedVersion": "1.0.0.0",
        "SecurityTypes": "Append" if kind.startswith("One") else "None",
        "IsCustomizable": managed(True, "iscustomizable"),
        "IsValidForAdvancedFind": True,
    }


def _lookup_relationship(
    catalogue: Catalogue, posted: Definition, lookup: Definition, referenced: Table
) -> Definition:
    name = _new_name(catalogue, posted)
    navigation = str(posted.get("ReferencedEntityNavigationPropertyName") or name)
    _check_free(referenced, navigation)
    return {
        **_common(name, "OneToManyRelationship"),
        "ReferencedEntity": referenced.logical,
        "ReferencedAttribute": referenced.id,
        "ReferencedEntityNavigationPropertyName": navigation,
        "ReferencingEntity": lookup["EntityLogicalName"],
        "ReferencingAttribute": lookup["LogicalName"],
        "CascadeConfiguration": CASCADE | (posted.get("CascadeConfiguration") or {}),
        "AssociatedMenuConfiguration": posted.get("AssociatedMenuConfiguration") or MENU,
    }


def _check_free(table: Table, navigation: str) -> None:
    if navigation in {*table.collections, *table.by_navigation, *table.by_property}:
        words = f"'{table.logical}' has a navigation property '{navigation}' already."
        raise DataverseError(400, "0x80040203", words)


def _many_to_many(engine: Engine, posted: Definition) -> Definition:
    members.known(ROUTE, "ManyToManyRelationshipMetadata", posted)
    posted = checked(ROUTE, posted)
    catalogue = engine.catalogue
    name = _new_name(catalogue, posted)
    sides = [catalogue.table(str(posted.get(f"Entity{end}LogicalName"))) for end in (1, 2)]
    intersect = str(posted.get("IntersectEntityName") or name).lower()
    prefixed(intersect)
    if intersect in catalogue.tables:
        raise DataverseError(400, "0x8004700b", "An entity with the specified name already exists.")
    twice = sides[0] is sides[1]
    # documented guess: the two columns towards one and the same table end in `one` and `two`
    columns = [f"{side.id}{end if twice else ''}" for side, end in zip(sides, ("one", "two"), strict=True)]
    definition = _common(name, "ManyToManyRelationship") | {"IntersectEntityName": intersect}
    for end, side, column, other in ((1, sides[0], columns[0], ""), (2, sides[1], columns[1], "_2")):
        navigation = posted.get(f"Entity{end}NavigationPropertyName") or name + (other if twice else "")
        _check_free(side, str(navigation))
        definition |= {
            f"Entity{end}LogicalName": side.logical,
            f"Entity{end}IntersectAttribute": column,
            f"Entity{end}NavigationPropertyName": str(navigation),
            f"Entity{end}AssociatedMenuConfiguration": posted.get(f"Entity{end}AssociatedMenuConfiguration")
            or MENU,
        }
    _add_intersect(catalogue, posted, intersect, columns)
    catalogue.add_association(definition)
    return definition


def _add_intersect(catalogue: Catalogue, posted: Definition, name: str, columns: list[str]) -> None:
    """Add the table of the pairs: its id, the ids of both sides, and the version of the row."""
    shape = {"SchemaName": str(posted.get("IntersectEntityName") or name), "OwnershipType": "None"}
    # documented guess: entity sets of custom intersect tables end in `set`
    shape["EntitySetName"] = f"{name}set"
    table = definitions.entity(shape, catalogue.next_type_code())
    table |= {"IsIntersect": True, "PrimaryNameAttribute": None}
    catalogue.add_table(table, seed.intersect_columns(table, columns))


_MAKERS = {"OneToManyRelationshipMetadata": _one_to_many, "ManyToManyRelationshipMetadata": _many_to_many}
