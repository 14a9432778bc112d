"""From MIME to what Graph shows of it. A mail that cannot be parsed still gives a projection: an empty one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesFeedParser

from sandbox.graph import headers
from sandbox.graph.texts import as_text, preview
from sandbox.graph.values import Json

CHUNK = 1 << 16
IMPORTANCE = {"high": "high", "1": "high", "2": "high", "low": "low", "5": "low", "4": "low"}


@dataclass(frozen=True)
class Part:
    """One attachment as found in the MIME: `number` counts the parts of a depth-first walk."""

    number: int
    kind: str  # file or item
    name: str
    content_type: str
    size: int
    inline: bool
    content_id: str | None


@dataclass(frozen=True)
class Parsed:
    """The projection of a mail."""

    doc: Json
    message_id: str | None = None
    sent: str | None = None
    references: list[str] = field(default_factory=list)  # oldest first, In-Reply-To last
    parts: tuple[Part, ...] = ()


def parse(raw: bytes) -> Parsed:
    """Read a mail for display. Unreadable input gives an empty projection, never an exception."""
    try:
        return _parse(_message(raw))
    except (
        Exception
    ):  # the stdlib parser raises many kinds on hostile input; the bytes stay readable as $value
        return Parsed(empty())


def _message(raw: bytes) -> Message:
    """Read in pieces: at once, the parser of the standard library takes eight times the memory of a large mail."""
    parser = BytesFeedParser(policy=headers.RAW)
    for start in range(0, len(raw), CHUNK):
        parser.feed(raw[start : start + CHUNK])
    return parser.close()


def empty() -> Json:
    """The projection of a message without any content."""
    return {
        "subject": "",
        "body": {"contentType": "text", "content": ""},
        "bodyPreview": "",
        "importance": "normal",
        "isRead": False,
        "categories": [],
        "flag": {"flagStatus": "notFlagged"},
        "inferenceClassification": "focused",
        "isDeliveryReceiptRequested": None,
        "isReadReceiptRequested": False,
        "hasAttachments": False,
        "internetMessageHeaders": None,
        "from": None,
        "sender": None,
    } | {name: [] for name in ("toRecipients", "ccRecipients", "bccRecipients", "replyTo")}


def _parse(mail: Message) -> Parsed:
    parts = tuple(_parts(mail))
    senders = headers.addresses(mail, "From")
    body = _body(mail)
    doc = empty() | {
        "subject": headers.text(mail.get("Subject", "")),
        "body": body,
        "bodyPreview": preview(as_text(body)),
        "importance": _importance(mail),
        "hasAttachments": any(not part.inline for part in parts),
        "internetMessageHeaders": headers.listed(mail),
        "from": senders[0] if senders else None,
        "sender": next(iter(headers.addresses(mail, "Sender") or senders), None),
        "toRecipients": headers.addresses(mail, "To"),
        "ccRecipients": headers.addresses(mail, "Cc"),
        "messageClass": _kind(mail),
        "replyTo": headers.addresses(mail, "Reply-To"),
        "isReadReceiptRequested": "Disposition-Notification-To" in mail,
    }
    before = headers.message_ids(mail, "References") + headers.message_ids(mail, "In-Reply-To")
    references = list(dict.fromkeys(before))
    doc["references"] = references
    return Parsed(doc, headers.message_id(mail), headers.sent(mail), references, parts)


def _kind(mail: Message) -> str:
    """The message class; a report on a delivery is no note (reference 3.5)."""
    report = (
        mail.get_content_type() == "multipart/report" and mail.get_param("report-type") == "delivery-status"
    )
    return "REPORT.IPM.Note.NDR" if report else "IPM.Note"


def _importance(mail: Message) -> str:
    said = str(mail.get("Importance") or mail.get("X-Priority") or "").strip().lower()
    return IMPORTANCE.get(said[:1] if said[:1].isdigit() else said, "normal")


def _walk(mail: Message) -> list[Message]:
    """Depth first, not into attached messages."""
    found = [mail]
    payload = mail.get_payload()
    if isinstance(payload, list) and mail.get_content_type() != "message/rfc822":
        for part in payload:
            if isinstance(part, Message):
                found += _walk(part)
    return found


def _is_body(part: Message) -> bool:
    plain = part.get_content_type() in ("text/plain", "text/html")
    return plain and part.get_content_disposition() != "attachment" and not part.get_filename()


def _body(mail: Message) -> Json:
    """The HTML part when there is one, else the first plain text."""
    bodies = [part for part in _walk(mail) if _is_body(part)]
    chosen = next((part for part in bodies if part.get_content_type() == "text/html"), None)
    chosen = chosen or next(iter(bodies), None)
    if chosen is None:
        return {"contentType": "text", "content": ""}
    kind = "html" if chosen.get_content_type() == "text/html" else "text"
    return {"contentType": kind, "content": _decoded(chosen)}


def _decoded(part: Message) -> str:
    raw = _bytes(part)
    try:
        return raw.decode(part.get_content_charset() or "utf-8", errors="replace")
    except (LookupError, ValueError):
        return raw.decode("latin-1")


def _bytes(part: Message) -> bytes:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        return inner[0].as_bytes() if isinstance(inner, list) and isinstance(inner[0], Message) else b""
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _parts(mail: Message) -> list[Part]:
    return [_part(n, part) for n, part in enumerate(_walk(mail)) if _is_attachment(part)]


def _is_mail(part: Message) -> bool:
    return part.get_content_type() == "message/rfc822"


def _is_attachment(part: Message) -> bool:
    return _is_mail(part) or not (part.is_multipart() or _is_body(part))


def _part(number: int, part: Message) -> Part:
    content_id = headers.text(part.get("Content-ID") or "").strip(" <>") or None
    return Part(
        number,
        "item" if _is_mail(part) else "file",
        headers.text(part.get_filename() or ""),
        headers.clean(part.get_content_type()),
        len(_bytes(part)),
        part.get_content_disposition() == "inline"
        or (content_id is not None and part.get_content_disposition() is None),
        content_id,
    )


def written(raw: bytes) -> tuple[Parsed, list[Json], list[Json]]:
    """A mail that a client wants to send: its projection, its blind copies, its headers that stay as they are."""
    mail = _message(raw)
    kept = [entry for entry in headers.listed(mail) if not headers.made_here(entry["name"])]
    return parse(raw), headers.addresses(mail, "Bcc"), kept


def part_reader(raw: bytes) -> Callable[[int], bytes]:
    """Gives the decoded bytes of parts by number; of an attached mail its own MIME. The mail is parsed once."""
    walked = _walk(_message(raw))
    return lambda number: _bytes(walked[number])
