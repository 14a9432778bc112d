"""Addresses of the Web API: path segments, ids and alternate keys (reference dataverse.md section 2)."""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from sandbox.dataverse.errors import DataverseError, bad_query, unknown_segment

ROOT = "/api/data/v9.2/"
GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# IIS and ASP.NET refuse these in a path, however they are encoded; "/", "+" and "#" lead nowhere.
DANGEROUS = re.compile(r"[<>*%&:\\?]")
LOST = re.compile(r"[+#]")
SEGMENT = re.compile(r"(?P<name>[$\w.]+)(?:\((?P<key>.*)\))?", re.DOTALL)
KEY_PART = re.compile(r"\s*(?P<name>\w+)=(?P<value>'(?:[^']|'')*'|[^,']+)\s*(?:,|$)")


@dataclass(frozen=True)
class Segment:
    """One part of a path: a name and, in brackets, an id or key values as written (text unquoted)."""

    name: str
    row_id: str | None = None
    key: dict[str, str] = field(default_factory=dict)
    called: bool = False
    bare: frozenset[str] = frozenset()
    """The parts of the key that are written without quotes."""

    @property
    def addresses_row(self) -> bool:
        return self.row_id is not None or bool(self.key)


def segments(path: str) -> list[Segment]:
    """Give the segments of an encoded path below the root; refuses what the cloud's web server refuses."""
    decoded = unquote(path)
    found = DANGEROUS.search(decoded)
    if found is not None:
        words = f"A potentially dangerous Request.Path value was detected from the client ({found.group()})."
        raise DataverseError(400, "0x80060888", words)
    if LOST.search(decoded):
        raise unknown_segment(decoded)
    return [parse_segment(text) for text in decoded.split("/")] if decoded else [Segment("")]


def parse_segment(text: str) -> Segment:
    """Give one decoded segment."""
    match = SEGMENT.fullmatch(text)
    if match is None:
        raise unknown_segment(text)
    inside = match["key"]
    if inside is None:
        return Segment(match["name"])
    if not inside:
        return Segment(match["name"], called=True)
    if GUID.fullmatch(inside):
        return Segment(match["name"], row_id=inside.lower())
    values, bare = _key(inside)
    return Segment(match["name"], key=values, called=True, bare=frozenset(bare))


def _key(text: str) -> tuple[dict[str, str], set[str]]:
    values: dict[str, str] = {}
    bare: set[str] = set()
    position = 0
    while position < len(text):
        match = KEY_PART.match(text, position)
        if match is None or match["name"] in values:
            raise bad_query(f"The key in the request URI is not valid: '{text}'.")
        values[match["name"]] = _unquoted(match["value"])
        if not match["value"].startswith("'"):
            bare.add(match["name"])
        position = match.end()
    return values, bare


def _unquoted(value: str) -> str:
    return value[1:-1].replace("''", "'") if value.startswith("'") else value.strip()


def reference(url: str) -> Segment:
    """Give the row that an `@odata.bind` or `@odata.id` names: absolute, from the root, or relative."""
    rest = url.partition(ROOT)[2] if ROOT in url else url.lstrip("/")
    parts = segments(rest)
    if len(parts) != 1 or not parts[0].addresses_row:
        raise unknown_segment(url)
    return parts[0]
