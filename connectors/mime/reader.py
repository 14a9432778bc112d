"""One raw mail to one value. Whatever the bytes are, the answer is a mail or the reason why not."""

import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32

from connectors.mime import headers, phrases, quotes, report
from connectors.mime.body import Body, read_body
from connectors.mime.check import sender_check
from connectors.mime.headers import Fields, first
from connectors.mime.names import parameter
from connectors.mime.parts import DEEPEST, Parts, read_parts
from schemas.mail import Address, DeliveryReport, Forwarded, MailMessage, UnreadableMail

LARGEST = 30_000_000  # bytes of a raw mail
MOST_CONTAINERS = 400  # the standard parser recurses into each level
MOST_FAULTS = 20

_TELLING = frozenset(
    {
        "from",
        "sender",
        "reply-to",
        "return-path",
        "to",
        "cc",
        "subject",
        "date",
        "message-id",
        "received",
        "mime-version",
    }
)
_CONTAINER = re.compile(rb"^content-type:[ \t]*(?:multipart/|message/)", re.IGNORECASE | re.MULTILINE)


class _NoMail(Exception):
    """The bytes have nothing of a mail."""


@dataclass(frozen=True)
class _Reading:
    """A parsed message on its way to a value."""

    message: Message
    raw: Fields
    parts: Parts
    body: Body
    subject: str


def read_mail(
    raw: bytes,
    *,
    mailbox: str,
    remote_id: str,
    received_at: datetime,
    conversation_id: str | None = None,
    stamp: str | None = None,
) -> MailMessage | UnreadableMail:
    """Read a mail (reference: graph.md 3.5 and 12). Never raises: damage becomes words in `faults`.

    What a mail passes on is not in `new_text`: it stands in `forwarded`, with its own sender.
    """
    reason = unreadable(len(raw))
    if reason is None:
        try:
            mail = _read(raw, mailbox, remote_id, received_at)
            return mail.model_copy(update={"conversation_id": conversation_id, "stamp": stamp})
        except _NoMail:
            reason = "the content is no mail: it has no header field; open it in the mailbox by hand"
        except Exception as failure:  # a mail that nobody foresaw must not stop the mailbox
            reason = f"the mail could not be read ({type(failure).__name__}); open it in the mailbox by hand"
    return UnreadableMail(
        mailbox=mailbox.lower(),
        remote_id=remote_id,
        internet_message_id=None,
        received_at=received_at,
        reason=reason,
        size=len(raw),
    )


def unreadable(size: int) -> str | None:
    """Why a mail of this size is not read; None when it is."""
    if size > LARGEST:
        limit = f"{LARGEST / 1e6:.0f} MB"
        return f"the mail has {size / 1e6:.1f} MB, the limit is {limit}; open it in the mailbox by hand"
    if size == 0:
        return "the mail is empty; open it in the mailbox by hand"
    return None


def _read(raw: bytes, mailbox: str, remote_id: str, received_at: datetime) -> MailMessage:
    faults: list[str] = []
    read = _reading(_parse(raw, faults), faults, 0)
    if not _TELLING & read.raw.keys():
        raise _NoMail
    text = read.body.text
    found = quotes.cut(
        text,
        is_reply=_is_reply(read),
        is_forward=phrases.FORWARD_PREFIX.match(read.subject) is not None,
    )
    sender = _sender(read.raw, faults)
    mail = MailMessage(
        mailbox=mailbox.lower(),
        remote_id=remote_id,
        internet_message_id=next(iter(headers.message_ids(read.raw.get("message-id", ()))), None),
        in_reply_to=headers.message_ids(read.raw.get("in-reply-to", ())),
        references=headers.message_ids(read.raw.get("references", ())),
        sender=sender,
        reply_to=headers.addresses(read.raw.get("reply-to", ()), faults, "Reply-To"),
        return_path=_return_path(read.raw),
        to=headers.addresses(read.raw.get("to", ()), faults, "To"),
        cc=headers.addresses(read.raw.get("cc", ()), faults, "Cc"),
        subject=read.subject,
        sent_at=headers.instant(first(read.raw, "date"), faults),
        received_at=received_at,
        headers=headers.readable(read.raw),
        content_type=read.message.get_content_type(),
        report_type=_report_type(read.message),
        language=_language(read),
        text=quotes.plain(text),
        new_text=found.new,
        quoted_text=found.quoted,
        cells=read.body.cells_in(found.content),
        attachments=tuple(read.parts.attachments),
        forwarded=(*(_passage(each) for each in found.passages), *_attached(read.parts, faults, 1)),
        report=_report(read, sender),
        calendar_method=read.parts.calendar_method,
        check=sender_check(read.raw),
    )
    return mail.model_copy(update={"faults": tuple(dict.fromkeys(faults))[:MOST_FAULTS]})


