"""Changing the tree of folders: new ones, names, places, ends; each step leaves its mark for delta."""

from sqlite3 import Connection

from sandbox.graph import mailboxes, messages
from sandbox.graph.errors import GraphError, bad
from sandbox.graph.messages import LIGHT, next_change
from sandbox.graph.values import FOLDER_STEM, Row, fresh_id, row, rows

LONGEST = 255


def create(db: Connection, mailbox: str, parent: str, name: object) -> Row:
    """A new folder. Raises 409 ErrorFolderExists."""
    _check_name(db, parent, name)
    made = fresh_id(FOLDER_STEM)
    db.execute("INSERT INTO graph_folder VALUES (?, ?, ?, NULL, ?)", (made, mailbox, parent, name))
    _mark(db, mailbox, made)
    return mailboxes.counted(db, mailbox, made)


def rename(db: Connection, found: Row, name: object) -> Row:
    """Give a folder another name. Raises 400 for a standard folder, 409 for a name that is taken."""
    _check_own(found, "renamed")
    if not isinstance(name, str) or name.lower() != found["name"].lower():
        _check_name(db, found["parent"], name)
    db.execute("UPDATE graph_folder SET name = ? WHERE id = ?", (name, found["id"]))
    _mark(db, found["mailbox"], found["id"])
    return mailboxes.counted(db, found["mailbox"], found["id"])


def move(db: Connection, found: Row, parent: Row) -> Row:
    """Hang a folder below another one. Raises 400 for a standard folder or a place inside itself, 409."""
    _check_own(found, "moved")
    above: Row | None = parent
    while above is not None:
        if above["id"] == found["id"]:
            raise bad("A folder cannot be moved into itself.", "ErrorMoveCopyFailed")
        above = row(db, "SELECT * FROM graph_folder WHERE id = ?", above["parent"])
    if parent["id"] != found["parent"]:
        _check_name(db, parent["id"], found["name"])
    db.execute("UPDATE graph_folder SET parent = ? WHERE id = ?", (parent["id"], found["id"]))
    _mark(db, found["mailbox"], found["id"])
    return mailboxes.counted(db, found["mailbox"], found["id"])


def delete(db: Connection, found: Row, *, for_good: bool = False) -> None:
    """Move a folder with its content into Deleted Items; from there, or when told so, remove it for good."""
    _check_own(found, "deleted")
    deleted = mailboxes.folder(db, found["mailbox"], "deleteditems")
    if found["parent"] == deleted["id"] or for_good:
        _erase(db, found)
        return
    taken = {child["name"].lower() for child in mailboxes.children(db, found["mailbox"], deleted["id"])}
    name, number = found["name"], 1
    while name.lower() in taken:
        name, number = f"{found['name']}{number}", number + 1
    db.execute(
        "UPDATE graph_folder SET name = ?, parent = ? WHERE id = ?", (name, deleted["id"], found["id"])
    )
    _mark(db, found["mailbox"], found["id"])


def _erase(db: Connection, found: Row) -> None:
    for child in rows(db, "SELECT * FROM graph_folder WHERE parent = ?", found["id"]):
        _erase(db, child)
    for message in rows(db, f"SELECT {LIGHT} FROM graph_message WHERE folder = ?", found["id"]):
        messages.erase(db, message)
    db.execute("DELETE FROM graph_folder WHERE id = ?", (found["id"],))
    _mark(db, found["mailbox"], found["id"])


def _mark(db: Connection, mailbox: str, folder: str) -> None:
    values = (folder, mailbox, next_change(db))
    db.execute("INSERT OR REPLACE INTO graph_folder_change VALUES (?, ?, ?)", values)


def _check_own(found: Row, done: str) -> None:
    if found["well_known"]:
        # documented guess: the code; EWS names such folders distinguished
        words = f"Distinguished folders cannot be {done}: {found['name']}."
        raise bad(words, f"Error{VERBS[done]}DistinguishedFolder")


VERBS = {"deleted": "Delete", "moved": "Move", "renamed": "Update"}


def _check_name(db: Connection, parent: str, name: object) -> None:
    if not isinstance(name, str) or not name.strip() or len(name) > LONGEST or not name.isprintable():
        raise bad(f"A folder needs a displayName of 1 to {LONGEST} characters.", "ErrorInvalidRequest")
    if row(db, "SELECT id FROM graph_folder WHERE parent = ? AND lower(name) = ?", parent, name.lower()):
        raise GraphError(409, "ErrorFolderExists", "A folder with the specified name already exists.")
