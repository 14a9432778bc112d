"""What is missing in an environment, as ordered steps, and what differs and is left alone (SYN-9).

Nothing is ever deleted or shrunk. Additions by others are none of our business and are not reported.
"""

from collections.abc import Iterator
from typing import get_args
from uuid import NAMESPACE_URL, uuid5

from connectors.odata import address
from dataverse.definitions import OPTION_PREFIX, PREFIX, Choice, Column, Key, Schema, Table
from dataverse.operations import Operation, read
from dataverse.provisioning.bodies import Bodies, Json, is_plain, publish_xml
from dataverse.provisioning.differences import column_change, column_drift, has_columns, table_drift
from dataverse.provisioning.existing import Existing, FoundTable, members, read_existing, read_language
from dataverse.provisioning.steps import PUBLISHER, SOLUTION, Kind, Organisation, Plan, Step

VERSION = "1.0.0.0"
IN_SOLUTION = {"MSCRM.SolutionUniqueName": SOLUTION}
ORDER = {kind: place for place, kind in enumerate(get_args(Kind.__value__))}
ACTIVE = "Active"

type Findings = Iterator[Step | str]


def plan(client: Organisation, schema: Schema, *, language: int | None = None) -> Plan:
    """What `apply` would do. Reads only. Raises the RemoteError tree.

    `language` is the base language of the environment as a Windows language id; it is read when not
    given. A label without a text in it is refused.
    """
    bodies = Bodies(read_language(client) if language is None else language)
    return make_plan(schema, read_existing(client, schema), bodies)


def make_plan(schema: Schema, found: Existing, bodies: Bodies) -> Plan:
    """The plan for what was found."""
    findings = list(_findings(schema, found, bodies))
    steps = [entry for entry in findings if isinstance(entry, Step)]
    steps += [*_publishing(steps), *_visible(schema, steps)]
    ordered = sorted(steps, key=lambda step: ORDER[step.kind])
    return Plan(tuple(ordered), tuple(entry for entry in findings if isinstance(entry, str)))


def _findings(schema: Schema, found: Existing, bodies: Bodies) -> Findings:
    yield from _solution(found)
    for choice in schema.choices.values():
        yield from _choice(choice, found.choices.get(choice.id), bodies)
    for table in schema.tables.values():
        there = found.tables.get(table.name)
        yield from _new_table(table, bodies) if there is None else _old_table(table, there, bodies)


def _solution(found: Existing) -> Findings:
    publisher_id = found.publisher_id or str(uuid5(NAMESPACE_URL, f"publisher:{PUBLISHER}"))
    if found.publisher_id is None:
        row: Json = {
            "uniquename": PUBLISHER,
            "friendlyname": "Plumbline",
            "customizationprefix": PREFIX,
            "customizationoptionvalueprefix": OPTION_PREFIX,
        }
        yield Step("publisher", PUBLISHER, operation=_row("publishers", publisher_id, row))
    elif found.publisher.get("customizationprefix") != PREFIX:
        yield f"publisher {PUBLISHER}: its prefix must be {PREFIX}; rename the other publisher"
    if found.solution_id is None:
        solution_id = str(uuid5(NAMESPACE_URL, f"solution:{SOLUTION}"))
        row = {
            "uniquename": SOLUTION,
            "friendlyname": "Plumbline",
            "version": VERSION,
            "publisherid@odata.bind": f"/publishers({publisher_id})",
        }
        yield Step("solution", SOLUTION, operation=_row("solutions", solution_id, row))


def _choice(choice: Choice, there: object, bodies: Bodies) -> Findings:
    if not isinstance(there, dict):
        yield Step("choice", choice.id, operation=_post("GlobalOptionSetDefinitions", bodies.choice(choice)))
        return
    known = {option.get("Value") for option in members(there, "Options")}
    for option in choice.options:
        if option.value not in known:
            body = bodies.option(choice, option)
            yield Step("option", f"{choice.id}.{option.name}", operation=_post("InsertOptionValue", body))


def _new_table(table: Table, bodies: Bodies) -> Findings:
    yield Step("table", table.name, table.name, _post("EntityDefinitions", bodies.table(table)))
    for column in table.columns:
        if not is_plain(column):
            yield _add_column(table, column, bodies)
    for key in table.keys:
        yield from _add_key(table, key, bodies)


