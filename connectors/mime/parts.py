"""The tree of a mail: its readable sections, its files, the messages inside it."""

import hashlib
import re
from dataclasses import dataclass, field
from email import message_from_bytes, message_from_string
from email.message import Message
from email.policy import compat32

from connectors.mime import charset, tnef
from connectors.mime.headers import unbase64
from connectors.mime.names import file_name, parameter, safe_name
from schemas.mail import Attachment, AttachmentKind

DEEPEST = 20
MOST_PARTS = 1_000

_KINDS = {
    "message/rfc822": AttachmentKind.MAIL,
    "message/global": AttachmentKind.MAIL,
    "application/pkcs7-signature": AttachmentKind.SIGNATURE,
    "application/x-pkcs7-signature": AttachmentKind.SIGNATURE,
    "application/pgp-signature": AttachmentKind.SIGNATURE,
    "text/calendar": AttachmentKind.CALENDAR,
    "application/ics": AttachmentKind.CALENDAR,
    "application/ms-tnef": AttachmentKind.TNEF,
    "application/vnd.ms-tnef": AttachmentKind.TNEF,
}
# The text again, for programs that read neither plain text nor HTML.
_OTHER_FORMS = frozenset({"text/x-amp-html", "text/watch-html", "text/enriched", "text/richtext"})
_SEALED = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted"})
_EXACT = compat32.clone(max_line_length=None, mangle_from_=False)
_CALENDAR_METHOD = re.compile(r"^METHOD:([A-Za-z-]{1,20})\s*$", re.MULTILINE)


@dataclass
class Section:
    """One readable stretch of a mail, in the forms that it was sent in."""

    plain: str | None = None
    html: str | None = None


@dataclass
class Parts:
    """What the walk over a mail found, in the order of the mail."""

    faults: list[str]
    sections: list[Section] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    delivery: Message | None = None  # message/delivery-status
    returned: Message | None = None  # the original, or its header, inside a report
    calendar_method: str | None = None
    seen: int = 0


def read_parts(message: Message, faults: list[str], depth: int = 0) -> Parts:
    """Walk one message. Messages inside it are listed, not entered."""
    found = Parts(faults)
    _visit(message, found, depth, message.get_content_type() == "multipart/report")
    return found


def _visit(part: Message, found: Parts, depth: int, report: bool) -> None:
    found.seen += 1
    if depth > DEEPEST:
        found.faults.append(f"parts nested deeper than {DEEPEST} were not read")
    elif found.seen > MOST_PARTS:
        if found.seen == MOST_PARTS + 1:
            found.faults.append(f"parts after the first {MOST_PARTS} were not read")
    elif part.get_content_maintype() == "multipart":
        _visit_container(part, found, depth, report)
    else:
        _visit_leaf(part, found, report, whole=depth == 0)


def _visit_container(part: Message, found: Parts, depth: int, report: bool) -> None:
    if not part.is_multipart():  # a container without a boundary is read as text
        found.faults.append("a part says it has parts but none could be found; it was read as text")
        found.sections.append(Section(plain=_text(part, found.faults)))
        return
    if any(type(defect).__name__ == "CloseBoundaryNotFoundDefect" for defect in part.defects):
        found.faults.append("the mail ends before its last part does; that part may be incomplete")
    before = len(found.sections)
    for child in children(part):
        _visit(child, found, depth + 1, report)
    if part.get_content_subtype() == "alternative":
        found.sections[before:] = _merge(found.sections[before:])


