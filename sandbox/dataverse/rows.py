"""Writing rows. Every function runs inside the caller's `write()`, so that several make one transaction."""

import re
import sqlite3
import uuid

from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import DataverseError, duplicate_id, no_such_row
from sandbox.dataverse.schema import Collection, Table, quoted
from sandbox.dataverse.security import access
from sandbox.dataverse.values import Value

PREFIX = re.compile(r"[a-z][a-z0-9]{1,7}", re.IGNORECASE)


def create(engine: Engine, table: Table, values: dict[str, Value]) -> str:
    """Insert a row and give its id, which the caller may have chosen; raises when he may not create it."""
    access.creating(engine, table, values)
    row_id = str(values.get(table.id) or uuid.uuid4())
    now = engine.now()
    _check(table, values)
    caller = engine.caller
    row: dict[str, Value] = {"createdby": caller.user_id, "modifiedby": caller.user_id}
    if caller.real_user is not None:
        row |= {"createdonbehalfby": caller.real_user, "modifiedonbehalfby": caller.real_user}
    row |= {"createdon": values.get("overriddencreatedon") or now, "modifiedon": now}
    row |= table.defaults
    row |= values
    if table.user_owned:
        row |= _ownership(engine, row)
    _complete(table, row, table.required)
    if "statecode" in table.columns:
        row |= _state(table, {"statecode": 0}, {"statuscode": row.get("statuscode")})
    row |= {table.id: row_id, "versionnumber": engine.next_version()}
    _insert(engine, table, row)
    engine.watch.wrote("Create", table, row_id, row, None)
    return row_id


def _insert(engine: Engine, table: Table, row: dict[str, Value]) -> None:
    names = ", ".join(quoted(name) for name in row)
    marks = ", ".join("?" * len(row))
    _run(engine, table, f"INSERT INTO {table.kept} ({names}) VALUES ({marks})", list(row.values()))


def update(engine: Engine, table: Table, row_id: str, values: dict[str, Value]) -> None:
    """Change the given columns of a row that exists; raises when the caller may not."""
    access.updating(engine, table, row_id, values)
    _change(engine, table, row_id, values)


def _change(engine: Engine, table: Table, row_id: str, values: dict[str, Value]) -> None:
    _check(table, values)
    row = {name: value for name, value in values.items() if name != table.id}
    _complete(table, row, [name for name in table.required if name in row])
    if "ownerid" in row:
        row |= _ownership(engine, row)
    if "statecode" in row or "statuscode" in row:
        row |= _state(table, _present_state(engine, table, row_id), row)
    row |= {
        "modifiedon": engine.now(),
        "modifiedby": engine.caller.user_id,
        "versionnumber": engine.next_version(),
    }
    if "modifiedonbehalfby" in table.columns:
        row["modifiedonbehalfby"] = engine.caller.real_user
    changes = ", ".join(f"{quoted(name)} = ?" for name in row)
    sql = f"UPDATE {table.kept} SET {changes} WHERE {quoted(table.id)} = ?"
    before = engine.watch.before("Update", table, row_id)
    _run(engine, table, sql, [*row.values(), row_id])
    engine.watch.wrote("Update", table, row_id, row, before)


def delete(engine: Engine, table: Table, row_id: str) -> None:
    """Remove a row; rows that refer to it follow the cascade of their relationship."""
    access.on_row(engine, "Delete", table, row_id)
    _delete(engine, table, row_id)


def _delete(engine: Engine, table: Table, row_id: str) -> None:
    before = engine.watch.before("Delete", table, row_id)
    _remove(engine, table, row_id)  # first, so that rows that refer to each other come to an end
    for collection in table.collections.values():
        if collection.intersect:
            pairs = engine.catalogue.table(collection.intersect)
            for pair in _ids(engine, pairs, {collection.own: row_id}):
                _remove(engine, pairs, pair)
        else:
            _cascade(engine, table, collection, row_id)
    engine.watch.wrote("Delete", table, row_id, {}, before)


def _remove(engine: Engine, table: Table, row_id: str) -> None:
    engine.security.wrote(table.logical)
    connection = engine.store.inside()
    connection.execute(f"DELETE FROM {table.kept} WHERE {quoted(table.id)} = ?", (row_id,))
    entry = (table.logical, engine.next_version(), row_id)
    connection.execute("INSERT INTO dv_deleted (entity, version, id) VALUES (?, ?, ?)", entry)


def _ids(engine: Engine, table: Table, where: dict[str, str]) -> list[str]:
    conditions = " AND ".join(f"{quoted(name)} = ?" for name in where)
    sql = f"SELECT {quoted(table.id)} FROM {table.kept} WHERE {conditions}"
    return [str(row[0]) for row in engine.store.inside().execute(sql, list(where.values())).fetchall()]


