"""What happens to mail later: messages that wait in the Outbox, reports that arrive (reference 3.7, 13).

The tenant's clock decides; whoever asks for mail after that time finds it done."""

from collections.abc import Callable
from datetime import datetime, timedelta
from sqlite3 import Connection

from sandbox.graph import switches
from sandbox.graph.values import Database, Row, row, rows

MINUTE = timedelta(minutes=1)
NEXT = "SELECT * FROM graph_due WHERE at <= ? ORDER BY at, seq LIMIT 1"
type Act = Callable[[Connection, Row, datetime], None]


def exact(instant: datetime) -> str:
    """An instant that sorts as text."""
    return instant.strftime("%Y-%m-%dT%H:%M:%S.%f")


def slot(db: Connection, mailbox: str, now: datetime) -> datetime:
    """When a mailbox may send its next message: at once, or when one of the last minute is a minute old. Taken."""
    limit = int(switches.get(db, "perMinute"))
    at = now
    if limit:
        sql = "SELECT at FROM graph_sent WHERE mailbox = ? ORDER BY at DESC LIMIT 1 OFFSET ?"
        before = row(db, sql, mailbox, limit - 1)
        if before is not None:
            at = max(now, datetime.fromisoformat(before["at"]).replace(tzinfo=now.tzinfo) + MINUTE)
    db.execute("DELETE FROM graph_sent WHERE mailbox = ? AND at < ?", (mailbox, exact(now - 2 * MINUTE)))
    db.execute("INSERT INTO graph_sent VALUES (?, ?)", (mailbox, exact(at)))
    return at


def add(
    db: Connection, at: datetime, kind: str, mailbox: str, what: str | bytes, *, keep: bool = True
) -> None:
    """Note that a message is to be sent (by its id) or delivered (its MIME)."""
    sql = "INSERT INTO graph_due (at, kind, mailbox, what, keep) VALUES (?, ?, ?, ?, ?)"
    db.execute(sql, (exact(at), kind, mailbox, what, keep))


def settle(store: Database, now: datetime, acts: dict[str, Act]) -> datetime | None:
    """Do everything whose time has come, in its order; give the time of what comes next."""
    with store.read() as db:
        waiting = rows(db, "SELECT at FROM graph_due ORDER BY at LIMIT 1")
    if waiting and waiting[0]["at"] <= exact(now):
        with store.write() as db:
            while (found := row(db, NEXT, exact(now))) is not None:
                db.execute("DELETE FROM graph_due WHERE seq = ?", (found["seq"],))
                acts[found["kind"]](db, found, _instant(found["at"], now))
            waiting = rows(db, "SELECT at FROM graph_due ORDER BY at LIMIT 1")
    return _instant(waiting[0]["at"], now) if waiting else None


def _instant(text: str, like: datetime) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=like.tzinfo)
