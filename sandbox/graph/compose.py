"""From a draft to real MIME."""

import email
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from sandbox.graph.errors import bad
from sandbox.graph.texts import as_text
from sandbox.graph.values import Json, Row

FIELDS = (("From", "from"), ("To", "toRecipients"), ("Cc", "ccRecipients"), ("Reply-To", "replyTo"))
type File = tuple[Row, bytes]


def compose(draft: Row, files: list[File], now: datetime) -> bytes:
    """The mail as it leaves: multipart/alternative for HTML, with In-Reply-To and References of an answer."""
    doc: Json = draft["doc"]
    mail = EmailMessage(policy=SMTP)
    _head(mail, doc, draft["message_id"], now)
    _body(mail, doc["body"])
    for file, raw in files:
        _attach(mail, file, raw)
    return mail.as_bytes()


def _head(mail: EmailMessage, doc: Json, message_id: str | None, now: datetime) -> None:
    for name, member in FIELDS:
        who = doc[member] if isinstance(doc[member], list) else [doc[member]]
        if who and who[0]:
            mail[name] = [_address(entry) for entry in who]
    mail["Subject"] = " ".join(doc["subject"].split())
    mail["Date"] = format_datetime(now)
    if message_id:
        mail["Message-ID"] = message_id
    if doc.get("inReplyTo"):
        mail["In-Reply-To"] = doc["inReplyTo"]
        mail["References"] = " ".join(doc["references"])
    if doc["importance"] != "normal":
        mail["Importance"] = doc["importance"]
    if doc["conversationIndex"]:
        mail["Thread-Index"] = doc["conversationIndex"]
    for header in doc.get("customHeaders", []):
        _header(mail, header["name"], header["value"])


def _header(mail: EmailMessage, name: str, value: str) -> None:
    try:
        mail[name] = " ".join(value.split())
    except (ValueError, IndexError, MessageError) as exc:
        raise bad(f"The header '{name}' cannot be sent as it is.", "ErrorMimeContentInvalid") from exc


def _address(who: Json) -> Address:
    entry = who["emailAddress"]
    try:
        return Address(display_name=" ".join(entry["name"].split()), addr_spec=entry["address"])
    except (ValueError, IndexError, MessageError) as exc:
        raise bad("At least one recipient isn't valid.", "ErrorInvalidRecipients") from exc


def _body(mail: EmailMessage, body: Json) -> None:
    mail.set_content(as_text(body))
    if body["contentType"] == "html":
        mail.add_alternative(body["content"], subtype="html")


def _attach(mail: EmailMessage, file: Row, raw: bytes) -> None:
    if file["kind"] == "reference":
        return  # a link has no bytes to travel with
    if file["kind"] == "item":
        _attach_mail(mail, file, raw)
        return
    main, _, sub = file["content_type"].partition("/")
    if not sub or main in ("multipart", "message"):
        main, sub = "application", "octet-stream"
    mail.add_attachment(
        raw,
        maintype=main,
        subtype=sub.partition(";")[0],
        filename=file["name"],
        disposition="inline" if file["inline"] else "attachment",
        cid=f"<{file['content_id']}>" if file["content_id"] else None,
    )


def _attach_mail(mail: EmailMessage, file: Row, raw: bytes) -> None:
    """A mail travels as message/rfc822. One that cannot be written that way goes as a file."""
    try:
        inner = email.message_from_bytes(raw, policy=SMTP)
        inner.as_bytes()
        mail.add_attachment(inner, filename=file["name"] or None)
    except (ValueError, LookupError, MessageError, UnicodeError):
        plain = {**file, "kind": "file", "content_type": "application/octet-stream"}
        _attach(mail, plain, raw)
