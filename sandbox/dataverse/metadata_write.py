"""Creating and replacing definitions (reference dataverse.md section 8)."""

from werkzeug import Request, Response

from sandbox.dataverse import definitions, members, rows, seed
from sandbox.dataverse.address import ROOT, Segment, parse_segment
from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import DataverseError, no_such_row, not_offered
from sandbox.dataverse.labels import merged, shown
from sandbox.dataverse.posted import checked, prefixed
from sandbox.dataverse.schema import LOOKUPS, Definition, Table
from sandbox.dataverse.writing import read_body

COMPONENTS = {"entity": 1, "attribute": 2, "optionset": 9, "relationship": 10, "key": 14}
MOST_KEYS, KEY_BYTES = 10, 900
KEY_TYPES = ("String", "Integer", "Decimal", "DateTime", "Lookup", "Picklist")
CHOICES, OPTION_SET = "GlobalOptionSetDefinitions", "Microsoft.Dynamics.CRM.OptionSetMetadata"
LABELS = ("DisplayName", "DisplayCollectionName", "Description")
FIXED = (
    "@odata.type", "@odata.context", "MetadataId", "LogicalName", "SchemaName", "EntitySetName", "ObjectTypeCode",
    "PrimaryIdAttribute", "PrimaryNameAttribute", "OwnershipType", "AttributeType", "AttributeTypeName", "Targets",
    "EntityLogicalName", "Attributes", "Keys", "OptionSet", "GlobalOptionSet", "GlobalOptionSetName", "Name",
    "IsGlobal", "Options", "IsCustomEntity", "IsCustomAttribute", "IsPrimaryId", "IsPrimaryName", "HasChanged",
)  # fmt: skip


def made(request: Request, path: str) -> Response:
    url = f"https://{request.host}{ROOT}{path}"
    return Response(status=204, headers={"OData-EntityId": url, "Location": url})


def solution_of(request: Request) -> str | None:
    """Give the name of the solution that a change of definitions goes into."""
    return request.headers.get("MSCRM.SolutionUniqueName") or request.args.get("SolutionUniqueName")


def record(engine: Engine, name: str | None, kind: str, definition: Definition) -> None:
    """Add a component to a solution."""
    if name is None:
        return
    sql = "SELECT solutionid FROM row_solution WHERE uniquename = ?"
    found = engine.store.inside().execute(sql, (name,)).fetchone()
    if found is None:
        raise DataverseError(404, "0x80040217", f"A solution with the unique name '{name}' does not exist.")
    component = {
        "objectid": definition["MetadataId"],
        "componenttype": COMPONENTS[kind],
        "solutionid": found[0],
    }
    component["rootcomponentname"] = (
        definition.get("LogicalName") or definition.get("SchemaName") or definition["Name"]
    )
    rows.create(engine, engine.catalogue.table("solutioncomponent"), component)


def create_entity(engine: Engine, request: Request) -> Response:
    """Create a table with its primary name column, further columns, and what the service adds."""
    posted = read_body(request, "EntityDefinitions")
    with engine.store.write():
        definition = add_entity(engine, request, posted)
    return made(request, f"EntityDefinitions({definition['MetadataId']})")


def add_entity(engine: Engine, request: Request, posted: Definition) -> Definition:
    """Add one table inside the caller's `write()` and give its definition."""
    catalogue = engine.catalogue
    members.known("EntityDefinitions", "EntityMetadata", posted)
    if posted.get("TableType") not in (None, "Standard"):
        raise not_offered("tables of other types than Standard, such as elastic ones")
    posted = checked("EntityDefinitions", posted)
    definition = definitions.entity(posted, catalogue.next_type_code())
    prefixed(definition["SchemaName"])
    prefixed(definition["EntitySetName"])
    if definition["LogicalName"] in catalogue.tables:
        raise DataverseError(400, "0x8004700b", "An entity with the specified name already exists.")
    if definition["EntitySetName"] in catalogue.sets:
        words = f"An entity with the specified entity set name {definition['EntitySetName']} already exists."
        raise DataverseError(400, "0x8006089b", f"{words} Specify a unique name.")
    columns = [
        _attribute(engine, str(definition["LogicalName"]), one) for one in posted.get("Attributes") or []
    ]
    if len({one["LogicalName"] for one in columns}) < len(columns):
        raise DataverseError(400, "0x80047013", "An attribute with the specified name already exists")
    primary = [one for one in columns if one.get("IsPrimaryName")]
    if len(primary) != 1 or primary[0]["AttributeType"] != "String":
        raise DataverseError(400, "0x80040203", "A table needs one String attribute with IsPrimaryName true.")
    definition["PrimaryNameAttribute"] = primary[0]["LogicalName"]
    owned = definition["OwnershipType"] == "UserOwned"
    record(engine, solution_of(request), "entity", definition)
    catalogue.add_table(definition, [*columns, *seed.system_columns(definition, user_owned=owned)])
    return definition


