"""A subscription as it is kept and shown, and the limits of its life."""

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from sqlite3 import Connection

from sandbox.graph.values import Json, Row, row, rows
from sandbox.strict import Settings

TABLES = (
    """CREATE TABLE IF NOT EXISTS graph_subscription (
        id TEXT PRIMARY KEY, app TEXT NOT NULL, kind TEXT NOT NULL, mailbox TEXT, folder TEXT, user_id TEXT,
        resource TEXT NOT NULL, same TEXT NOT NULL, kinds TEXT NOT NULL, expires TEXT NOT NULL,
        immutable INTEGER NOT NULL, lifecycle_url TEXT, client_state TEXT, warned INTEGER NOT NULL DEFAULT 0,
        doc TEXT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS graph_subscription_mailbox ON graph_subscription (mailbox)",
)
COLUMNS = """id, app, kind, mailbox, folder, user_id, resource, same, kinds, expires, immutable, lifecycle_url,
    client_state, doc"""


@dataclass(frozen=True)
class Limits(Settings):
    """What `PUT /_sandbox/subscriptions` changes. Pages say 10,080 minutes for mail; the service takes 10,070."""

    mail_minutes: int = 10_070
    list_minutes: int = 42_300
    least_minutes: int = 45
    per_mailbox: int = 1_000
    warn_minutes: int = 15  # documented guess: how long before its end a subscription is to be renewed


@dataclass(frozen=True)
class Target:
    """What a subscription watches. `same` is one spelling for all that mean the same."""

    kind: str
    same: str
    mailbox: str | None = None
    folder: str | None = None
    user_id: str | None = None


def spelled(instant: datetime) -> str:
    """Spell an expiry as the service does, with seven digits of a second."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"


def insert(db: Connection, app: str, target: Target, doc: Json, *, immutable: bool) -> Row:
    """Keep a new subscription."""
    made = str(uuid.uuid4())
    what = (target.kind, target.mailbox, target.folder, target.user_id, doc["resource"], target.same)
    rest = (doc.get("lifecycleNotificationUrl"), doc.get("clientState"), json.dumps(doc))
    marks = ", ".join("?" * 14)
    db.execute(
        f"INSERT INTO graph_subscription ({COLUMNS}) VALUES ({marks})",
        (made, app, *what, kinds(doc["changeType"]), doc["expirationDateTime"], immutable, *rest),
    )
    return one(db, made) or {}


def kinds(said: str) -> str:
    """Give a list of change types in one order."""
    return ",".join(sorted(said.lower().replace(" ", "").split(",")))


def one(db: Connection, subscription: str) -> Row | None:
    """A subscription by its id."""
    return row(db, "SELECT * FROM graph_subscription WHERE id = ?", subscription)


def every(db: Connection, app: str | None = None) -> list[Row]:
    """The subscriptions of an application, or all."""
    return rows(db, "SELECT * FROM graph_subscription WHERE app = ? OR ? IS NULL ORDER BY rowid", app, app)


def duplicate(db: Connection, app: str, target: Target, said: str) -> str | None:
    """The id of the subscription for the same application, resource and change types."""
    sql = "SELECT id FROM graph_subscription WHERE app = ? AND same = ? AND kinds = ?"
    found = row(db, sql, app, target.same, kinds(said))
    return found["id"] if found else None


def on_mailbox(db: Connection, mailbox: str) -> int:
    """How many subscriptions a mailbox has, over all applications."""
    sql = "SELECT count(*) AS number FROM graph_subscription WHERE mailbox = ?"
    return int((row(db, sql, mailbox) or {"number": 0})["number"])


def shown(subscription: Row) -> Json:
    """A subscription as Graph shows it."""
    doc = json.loads(subscription["doc"])
    creator = uuid.uuid5(uuid.NAMESPACE_OID, subscription["app"])
    return {
        "id": subscription["id"],
        "resource": doc["resource"],
        "applicationId": subscription["app"],
        "changeType": doc["changeType"],
        "clientState": doc.get("clientState"),
        "notificationUrl": doc["notificationUrl"],
        "lifecycleNotificationUrl": doc.get("lifecycleNotificationUrl"),
        "expirationDateTime": subscription["expires"],
        "creatorId": str(creator),
        "includeResourceData": doc.get("includeResourceData"),
        "latestSupportedTlsVersion": doc.get("latestSupportedTlsVersion", "v1_2"),
        "encryptionCertificate": None,
        "encryptionCertificateId": None,
        "notificationQueryOptions": None,
        "notificationUrlAppId": None,
    }
