"""Attached files of a message: those found in its MIME and those put on a draft."""

from collections.abc import Callable
from functools import cache
from sqlite3 import Connection

from sandbox.graph.errors import GraphError, bad, not_found
from sandbox.graph.messages import mime_of
from sandbox.graph.mime import part_reader
from sandbox.graph.values import DEFAULT_STEM, Json, Row, fresh_id, row, rows

type Reader = Callable[[Row], bytes]

LIMIT = 3 * 1024 * 1024  # larger files need an upload session (reference 3.6)
LIGHT = "id, message, position, kind, name, content_type, size, inline, content_id, part"


def every(db: Connection, message: Row) -> list[Row]:
    """The attachments in their order, without bytes."""
    sql = f"SELECT {LIGHT} FROM graph_attachment WHERE message = ? ORDER BY position"
    return rows(db, sql, message["immutable_id"])


def one(db: Connection, message: Row, attachment: str) -> Row:
    """One attachment without bytes. Raises 404."""
    sql = f"SELECT {LIGHT} FROM graph_attachment WHERE message = ? AND id = ?"
    found = row(db, sql, message["immutable_id"], attachment)
    if found is None:
        raise not_found()
    return found


def reader(db: Connection, message: Row, *, strict: bool = False) -> Reader:
    """Gives the decoded bytes of one attachment after the other; the mail is parsed once, when first needed.
    A strict reader refuses defective ones."""
    parts = cache(lambda: part_reader(mime_of(db, message) or b""))

    def read(file: Row) -> bytes:
        if strict:
            check_readable(db, file)
        if file["part"] is not None:
            return parts()(file["part"])
        found = row(db, "SELECT content FROM graph_attachment WHERE id = ?", file["id"])
        return bytes(found["content"]) if found else b""

    return read


def put(db: Connection, message: Row, wanted: Json, raw: bytes, kind: str = "file") -> Row:
    """Put an attachment of any size on a draft, as checked before."""
    made = (
        fresh_id(DEFAULT_STEM),
        message["immutable_id"],
        len(every(db, message)),
        kind,
        str(wanted["name"]),
    )
    content_type = str(
        wanted.get("contentType") or ("message/rfc822" if kind == "item" else "application/octet-stream")
    )
    rest = (content_type, len(raw), bool(wanted.get("isInline")), wanted.get("contentId"), None, raw)
    db.execute("INSERT INTO graph_attachment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*made, *rest))
    return one(db, message, made[0])


def check_lines(wanted: Json) -> None:
    """Raises 400 for what is no text, or would break out of its header line."""
    for name in ("name", "contentType", "contentId"):
        said = wanted.get(name)
        if said is not None and not (isinstance(said, str) and said.isprintable()):
            raise bad(f"'{name}' of an attachment is one line of text.", "ErrorInvalidRequest")
    if not isinstance(wanted.get("isInline", False), bool):
        raise bad("'isInline' is true or false.")


def check_readable(db: Connection, file: Row) -> None:
    """Raises 500 for an attachment that was made defective: its content, not its other members."""
    found = row(db, "SELECT code FROM graph_defect WHERE attachment = ?", file["id"])
    if found is not None:
        # documented guess: 500 is reported for ErrorCorruptData
        raise GraphError(500, found["code"], "The attachment could not be opened.")


def remove(db: Connection, file: Row) -> None:
    """Take a file off a draft."""
    db.execute("DELETE FROM graph_attachment WHERE id = ?", (file["id"],))


def visible(db: Connection, message: Row) -> bool:
    """hasAttachments: false while all of them are inline."""
    return any(not file["inline"] for file in every(db, message))
