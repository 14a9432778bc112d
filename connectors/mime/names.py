"""Names of attached files, made safe to store and to show."""

import mimetypes
import re
from email.message import Message
from email.utils import collapse_rfc2231_value

from connectors.mime.charset import from_header
from connectors.mime.headers import decoded

LONGEST_NAME = 200

_FORBIDDEN = re.compile(r'[<>:"|?*]')
_DRIVE = re.compile(r"^[A-Za-z]:(?=[\\/])")


def file_name(part: Message) -> str | None:
    """The name that a part gives itself (RFC 2183, 2231, 2047), not yet safe; None when it has none."""
    for field, name in (("content-disposition", "filename"), ("content-type", "name")):
        text = parameter(part, name, field)
        if text and text.strip():
            return decoded(text)
    return None


def parameter(part: Message, name: str, field: str = "content-type") -> str | None:
    """A parameter of a field, in any of the ways to write one; None where it is missing or broken."""
    fields = part
    raw = next((str(value) for key, value in part.raw_items() if key.lower() == field), "")
    if not raw.isascii():  # the parser would replace its 8-bit bytes
        fields = Message()
        fields[field] = from_header(raw)
    try:
        value = fields.get_param(name, None, field)
        return collapse_rfc2231_value(value) if value is not None else None
    except (ValueError, IndexError, TypeError, AttributeError, LookupError):
        return None


def safe_name(name: str | None, content_type: str, number: int) -> str:
    """A plain file name: no path, no control or bidi characters, at most 200 characters, never empty."""
    text = _DRIVE.sub("", decoded(name or "")).replace("\\", "/").rsplit("/", 1)[-1]
    text = _FORBIDDEN.sub("_", text).strip(" .")
    if not text:
        return f"attachment-{number}{_extension(content_type)}"
    if len(text) <= LONGEST_NAME:
        return text
    stem, dot, extension = text.rpartition(".")
    if dot and len(extension) <= 20:
        return f"{stem[: LONGEST_NAME - len(extension) - 1].rstrip(' .')}.{extension}"
    return text[:LONGEST_NAME].rstrip(" .")


def _extension(content_type: str) -> str:
    if content_type == "message/rfc822":
        return ".eml"
    return mimetypes.guess_extension(content_type) or ".bin"