def _cascade(engine: Engine, referenced: Table, collection: Collection, row_id: str) -> None:
    table = engine.catalogue.table(collection.table)
    column = table.columns[collection.lookup]
    where = {column.name: row_id}
    if column.polymorphic:
        where[f"{column.name}__type"] = referenced.logical
    children = _ids(engine, table, where)
    rule = engine.catalogue.relationships[collection.relationship]["CascadeConfiguration"]
    on_delete = rule.get("Delete")
    if children and on_delete == "Restrict":
        words = "The object you tried to delete is associated with another object and cannot be deleted."
        raise DataverseError(405, "0x80040227", words)
    for child in children:
        if on_delete == "Cascade":
            _delete(engine, table, child)
        else:
            _change(engine, table, child, dict.fromkeys(where))


def associate(engine: Engine, collection: Collection, own: str, other: str) -> None:
    """Add one pair of a many-to-many relationship; a pair that is there is refused."""
    table = engine.catalogue.table(collection.intersect)
    row: dict[str, Value] = {table.id: str(uuid.uuid4()), collection.own: own, collection.other: other}
    row["versionnumber"] = engine.next_version()
    _insert(engine, table, row)


def disassociate(engine: Engine, collection: Collection, own: str, other: str) -> None:
    """Remove one pair; raises 404 when it is not there (documented guess)."""
    table = engine.catalogue.table(collection.intersect)
    pairs = _ids(engine, table, {collection.own: own, collection.other: other})
    if not pairs:
        raise no_such_row(collection.table, other)
    _remove(engine, table, pairs[0])


def value_of(engine: Engine, table: Table, row_id: str, column: str) -> Value:
    """Give the stored value of one column of a row that exists."""
    sql = f"SELECT {quoted(column)} FROM {table.kept} WHERE {quoted(table.id)} = ?"
    value: Value = engine.store.inside().execute(sql, (row_id,)).fetchone()[0]
    return value


def _check(table: Table, values: dict[str, Value]) -> None:
    if table.logical == "publisher" and "customizationprefix" in values:
        prefix = values["customizationprefix"]
        if not isinstance(prefix, str) or not PREFIX.fullmatch(prefix):
            words = "The customization prefix must have 2 to 8 letters and digits and begin with a letter."
            raise DataverseError(400, "0x80040203", words)


def _complete(table: Table, row: dict[str, Value], needed: list[str]) -> None:
    """Raise 0x80040200 when a column that the system requires has no value."""
    for name in needed:
        if row.get(name) is None:
            raise DataverseError(400, "0x80040200", f"Required field missing: '{name}' of '{table.logical}'.")


def _ownership(engine: Engine, row: dict[str, Value]) -> dict[str, Value]:
    owner = row.get("ownerid") or engine.caller.user_id
    kind = row.get("ownerid__type") or "systemuser"
    return {
        "ownerid": owner,
        "ownerid__type": kind,
        "owninguser": owner if kind == "systemuser" else None,
        "owningteam": owner if kind == "team" else None,
        "owningbusinessunit": _unit(engine, str(kind), str(owner)),
    }


def _unit(engine: Engine, kind: str, owner: str) -> str:
    caller = engine.caller
    if owner == caller.user_id:
        return caller.business_unit_id
    return engine.security.unit_of(kind, owner, engine.ids.business_unit_id)


def _present_state(engine: Engine, table: Table, row_id: str) -> dict[str, Value]:
    sql = f"SELECT statecode, statuscode FROM {table.kept} WHERE {quoted(table.id)} = ?"
    row = engine.store.inside().execute(sql, (row_id,)).fetchone()
    return {"statecode": row[0], "statuscode": row[1]}


def _state(table: Table, present: dict[str, Value], wanted: dict[str, Value]) -> dict[str, Value]:
    """Give state and status that belong together, or raise 0x80048408."""
    state = wanted.get("statecode", present.get("statecode"))
    options = table.columns["statuscode"].definition["OptionSet"]["Options"]
    status = wanted.get("statuscode")
    if status is None:
        kept = present.get("statuscode") if state == present.get("statecode") else None
        states = table.columns["statecode"].definition["OptionSet"]["Options"]
        status = kept or next(option["DefaultStatus"] for option in states if option["Value"] == state)
    if not any(option["Value"] == status and option["State"] == state for option in options):
        words = f"{status} is not a valid status code for state code {state} on {table.logical}."
        raise DataverseError(400, "0x80048408", words)
    return {"statecode": state, "statuscode": status}


def _run(engine: Engine, table: Table, sql: str, values: list[Value]) -> None:
    engine.security.wrote(table.logical)
    try:
        engine.store.inside().execute(sql, values)
    except sqlite3.IntegrityError as exc:
        raise _violated(table, str(exc)) from exc


def _violated(table: Table, words: str) -> DataverseError:
    """Tell which key a write would have doubled."""
    columns = frozenset(part.rpartition(".")[2] for part in words.partition(": ")[2].split(", "))
    key = table.active_key(columns)
    if key is None:
        return duplicate_id()
    label = key.definition["SchemaName"]
    message = (
        f"Entity Key {label} violated. A record with the same value for {', '.join(key.columns)} already exists. "
        f"A duplicate record cannot be created. Select one or more unique values and try again."
    )
    return DataverseError(412, "0x80060892", message)