def _attribute(engine: Engine, entity: str, posted: Definition) -> Definition:
    kind = definitions.attribute_type(posted)
    members.known("Attributes", f"{kind}AttributeMetadata", posted)
    definition = definitions.attribute(entity, checked("Attributes", posted))
    if kind not in definitions.CREATABLE:
        raise not_offered(f"creating columns of type '{kind}' alone")
    prefixed(definition["SchemaName"])
    _check_length(definition)
    if kind == "Picklist":
        _choose(engine, definition, posted)
    elif kind == "Boolean" and not definition.get("OptionSet"):
        definition["OptionSet"] = seed.two_options("Yes", "No")
    elif kind == "Boolean":
        for name in ("TrueOption", "FalseOption"):
            definition["OptionSet"][name] = definitions.option(definition["OptionSet"].get(name) or {})
    return definition


def _check_length(definition: Definition) -> None:
    kind = definition["AttributeType"]
    limit = {"String": 4000, "Memo": 1_048_576}.get(kind)
    if limit is not None and not 1 <= int(definition["MaxLength"]) <= limit:
        words = f"MaxLength of a {kind} column must be between 1 and {limit}."
        raise DataverseError(400, "0x80044354", words)


def _choose(engine: Engine, definition: Definition, posted: Definition) -> None:
    """Give a choice column its global or its own options."""
    bound = posted.get("GlobalOptionSet@odata.bind")
    if bound is None:
        if not posted.get("OptionSet"):
            raise DataverseError(400, "0x80040203", "A choice column needs an OptionSet or a global choice.")
        own = f"{definition['EntityLogicalName']}_{definition['LogicalName']}"
        definition["OptionSet"] = definitions.option_set(posted["OptionSet"], is_global=False, name=own)
        return
    segment = parse_segment(str(bound).rpartition("/")[2])
    for name, choice in engine.catalogue.option_sets.items():
        if segment.row_id == choice["MetadataId"] or segment.key.get("Name") == name:
            definition["GlobalOptionSetName"] = name
            return
    raise no_such_row("GlobalOptionSetDefinitions", _wanted(segment))


def _wanted(segment: Segment) -> str:
    return segment.row_id or ", ".join(segment.key.values())


def create_attribute(engine: Engine, table: Table, request: Request) -> Response:
    """Create a column of a table."""
    posted = read_body(request, "Attributes")
    definition = _attribute(engine, table.logical, posted)
    check_new_column(table, definition)
    with engine.store.write():
        record(engine, solution_of(request), "attribute", definition)
        engine.catalogue.add_column(table, definition)
    return made(
        request, f"EntityDefinitions({table.definition['MetadataId']})/Attributes({definition['MetadataId']})"
    )


def check_new_column(table: Table, definition: Definition) -> None:
    if definition["LogicalName"] in table.columns:
        raise DataverseError(400, "0x80047013", "An attribute with the specified name already exists")


def create_option_set(engine: Engine, request: Request) -> Response:
    """Create a global choice."""
    posted = read_body(request, CHOICES)
    kind = str(posted.get("@odata.type", OPTION_SET)).lstrip("#")
    if kind != OPTION_SET:
        raise not_offered(f"global choices of type '{kind}'")
    members.known(CHOICES, "OptionSetMetadata", posted)
    definition = definitions.option_set(checked(CHOICES, posted), is_global=True)
    name = prefixed(definition["Name"])
    if any(name.lower() == known.lower() for known in engine.catalogue.option_sets):
        words = "An OptionSet with the specified name already exists. Please specify a unique name."
        raise DataverseError(400, "0x80044345", words)
    with engine.store.write():
        record(engine, solution_of(request), "optionset", definition)
        engine.catalogue.save("optionset", "", name, definition)
        engine.catalogue.option_sets[name] = definition
    return made(request, f"GlobalOptionSetDefinitions({definition['MetadataId']})")


