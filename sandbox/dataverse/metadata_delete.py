"""Deleting definitions: what others need is kept, what only served the deleted thing goes with it.

Code and words of the refusal are those of Microsoft's error list (CannotDeleteInUseComponent)."""

from sandbox.dataverse import rows
from sandbox.dataverse.address import Segment
from sandbox.dataverse.catalogue import Catalogue
from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import DataverseError, not_offered
from sandbox.dataverse.metadata_relations import LISTS
from sandbox.dataverse.metadata_write import COMPONENTS
from sandbox.dataverse.schema import Column, Definition, Table

KINDS = ", ".join(str(kind) for kind in COMPONENTS.values())
SIDES = ("Entity1LogicalName", "Entity2LogicalName")


def part_of_table(engine: Engine, table: Table, where: list[Segment], found: Definition) -> None:
    """Delete a table, or the column, key or relationship of it that an address names."""
    if len(where) == 1:
        _table(engine, table)
    elif where[1].name == "Attributes":
        _column(engine, table, table.columns[found["LogicalName"]])
    elif where[1].name == "Keys":
        with engine.store.write():
            engine.catalogue.remove_key(table, table.keys[found["LogicalName"]])
    elif where[1].name in LISTS:
        relationship(engine, found)
    else:
        raise not_offered(f"deleting '{where[1].name}'")


def _in_use(kind: str, definition: Definition, number: int) -> DataverseError:
    words = (
        f"The {kind}({definition['MetadataId']}) component cannot be deleted because it is referenced by {number} "
        f"other components. For a list of referenced components, use the RetrieveDependenciesForDeleteRequest."
    )
    return DataverseError(400, "0x8004f01f", words)


def _own(kind: str, name: str, *, custom: bool) -> None:
    if not custom:  # documented guess: code and words for parts that the service made
        raise DataverseError(
            400, "0x8004f021", f"The {kind} '{name}' is a system component, it cannot be deleted."
        )


def _table(engine: Engine, table: Table) -> None:
    """Delete a table with its rows; lookups of other tables to it are dependencies."""
    catalogue = engine.catalogue
    _own("Entity", table.logical, custom=bool(table.definition["IsCustomEntity"]) and not table.intersect)
    foreign = [
        one
        for one in catalogue.relationships.values()
        if one["ReferencedEntity"] == table.logical != one["ReferencingEntity"]
    ]
    if foreign:
        raise _in_use("Entity", table.definition, len(foreign))
    with engine.store.write():
        engine.keep_version()
        for one in list(catalogue.associations.values()):
            if table.logical in (one[side] for side in SIDES):
                _remove_association(catalogue, one)
        for one in list(catalogue.relationships.values()):
            if one["ReferencingEntity"] == table.logical:
                catalogue.remove_relationship(one)
        catalogue.remove_table(table)


def _column(engine: Engine, table: Table, column: Column) -> None:
    """Delete a column; a lookup takes its relationships along, a key needs its columns."""
    _own("Attribute", column.name, custom=bool(column.definition["IsCustomAttribute"]))
    if column.name == table.name:
        raise DataverseError(
            400, "0x8004f021", f"The Attribute '{column.name}' is the primary name of its table."
        )
    keys = [key for key in table.keys.values() if column.name in key.columns]
    if keys:
        raise _in_use("Attribute", column.definition, len(keys))
    with engine.store.write():
        for one in list(engine.catalogue.relationships.values()):
            if (one["ReferencingEntity"], one["ReferencingAttribute"]) == (table.logical, column.name):
                engine.catalogue.remove_relationship(one)
        engine.catalogue.remove_column(table, column)


def relationship(engine: Engine, definition: Definition) -> None:
    """Delete a relationship: with the lookup column, or with the table of its pairs."""
    catalogue = engine.catalogue
    if definition["RelationshipType"] == "ManyToManyRelationship":
        with engine.store.write():
            engine.keep_version()
            _remove_association(catalogue, definition)
        return
    table = catalogue.table(definition["ReferencingEntity"])
    column = table.columns[definition["ReferencingAttribute"]]
    if column.polymorphic:
        raise not_offered("taking one target away from a lookup to several tables")
    _column(engine, table, column)


def _remove_association(catalogue: Catalogue, definition: Definition) -> None:
    catalogue.remove_association(definition)
    catalogue.remove_table(catalogue.tables[definition["IntersectEntityName"]])


def option_set(engine: Engine, definition: Definition) -> None:
    """Delete a global choice that no column uses."""
    name = definition["Name"]
    users = engine.catalogue.users_of(name)
    if users:
        raise _in_use("OptionSet", definition, len(users))
    with engine.store.write():
        engine.catalogue.remove_option_set(name)


def forget_components(engine: Engine) -> None:
    """Take out of all solutions what is no longer defined."""
    sql = (
        f"SELECT solutioncomponentid FROM row_solutioncomponent WHERE componenttype IN ({KINDS}) AND objectid NOT IN "
        f"(SELECT json_extract(body, '$.MetadataId') FROM dv_definitions)"
    )
    with engine.store.write() as db:
        for row in db.execute(sql).fetchall():
            rows.delete(engine, engine.catalogue.table("solutioncomponent"), str(row[0]))
