"""Bytes to readable text, whatever the sender claims about them."""

import codecs
import re

_FALLBACKS = ("utf-8", "cp1252")
# Codecs of Python that are no character sets of mails, or decode hostile input slowly.
_REFUSED = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})
_ALIASES = {
    "unicode": "utf-8",
    "utf8mb4": "utf-8",
    "iso-8859-8-i": "iso-8859-8",
    "x-sjis": "shift_jis",
    "ks_c_5601-1987": "cp949",
    "gb2312": "gb18030",
    # Senders that say Latin-1 or ASCII mean the Windows page when bytes 0x80-0x9f occur.
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
}
_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Controls, soft hyphen, zero-width space, bidi overrides, byte order mark, and our own private-use marks.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u200b\u202a-\u202e\u2060\u2066-\u2069\ue000-\ue00f\ufeff]"
)
_SPACES = re.compile("[\u00a0\u2007\u202f]")
_SURROGATES = re.compile("[\ud800-\udfff]")


def decode(data: bytes, declared: str | None, faults: list[str]) -> str:
    """Text of these bytes; an unknown or wrong character set is noted and guessed."""
    name = (declared or "").strip(" \t\"'").lower()
    codec = _codec(name)
    if name and codec is None:
        faults.append(
            f"the character set {name[:40]!a} is not known; the text was read as UTF-8 or Windows-1252"
        )
    for candidate in (codec, *_FALLBACKS):
        if candidate is None:
            continue
        try:
            return data.decode(candidate)
        except (UnicodeError, ValueError):
            continue
    if name:
        faults.append("some characters of the text do not belong to its character set and were replaced")
    return data.decode(codec or "utf-8", "replace")


def _codec(name: str) -> str | None:
    if not name:
        return None
    try:
        found = codecs.lookup(_ALIASES.get(name, name)).name
    except (LookupError, ValueError):
        return None
    return None if found in _REFUSED or not _gives_text(found) else found


def _gives_text(codec: str) -> bool:
    """Whether a codec is a character set; Python has some that are not, such as base64."""
    try:
        b"a".decode(codec)
    except LookupError:
        return False
    except UnicodeError:  # half a character of UTF-16
        return True
    return True


def from_header(raw: str) -> str:
    """A header value as the parser keeps it, with its 8-bit bytes read as UTF-8 or Windows-1252."""
    if raw.isascii():
        return raw
    data = raw.encode("utf-8", "surrogateescape")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def clean(text: str) -> str:
    r"""Text with \n line ends, plain spaces, and without characters that cannot be seen or stored."""
    text = _BREAKS.sub("\n", text)
    text = _SPACES.sub(" ", _INVISIBLE.sub("", text))
    return _SURROGATES.sub("\ufffd", text)


def clean_line(text: str) -> str:
    """The same on one line, for names and subjects."""
    return " ".join(clean(text).split())
