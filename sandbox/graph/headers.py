"""Header fields of a mail as text, whatever state they are in. Nothing in here raises for bad input."""

import re
from collections.abc import Iterable
from datetime import UTC
from email._policybase import Compat32
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from sandbox.graph.values import Json, stamp


class RawHeaders(Compat32):
    """Header values as they stand in the mail; bytes outside ASCII stay surrogates until `clean`."""

    def header_fetch_parse(self, name: str, value: str) -> str:  # noqa: ARG002
        return value


RAW = RawHeaders()
MESSAGE_ID = re.compile(r"<[^<>\s]+>")
MADE = re.compile(
    r"^(from|sender|to|cc|bcc|reply-to|subject|date|message-id|in-reply-to|references|mime-version|content-.*"
    r"|importance|x-priority|thread-index|received|return-path|delivered-to|dkim-signature|arc-.*)$",
    re.I,
)  # what the service writes itself when a mail leaves
UNLISTED = {"from", "to"}  # missing from internetMessageHeaders (reference 3.4)


def text(value: object) -> str:
    """An encoded header value, decoded and unfolded."""
    plain = clean(re.sub(r"[\r\n]+[ \t]*", " ", str(value)).strip())
    try:
        pieces = decode_header(plain)
    except (HeaderParseError, ValueError):
        return plain
    return "".join(_piece(piece, charset) for piece, charset in pieces)


def clean(value: str) -> str:
    """Text that can be stored and sent: raw bytes are read as UTF-8 where they are, else replaced."""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _piece(piece: bytes | str, charset: str | None) -> str:
    if isinstance(piece, str):
        return piece
    try:
        return piece.decode(charset or "ascii", errors="replace")
    except (LookupError, ValueError):
        return piece.decode("latin-1")


def addresses(mail: Message, name: str) -> list[Json]:
    """The recipients of one header as Graph spells them."""
    return [recipient(shown, address) for shown, address in _pairs(mail.get_all(name, [])) if address]


def _pairs(values: Iterable[object]) -> list[tuple[str, str]]:
    try:
        return [(text(shown), clean(address)) for shown, address in getaddresses([str(v) for v in values])]
    except (ValueError, IndexError, TypeError):
        return []


def recipient(name: str, address: str) -> Json:
    """One recipient; the address stands for a missing name."""
    return {"emailAddress": {"name": name or address, "address": address}}


def message_ids(mail: Message, name: str) -> list[str]:
    """Every <id> in a header, in order."""
    return MESSAGE_ID.findall(" ".join(text(value) for value in mail.get_all(name, [])))


def message_id(mail: Message) -> str | None:
    """The Message-ID with its angle brackets; None when the mail has none."""
    raw = mail.get("Message-ID")
    return text(raw) or None if raw is not None else None


def sent(mail: Message) -> str | None:
    """The Date header as an instant in UTC, or None."""
    try:
        moment = parsedate_to_datetime(str(mail.get("Date", "")))
        return stamp(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def listed(mail: Message) -> list[Json]:
    """internetMessageHeaders: every field in order, some standard ones left out."""
    fields = ((clean(name), text(value)) for name, value in mail.items())
    return [{"name": name, "value": value} for name, value in fields if name.lower() not in UNLISTED]


def made_here(name: str) -> bool:
    """Whether the service writes this header itself."""
    return MADE.match(name) is not None
