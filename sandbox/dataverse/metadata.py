"""Routes of the metadata API: which definition an address names, and what is done with it."""

from typing import Any

from werkzeug import Request, Response

from sandbox.dataverse import actions, create_entities, metadata_delete, metadata_relations, metadata_write
from sandbox.dataverse.address import Segment
from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import DataverseError, bad_query, not_offered, unknown_segment
from sandbox.dataverse.options import Options
from sandbox.dataverse.schema import Definition, Table
from sandbox.dataverse.security import access
from sandbox.dataverse.security.customization import needed
from sandbox.wire import json_response

ENTITIES, CHOICES, RELATIONS = "EntityDefinitions", "GlobalOptionSetDefinitions", "RelationshipDefinitions"
CAST = "Microsoft.Dynamics.CRM."


def concerns(segment: Segment) -> bool:
    """Tell whether an address is one of definitions or of the actions on them."""
    known = (ENTITIES, CHOICES, RELATIONS, create_entities.NAME)
    return segment.name in known or segment.name in actions.ACTIONS


def answer(engine: Engine, where: list[Segment], request: Request) -> Response:
    """Answer one call on definitions."""
    first = where[0]
    if "sandbox.in_change_set" in request.environ:
        raise not_offered("changes of definitions inside a change set")
    if request.method == "GET" and first.name in (ENTITIES, CHOICES, RELATIONS):
        return _read(engine, where, request)
    with engine.customizing.change():
        return _change(engine, where, request)


def _change(engine: Engine, where: list[Segment], request: Request) -> Response:
    access.holds(engine, needed(where, request.method))
    if where[0].name not in (ENTITIES, CHOICES, RELATIONS):
        return _act(engine, where, request)
    if request.method == "PATCH":
        words = (
            "Operation not supported: update definitions with PUT and the full definition, not with PATCH."
        )
        raise DataverseError(405, "0x80060888", words)
    if request.method == "POST":
        return _create(engine, where, request)
    if request.method == "PUT":
        return _replace(engine, where, request)
    if request.method == "DELETE":
        return _delete(engine, where)
    raise not_offered(f"{request.method} of definitions")


def _act(engine: Engine, where: list[Segment], request: Request) -> Response:
    if len(where) > 1:
        raise unknown_segment(where[1].name)
    if where[0].name == create_entities.NAME:
        return create_entities.create(engine, request)
    return actions.run(engine, where[0].name, request)


def _create(engine: Engine, where: list[Segment], request: Request) -> Response:
    names = [segment.name for segment in where]
    if len(where) == 1 and not where[0].addresses_row:
        makers = {
            ENTITIES: metadata_write.create_entity,
            CHOICES: metadata_write.create_option_set,
            RELATIONS: metadata_relations.create_relationship,
        }
        return makers[names[0]](engine, request)
    if len(where) == 2 and names[0] == ENTITIES and names[1] in ("Attributes", "Keys"):
        table = _table(engine, where[0])
        if names[1] == "Keys":
            return metadata_write.create_key(engine, table, request)
        return metadata_write.create_attribute(engine, table, request)
    raise not_offered(f"POST to '{'/'.join(names)}'")


def _replace(engine: Engine, where: list[Segment], request: Request) -> Response:
    if where[0].name == ENTITIES:
        table = _table(engine, where[0])
        if len(where) == 1:
            return metadata_write.replace_entity(engine, table, request)
        if len(where) in (2, 3) and where[1].name == "Attributes":
            return metadata_write.replace_attribute(engine, table, _attribute(table, where[1]), request)
    if where[0].name == CHOICES and len(where) == 1:
        return metadata_write.replace_option_set(
            engine, _named(engine.catalogue.option_sets, where[0]), request
        )
    if where[0].name == RELATIONS and len(where) == 1:
        catalogue = engine.catalogue
        known = {**catalogue.relationships, **catalogue.associations}
        return metadata_relations.replace(engine, _named(known, where[0]), request)
    raise not_offered(f"PUT of '{'/'.join(segment.name for segment in where)}'")


