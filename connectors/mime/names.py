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
    fields = _readable_fields(part)
    for field, parameter in (("content-disposition", "filename"), ("content-type", "name")):
        try:
            value = fields.get_param(parameter, None, field)
        except (ValueError, IndexError, TypeError, AttributeError):
            continue
        if value is None:
            continue
        text = _parameter_text(value)
        if text.strip():
            return decoded(text)
    return None


def _readable_fields(part: Message) -> Message:
    """The two fields with their raw 8-bit bytes read; the parser would replace them."""
    fields: Message = Message()
    for name, value in part.raw_items():
        if name.lower() in ("content-disposition", "content-type") and name not in fields:
            fields[name] = from_header(str(value))
    return fields


def _parameter_text(value: str | tuple[str | None, str | None, str]) -> str:
    if isinstance(value, tuple):
        try:
            return collapse_rfc2231_value(value)
        except (LookupError, ValueError):
            return value[2]
    return value


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
