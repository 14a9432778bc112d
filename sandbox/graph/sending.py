"""Sending: the draft becomes the sent item, the mail lands with those recipients who live here."""

import secrets
from datetime import datetime
from sqlite3 import Connection

from sandbox.graph import attachments, compose, drafts, mailboxes, messages, switches
from sandbox.graph.errors import GraphError, bad
from sandbox.graph.mime import parse
from sandbox.graph.values import Json, Row, row, stamp

MOST_RECIPIENTS = 500  # Exchange's default (reference 3.7)
INTERNAL = b"X-MS-Exchange-Organization-AuthAs: Internal\r\n"


def send(db: Connection, mailbox: Row, draft: Row, now: datetime, *, keep: bool = True) -> None:
    """Send a draft. It moves to Sent Items under the same immutable id, unless it is not to be kept."""
    drafts.need_draft(draft)
    _check(mailbox, draft["doc"])
    if not switches.get(db, "keepMessageId"):
        domain = mailbox["address"].partition("@")[2]
        draft["message_id"] = f"<{secrets.token_hex(16).upper()}@{domain}>"
    raw = mime(db, draft, now)
    if keep:
        _file(db, draft, raw, now)
    else:
        messages.erase(db, draft)
    for address in _recipients(draft["doc"]):
        deliver(db, address, INTERNAL + raw, now)


def mime(db: Connection, draft: Row, now: datetime) -> bytes:
    """The draft as it would leave now."""
    read = attachments.reader(db, draft)
    files = [(file, read(file)) for file in attachments.every(db, draft)]
    return compose.compose(draft, files, now)


def _check(mailbox: Row, doc: Json) -> None:
    everybody = _recipients(doc)
    if not everybody:
        raise bad("At least one recipient is needed.", "ErrorInvalidRecipients")
    if len(everybody) > MOST_RECIPIENTS:
        raise bad("The message has too many recipients.", "ErrorExceededMaxRecipientLimit")
    for member in ("from", "sender"):
        if doc[member]["emailAddress"]["address"].lower() != mailbox["address"]:
            words = (
                "The user account which was used to submit this request does not have the right to send mail"
            )
            raise GraphError(403, "ErrorSendAsDenied", f"{words} on behalf of the specified sending account.")


def _recipients(doc: Json) -> list[str]:
    fields = (doc["toRecipients"], doc["ccRecipients"], doc["bccRecipients"])
    everybody = (entry["emailAddress"]["address"].lower() for field in fields for entry in field)
    return list(dict.fromkeys(everybody))


def _file(db: Connection, draft: Row, raw: bytes, now: datetime) -> None:
    sent_items = mailboxes.folder(db, draft["mailbox"], "sentitems")["id"]
    draft["doc"] |= {"isRead": True}
    messages.save(db, draft, now)
    sql = "UPDATE graph_message SET is_draft = 0, mime = ?, sent = ?, received = ? WHERE seq = ?"
    db.execute(sql, (raw, stamp(now), stamp(now), draft["seq"]))
    messages.move(db, draft, sent_items, now)


def deliver(db: Connection, address: str, raw: bytes, now: datetime) -> Row | None:
    """Put a mail into the inbox of one of ours; for others there is nothing to do."""
    known = row(db, "SELECT address FROM graph_mailbox WHERE address = ?", address)
    if known is None:
        return None
    inbox = mailboxes.folder(db, address, "inbox")["id"]
    return messages.deliver(db, address, inbox, raw, parse(raw), now)
