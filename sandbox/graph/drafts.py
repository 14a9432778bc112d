"""Drafts: new ones, answers, forwards, and changing them (reference 3.7)."""

import html
import secrets
from datetime import datetime
from sqlite3 import Connection

from sandbox.graph import adding, attachments, mailboxes, messages, properties, writing
from sandbox.graph.errors import GraphError, bad
from sandbox.graph.headers import recipient
from sandbox.graph.messages import Arrival
from sandbox.graph.mime import empty, part_reader, written
from sandbox.graph.texts import as_text, preview, shown
from sandbox.graph.values import Json, Row

PREFIX = {"createReply": "RE: ", "createReplyAll": "RE: ", "createForward": "FW: "}


def create(db: Connection, mailbox: Row, wanted: Json, now: datetime) -> Row:
    """A new draft in Drafts."""
    conversation, index = messages.new_conversation(now)
    doc = _blank(mailbox) | {"conversationIndex": index}
    return _store(db, mailbox, doc, conversation, wanted, now)


def from_mime(db: Connection, mailbox: Row, raw: bytes, now: datetime) -> Row:
    """A new draft from MIME: with threading and any other header, which JSON does not allow (reference 3.7)."""
    parsed, blind, kept = written(raw)
    conversation, index = messages.thread(db, mailbox["address"], parsed, now)
    doc = parsed.doc | {"internetMessageHeaders": None, "isRead": True, "bccRecipients": blind}
    own = _blank(mailbox)
    doc |= {"from": doc["from"] or own["from"], "sender": doc["sender"] or own["sender"]}
    if parsed.references:
        doc["inReplyTo"] = parsed.references[-1]
    doc |= {"conversationIndex": index, "customHeaders": kept}
    made = _keep(db, mailbox, doc, conversation, parsed.message_id, now)
    read = part_reader(raw)
    for part in parsed.parts:
        values = {"name": part.name, "contentType": part.content_type, "isInline": part.inline}
        attachments.put(db, made, values | {"contentId": part.content_id}, read(part.number), part.kind)
    return made


def answer(db: Connection, mailbox: Row, original: Row, kind: str, body: Json, now: datetime) -> Row:
    """A draft that answers or passes on a message. A comment and a message body together are refused."""
    wanted = body.get("message") or {}
    comment = body.get("comment")
    if not isinstance(wanted, dict) or (comment is not None and not isinstance(comment, str)):
        raise bad("An answer takes a message object or a comment text.")
    if comment is not None and "body" in wanted:
        raise bad("A comment and a message body cannot be given together.", "ErrorInvalidRequest")
    doc = _blank(mailbox) | _answering(original["doc"], kind, mailbox["address"])
    doc["body"] = _quoting(original, comment or "")
    doc["conversationIndex"] = messages.next_index(original["doc"].get("conversationIndex"))
    if original["message_id"]:
        doc["inReplyTo"] = original["message_id"]
        doc["references"] = [*original["doc"].get("references", []), original["message_id"]]
    made = _store(db, mailbox, doc, original["conversation"], wanted, now)
    if kind == "createForward":
        _pass_on(db, original, made)
        made["doc"]["hasAttachments"] = attachments.visible(db, made)
        made = messages.save(db, made, now)
    return made


def _blank(mailbox: Row) -> Json:
    own = recipient(mailbox["display_name"], mailbox["address"])
    return empty() | {"from": own, "sender": own, "isRead": True}


def _answering(original: Json, kind: str, own: str) -> Json:
    """Subject and recipients; `replyTo` of the original is honoured."""
    subject, prefix = original["subject"], PREFIX[kind]
    doc: Json = {"subject": subject if subject.upper().startswith(prefix.strip()) else prefix + subject}
    if kind == "createForward":
        return doc
    doc["toRecipients"] = original["replyTo"] or [r for r in (original["from"],) if r]
    if kind == "createReplyAll":
        known = {own.lower()} | {_address(r) for r in doc["toRecipients"]}
        others = {
            name: [r for r in original[name] if _address(r) not in known] for name in writing.RECIPIENTS[:2]
        }
        doc["toRecipients"] = doc["toRecipients"] + others["toRecipients"]
        doc["ccRecipients"] = others["ccRecipients"]
    return doc


