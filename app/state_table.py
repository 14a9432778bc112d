"""The state store in an Azure table: for the cloud.

A kind is a partition, so many records are written by entity group transactions. Keys are hashed, because
row keys forbid `/ \\ # ?` and other characters. A text property holds 32 K UTF-16 units at most, so values
are cut into pieces.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
    ServiceRequestError,
)
from azure.data.tables import TableClient, TransactionOperation, UpdateMode

from sync.errors import (
    Forbidden,
    NotFound,
    NotSent,
    OutcomeUnknown,
    PreconditionFailed,
    Rejected,
    RemoteError,
    Throttled,
)
from sync.ports import Entry

_PIECE = 15_000  # characters; two UTF-16 units each at worst
_PIECES = 30  # keeps an entity below its 1 MiB
_ROWS = 100  # operations of one transaction
_CHARACTERS = 900_000  # of one transaction, which may have 4 MiB
_COMPARISONS = 14  # of one filter, beside the one on the partition; the service allows 15
_SAFE = re.compile(r"[A-Za-z0-9_.-]{1,200}")


class TableState:
    """A `StateStore` in one table, which is created when it is missing.

    Failures come as RemoteError; Forbidden names the role that the identity lacks.
    """

    def __init__(self, client: TableClient) -> None:
        self._client = client

    @classmethod
    def from_connection_string(cls, text: str, table: str = "plumblinestate") -> "TableState":
        """Open a table by a connection string."""
        return cls(TableClient.from_connection_string(text, table))

    @classmethod
    def with_identity(
        cls, endpoint: str, client_id: str | None = None, table: str = "plumblinestate"
    ) -> "TableState":
        """Open a table with the managed identity of the app, or of a developer's sign-in."""
        # Only the cloud needs this import, which costs a fifth of a second.
        from azure.identity import DefaultAzureCredential  # noqa: PLC0415

        credential = DefaultAzureCredential(managed_identity_client_id=client_id)
        return cls(TableClient(endpoint, table, credential=credential))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def get(self, kind: str, key: str) -> Entry | None:
        """Read one record."""
        with _translated():
            try:
                row = self._client.get_entity(_partition(kind), _row(key))
            except ResourceNotFoundError:
                return None
        return Entry(value=_joined(row), etag=str(row.metadata["etag"]))

    def put(self, kind: str, key: str, value: str, *, etag: str | None = None) -> Entry:
        """Write one record. With an etag only over that version, else PreconditionFailed."""
        row = _entity(kind, key, value)
        if etag is None:
            done = self._write(lambda: self._client.upsert_entity(row, mode=UpdateMode.REPLACE))
            return Entry(value=value, etag=str(done["etag"]))
        try:
            done = self._write(
                lambda: self._client.update_entity(
                    row, mode=UpdateMode.REPLACE, etag=etag, match_condition=MatchConditions.IfNotModified
                )
            )
        except NotFound as exc:
            raise PreconditionFailed(f"state record of kind {kind!r} is gone: read it again") from exc
        return Entry(value=value, etag=str(done["etag"]))

    def put_many(self, kind: str, values: Mapping[str, str]) -> None:
        """Write many records of one kind, without conditions; each transaction is whole or not at all."""
        for some in _transactions(values):
            operations = [
                (TransactionOperation.UPSERT, _entity(kind, key, value), {"mode": UpdateMode.REPLACE})
                for key, value in some
            ]
            self._write(lambda operations=operations: self._client.submit_transaction(operations))  # type: ignore[misc]

    def get_many(self, kind: str, keys: Sequence[str]) -> dict[str, str]:
        """Read those of the records that exist, fourteen with each request."""
        by_row = {_row(key): key for key in keys}
        rows, found = list(by_row), {}
        for start in range(0, len(rows), _COMPARISONS):
            either = " or ".join(f"RowKey eq '{row}'" for row in rows[start : start + _COMPARISONS])
            query = f"PartitionKey eq '{_partition(kind)}' and ({either})"
            with _translated():
                try:
                    found.update(
                        {by_row[row["RowKey"]]: _joined(row) for row in self._client.query_entities(query)}
                    )
                except ResourceNotFoundError:
                    return {}  # no table yet
        return found

    def delete(self, kind: str, key: str) -> None:
        """Forget one record; absent is fine."""
        with _translated():
            try:
                self._client.delete_entity(_partition(kind), _row(key))
            except ResourceNotFoundError:
                return

    def _write[T](self, call: Callable[[], T]) -> T:
        with _translated():
            try:
                return call()
            except HttpResponseError as exc:
                if _code(exc) != "TableNotFound":
                    raise
            with suppress(ResourceExistsError):  # another instance was first
                self._client.create_table()
            return call()


def _partition(kind: str) -> str:
    return kind if _SAFE.fullmatch(kind) else "h-" + hashlib.sha256(kind.encode()).hexdigest()


def _row(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _entity(kind: str, key: str, value: str) -> dict[str, Any]:
    pieces = [value[start : start + _PIECE] for start in range(0, len(value), _PIECE)]
    if len(pieces) > _PIECES:
        raise Rejected(f"state value of kind {kind!r} has {len(value)} characters; {_PIECE * _PIECES} fit")
    row: dict[str, Any] = {"PartitionKey": _partition(kind), "RowKey": _row(key), "Pieces": len(pieces)}
    return row | {f"Value{number:02}": piece for number, piece in enumerate(pieces)}


def _joined(row: Mapping[str, Any]) -> str:
    return "".join(row[f"Value{number:02}"] for number in range(row["Pieces"]))


def _transactions(values: Mapping[str, str]) -> Iterator[list[tuple[str, str]]]:
    some: list[tuple[str, str]] = []
    size = 0
    for key, value in values.items():
        if some and (len(some) == _ROWS or size + len(value) > _CHARACTERS):
            yield some
            some, size = [], 0
        some.append((key, value))
        size += len(value)
    if some:
        yield some


def _code(exc: HttpResponseError) -> str:
    code = getattr(exc, "error_code", None) or ""
    return str(getattr(code, "value", code))


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except ClientAuthenticationError as exc:
        raise Forbidden(_ROLE, status=exc.status_code, code=_code(exc)) from exc
    except HttpResponseError as exc:
        raise _named(exc) from exc
    except ServiceRequestError as exc:
        raise NotSent("the state table cannot be reached: check the storage address and the network") from exc
    except AzureError as exc:
        raise OutcomeUnknown("the state table gave no whole answer") from exc


def _named(exc: HttpResponseError) -> RemoteError:
    status, code = exc.status_code or 0, _code(exc)
    headers: Mapping[str, str] = getattr(exc.response, "headers", {})
    request_id = headers.get("x-ms-request-id")
    if status in {401, 403}:
        return Forbidden(_ROLE, status=status, code=code, request_id=request_id)
    kind = _KINDS.get(status, OutcomeUnknown if status >= 500 else Rejected)
    return kind(
        f"the state table answered {status} {code}".rstrip(), status=status, code=code, request_id=request_id
    )


_ROLE = "the state table refuses this identity: it needs the role Storage Table Data Contributor"
_KINDS: dict[int, type[RemoteError]] = {
    404: NotFound,
    412: PreconditionFailed,
    429: Throttled,
    503: Throttled,
}