def create_key(engine: Engine, table: Table, request: Request) -> Response:
    """Create an alternate key; its index is built later."""
    posted = read_body(request, "Keys")
    members.known("Keys", "EntityKeyMetadata", posted)
    posted = checked("Keys", posted)
    prefixed(definitions.schema_name(posted))
    definition = definitions.key(table.logical, posted, set(table.columns))
    _check_key(table, definition)
    with engine.store.write():
        record(engine, solution_of(request), "key", definition)
        engine.catalogue.add_key(table, definition)
    return made(
        request, f"EntityDefinitions({table.definition['MetadataId']})/Keys({definition['MetadataId']})"
    )


def _check_key(table: Table, definition: Definition) -> None:
    name, columns = definition["LogicalName"], definition["KeyAttributes"]
    if name in table.keys:
        words = f"An entity key with the name {name} already exists on entity {table.logical}."
        raise DataverseError(400, "0x80060893", words)
    if any(set(key.columns) == set(columns) for key in table.keys.values()):
        words = "An entity key with the selected attributes already exists on entity."
        raise DataverseError(400, "0x80060894", words)
    if len(table.keys) >= MOST_KEYS:
        words = f"Invalid EntityKey Operation performed : a table has at most {MOST_KEYS} keys."
        raise DataverseError(400, "0x8006088f", words)
    held = [table.columns[column] for column in columns]
    if any(column.type not in KEY_TYPES for column in held):
        raise DataverseError(
            400, "0x8006088f", "Invalid EntityKey Operation performed : wrong type of column."
        )
    size = sum(2 * int(column.definition["MaxLength"]) if column.type == "String" else 16 for column in held)
    if size > KEY_BYTES:
        words = f"Index size exceeded the size limit of {KEY_BYTES} bytes. The key is too large."
        raise DataverseError(400, "0x80060895", words)


def _changed(request: Request, old: Definition, posted: Definition) -> Definition:
    """Give a definition with what a PUT may change."""
    new = {
        **old,
        **{name: value for name, value in posted.items() if name not in FIXED and name not in LABELS},
    }
    keep = request.headers.get("MSCRM.MergeLabels", "false").lower() == "true"
    for name in LABELS:
        if name in posted:
            label = shown(posted[name])
            new[name] = merged(old.get(name), label) if keep else label
    return new


def _replacing(request: Request, where: str, kind: str) -> Definition:
    posted = read_body(request, where)
    members.known(where, kind, posted)
    return checked(where, posted)


def replace_entity(engine: Engine, table: Table, request: Request) -> Response:
    """PUT of a table definition."""
    new = _changed(request, table.definition, _replacing(request, "EntityDefinitions", "EntityMetadata"))
    if table.tracked and not new["ChangeTrackingEnabled"]:
        raise DataverseError(400, "0x80040203", "Change tracking cannot be turned off again.")
    with engine.store.write():
        record(engine, solution_of(request), "entity", new)
        engine.catalogue.save("entity", "", table.logical, new)
    table.definition.clear()
    table.definition.update(new)
    return Response(status=204)


def replace_attribute(engine: Engine, table: Table, old: Definition, request: Request) -> Response:
    """PUT of a column definition; the type stays what it was."""
    kind = definitions.SHOWN_AS.get(old["AttributeType"], old["AttributeType"])
    posted = _replacing(request, "Attributes", f"{kind}AttributeMetadata")
    if "@odata.type" in posted and definitions.attribute_type(posted) != kind:
        raise DataverseError(400, "0x80040203", "The type of a column cannot be changed.")
    if old["AttributeType"] in LOOKUPS and "MaxLength" in posted:
        raise DataverseError(400, "0x80040203", "A lookup has no MaxLength.")
    new = _changed(request, old, posted)
    _check_length(new)
    with engine.store.write():
        record(engine, solution_of(request), "attribute", new)
        engine.catalogue.save("attribute", table.logical, new["LogicalName"], new)
    table.add(engine.catalogue.column(new))
    return Response(status=204)


def replace_option_set(engine: Engine, old: Definition, request: Request) -> Response:
    """PUT of a global choice: its labels; options come by `InsertOptionValue`."""
    new = _changed(request, old, _replacing(request, CHOICES, "OptionSetMetadata"))
    with engine.store.write():
        record(engine, solution_of(request), "optionset", new)
        engine.catalogue.save("optionset", "", new["Name"], new)
    engine.catalogue.option_sets[new["Name"]] = new
    return Response(status=204)