def _address(who: Json) -> str:
    return str(who["emailAddress"]["address"]).lower()


def _quoting(original: Row, comment: str) -> Json:
    """The comment above the original, with the mark that Outlook puts between."""
    doc = original["doc"]
    sender = _address(doc["from"]) if doc["from"] else ""
    head = [("From", sender), ("Sent", original["sent"] or ""), ("Subject", doc["subject"])]
    lines = "<br>".join(f"<b>{name}:</b> {html.escape(value)}" for name, value in head)
    quoted = shown(doc["body"], "html", unsafe=False)["content"]
    above = f"<div>{html.escape(comment)}</div>" if comment else ""
    mark = f'<hr><div id="divRplyFwdMsg" dir="ltr">{lines}</div>'
    return {"contentType": "html", "content": f"<html><body>{above}{mark}<div>{quoted}</div></body></html>"}


def _store(db: Connection, mailbox: Row, doc: Json, conversation: str, wanted: Json, now: datetime) -> Row:
    writing.check_names(wanted, draft=True, new=True)
    doc = doc | writing.changes(wanted)
    doc["bodyPreview"] = preview(as_text(doc["body"]))
    doc["customHeaders"] = writing.custom_headers(wanted.get("internetMessageHeaders", []))
    made = _keep(db, mailbox, doc, conversation, wanted.get("internetMessageId"), now)
    properties.write(db, made["immutable_id"], wanted.get("singleValueExtendedProperties", []))
    files = wanted.get("attachments", [])
    for file in files if isinstance(files, list) else [files]:
        adding.add(db, made, file, now)
    made["doc"]["hasAttachments"] = attachments.visible(db, made)
    return messages.save(db, made, now)


def _keep(
    db: Connection, mailbox: Row, doc: Json, conversation: str, message_id: str | None, now: datetime
) -> Row:
    domain = mailbox["address"].partition("@")[2]
    message_id = message_id or f"<{secrets.token_hex(16).upper()}@{domain}>"
    folder = mailboxes.folder(db, mailbox["address"], "drafts")["id"]
    arrival = Arrival(mailbox["address"], folder, doc, message_id, conversation, None, True)
    return messages.add(db, arrival, now)


def _pass_on(db: Connection, original: Row, made: Row) -> None:
    read = attachments.reader(db, original)
    for file in attachments.every(db, original):
        messages.add_file(db, made["immutable_id"], file, read(file))


def patch(db: Connection, message: Row, wanted: Json, now: datetime) -> Row:
    """Change a message: some members at any time, the content only while it is a draft."""
    writing.check_names(wanted, bool(message["is_draft"]), new=False)
    message["doc"] |= writing.changes(wanted)
    message["message_id"] = wanted.get("internetMessageId", message["message_id"])
    if "singleValueExtendedProperties" in wanted:
        properties.write(db, message["immutable_id"], wanted["singleValueExtendedProperties"])
    only_read = bool(wanted) and set(wanted) <= {"isRead"}
    return messages.save(db, message, now, read_mark_only=only_read)


def check_version(tag: str | None, current: str) -> None:
    """Raises 412 when an If-Match names another version."""
    if tag is not None and tag not in ("*", current):
        words = "The send or update operation could not be performed because the change key does not match."
        raise GraphError(412, "ErrorIrresolvableConflict", words)


def need_draft(message: Row) -> Row:
    """Raises 400 unless the message is a draft."""
    if not message["is_draft"]:
        raise bad("The operation needs a draft.", "ErrorInvalidOperation")
    return message
