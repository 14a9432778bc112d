"""Queues in one SQLite file, with the semantics of Azure Storage queues."""

import sqlite3
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

from sandbox.functions.queues.contract import (
    WEEK,
    Depth,
    Message,
    QueueMissing,
    QueueUnavailable,
    ReceiptOutdated,
    checked_name,
    checked_size,
)

_SCHEMA = """
create table if not exists queue (name text primary key) without rowid;
create table if not exists message (
    id text primary key, queue text not null, text text not null, receipt text not null,
    dequeue_count integer not null, inserted integer not null,
    expires integer not null, visible integer not null
);
create index if not exists message_visible on message (queue, visible);
"""
_COLUMNS = "id, text, receipt, dequeue_count, inserted, expires, visible"
_NEVER = 253402300799000  # the last second of the year 9999, in milliseconds


class EmbeddedQueues:
    """The queues in one file. `now` is the clock that visibility and expiry follow."""

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        self._path = path
        self.now = now
        self._lock = threading.Lock()
        self._listeners: list[Callable[[str], None]] = []
        with self._explained():
            self._db = _opened(path)

    def queue(self, name: str) -> "EmbeddedQueue":
        """A queue by name, existing or not. Raises BadQueueName."""
        return EmbeddedQueue(self, checked_name(name))

    def on_send(self, listener: Callable[[str], None]) -> None:
        """Call `listener` with a queue's name after a message was added."""
        self._listeners.append(listener)

    def sent(self, name: str) -> None:
        """Tell the listeners."""
        for listener in self._listeners:
            listener(name)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One change at a time, whole or not at all. Raises QueueUnavailable."""
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
        except sqlite3.Error as exc:
            raise QueueUnavailable(
                f"{self._path}: {exc}: see that the disk has room and the file may be written"
            ) from exc


class EmbeddedQueue:
    """One queue of the file; see contract.Queue for what each call does."""

    tells_next_visible: ClassVar[bool] = True

    def __init__(self, store: EmbeddedQueues, name: str) -> None:
        self._store = store
        self.name = name

    def create(self) -> None:
        """Create it; an existing one is fine."""
        with self._store.transaction() as db:
            db.execute("insert or ignore into queue values (?)", (self.name,))

    def send(self, text: str, *, delay: timedelta = timedelta(0), lifetime: timedelta | None = WEEK) -> str:
        """Add a message and return its id."""
        checked_size(text)
        identity, now = str(uuid.uuid4()), self._store.now()
        expires = _NEVER if lifetime is None else _stamp(now + lifetime)
        row = (identity, self.name, text, uuid.uuid4().hex, 0, _stamp(now), expires, _stamp(now + delay))
        with self._existing() as db:
            db.execute("insert into message values (?, ?, ?, ?, ?, ?, ?, ?)", row)
        self._store.sent(self.name)
        return identity

    def receive(self, most: int, invisible: timedelta) -> list[Message]:
        """Take up to 32 visible messages, oldest first."""
        now = self._store.now()
        with self._existing() as db:
            db.execute("delete from message where queue = ? and expires <= ?", (self.name, _stamp(now)))
            found = db.execute(
                "update message set dequeue_count = dequeue_count + 1, receipt = lower(hex(randomblob(16))),"
                " visible = ? where id in (select id from message where queue = ? and visible <= ?"
                f" order by visible, rowid limit ?) returning {_COLUMNS}, rowid",
                (_stamp(now + invisible), self.name, _stamp(now), min(most, 32)),
            ).fetchall()
        return [_message(row) for row in sorted(found, key=lambda row: (row[4], row[-1]))]

    def hold(self, message: Message, invisible: timedelta) -> Message:
        """Set anew how long a message stays invisible."""
        with self._existing() as db:
            row = db.execute(
                "update message set visible = ?, receipt = lower(hex(randomblob(16)))"
                f" where id = ? and receipt = ? returning {_COLUMNS}",
                (_stamp(self._store.now() + invisible), message.id, message.receipt),
            ).fetchone()
        if row is None:
            raise ReceiptOutdated(f"queue {self.name}: message {message.id} was received anew or is gone")
        if not invisible:
            self._store.sent(self.name)
        return _message(row)

    def delete(self, message: Message) -> None:
        """Remove a message for good."""
        with self._existing() as db:
            done = db.execute(
                "delete from message where id = ? and receipt = ?", (message.id, message.receipt)
            )
            if not done.rowcount:
                raise ReceiptOutdated(f"queue {self.name}: message {message.id} was received anew or is gone")

    def depth(self) -> Depth:
        """Count what lies in it."""
        now = _stamp(self._store.now())
        with self._existing() as db:
            visible, invisible, first = db.execute(
                "select coalesce(sum(visible <= ?), 0), coalesce(sum(visible > ?), 0),"
                " min(case when visible > ? then visible end) from message where queue = ? and expires > ?",
                (now, now, now, self.name, now),
            ).fetchone()
        return Depth(visible, invisible, None if first is None else _instant(first))

    @contextmanager
    def _existing(self) -> Iterator[sqlite3.Connection]:
        with self._store.transaction() as db:
            if db.execute("select 1 from queue where name = ?", (self.name,)).fetchone() is None:
                raise QueueMissing(f"queue {self.name} does not exist")
            yield db


def _opened(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10)
    try:
        db.execute("pragma journal_mode = wal")
        db.execute("pragma synchronous = normal")
        db.executescript(_SCHEMA)
    except sqlite3.Error:
        db.close()
        raise
    return db


def _stamp(instant: datetime) -> int:
    return min(int(instant.timestamp() * 1000), _NEVER)


def _instant(stamp: int) -> datetime:
    return datetime.fromtimestamp(stamp / 1000, UTC)


def _message(row: tuple[str, str, str, int, int, int, int]) -> Message:
    identity, text, receipt, count, inserted, expires, visible = row[:7]
    return Message(identity, text, receipt, count, _instant(inserted), _instant(expires), _instant(visible))
