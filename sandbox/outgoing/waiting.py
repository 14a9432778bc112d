"""Parcels in the store: they wait for their time, and survive a new start."""

import json
from collections.abc import Collection
from datetime import datetime
from sqlite3 import Connection, Row

from sandbox.outgoing.addresses import receiver
from sandbox.outgoing.model import Parcel

TABLE = """CREATE TABLE IF NOT EXISTS outgoing (
    id INTEGER PRIMARY KEY AUTOINCREMENT, channel TEXT NOT NULL, receiver TEXT NOT NULL, url TEXT NOT NULL,
    item TEXT NOT NULL, headers TEXT NOT NULL, tag TEXT NOT NULL,
    attempt INTEGER NOT NULL, planned INTEGER NOT NULL, due REAL NOT NULL)"""
INDEX = "CREATE INDEX IF NOT EXISTS outgoing_due ON outgoing (due)"


def prepare(db: Connection) -> None:
    """Create what is missing."""
    db.execute(TABLE)
    db.execute(INDEX)


def add(db: Connection, parcel: Parcel, due: datetime) -> None:
    """Keep a parcel until its time."""
    address = (parcel.channel, receiver(parcel.url), parcel.url)
    values = (*address, parcel.item, json.dumps(parcel.headers), parcel.tag)
    sql = """INSERT INTO outgoing (channel, receiver, url, item, headers, tag, attempt, planned, due)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
    db.execute(sql, (*values, parcel.attempt, parcel.planned, due.timestamp()))


def due(
    db: Connection, now: datetime, busy: Collection[int], full: Collection[str], most: int
) -> list[Parcel]:
    """Give the parcels whose time has come, oldest first, without those on their way and those to full receivers."""
    marks = ", ".join("?" * len(full))
    sql = f"SELECT * FROM outgoing WHERE due <= ? AND receiver NOT IN ({marks}) ORDER BY due, id LIMIT ?"
    found = db.execute(sql, (now.timestamp() + 1e-6, *full, most + len(busy))).fetchall()
    return [_parcel(row) for row in found if row["id"] not in busy]


def next_due(db: Connection) -> float | None:
    """Give the time of the earliest parcel, as seconds since 1970."""
    found = db.execute("SELECT min(due) FROM outgoing").fetchone()[0]
    return None if found is None else float(found)


def count(db: Connection) -> int:
    """Give the number of parcels that wait or are on their way."""
    return int(db.execute("SELECT count(*) FROM outgoing").fetchone()[0])


def tagged(db: Connection, channel: str, tag: str) -> list[Parcel]:
    """Give the parcels of a channel with a tag."""
    sql = "SELECT * FROM outgoing WHERE channel = ? AND tag = ?"
    return [_parcel(row) for row in db.execute(sql, (channel, tag)).fetchall()]


def put_off(db: Connection, parcel: Parcel, attempt: int, due: datetime) -> None:
    """Let a parcel wait for another attempt."""
    sql = "UPDATE outgoing SET attempt = ?, planned = 1, due = ? WHERE id = ?"
    db.execute(sql, (attempt, due.timestamp(), parcel.id))


def remove(db: Connection, parcels: list[Parcel]) -> None:
    """Forget parcels that were delivered or given up."""
    db.executemany("DELETE FROM outgoing WHERE id = ?", [(parcel.id,) for parcel in parcels])


def _parcel(row: Row) -> Parcel:
    return Parcel(
        channel=row["channel"],
        url=row["url"],
        item=row["item"],
        headers=json.loads(row["headers"]),
        tag=row["tag"],
        id=row["id"],
        attempt=row["attempt"],
        planned=bool(row["planned"]),
    )
