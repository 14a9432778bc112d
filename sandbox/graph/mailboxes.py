"""Mailboxes and their folders."""

from sqlite3 import Connection

from sandbox.graph import switches
from sandbox.graph.errors import GraphError, bad, not_found
from sandbox.graph.values import FOLDER_STEM, ID_SHAPE, Json, Row, directory_id, fresh_id, row, rows

WELL_KNOWN = {
    "inbox": "Inbox",
    "drafts": "Drafts",
    "sentitems": "Sent Items",
    "deleteditems": "Deleted Items",
    "archive": "Archive",
    "junkemail": "Junk Email",
    "outbox": "Outbox",
}
ROOT = "msgfolderroot"
COUNTS = """SELECT f.*,
    (SELECT count(*) FROM graph_folder c WHERE c.parent = f.id) AS children,
    (SELECT count(*) FROM graph_message m WHERE m.folder = f.id) AS total,
    (SELECT count(*) FROM graph_message m
      WHERE m.folder = f.id AND NOT json_extract(m.doc, '$.isRead')) AS unread
    FROM graph_folder f"""


def put(db: Connection, address: str, display_name: str | None, kind: str, access: bool) -> Row:
    """Create a mailbox with its standard folders, or change one."""
    known = row(db, "SELECT * FROM graph_mailbox WHERE address = ?", address.lower())
    if known is None:
        _create(db, address.lower(), display_name or address, kind, access)
    else:
        name = display_name or known["display_name"]
        sql = "UPDATE graph_mailbox SET display_name = ?, kind = ?, access = ? WHERE address = ?"
        db.execute(sql, (name, kind, access, address.lower()))
    return find(db, address)


def _create(db: Connection, address: str, display_name: str, kind: str, access: bool) -> None:
    user_id = directory_id(address)
    db.execute(
        "INSERT INTO graph_mailbox VALUES (?, ?, ?, ?, ?)", (address, user_id, display_name, kind, access)
    )
    root = _insert(db, address, None, "Top of Information Store", ROOT)
    for well_known, name in WELL_KNOWN.items():
        _insert(db, address, root, name, well_known)


def _insert(db: Connection, mailbox: str, parent: str | None, name: str, well_known: str | None) -> str:
    folder_id = fresh_id(FOLDER_STEM)
    values = (folder_id, mailbox, parent, well_known, name)
    db.execute("INSERT INTO graph_folder VALUES (?, ?, ?, ?, ?)", values)
    return folder_id


def find(db: Connection, user: str) -> Row:
    """A mailbox by address or object id. Raises 404 ErrorInvalidUser."""
    sql = "SELECT * FROM graph_mailbox WHERE address = ? OR user_id = ?"
    found = row(db, sql, user.lower(), user.lower())
    if found is None:
        raise GraphError(404, "ErrorInvalidUser", "The requested user is invalid.")
    return found


def open_mailbox(db: Connection, user: str) -> Row:
    """The same for the mail in it. Raises 403 outside the application's scope (reference 1.2).

    A consent for the whole organisation opens every mailbox, whatever its own scope says: the two are a union."""
    mailbox = find(db, user)
    if not mailbox["access"] and not switches.get(db, "mailConsent"):
        raise GraphError(403, "ErrorAccessDenied", "Access to OData is disabled.")
    return mailbox


def every(db: Connection) -> list[Row]:
    """Every mailbox, by address."""
    return rows(db, "SELECT * FROM graph_mailbox ORDER BY address")


def folder(db: Connection, mailbox: str, name: str, *, source: str = "SELECT f.* FROM graph_folder f") -> Row:
    """A folder by id or well-known name. Raises 404."""
    by_name = name.lower() in WELL_KNOWN or name.lower() == ROOT
    column, value = ("well_known", name.lower()) if by_name else ("id", name)
    found = row(db, f"{source} WHERE f.mailbox = ? AND f.{column} = ?", mailbox, value)
    if found is None:
        raise not_found() if ID_SHAPE.match(name) else bad("Id is malformed.", "ErrorInvalidIdMalformed")
    return found


def counted(db: Connection, mailbox: str, name: str) -> Row:
    """The same with the counts that `folder_json` shows; they cost a walk over the folder."""
    return folder(db, mailbox, name, source=COUNTS)


def children(db: Connection, mailbox: str, parent: str) -> list[Row]:
    """The folders directly below one, by name."""
    return rows(db, f"{COUNTS} WHERE f.mailbox = ? AND f.parent = ? ORDER BY f.name", mailbox, parent)


def folder_json(found: Row) -> Json:
    """A folder as Graph shows it."""
    return {
        "id": found["id"],
        "displayName": found["name"],
        "parentFolderId": found["parent"],
        "childFolderCount": found["children"],
        "unreadItemCount": found["unread"],
        "totalItemCount": found["total"],
        "isHidden": False,
    }


def user_json(mailbox: Row) -> Json:
    """A user as Graph shows it."""
    return {
        "id": mailbox["user_id"],
        "displayName": mailbox["display_name"],
        "mail": mailbox["address"],
        "userPrincipalName": mailbox["address"],
    }
