"""Header fields to values. Broken fields give what can be read of them, never an exception."""

import binascii
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import Message
from email.quoprimime import header_decode
from email.utils import getaddresses, parsedate_to_datetime

from connectors.mime.charset import clean_line, decode, from_header
from schemas.mail import Address

MOST_FIELDS = 2_000
LONGEST_VALUE = 2_000  # characters kept of a field for the rules; addresses are read from the whole value

_FOLD = re.compile(r"[ \t]*[\r\n]+[ \t]*")
_WORD = re.compile(r"=\?([^?\s*]{1,40})(?:\*[^?\s]{0,40})?\?([bBqQ])\?([^?]*)\?=")
_ID = re.compile(r"<[^<>\s]{1,900}>")

type Fields = dict[str, tuple[str, ...]]


def fields(message: Message) -> Fields:
    """All header fields, names in lower case, values unfolded but not yet decoded."""
    found: dict[str, list[str]] = {}
    for name, value in list(message.raw_items())[:MOST_FIELDS]:
        found.setdefault(name.strip().lower(), []).append(_FOLD.sub(" ", from_header(str(value))).strip())
    return {name: tuple(values) for name, values in found.items()}


def readable(raw: Fields) -> Fields:
    """Header fields as the rules see them: decoded, one line, bounded."""
    return {
        clean_line(name): tuple(decoded(value[:LONGEST_VALUE]) for value in values)
        for name, values in raw.items()
    }


def first(raw: Fields, name: str) -> str | None:
    """The first value of a field, undecoded."""
    values = raw.get(name)
    return values[0] if values else None


def decoded(value: str) -> str:
    """A value with its encoded words read (RFC 2047); neighbours are joined before decoding."""
    if "=?" not in value:
        return clean_line(value)
    chunks: list[tuple[str | None, bytes | str]] = []
    end = 0
    for word in _WORD.finditer(value):
        gap = value[end : word.start()]
        if gap.strip() or not end:
            chunks.append((None, gap))
        charset = word[1].lower()
        data = _word_bytes(word[2], word[3])
        last = chunks[-1] if chunks else (None, "")
        if last[0] == charset and isinstance(last[1], bytes):
            chunks[-1] = (charset, last[1] + data)
        else:
            chunks.append((charset, data))
        end = word.end()
    chunks.append((None, value[end:]))
    return clean_line("".join(_chunk_text(*chunk) for chunk in chunks))


def _chunk_text(charset: str | None, data: bytes | str) -> str:
    return data if isinstance(data, str) else decode(data, charset, [])


def _word_bytes(encoding: str, text: str) -> bytes:
    if encoding in "qQ":
        return header_decode(text).encode("latin-1", "replace")
    return unbase64(text.encode("ascii", "ignore"))


def unbase64(data: bytes) -> bytes:
    """What can be read of damaged base64."""
    kept = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    kept = kept[:-1] if len(kept) % 4 == 1 else kept
    return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))


def addresses(values: Sequence[str], faults: list[str], field: str) -> tuple[Address, ...]:
    """All addresses of a field. The strict reading is taken where it succeeds."""
    found: list[Address] = []
    for value in values:
        pairs = getaddresses([value])
        if pairs == [("", "")] and value.strip(" ;,"):
            pairs = getaddresses([value], strict=False)
            if "@" in value:
                faults.append(f"the field {field} is not well formed")
        found += [_address(name, address) for name, address in pairs if address]
    return tuple(found)


def _address(name: str, address: str) -> Address:
    return Address(address=clean_line(address).replace(" ", "").lower(), name=decoded(name))


def message_ids(values: Sequence[str]) -> tuple[str, ...]:
    """Message-IDs with their brackets, in the order of the field, each once."""
    found: list[str] = []
    for value in values:
        bracketed = _ID.findall(value)
        bare = [f"<{word}>" for word in value.split() if "@" in word and "<" not in word and ">" not in word]
        found += bracketed or bare
    return tuple(dict.fromkeys(clean_line(each) for each in found))


def instant(value: str | None, faults: list[str]) -> datetime | None:
    """The time of a Date field in UTC; without a zone it is taken as UTC."""
    if not value:
        return None
    try:
        found = parsedate_to_datetime(value)
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return found.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        faults.append("the Date field could not be read")
        return None