def _delete(engine: Engine, where: list[Segment]) -> Response:
    """Find what an address names, then delete it; collections as a whole are never deleted."""
    found = _found(engine, where)
    if isinstance(found, list):
        raise DataverseError(405, "0x8004023b", f"'{where[-1].name}' cannot be deleted as a whole.")
    if where[0].name == ENTITIES:
        metadata_delete.part_of_table(engine, _table(engine, where[0]), where, found)
    elif where[0].name == CHOICES:
        metadata_delete.option_set(engine, found)
    else:
        metadata_delete.relationship(engine, found)
    metadata_delete.forget_components(engine)
    engine.customizing.refresh()
    return Response(status=204)


def _read(engine: Engine, where: list[Segment], request: Request) -> Response:
    from sandbox.dataverse.metadata_view import View  # noqa: PLC0415 - it knows the grammar of filters

    options = Options.of(request)
    for name in ("$top", "$orderby", "$count"):
        if options.get(name) is not None:
            raise bad_query(f"The query parameter {name} is not supported on definitions.")
    cast = None
    if len(where) > 1 and where[-1].name.startswith(CAST):
        cast = where[-1].name.removeprefix(CAST)
        where = where[:-1]
    view = View(engine.catalogue, options, cast)
    found = _found(engine, where)
    label = "/".join(segment.name for segment in where)
    if isinstance(found, list):
        return json_response(
            200, {"@odata.context": f"{options.base}$metadata#{label}", "value": view.many(found)}
        )
    about = f"{options.base}$metadata#{label}/$entity"
    return json_response(200, {"@odata.context": about, **view.one(found)})


def _found(engine: Engine, where: list[Segment]) -> Definition | list[Definition]:
    first = where[0]
    catalogue = engine.catalogue
    if first.name != ENTITIES:
        related = {**catalogue.relationships, **catalogue.associations}
        held = catalogue.option_sets if first.name == CHOICES else related
        if len(where) > 1:
            raise not_offered(f"'{where[1].name}' of a definition")
        return _named(held, first) if first.addresses_row else list(held.values())
    if not first.addresses_row:
        return [table.definition for table in catalogue.tables.values()]
    table = _table(engine, first)
    return table.definition if len(where) == 1 else _within(engine, table, where)


def _within(engine: Engine, table: Table, where: list[Segment]) -> Definition | list[Definition]:
    part = where[1]
    if len(where) > 2:
        raise not_offered(f"'{where[2].name}' of a definition")
    if part.name == "Attributes":
        if part.addresses_row:
            return _attribute(table, part)
        return [column.definition for column in table.columns.values()]
    if part.name == "Keys":
        keys = {name: key.definition for name, key in table.keys.items()}
        return _named(keys, part) if part.addresses_row else list(keys.values())
    if part.name in metadata_relations.LISTS:
        found = metadata_relations.of_table(engine.catalogue, table, part.name)
        return _named({one["SchemaName"]: one for one in found}, part) if part.addresses_row else found
    raise not_offered(f"'{part.name}' of a table definition")


def _table(engine: Engine, segment: Segment) -> Table:
    if set(segment.key) == {"LogicalName"}:
        return engine.catalogue.table(segment.key["LogicalName"])
    for table in engine.catalogue.tables.values():
        if segment.row_id is not None and table.definition["MetadataId"] == segment.row_id:
            return table
    if segment.row_id is None:
        raise unknown_segment(segment.name)
    raise _absent(f"Could not find an entity with id {segment.row_id}.")


def _attribute(table: Table, segment: Segment) -> Definition:
    return _named({name: column.definition for name, column in table.columns.items()}, segment)


def _named(held: dict[str, Any], segment: Segment) -> Definition:
    """Give the definition by MetadataId, or by the name in the address."""
    wanted = [("MetadataId", segment.row_id)] if segment.row_id else list(segment.key.items())
    for definition in held.values():
        if wanted and all(definition.get(name) == value for name, value in wanted):
            found: Definition = definition
            return found
    raise _absent(f"Could not find a definition with {', '.join(f'{n} = {v}' for n, v in wanted)}.")


def _absent(words: str) -> DataverseError:
    return DataverseError(404, "0x80040217", words)