def _parse(raw: bytes, faults: list[str]) -> Message:
    if len(_CONTAINER.findall(raw)) <= MOST_CONTAINERS:
        try:
            return message_from_bytes(raw, policy=compat32)
        except RecursionError:
            faults.append(f"parts nested deeper than {DEEPEST} were not read")
        except (
            TypeError,
            ValueError,
            LookupError,
            AttributeError,
        ):  # the parser trips over broken parameters
            faults.append("the structure of the mail is broken; only its header was read")
    else:
        faults.append(f"parts nested deeper than {DEEPEST} were not read")
    message = BytesHeaderParser(policy=compat32).parsebytes(raw)
    message.set_payload("")
    return message


def _reading(message: Message, faults: list[str], depth: int) -> _Reading:
    raw = headers.fields(message)
    parts = read_parts(message, faults, depth)
    subject = headers.decoded(first(raw, "subject") or "")[:1_000]
    return _Reading(message, raw, parts, read_body(parts.sections, faults), subject)


def _is_reply(read: _Reading) -> bool:
    return bool(
        read.raw.get("in-reply-to") or read.raw.get("references") or phrases.REPLY_PREFIX.match(read.subject)
    )


def _sender(raw: Fields, faults: list[str]) -> Address:
    """The author; where the From field is unusable, the next best field."""
    for field in ("from", "sender", "return-path"):
        found = headers.addresses(raw.get(field, ()), faults, field.title())
        if found:
            if field != "from":
                faults.append("there is no usable From field")
            elif len(found) > 1:
                faults.append("the From field names more than one sender; the first was taken")
            return found[0]
    faults.append("no field names a sender")
    return Address(address="")


def _return_path(raw: Fields) -> str | None:
    value = first(raw, "return-path")
    return None if value is None else value.strip(" <>").lower()


def _report_type(message: Message) -> str | None:
    value = parameter(message, "report-type")
    return value.strip().lower() if value and value.strip() else None


def _language(read: _Reading) -> str | None:
    named = re.match(r"\s*([A-Za-z]{2,3})\b", first(read.raw, "content-language") or "")
    return named[1].lower() if named else read.body.language


def _report(read: _Reading, sender: Address) -> DeliveryReport | None:
    if read.parts.delivery is not None:
        return report.delivery_report(read.parts.delivery, read.parts.returned, read.raw)
    return report.old_report(read.raw, read.body.text, sender.address)


def _passage(passage: quotes.Passage) -> Forwarded:
    faults: list[str] = []
    header = passage.header
    senders = headers.addresses([_as_field(header.get("sender", ""))], faults, "From")
    return Forwarded(
        sender=senders[0] if senders else None,
        to=headers.addresses([_as_field(header.get("to", ""))], faults, "To"),
        subject=header.get("subject", ""),
        text=passage.text,
    )


def _as_field(written: str) -> str:
    """Addresses as mail programs write them in a text, brought to the form of a field."""
    return re.sub(r"[<\[]mailto:([^<>\[\]]{1,300})[>\]]", r" <\1>", written).replace(";", ",")


def _attached(parts: Parts, faults: list[str], depth: int) -> tuple[Forwarded, ...]:
    """Messages attached to a message, and those attached to them."""
    if parts.messages and depth > DEEPEST:
        faults.append(f"messages nested deeper than {DEEPEST} were not read")
        return ()
    found: list[Forwarded] = []
    for message in parts.messages:
        read = _reading(message, faults, depth)
        sections = quotes.cut(read.body.text, is_reply=_is_reply(read), is_forward=False)
        senders = headers.addresses(read.raw.get("from", ()), faults, "From")
        found.append(
            Forwarded(
                sender=senders[0] if senders else None,
                to=headers.addresses(read.raw.get("to", ()), faults, "To"),
                subject=read.subject,
                sent_at=headers.instant(first(read.raw, "date"), faults),
                text=sections.new or quotes.plain(read.body.text),
                attached=True,
                attachments=tuple(read.parts.attachments),
            )
        )
        found += [_passage(each) for each in sections.passages]
        found += _attached(read.parts, faults, depth + 1)
    return tuple(found)
