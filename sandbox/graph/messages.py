"""Messages in the store: arriving, changing, moving, leaving; each step leaves its mark for delta."""

import json
import secrets
from base64 import b64decode, b64encode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection

from sandbox.graph.errors import bad, not_found
from sandbox.graph.mime import Parsed, Part
from sandbox.graph.values import DEFAULT_STEM, ID_SHAPE, IMMUTABLE_STEM, Json, Row, fresh_id, row, rows, stamp

INSERT = """INSERT INTO graph_message (immutable_id, current_id, mailbox, folder, conversation, message_id,
    received, sent, created, modified, is_draft, doc, mime, change, full_change, entered)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
LIGHT = """seq, immutable_id, current_id, mailbox, folder, conversation, message_id, received, sent, created,
    modified, is_draft, doc, change, full_change, entered"""


@dataclass(frozen=True)
class Arrival:
    """A message about to be stored. Times are instants in UTC as text."""

    mailbox: str
    folder: str
    doc: Json
    message_id: str | None
    conversation: str
    sent: str | None
    draft: bool
    mime: bytes | None = None


def next_change(db: Connection) -> int:
    """The number of the next change; it orders everything that delta reports."""
    sql = "UPDATE graph_setting SET value = value + 1 WHERE name = 'change' RETURNING value"
    return int(db.execute(sql).fetchone()[0])


def setting(db: Connection, name: str) -> int:
    """One counter of the tenant."""
    return int(db.execute("SELECT value FROM graph_setting WHERE name = ?", (name,)).fetchone()[0])


def add(db: Connection, arrival: Arrival, now: datetime) -> Row:
    """Store a message under new ids."""
    change, instant = next_change(db), stamp(now)
    immutable, current = fresh_id(IMMUTABLE_STEM), fresh_id(DEFAULT_STEM)
    where = (immutable, current, arrival.mailbox, arrival.folder, arrival.conversation, arrival.message_id)
    times = (instant, arrival.sent, instant, instant)
    rest = (arrival.draft, json.dumps(arrival.doc), arrival.mime, change, change, change)
    db.execute(INSERT, (*where, *times, *rest))
    return get(db, arrival.mailbox, immutable)


def get(db: Connection, mailbox: str, message: str) -> Row:
    """A message by either form of its id, without its MIME. Raises 404, or 400 for what is no id."""
    sql = f"SELECT {LIGHT} FROM graph_message WHERE mailbox = ? AND (immutable_id = ? OR current_id = ?)"
    found = row(db, sql, mailbox, message, message)
    if found is None:
        raise not_found() if ID_SHAPE.match(message) else bad("Id is malformed.", "ErrorInvalidIdMalformed")
    return loaded(found)


def loaded(found: Row) -> Row:
    """The row with its projection read."""
    return {**found, "doc": json.loads(found["doc"])}


def mime_of(db: Connection, message: Row) -> bytes | None:
    """The MIME as it came, byte for byte; None for a draft that was never sent."""
    found = row(db, "SELECT mime FROM graph_message WHERE seq = ?", message["seq"])
    return found["mime"] if found else None


def deliver(db: Connection, mailbox: str, inbox: str, raw: bytes, parsed: Parsed, now: datetime) -> Row:
    """Put a mail into an inbox. Parse it before, outside of the transaction: `parse(raw)`."""
    conversation, index = thread(db, mailbox, parsed, now)
    doc = {**parsed.doc, "conversationIndex": index}
    sent = parsed.sent or stamp(now)
    arrival = Arrival(mailbox, inbox, doc, parsed.message_id, conversation, sent, False, raw)
    message = add(db, arrival, now)
    add_parts(db, message["immutable_id"], parsed.parts)
    return message


def thread(db: Connection, mailbox: str, parsed: Parsed, now: datetime) -> tuple[str, str]:
    """Conversation and index of a mail: by its references, and only while the subject stays (reference 3.4)."""
    for reference in reversed(parsed.references):
        sql = f"SELECT {LIGHT} FROM graph_message WHERE mailbox = ? AND message_id = ? LIMIT 1"
        known = row(db, sql, mailbox, reference)
        if known and topic(loaded(known)["doc"]["subject"]) == topic(parsed.doc["subject"]):
            return known["conversation"], next_index(loaded(known)["doc"].get("conversationIndex"))
    return new_conversation(now)


def topic(subject: str) -> str:
    """A subject without the marks of answers and forwards."""
    words = subject.strip()
    while words[:3].lower() in ("re:", "fw:") or words[:4].lower() in ("fwd:", "aw: "):
        words = words.partition(":")[2].strip()
    return words.lower()


def new_conversation(now: datetime) -> tuple[str, str]:
    """The id of a new thread and its first index of 22 bytes."""
    conversation = "AAQk" + urlsafe_b64encode(secrets.token_bytes(24)).decode() + "AQAA="
    root = b"\x01" + int(now.timestamp()).to_bytes(5) + secrets.token_bytes(16)
    return conversation, b64encode(root).decode()


def next_index(index: str | None) -> str:
    """The index of an answer: five bytes longer than that of its parent."""
    return b64encode(b64decode(index or "") + secrets.token_bytes(5)).decode()


def add_parts(db: Connection, message: str, parts: tuple[Part, ...]) -> None:
    """Note the attachments of a mail; their bytes stay in its MIME."""
    for position, part in enumerate(parts):
        values = (
            part.kind,
            part.name,
            part.content_type,
            part.size,
            part.inline,
            part.content_id,
            part.number,
        )
        key = (fresh_id(DEFAULT_STEM), message, position)
        db.execute(
            "INSERT INTO graph_attachment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)", (*key, *values)
        )


def save(db: Connection, message: Row, now: datetime, *, read_mark_only: bool = False) -> Row:
    """Write a changed projection back as one more change."""
    change = next_change(db)
    full = message["full_change"] if read_mark_only else change
    sql = """UPDATE graph_message SET doc = ?, message_id = ?, modified = ?, change = ?, full_change = ?
             WHERE seq = ?"""
    doc = json.dumps(message["doc"])
    db.execute(sql, (doc, message["message_id"], stamp(now), change, full, message["seq"]))
    return get(db, message["mailbox"], message["immutable_id"])


def move(db: Connection, message: Row, folder: str, now: datetime) -> Row:
    """Move within the mailbox: the default id changes, the immutable one stays (reference 3.3)."""
    leave(db, message)
    change = next_change(db)
    sql = """UPDATE graph_message SET folder = ?, current_id = ?, modified = ?, change = ?, full_change = ?,
             entered = ? WHERE seq = ?"""
    values = (folder, fresh_id(DEFAULT_STEM), stamp(now), change, change, change, message["seq"])
    db.execute(sql, values)
    return get(db, message["mailbox"], message["immutable_id"])


def leave(db: Connection, message: Row) -> None:
    """Note for delta that a message has left its folder."""
    values = (next_change(db), message["folder"], message["immutable_id"], message["current_id"])
    db.execute("INSERT INTO graph_gone VALUES (?, ?, ?, ?)", values)


def copy(db: Connection, message: Row, folder: str, now: datetime) -> Row:
    """A second message with the same content under new ids."""
    arrival = Arrival(
        message["mailbox"],
        folder,
        message["doc"],
        message["message_id"],
        message["conversation"],
        message["sent"],
        bool(message["is_draft"]),
        mime_of(db, message),
    )
    made = add(db, arrival, now)
    for found in rows(db, "SELECT * FROM graph_attachment WHERE message = ?", message["immutable_id"]):
        values = {**found, "id": fresh_id(DEFAULT_STEM), "message": made["immutable_id"]}
        db.execute(
            "INSERT INTO graph_attachment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", tuple(values.values())
        )
    sql = "INSERT INTO graph_property SELECT ?, name, value FROM graph_property WHERE message = ?"
    db.execute(sql, (made["immutable_id"], message["immutable_id"]))
    return made


def erase(db: Connection, message: Row) -> None:
    """Remove for good."""
    leave(db, message)
    db.execute("DELETE FROM graph_attachment WHERE message = ?", (message["immutable_id"],))
    db.execute("DELETE FROM graph_property WHERE message = ?", (message["immutable_id"],))
    db.execute("DELETE FROM graph_message WHERE seq = ?", (message["seq"],))


def add_file(db: Connection, message: str, file: Row, raw: bytes) -> None:
    """Put the bytes of another message's attachment on this one."""
    values = (file["kind"], file["name"], file["content_type"], len(raw), file["inline"], file["content_id"])
    key = (fresh_id(DEFAULT_STEM), message, file["position"])
    db.execute(
        "INSERT INTO graph_attachment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?)", (*key, *values, raw)
    )
