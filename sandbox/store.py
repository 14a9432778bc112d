"""One SQLite file under all services: many readers, one writer.

Connections are borrowed from a pool, because the server has one thread for each client connection. Within
`write()` the same thread reads what it has written; an inner `write()` is a savepoint of the outer one.

`before_commit` is called at the end of each transaction, inside of it, with its connection: what it writes is
committed or rolled back together with the rest. `after_commit` is called when the commit is done.
`listeners` are what services tell each other, by its kind; kept here, so that they go with the tenant."""

import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox import collation

SETTINGS = "CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID"


class _Local(threading.local):
    """What the present thread holds."""

    writing: sqlite3.Connection | None = None
    reading: sqlite3.Connection | None = None
    depth: int = 0


class Store:
    """The database of one tenant."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._free: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        self._write_lock = threading.Lock()
        self._local = _Local()
        self.before_commit: list[Callable[[sqlite3.Connection], None]] = []
        self.after_commit: list[Callable[[], None]] = []
        self.listeners: dict[str, list[Callable[..., None]]] = {}
        self._writer = self._open()
        self._writer.execute("PRAGMA journal_mode=WAL")
        self._writer.execute(SETTINGS)

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, isolation_level=None, check_same_thread=False, timeout=30, cached_statements=512
        )
        connection.row_factory = sqlite3.Row
        collation.install(connection)
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA temp_store=MEMORY")
        return connection

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection for reading; inside `write()` it is the writing one."""
        held = self._local.writing or self._local.reading
        if held is not None:
            yield held
            return
        connection = self._borrow()
        self._local.reading = connection
        try:
            yield connection
        finally:
            self._local.reading = None
            self._free.put(connection)

    def _borrow(self) -> sqlite3.Connection:
        try:
            return self._free.get_nowait()
        except queue.Empty:
            return self._open()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Lend the writing connection in a transaction: committed at the end, rolled back by an exception."""
        if self._local.writing is not None:
            with self._savepoint(self._local.writing) as connection:
                yield connection
            return
        with self._write_lock:
            self._local.writing = self._writer
            try:
                with _transaction(self._writer, "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"):
                    yield self._writer
                    for prepare in self.before_commit:
                        prepare(self._writer)
            finally:
                self._local.writing = None
        for tell in self.after_commit:
            tell()

    @contextmanager
    def _savepoint(self, connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
        name = f"s{self._local.depth}"
        self._local.depth += 1
        undo = f"ROLLBACK TO {name}"
        try:
            with _transaction(connection, f"SAVEPOINT {name}", f"RELEASE {name}", undo):
                yield connection
        finally:
            self._local.depth -= 1

    def inside(self) -> sqlite3.Connection:
        """Give the writing connection to code that runs within this thread's `write()`."""
        if self._local.writing is None:
            raise RuntimeError("a write outside of write()")
        return self._local.writing

    def setting(self, name: str) -> str | None:
        """Give a small text that outlives the process, or None."""
        with self.read() as connection:
            row = connection.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_setting(self, name: str, value: str) -> None:
        """Keep a small text."""
        with self.write() as connection:
            connection.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))

    def close(self) -> None:
        """Close every connection that nobody holds."""
        with self._write_lock:
            self._writer.close()
        while not self._free.empty():
            self._free.get_nowait().close()


@contextmanager
def _transaction(connection: sqlite3.Connection, begin: str, end: str, undo: str) -> Iterator[None]:
    connection.execute(begin)
    try:
        yield
        connection.execute(end)
    except BaseException:
        if connection.in_transaction:  # a full disk may have rolled back already
            connection.execute(undo)
        raise
