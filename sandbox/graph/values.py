"""Small values that the whole service shares: JSON, ids, instants, change keys."""

import base64
import re
import secrets
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from sqlite3 import Connection, Cursor
from typing import Any, Protocol

type Json = dict[str, Any]
type Row = dict[str, Any]

IMMUTABLE_STEM = "AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0A"
DEFAULT_STEM = "AAMkADI4ZjQ0NTM3LWE1YzItNDU4MwBGAAAAAAB"
FOLDER_STEM = "AQMkADI4ZjQ0NTM3LWE1YzItNDU4MwAu"
ID_SHAPE = re.compile(r"^[A-Za-z0-9_=-]{20,400}$")


def directory_id(address: str) -> str:
    """The object id of the person or group with an address, the same for mail and for SharePoint."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"mailto:{address.lower()}"))


class Database(Protocol):
    """The shared store: reads run side by side, writes one after the other in a transaction."""

    listeners: dict[str, list[Callable[..., None]]]

    def read(self) -> AbstractContextManager[Connection]: ...
    def write(self) -> AbstractContextManager[Connection]: ...


class Clock(Protocol):
    """The tenant's time."""

    def now(self) -> datetime: ...


def fresh_id(stem: str) -> str:
    """An id nobody has had before; upper and lower case differ (reference 3.3)."""
    return stem + base64.urlsafe_b64encode(secrets.token_bytes(18)).decode() + "AAA="


def stamp(instant: datetime) -> str:
    """An instant as Graph writes it: UTC, whole seconds, Z."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def change_key(change: int) -> str:
    """The opaque version of an item, from the number of its last change."""
    return base64.b64encode(b"\x09\x00\x00\x00\x16" + change.to_bytes(8)).decode()


def etag(change: int) -> str:
    """The weak entity tag of that version."""
    return f'W/"{change_key(change)}"'


def dictionaries(cursor: Cursor) -> list[Row]:
    """The rows of a cursor by column name, whatever row factory the connection has."""
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, tuple(found), strict=True)) for found in cursor.fetchall()]


def rows(db: Connection, sql: str, *values: object) -> list[Row]:
    """Every row of a query."""
    return dictionaries(db.execute(sql, values))


def row(db: Connection, sql: str, *values: object) -> Row | None:
    """The first row of a query, or None."""
    found = rows(db, sql, *values)
    return found[0] if found else None
