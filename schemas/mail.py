"""One mail as the connectors hand it to the rules: headers, text cut into new and quoted, attachments.

The connectors only read; they judge nothing. Which attachment is a signature image, whether the mail is
automatic and which case it belongs to are decisions of `rules`.
"""

from enum import StrEnum

from pydantic import Field

from schemas.base import Frozen, Instant


class Address(Frozen):
    """A mail address, lower case, with the name it was written under."""

    address: str
    name: str = ""


class AttachmentKind(StrEnum):
    FILE = "file"
    MAIL = "mail"  # a message inside the message
    SIGNATURE = "signature"  # smime.p7s and its kind
    CALENDAR = "calendar"
    TNEF = "tnef"  # winmail.dat; what could be unpacked stands beside it


class Attachment(Frozen):
    """What is known of one attached file. The bytes stay in the mailbox."""

    name: str  # sanitised: no path, no control characters, at most 200 characters
    content_type: str
    size: int  # bytes, decoded
    sha256: str
    kind: AttachmentKind = AttachmentKind.FILE
    content_id: str | None = None
    inline: bool = False


class SenderCheck(Frozen):
    """Results written by the receiving server. Absent results are `none`, never `pass`."""

    spf: str = "none"
    dkim: str = "none"
    dmarc: str = "none"
    internal: bool = False  # X-MS-Exchange-Organization-AuthAs: Internal


class DeliveryReport(Frozen):
    """What a bounce or delay notice says (RFC 3464)."""

    recipient: str | None
    action: str  # failed, delayed, delivered, relayed, expanded
    status: str | None  # 5.2.2
    original_message_id: str | None

    @property
    def permanent(self) -> bool:
        """Whether the mail will never arrive."""
        return self.action == "failed" and not (self.status or "5").startswith("4")


class Forwarded(Frozen):
    """A message passed on inside this one, either in the text below a marker or as an attached message."""

    sender: Address | None
    to: tuple[Address, ...] = ()
    subject: str = ""
    sent_at: Instant | None = None
    text: str = ""
    attached: bool = False  # message/rfc822 part rather than text below a marker
    attachments: tuple[Attachment, ...] = ()


class LabelledCell(Frozen):
    """A two-cell row of an HTML table: the only place where layout carries meaning that text loses."""

    label: str
    value: str


class MailMessage(Frozen):
    """A mail as it lies in one mailbox."""

    mailbox: str  # address of the mailbox that this copy was read from, lower case
    remote_id: str  # immutable id in that mailbox
    internet_message_id: str | None  # with angle brackets, as sent
    conversation_id: str | None = None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()  # oldest first
    sender: Address
    reply_to: tuple[Address, ...] = ()
    return_path: str | None = None  # "" for the empty path <>
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    subject: str = ""
    sent_at: Instant | None = None
    received_at: Instant
    headers: dict[str, tuple[str, ...]] = Field(default_factory=dict)  # names in lower case
    content_type: str = "text/plain"  # of the whole message, lower case, without parameters
    report_type: str | None = None  # of multipart/report
    language: str | None = None  # Content-Language or html lang, primary tag
    text: str = ""  # everything readable, as plain text with \n line ends
    new_text: str = ""  # what this sender wrote now: quotes, signature and client footers cut
    quoted_text: str = ""  # what was cut
    cells: tuple[LabelledCell, ...] = ()  # rows of HTML tables in the new part
    attachments: tuple[Attachment, ...] = ()
    forwarded: tuple[Forwarded, ...] = ()
    report: DeliveryReport | None = None
    calendar_method: str | None = None  # REQUEST, CANCEL, REPLY
    check: SenderCheck = SenderCheck()
    stamp: str | None = None  # our own mark, when the mail is one of ours
    faults: tuple[str, ...] = ()  # what could not be read, in words

    def header(self, name: str) -> str | None:
        """The first value of a header, or None."""
        values = self.headers.get(name.lower(), ())
        return values[0] if values else None


class UnreadableMail(Frozen):
    """A mail that could not be read at all; it is set aside, never dropped."""

    mailbox: str
    remote_id: str
    internet_message_id: str | None
    received_at: Instant
    reason: str  # words for a person: what failed and what to do
    size: int | None = None
