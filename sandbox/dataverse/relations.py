"""What relationships mean for the tables on their sides: collections, and who refers to whom."""

from collections.abc import Iterable

from sandbox.dataverse.schema import Collection, Definition


def of_one_to_many(definition: Definition) -> tuple[str, Collection]:
    """Give the table that has the collection, and the collection."""
    navigation = str(definition["ReferencedEntityNavigationPropertyName"])
    return str(definition["ReferencedEntity"]), Collection(
        navigation,
        str(definition["ReferencingEntity"]),
        str(definition["SchemaName"]),
        lookup=str(definition["ReferencingAttribute"]),
    )


def of_many_to_many(definition: Definition) -> Iterable[tuple[str, Collection]]:
    """Give both sides: the table, and its collection of rows of the other one."""
    for this, that in ((1, 2), (2, 1)):
        yield (
            str(definition[f"Entity{this}LogicalName"]),
            Collection(
                str(definition[f"Entity{this}NavigationPropertyName"]),
                str(definition[f"Entity{that}LogicalName"]),
                str(definition["SchemaName"]),
                intersect=str(definition["IntersectEntityName"]),
                own=str(definition[f"Entity{this}IntersectAttribute"]),
                other=str(definition[f"Entity{that}IntersectAttribute"]),
            ),
        )


def collections(
    one_to_many: Iterable[Definition], many_to_many: Iterable[Definition]
) -> dict[str, dict[str, Collection]]:
    """Give the collections of every table by navigation property."""
    found: dict[str, dict[str, Collection]] = {}
    for definition in one_to_many:
        table, collection = of_one_to_many(definition)
        found.setdefault(table, {})[collection.navigation] = collection
    for definition in many_to_many:
        for table, collection in of_many_to_many(definition):
            found.setdefault(table, {})[collection.navigation] = collection
    return found