def children(part: Message) -> list[Message]:
    """The parts of a container; empty where it has none."""
    payload = part.get_payload() if part.is_multipart() else []
    return [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []


def _merge(sections: list[Section]) -> list[Section]:
    """Alternatives say the same thing twice: one section with both forms."""
    plain = [each.plain for each in sections if each.plain is not None]
    html = [each.html for each in sections if each.html is not None]
    if not plain and not html:
        return []
    return [Section("\n".join(plain) if plain else None, "\n".join(html) if html else None)]


def _visit_leaf(part: Message, found: Parts, report: bool, whole: bool) -> None:
    kind = part.get_content_type()
    if kind in _OTHER_FORMS and not _is_file(part):
        pass
    elif report and kind in {"message/delivery-status", "message/global-delivery-status"}:
        found.delivery = part
    elif report and _is_returned(kind):
        found.returned = _returned(part, found.faults)
    elif report and kind == "message/disposition-notification":
        pass  # its type says all that is needed: a receipt
    elif kind in {"text/plain", "text/html"} and (whole or not _is_file(part)):
        text = _text(part, found.faults)
        found.sections.append(
            Section(html=text) if kind == "text/html" else Section(plain=_unflowed(part, text))
        )
    elif kind == "text/calendar" and not _is_file(part):
        found.calendar_method = found.calendar_method or _method(part, found.faults)
    else:
        _attach(part, kind, found)


def _is_returned(kind: str) -> bool:
    return kind in {"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"}


def _is_file(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or file_name(part) is not None


def _returned(part: Message, faults: list[str]) -> Message:
    if part.get_content_type() in {"text/rfc822-headers", "message/global-headers"}:
        return message_from_string(_text(part, faults))
    return embedded(part) or part


def embedded(part: Message) -> Message | None:
    """The message inside a message/rfc822 part."""
    inner = next(iter(children(part)), None)
    if inner is None:
        return None
    if str(part.get("content-transfer-encoding") or "").strip().lower() == "base64" and not inner.keys():
        # Not allowed for messages, yet sent: the parser took the base64 for the text of the message.
        return message_from_bytes(
            unbase64(str(inner.get_payload()).encode("ascii", "ignore")), policy=compat32
        )
    return inner


def _attach(part: Message, kind: str, found: Parts) -> None:
    name = file_name(part)
    inner = embedded(part) if part.get_content_maintype() == "message" else None
    data = _embedded_bytes(inner, found.faults) if inner else _bytes(part, found.faults)
    if inner is not None and name is None and inner.get("subject"):
        name = f"{inner.get('subject')}.eml"
    if kind in _SEALED:
        found.faults.append("a part is encrypted or sealed; its content could not be read")
    sort = _KINDS.get(kind, AttachmentKind.FILE)
    if (name or "").lower() == "winmail.dat":
        sort = AttachmentKind.TNEF
    number = len(found.attachments) + 1
    found.attachments.append(_attachment(part, safe_name(name, kind, number), kind, data, sort))
    if inner is not None:
        found.messages.append(inner)
    if sort is AttachmentKind.CALENDAR:
        found.calendar_method = found.calendar_method or _method(part, found.faults)
    if sort is AttachmentKind.TNEF:
        _unpack(data, found)


def _attachment(part: Message, name: str, kind: str, data: bytes, sort: AttachmentKind) -> Attachment:
    content_id = charset.clean_line(str(part.get("content-id") or "")).strip("<> ")[:250] or None
    return Attachment(
        name=name,
        content_type=kind,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        kind=sort,
        content_id=content_id,
        inline=part.get_content_disposition() == "inline",
    )


def _unpack(data: bytes, found: Parts) -> None:
    """What winmail.dat holds stands beside it; its text is used where the mail has none."""
    packed = tnef.unpack(data, found.faults)
    for name, content in packed.files:
        found.attachments.append(
            Attachment(
                name=safe_name(name, "application/octet-stream", len(found.attachments) + 1),
                content_type=tnef.guess_type(name),
                size=len(content),
                sha256=hashlib.sha256(content).hexdigest(),
            )
        )
    has_text = any((each.plain or each.html or "").strip() for each in found.sections)
    if not has_text and (packed.text or packed.html):
        found.sections.append(Section(packed.text, packed.html))


def _bytes(part: Message, faults: list[str]) -> bytes:
    """The decoded bytes of a part; damage in the transfer encoding is noted and read around."""
    try:
        data = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError, TypeError):
        del part["content-type"]  # a character set that even its name cannot be looked up of
        data = part.get_payload(decode=True)
    if any(type(defect).__name__.startswith("InvalidBase64") for defect in part.defects):
        faults.append("a part is damaged (base64); it may be incomplete")
        data = unbase64(str(part.get_payload()).encode("ascii", "ignore"))
    return data if isinstance(data, bytes) else b""


def _embedded_bytes(inner: Message, faults: list[str]) -> bytes:
    try:
        return inner.as_bytes(policy=_EXACT)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        faults.append("an attached message could not be copied exactly; its size is not known")
        return b""


def _text(part: Message, faults: list[str]) -> str:
    declared = parameter(part, "charset")
    data = _bytes(part, faults)
    if b"\0" in data and (declared or "").lower().startswith(("utf-16", "utf-32")) is False:
        faults.append("the text has NUL bytes; they were removed")
    return charset.decode(data, declared, faults)


def _unflowed(part: Message, text: str) -> str:
    """Lines of format=flowed put together again (RFC 3676)."""
    if (parameter(part, "format") or "").lower() != "flowed":
        return text
    joiner = "" if (parameter(part, "delsp") or "").lower() == "yes" else " "
    lines: list[str] = []
    soft = False
    for line in text.replace("\r\n", "\n").split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        body = line[depth:].removeprefix(" ")
        before = lines[-1] if lines else ""
        same = before.startswith(">" * depth) and not before.startswith(">" * (depth + 1))
        if soft and same and body != "-- ":
            lines[-1] = before.rstrip(" ") + joiner + body
        else:
            lines.append((">" * depth + " " if depth else "") + body)
        soft = body.endswith(" ") and body != "-- "
    return "\n".join(lines)


def _method(part: Message, faults: list[str]) -> str | None:
    declared = parameter(part, "method")
    if declared and declared.strip():
        return charset.clean_line(declared).upper()[:20]
    match = _CALENDAR_METHOD.search(charset.clean(_text(part, faults)[:100_000]))
    return match[1].upper() if match else None
