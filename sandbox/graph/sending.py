"""Sending: the draft becomes the sent item, the mail lands with those recipients who live here."""

import secrets
from datetime import datetime, timedelta
from sqlite3 import Connection

from sandbox.graph import attachments, compose, drafts, due, mailboxes, messages, ndr, switches
from sandbox.graph.errors import GraphError, bad
from sandbox.graph.mime import parse
from sandbox.graph.values import Json, Row, row, stamp

MOST_RECIPIENTS = 500  # Exchange's default (reference 3.7)
INTERNAL = b"X-MS-Exchange-Organization-AuthAs: Internal\r\n"


def send(db: Connection, mailbox: Row, draft: Row, now: datetime, *, keep: bool = True) -> None:
    """Send a draft. It moves to Sent Items under the same immutable id, unless it is not to be kept.

    What a mailbox sends beyond its messages a minute waits in the Outbox."""
    drafts.need_draft(draft)
    _check(mailbox, draft["doc"])
    if not switches.get(db, "keepMessageId"):
        domain = mailbox["address"].partition("@")[2]
        draft["message_id"] = f"<{secrets.token_hex(16).upper()}@{domain}>"
    raw = mime(db, draft, now)
    at = due.slot(db, mailbox["address"], now)
    if at > now:
        _file(db, draft, raw, now, "outbox")
        due.add(db, at, "send", mailbox["address"], draft["immutable_id"], keep=keep)
        return
    if keep:
        _file(db, draft, raw, now, "sentitems")
    else:
        messages.erase(db, draft)
    _leave(db, mailbox, draft, raw, now)


def _leave(db: Connection, mailbox: Row, sent: Row, raw: bytes, now: datetime) -> None:
    """Give the mail to those of its recipients who live here; report those who cannot be reached."""
    patterns, failed = switches.get(db, "bounce"), []
    for address in _recipients(sent["doc"]):
        if switches.matches(patterns, address):
            failed.append(address)
        else:
            deliver(db, address, INTERNAL + raw, now)
    if failed:
        at = now + timedelta(seconds=switches.get(db, "bounceSeconds"))
        report = ndr.report(mailbox, sent["doc"], sent["message_id"], failed, raw, at)
        due.add(db, at, "deliver", mailbox["address"], report)


def _late(db: Connection, entry: Row, now: datetime) -> None:
    """The turn of a message in the Outbox. One that was deleted or moved meanwhile is not sent."""
    sql = f"SELECT {messages.LIGHT} FROM graph_message WHERE immutable_id = ? AND folder = ?"
    outbox = mailboxes.folder(db, entry["mailbox"], "outbox")["id"]
    found = row(db, sql, entry["what"], outbox)
    if found is None:
        return
    sent = messages.loaded(found)
    raw = messages.mime_of(db, sent) or b""
    if entry["keep"]:
        db.execute(
            "UPDATE graph_message SET sent = ?, received = ? WHERE seq = ?", (*[stamp(now)] * 2, sent["seq"])
        )
        messages.move(db, sent, mailboxes.folder(db, entry["mailbox"], "sentitems")["id"], now)
    else:
        messages.erase(db, sent)
    _leave(db, mailboxes.find(db, entry["mailbox"]), sent, raw, now)


def _arrive(db: Connection, entry: Row, now: datetime) -> None:
    deliver(db, entry["mailbox"], bytes(entry["what"]), now)


ACTS: dict[str, due.Act] = {"send": _late, "deliver": _arrive}


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
        # documented guess: the code; the limit is documented
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


def _file(db: Connection, draft: Row, raw: bytes, now: datetime, folder: str) -> None:
    """The draft is none any more: it lies in Sent Items, or in the Outbox until its turn comes."""
    draft["doc"] |= {"isRead": True}
    messages.save(db, draft, now)
    sql = "UPDATE graph_message SET is_draft = 0, mime = ?, sent = ?, received = ? WHERE seq = ?"
    db.execute(sql, (raw, stamp(now), stamp(now), draft["seq"]))
    messages.move(db, draft, mailboxes.folder(db, draft["mailbox"], folder)["id"], now)


def deliver(db: Connection, address: str, raw: bytes, now: datetime) -> Row | None:
    """Put a mail into the inbox of one of ours; for others there is nothing to do."""
    known = row(db, "SELECT address FROM graph_mailbox WHERE address = ?", address)
    if known is None:
        return None
    inbox = mailboxes.folder(db, address, "inbox")["id"]
    return messages.deliver(db, address, inbox, raw, parse(raw), now)
