"""Multipart bodies of `$batch`, both ways. Line ends are CRLF everywhere, as the service demands."""

import re
from dataclasses import dataclass

from werkzeug import Response
from werkzeug.http import HTTP_STATUS_CODES

from sandbox.dataverse.errors import DataverseError, payload_error

CRLF = b"\r\n"
BOUNDARY = re.compile(r'boundary="?([^";,\s]+)"?')
# As the service reads it: up to the first blank the method, after the last one the version; a target may hold blanks.
REQUEST_LINE = re.compile(r"(?P<method>[A-Z]+) (?P<target>.+) HTTP/1\.[01]")
HIDDEN = ("content-length",)


@dataclass(frozen=True)
class Part:
    """One part: its headers and what it holds."""

    headers: dict[str, str]
    content: bytes


@dataclass(frozen=True)
class Call:
    """One HTTP request inside a part."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes
    content_id: str | None


def _unreadable(detail: str) -> DataverseError:
    return payload_error("$batch", f"Stream was not readable. {detail}")


def boundary_of(content_type: str) -> str:
    """Give the boundary that a content type names."""
    match = BOUNDARY.search(content_type)
    if match is None or not content_type.lower().startswith("multipart/mixed"):
        raise _unreadable("The Content-Type must be multipart/mixed with a boundary.")
    return match[1]


def parts(body: bytes, boundary: str, *, outer: bool) -> list[Part]:
    """Split a body at its boundary."""
    mark = b"--" + boundary.encode()
    pieces = (CRLF + body).split(CRLF + mark)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise _unreadable("A boundary is missing; all line ends must be CRLF.")
    if outer and not pieces[-1].startswith(b"--" + CRLF):
        raise _unreadable("The closing boundary must be followed by CRLF.")
    return [_part(piece) for piece in pieces[1:-1]]


def _part(piece: bytes) -> Part:
    if not piece.startswith(CRLF):
        raise _unreadable("A boundary must be followed by CRLF.")
    head, blank, content = piece[2:].partition(CRLF + CRLF)
    if not blank or b"\n" in head.replace(CRLF, b""):
        raise _unreadable("The headers of a part must end with an empty line; all line ends must be CRLF.")
    return Part({name.lower(): value for name, value in _headers(head)}, content)


def _headers(head: bytes) -> list[tuple[str, str]]:
    found = []
    for line in head.decode("utf-8", "replace").split("\r\n"):
        name, colon, value = line.partition(":")
        if not colon:
            raise _unreadable(f"'{line[:40]}' is no header.")
        found.append((name.strip(), value.strip()))
    return found


def call(part: Part) -> Call:
    """Read the HTTP request in a part."""
    if not part.headers.get("content-type", "").lower().startswith("application/http"):
        raise _unreadable("The Content-Type of a part must be application/http.")
    if part.headers.get("content-transfer-encoding", "").lower() != "binary":
        raise _unreadable("The 'Content-Transfer-Encoding' header is missing or is not 'binary'.")
    head, _, body = part.content.partition(CRLF + CRLF)
    line, _, rest = head.partition(CRLF)
    match = REQUEST_LINE.fullmatch(line.decode("utf-8", "replace").strip())
    if match is None or b"\n" in head.replace(CRLF, b""):
        raise _unreadable("The request line of a part could not be read; all line ends must be CRLF.")
    # The empty line behind the headers of a part without a body may be the one that its boundary begins with.
    headers = _headers(rest.removesuffix(CRLF)) if rest.strip() else []
    inner = next((value for name, value in headers if name.lower() == "content-id"), None)
    content_id = part.headers.get("content-id", inner)
    return Call(match["method"], match["target"], headers, body.removesuffix(CRLF), content_id)


def written(response: Response, content_id: str | None) -> bytes:
    """Give the part for one response."""
    lines = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
    if content_id is not None:
        lines.append(f"Content-ID: {content_id}")
    status = response.status_code
    lines += ["", f"HTTP/1.1 {status} {HTTP_STATUS_CODES.get(status, 'Unknown')}"]
    lines += [f"{name}: {value}" for name, value in response.headers if name.lower() not in HIDDEN]
    return "\r\n".join(lines).encode() + CRLF + CRLF + response.get_data() + CRLF


def joined(written_parts: list[bytes], boundary: str) -> bytes:
    """Give the body of a multipart answer."""
    mark = f"--{boundary}".encode()
    return b"".join(mark + CRLF + part for part in written_parts) + mark + b"--" + CRLF
