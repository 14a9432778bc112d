"""The items of lists as rows: every write counts as a change, from which the feed is read."""

import json
import sqlite3
import uuid
from sqlite3 import Connection

from sandbox.graph.messages import next_change
from sandbox.graph.sites import columns, formulas
from sandbox.graph.sites.errors import invalid, missing
from sandbox.graph.values import Json, Row, row

COLUMNS = "id, guid, folder, version, edition, created, modified, author, editor, fields, before, change"
TAKE_ID = """UPDATE sp_list SET next_item = next_item + 1, size = size + 1, modified = ? WHERE id = ?
    RETURNING next_item - 1"""
UPDATE = """UPDATE sp_item SET version = version + 1, edition = edition + 1, modified = ?, editor = ?,
    before = fields, fields = ?, change = ? WHERE list = ? AND id = ?"""


def loaded(found: Row) -> Row:
    """A row with its fields as values."""
    return found | {"fields": json.loads(found["fields"])}


def one(db: Connection, owner: Row, name: str) -> Row:
    """One item by its number. Raises 404."""
    number = int(name) if name.isascii() and name.isdigit() and len(name) < 15 else -1
    found = row(db, f"SELECT {COLUMNS} FROM sp_item WHERE list = ? AND id = ?", owner["id"], number)
    if found is None:
        raise missing("The specified item was not found")
    return loaded(found)


def etag(found: Row) -> str:
    """The entity tag of an item: guid and version in quotes (reference 4.2)."""
    return f'"{found["guid"]},{found["version"]}"'


def add(db: Connection, owner: Row, fields: Json, who: int, now: str, *, folder: bool = False) -> int:
    """Store a new item and give its number."""
    number = int(db.execute(TAKE_ID, (now, owner["id"])).fetchone()[0])
    fields = _complete(db, owner, number, fields)
    guid, change, text = str(uuid.uuid4()), next_change(db), json.dumps(fields)
    values = (owner["id"], number, guid, folder, 1, 1, now, now, who, who, text, None, change)
    db.execute(f"INSERT INTO sp_item VALUES ({', '.join('?' * len(values))})", values)
    return number


def edit(db: Connection, owner: Row, found: Row, fields: Json, who: int, now: str) -> Row:
    """Set fields (None empties one) and give the item as it is then."""
    merged = {name: value for name, value in (found["fields"] | fields).items() if value is not None}
    merged = _complete(db, owner, found["id"], merged)
    values = (now, who, json.dumps(merged), next_change(db), owner["id"], found["id"])
    db.execute(UPDATE, values)
    db.execute("UPDATE sp_list SET modified = ? WHERE id = ?", (now, owner["id"]))
    return one(db, owner, str(found["id"]))


def touch(db: Connection, owner: Row, found: Row) -> None:
    """Raise the version without a change of content, as system updates do (reference 4.2)."""
    sql = "UPDATE sp_item SET version = version + 1, before = NULL, change = ? WHERE list = ? AND id = ?"
    db.execute(sql, (next_change(db), owner["id"], found["id"]))


def remove(db: Connection, owner: Row, found: Row, now: str) -> None:
    """Delete an item; the feed tells of it."""
    db.execute("DELETE FROM sp_item WHERE list = ? AND id = ?", (owner["id"], found["id"]))
    db.execute("DELETE FROM sp_unique WHERE list = ? AND item = ?", (owner["id"], found["id"]))
    gone = (owner["id"], next_change(db), found["id"], found["folder"])
    db.execute("INSERT INTO sp_gone VALUES (?, ?, ?, ?)", gone)
    db.execute("UPDATE sp_list SET size = size - 1, modified = ? WHERE id = ?", (now, owner["id"]))


def _complete(db: Connection, owner: Row, number: int, fields: Json) -> Json:
    """The fields with calculated ones. Raises 400 for a value that another item has in a unique column."""
    known = columns.of(db, owner)
    for column in known.calculated:
        fields = fields | {column.name: formulas.result(column.settings, fields)}
    if known.unique:
        db.execute("DELETE FROM sp_unique WHERE list = ? AND item = ?", (owner["id"], number))
        for column in known.unique:
            claim(db, owner["id"], column.name, fields.get(column.name), number)
    return fields


def claim(db: Connection, owner: str, name: str, value: object, number: int) -> None:
    """Take a value of a unique column for an item; None claims nothing."""
    if value is None:
        return
    try:
        db.execute("INSERT INTO sp_unique VALUES (?, ?, ?, ?)", (owner, name, str(value), number))
    except sqlite3.IntegrityError as exc:
        # documented guess: status and code; the words are those of SharePoint's own interfaces.
        raise invalid(
            "The list item could not be added or updated because duplicate values were found in the"
            f" following field(s) in the list: [{name}]."
        ) from exc
