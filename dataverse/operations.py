"""One change or read of Dataverse as a value (reference: dataverse.md section 2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from uuid import UUID

import simplejson

from connectors.odata import Key, address, instant, row_path

type Row = dict[str, object]


@dataclass(frozen=True)
class Operation:
    """One call, alone or in a batch. The path is below /api/data/v9.2/ and already encoded.

    `proof` names members of the body whose values, found in the row, show that this very write was carried out:
    after a lost answer they tell its echo from somebody else's write (dataverse/looking.py).
    """

    method: str
    path: str
    body: Mapping[str, object] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    proof: tuple[str, ...] = ()
    repeatable: bool = False  # of a POST: its rows have ids or keys of ours

    @property
    def replayable(self) -> bool:
        """Whether sending it twice does no more than once: everything but a POST whose rows have no key of ours."""
        return self.method != "POST" or self.repeatable

    @cached_property
    def data(self) -> bytes | None:
        """The body as JSON."""
        return None if self.body is None else dump(self.body)


@dataclass(frozen=True)
class ChangeSet:
    """Changes that happen together or not at all. No reads."""

    operations: tuple[Operation, ...]

    def __post_init__(self) -> None:
        if not self.operations:
            raise ValueError("a change set needs at least one change")
        if any(each.method == "GET" for each in self.operations):
            raise ValueError("a change set holds changes only; put reads beside it in the batch")

    @property
    def replayable(self) -> bool:
        """Whether sending it twice does no more than once."""
        return all(each.replayable for each in self.operations)


type Part = Operation | ChangeSet


@dataclass(frozen=True)
class Result:
    """What a call gave. `row` where a body came back; `entity_id` is the address of the row written."""

    status: int
    row: Row | None = None
    etag: str | None = None
    entity_id: str | None = None


@dataclass(frozen=True)
class ChangeSetResult:
    """The results of a change set's operations, in their order."""

    results: tuple[Result, ...]


def create(entity_set: str, row: Mapping[str, object], *, row_id: UUID) -> Operation:
    """Create a row under an id of ours. A second try meets PreconditionFailed instead of a duplicate.

    The same content under the same id is our own write, whoever's try it was.
    """
    proof = tuple(member for member in row if "@" not in member or member.endswith("@odata.bind"))
    return Operation("PATCH", row_path(entity_set, row_id), row, {"If-None-Match": "*"}, proof)


def update(
    entity_set: str,
    key: Key,
    row: Mapping[str, object],
    *,
    if_match: str = "*",
    returning: Sequence[str] | None = None,
    proof: Sequence[str] = (),
) -> Operation:
    """Change an existing row, over the version `if_match` only. Never creates one.

    Name columns as `proof` only where no other writer would write the same values, as a stamp.
    """
    path = row_path(entity_set, key)
    if returning is None:
        return Operation("PATCH", path, row, {"If-Match": if_match}, tuple(proof))
    headers = {"If-Match": if_match, "Prefer": "return=representation"}
    selected = address(path, {"$select": ",".join(returning)})
    return Operation("PATCH", selected, row, headers, tuple(proof))


def upsert(entity_set: str, key: Key, row: Mapping[str, object]) -> Operation:
    """Create the row or change it. Key columns do not belong into `row`."""
    return Operation("PATCH", row_path(entity_set, key), row)


def delete(entity_set: str, key: Key, *, if_match: str | None = None) -> Operation:
    """Delete a row; with `if_match` only that version."""
    return Operation("DELETE", row_path(entity_set, key), None, {"If-Match": if_match} if if_match else {})


def read(path: str) -> Operation:
    """Read any path below the root of the Web API."""
    return Operation("GET", path)


def dump(body: Mapping[str, object]) -> bytes:
    """A row as JSON. Instants in UTC; decimals with every digit, as numbers (dataverse.md section 2, values).

    Raises ValueError for NaN and infinite values.
    """
    text = simplejson.dumps(body, default=_plain, use_decimal=True, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8")


def _plain(value: object) -> object:
    match value:
        case UUID():
            return str(value)
        case datetime():
            return instant(value)
        case date():
            return value.isoformat()
        case Mapping():
            return dict(value)
    raise TypeError(f"a row cannot hold a value of type {type(value).__name__}")
