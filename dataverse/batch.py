"""$batch bodies as pure functions (reference: dataverse.md section 5). Line ends are CRLF throughout."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from connectors.calls import Reply
from dataverse.operations import ChangeSet, Operation, Part

MOST = 1000  # requests in one batch
LARGEST = 8_000_000  # bytes; ours, well below the service's limit, so that one batch stays quick
_FRAME = 400  # bytes around one operation, roughly
_END = b"\r\n"
_BOUNDARY = re.compile(r'boundary="?([^";\s]+)"?', re.IGNORECASE)
_STATUS = re.compile(rb"HTTP/\d\.\d (\d{3})")


class Damaged(ValueError):
    """The bytes are not a whole batch answer."""


@dataclass(frozen=True)
class Answers:
    """The answers to a change set's operations, in their order."""

    replies: tuple[Reply, ...]


def encode(parts: Sequence[Part], *, root: str, boundary: str) -> bytes:
    """The body of a batch. `root` is the path of the API, such as /api/data/v9.2/."""
    lines: list[bytes] = []
    number = 0
    for index, part in enumerate(parts):
        lines.append(f"--{boundary}".encode())
        if isinstance(part, Operation):
            lines += _operation(part, root, None)
            continue
        inner = f"set{index}_{boundary}"  # no boundary begins another
        lines += [f'Content-Type: multipart/mixed; boundary="{inner}"'.encode(), b""]
        for operation in part.operations:
            number += 1
            lines.append(f"--{inner}".encode())
            lines += _operation(operation, root, number)
        lines += [f"--{inner}--".encode(), b""]
    lines += [f"--{boundary}--".encode(), b""]
    return _END.join(lines)


def _operation(operation: Operation, root: str, content_id: int | None) -> Iterator[bytes]:
    yield b"Content-Type: application/http"
    yield b"Content-Transfer-Encoding: binary"
    if content_id is not None:
        yield f"Content-ID: {content_id}".encode()
    yield b""
    yield f"{operation.method} {root}{operation.path} HTTP/1.1".encode()
    for name, value in {"Accept": "application/json", **operation.headers}.items():
        yield _header(name, value)
    data = operation.data
    if data is not None:
        yield b"Content-Type: application/json; charset=utf-8"
        yield f"Content-Length: {len(data)}".encode()
    yield b""
    yield data or b""


def _header(name: str, value: str) -> bytes:
    if "\r" in value or "\n" in value:
        raise ValueError(f"the header {name} holds a line end")
    return f"{name}: {value}".encode()


def split(parts: Sequence[Part], *, most: int = MOST, largest: int = LARGEST) -> Iterator[list[Part]]:
    """Batches within the limits, in order. A change set is never torn; one too large goes alone."""
    chunk: list[Part] = []
    count = size = 0
    for part in parts:
        requests, length = _measure(part)
        if chunk and (count + requests > most or size + length > largest):
            yield chunk
            chunk, count, size = [], 0, 0
        chunk.append(part)
        count, size = count + requests, size + length
    if chunk:
        yield chunk


def _measure(part: Part) -> tuple[int, int]:
    operations = part.operations if isinstance(part, ChangeSet) else (part,)
    return len(operations), sum(len(each.data or b"") + len(each.path) + _FRAME for each in operations)


def decode(body: bytes, content_type: str) -> list[Reply | Answers]:
    """The answers in order; a change set that failed is one reply. Raises Damaged."""
    return [_answer(part) for part in _sections(body, content_type)]


def _answer(part: bytes) -> Reply | Answers:
    headers, rest = _head(part)
    content_type = headers.get("content-type", "")
    if content_type.lower().startswith("multipart/mixed"):
        return Answers(tuple(_reply(_head(each)[1]) for each in _sections(rest, content_type)))
    return _reply(rest)


def _sections(body: bytes, content_type: str) -> list[bytes]:
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise Damaged("the batch answer names no boundary")
    mark = re.compile(rb"\r\n--" + re.escape(found.group(1).encode()) + rb"(--)?[ \t]*(?=\r\n|\Z)")
    marks = list(mark.finditer(_END + body))
    if not marks or marks[-1].group(1) is None:
        raise Damaged("the batch answer breaks off")
    return [(_END + body)[start.end() : end.start()].removeprefix(_END) for start, end in pairwise(marks)]


def _head(data: bytes) -> tuple[dict[str, str], bytes]:
    """Header lines and what follows the blank line."""
    head, _, rest = data.partition(_END + _END)
    pairs = (line.partition(":") for line in head.decode("latin-1").split("\r\n"))
    return {key.strip().lower(): value.strip() for key, sign, value in pairs if sign}, rest


def _reply(data: bytes) -> Reply:
    line, _, rest = data.partition(_END)
    found = _STATUS.match(line)
    if found is None:
        raise Damaged("a part of the batch answer has no status")
    headers, body = _head(rest)
    return Reply(int(found.group(1)), headers, body.removesuffix(_END) if not body.strip() else body)
