"""From what a transaction changed in mailboxes to the notifications of the subscriptions that watch it.

It runs at the end of each transaction, so that notifications are committed with the change or not at all."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from sqlite3 import Connection

from sandbox.graph.subscriptions.model import every
from sandbox.graph.values import Json, Row, etag, row, rows

MARKS = ("notifiedChange", "notifiedMessage")
NOW = """SELECT (SELECT value FROM graph_setting WHERE name = 'change') AS change,
    (SELECT coalesce(max(seq), 0) FROM graph_message) AS message"""
CHANGED = """SELECT seq, mailbox, folder, immutable_id, current_id, change, entered FROM graph_message
    WHERE change > ? ORDER BY change"""
GONE = """SELECT f.mailbox, g.folder, g.immutable_id, g.current_id, g.change FROM graph_gone g
    JOIN graph_folder f ON f.id = g.folder WHERE g.change > ? ORDER BY g.change"""
OPEN = "SELECT address FROM graph_mailbox WHERE access"


@dataclass(frozen=True)
class Event:
    """One thing that happened to one message, as a subscription tells it."""

    kind: str
    message: Row


@dataclass(frozen=True)
class _Changes:
    changed: list[Row]
    gone: list[Row]
    last_message: int


def mark(db: Connection) -> None:
    """Take everything up to now as told."""
    now = row(db, NOW) or {}
    for name, value in zip(MARKS, (now["change"], now["message"]), strict=True):
        db.execute("INSERT OR REPLACE INTO graph_setting (name, value) VALUES (?, ?)", (name, value))


def collect(db: Connection) -> Iterator[tuple[Row, Json]]:
    """Give each subscription and notification for what changed since the last mark, and mark it as told."""
    sql = "SELECT value FROM graph_setting WHERE name = ?"
    change, message = ((row(db, sql, name) or {"value": 0})["value"] for name in MARKS)
    now = row(db, NOW) or {}
    if now["change"] == change:
        return
    found = _Changes(rows(db, CHANGED, change), rows(db, GONE, change), message)
    mark(db)
    readable = {entry["address"] for entry in rows(db, OPEN)}
    for subscription in every(db):
        if subscription["mailbox"] in readable:
            for event in _events(subscription, found, change):
                if event.kind in subscription["kinds"].split(","):
                    yield subscription, _spelled(subscription, event)


def _events(subscription: Row, found: _Changes, since: int) -> Iterator[Event]:
    in_folder = subscription["folder"] is not None
    column, value = ("folder", subscription["folder"]) if in_folder else ("mailbox", subscription["mailbox"])
    changed = [message for message in found.changed if message[column] == value]
    gone = [message for message in found.gone if message[column] == value]
    if not in_folder:
        yield from _of_mailbox(subscription, changed, gone, found.last_message)
        return
    for message in gone:
        yield Event("deleted", message)
    for message in changed:
        yield Event("created" if message["entered"] > since else "updated", message)


def _of_mailbox(subscription: Row, changed: list[Row], gone: list[Row], last: int) -> Iterator[Event]:
    """A move within the mailbox keeps the immutable id, so it shows as one update; the other id is a new one."""
    here = {message["immutable_id"] for message in changed}
    left = {message["immutable_id"] for message in gone}
    one_id = bool(subscription["immutable"])
    for message in gone:
        if message["immutable_id"] not in here or not one_id:
            yield Event("deleted", message)
    for message in changed:
        moved = message["immutable_id"] in left
        new = message["seq"] > last or (moved and not one_id)  # documented guess: how a move is told
        yield Event("created" if new else "updated", message)


def _spelled(subscription: Row, event: Event) -> Json:
    message = event.message["immutable_id" if subscription["immutable"] else "current_id"]
    return of_message(subscription, event.kind, str(message), int(event.message["change"]))


def of_message(subscription: Row, kind: str, message: str, change: int) -> Json:
    """The notification of one message. The spelling of `resource` varies, as that of the service does."""
    user = subscription["user_id"]
    odd = change % 2
    resource = f"users('{user}')/messages('{message}')" if odd else f"Users/{user}/Messages/{message}"
    return {
        "changeType": kind,
        "resource": resource,
        "resourceData": {
            "@odata.type": "#Microsoft.Graph.Message",
            "@odata.id": f"Users/{user}/Messages/{message}",
            "@odata.etag": etag(change),
            "id": message,
        },
    }


def of_list(subscription: Row) -> Json:
    """The notification of a list, which does not say which item changed."""
    return {
        "changeType": "updated",
        "resource": json.loads(subscription["doc"])["resource"],
        "resourceData": {},
    }