def _old_table(table: Table, there: FoundTable, bodies: Bodies) -> Findings:
    yield from table_drift(table, there.definition)
    if there.definition.get("ChangeTrackingEnabled") is False:
        yield Step(
            "change",
            f"{table.name}: change tracking on",
            table.name,
            _put(_path(table), {}),
            change={"ChangeTrackingEnabled": True},
        )
    for column in table.columns:
        yield from _old_column(table, column, there, bodies)
    for key in table.keys:
        yield from _old_key(table, key, there, bodies)


def _old_column(table: Table, column: Column, there: FoundTable, bodies: Bodies) -> Findings:
    definition = there.columns.get(column.name)
    if definition is None:
        yield _add_column(table, column, bodies)
        return
    place = f"{table.name}.{column.name}"
    yield from (f"{place}: {fault}" for fault in column_drift(column, definition))
    change = column_change(column, definition)
    if change:
        path = f"{_path(table)}/Attributes(LogicalName='{column.name}')"
        words = f"{place}: " + ", ".join(f"{member} {value}" for member, value in change.items())
        yield Step("change", words, table.name, _put(path, {}), change=change)


def _old_key(table: Table, key: Key, there: FoundTable, bodies: Bodies) -> Findings:
    definition = there.keys.get(key.name)
    if definition is None:
        same = [k for k in there.keys.values() if has_columns(k.get("KeyAttributes"), key.columns)]
        if not same:
            yield from _add_key(table, key, bodies)
        return
    if not has_columns(definition.get("KeyAttributes"), key.columns):
        yield f"{table.name}: key {key.name} is on other columns; delete it, and apply makes it anew"
        return
    state = definition.get("EntityKeyIndexStatus")
    if state == "Failed":
        body: Json = {"EntityLogicalName": table.name, "EntityKeyLogicalName": key.name}
        yield Step("key", f"{key.name} (again)", table.name, _post("ReactivateEntityKey", body))
    if state != ACTIVE:
        yield Step("index", key.name, table.name)


def _add_column(table: Table, column: Column, bodies: Bodies) -> Step:
    place = f"{table.name}.{column.name}"
    if column.kind == "lookup":
        operation = _post("RelationshipDefinitions", bodies.relationship(table, column))
        return Step("relationship", place, table.name, operation)
    operation = _post(f"{_path(table)}/Attributes", bodies.column(column))
    return Step("column", place, table.name, operation, choice=column.choice)


def _add_key(table: Table, key: Key, bodies: Bodies) -> Findings:
    yield Step("key", key.name, table.name, _post(f"{_path(table)}/Keys", bodies.key(table, key)))
    yield Step("index", key.name, table.name)


def _publishing(steps: list[Step]) -> list[Step]:
    tables = sorted({step.table for step in steps if step.kind == "change" and step.table})
    choices = sorted({step.name.partition(".")[0] for step in steps if step.kind == "option"})
    if not tables and not choices:
        return []
    return [Step("publish", "changes", operation=_post("PublishXml", publish_xml(tables, choices)))]


def _visible(schema: Schema, steps: list[Step]) -> list[Step]:
    """One read of each table that is made or gets a column, with all columns of ours."""
    made = {step.table for step in steps if step.kind in ("table", "column", "relationship")}
    return [
        Step("visible", table.name, table.name, read(address(table.entity_set, _all_columns(table))))
        for table in schema.tables.values()
        if table.name in made
    ]


def _all_columns(table: Table) -> dict[str, str]:
    return {"$select": ",".join(column.read_name for column in table.columns), "$top": "1"}


def _path(table: Table) -> str:
    return f"EntityDefinitions(LogicalName='{table.name}')"


def _row(entity_set: str, row_id: str, row: Json) -> Operation:
    return Operation("PATCH", f"{entity_set}({row_id})", row, {"If-None-Match": "*"})


def _post(path: str, body: Json) -> Operation:
    return Operation("POST", path, body, IN_SOLUTION)


def _put(path: str, body: Json) -> Operation:
    return Operation("PUT", path, body, {**IN_SOLUTION, "MSCRM.MergeLabels": "true"})
