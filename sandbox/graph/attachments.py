"""Attached files of a message: those found in its MIME and those put on a draft."""

import base64
import binascii
from collections.abc import Callable
from functools import cache
from sqlite3 import Connection

from sandbox.graph.errors import GraphError, bad, not_found, not_offered
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


def reader(db: Connection, message: Row) -> Reader:
    """Gives the decoded bytes of one attachment after the other; the mail is parsed once, when first needed."""
    parts = cache(lambda: part_reader(mime_of(db, message) or b""))

    def read(file: Row) -> bytes:
        if file["part"] is not None:
            return parts()(file["part"])
        found = row(db, "SELECT content FROM graph_attachment WHERE id = ?", file["id"])
        return bytes(found["content"]) if found else b""

    return read


def add(db: Connection, message: Row, wanted: object) -> Row:
    """Put a small file on a draft. Raises 400, 413 above 3 MB, 501 for other kinds."""
    if not isinstance(wanted, dict) or wanted.get("@odata.type") != "#microsoft.graph.fileAttachment":
        raise not_offered("attachments other than #microsoft.graph.fileAttachment")
    raw = _bytes(wanted)
    for name in ("name", "contentType", "contentId"):
        if not str(wanted.get(name) or "").isprintable():
            raise bad(f"'{name}' of an attachment is one line of text.", "ErrorInvalidRequest")
    position = len(every(db, message))
    made = (fresh_id(DEFAULT_STEM), message["immutable_id"], position, "file", str(wanted["name"]))
    kind = str(wanted.get("contentType") or "application/octet-stream")
    rest = (kind, len(raw), bool(wanted.get("isInline")), wanted.get("contentId"), None, raw)
    db.execute("INSERT INTO graph_attachment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*made, *rest))
    return one(db, message, made[0])


def _bytes(wanted: Json) -> bytes:
    if not isinstance(wanted.get("name"), str) or not wanted["name"]:
        raise bad("An attachment needs a name.", "ErrorInvalidRequest")
    try:
        raw = base64.b64decode(wanted["contentBytes"], validate=True)
    except (KeyError, binascii.Error, TypeError, ValueError) as exc:
        raise bad("contentBytes is not base64.") from exc
    if len(raw) > LIMIT:
        words = "The attachment is larger than 3 MB; use an upload session."
        raise GraphError(413, "ErrorMessageSizeExceeded", words)
    return raw


def remove(db: Connection, file: Row) -> None:
    """Take a file off a draft."""
    db.execute("DELETE FROM graph_attachment WHERE id = ?", (file["id"],))


def visible(db: Connection, message: Row) -> bool:
    """hasAttachments: false while all of them are inline."""
    return any(not file["inline"] for file in every(db, message))
