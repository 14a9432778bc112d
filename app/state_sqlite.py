"""The state store in one SQLite file: for local runs and tests."""

import sqlite3
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from sync.errors import ConfigurationError, PreconditionFailed
from sync.ports import Entry

_SCHEMA = """
create table if not exists state (
    kind text not null, key text not null, value text not null, etag text not null, primary key (kind, key)
) without rowid
"""
_UPSERT = (
    "insert into state values (?, ?, ?, ?)"
    " on conflict do update set value = excluded.value, etag = excluded.etag"
)
_KEYS_AT_ONCE = 500  # parameters of one statement; SQLite allows more, older ones 999


class SqliteState:
    """A `StateStore` in a file; threads and processes may share it.

    Every call raises ConfigurationError, naming the file and the remedy, when the disk is full or the
    file cannot be used. The store may be lost without harm, so deleting the file is always a remedy.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        with self._explained():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = _opened(path)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    def get(self, kind: str, key: str) -> Entry | None:
        """Read one record."""
        with self._lock, self._explained():
            row = self._db.execute(
                "select value, etag from state where kind = ? and key = ?", (kind, key)
            ).fetchone()
        return None if row is None else Entry(value=row[0], etag=row[1])

    def put(self, kind: str, key: str, value: str, *, etag: str | None = None) -> Entry:
        """Write one record. With an etag only over that version, else PreconditionFailed."""
        entry = Entry(value=value, etag=uuid.uuid4().hex)
        with self._transaction() as db:
            if etag is None:
                db.execute(_UPSERT, (kind, key, value, entry.etag))
                return entry
            done = db.execute(
                "update state set value = ?, etag = ? where kind = ? and key = ? and etag = ?",
                (value, entry.etag, kind, key, etag),
            )
            if not done.rowcount:
                raise PreconditionFailed(f"state record of kind {kind!r} moved on or is gone: read it again")
        return entry

    def put_many(self, kind: str, values: Mapping[str, str]) -> None:
        """Write many records of one kind in one transaction, without conditions."""
        rows = [(kind, key, value, uuid.uuid4().hex) for key, value in values.items()]
        with self._transaction() as db:
            db.executemany(_UPSERT, rows)

    def get_many(self, kind: str, keys: Sequence[str]) -> dict[str, str]:
        """Read those of the records that exist."""
        found: dict[str, str] = {}
        with self._lock, self._explained():
            for start in range(0, len(keys), _KEYS_AT_ONCE):
                some = keys[start : start + _KEYS_AT_ONCE]
                marks = ", ".join("?" * len(some))
                # Only question marks are put together, no values.
                query = f"select key, value from state where kind = ? and key in ({marks})"  # noqa: S608
                found.update(self._db.execute(query, (kind, *some)).fetchall())
        return found

    def delete(self, kind: str, key: str) -> None:
        """Forget one record; absent is fine."""
        with self._transaction() as db:
            db.execute("delete from state where kind = ? and key = ?", (kind, key))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._explained():
            self._db.execute("begin immediate")
            try:
                yield self._db
                self._db.execute("commit")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("rollback")
                raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as exc:
            raise ConfigurationError(
                f"state file {self._path}: its folder cannot be made ({exc.strerror}): choose another path"
            ) from exc
        except sqlite3.Error as exc:
            raise ConfigurationError(f"state file {self._path}: {_remedy(exc)}") from exc


def _opened(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
    try:
        db.execute("pragma journal_mode = wal")
        db.execute("pragma synchronous = normal")
        db.execute(_SCHEMA)
    except sqlite3.Error:
        db.close()
        raise
    return db


def _remedy(exc: sqlite3.Error) -> str:
    code = getattr(exc, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF
    if primary in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}:
        return "the disk is full or fails: free space there and run again; nothing was half written"
    if primary in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return "it is damaged: delete it, it is rebuilt without loss"
    if primary in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return "another process holds it for more than 10 s: end that process"
    return f"it cannot be used ({exc}): see that the path may be written, or choose another"
