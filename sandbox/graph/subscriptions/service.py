"""The subscriptions of a tenant: what is written is told, lifecycle events are sent, what expired is ended."""

import json
from datetime import datetime, timedelta
from sqlite3 import Connection

from sandbox.graph.errors import GraphError
from sandbox.graph.sites.changes import Changed, listeners
from sandbox.graph.subscriptions import changes, model
from sandbox.graph.subscriptions.endpoints import Endpoints
from sandbox.graph.subscriptions.model import Limits, spelled
from sandbox.graph.values import Clock, Json, Row, row, rows
from sandbox.outgoing.model import Channel, Outcome, Parcel
from sandbox.outgoing.outgoing import Outgoing
from sandbox.store import Store

NOTIFICATION, LIFECYCLE = "graph-notification", "graph-lifecycle"
EVENTS = {
    "mail": ("missed", "reauthorizationRequired", "subscriptionRemoved"),
    "list": ("reauthorizationRequired",),
}
# documented guess: the single gaps; together they stay below four hours (reference graph.md 5.2)
GAPS = tuple(14.0 * 2**number for number in range(10))
TOGETHER = 50
SETTING = "subscriptions"


class Subscriptions:
    """What routes and control of the subscriptions work with."""

    def __init__(self, store: Store, clock: Clock, outgoing: Outgoing, tenant_id: str) -> None:
        self.store, self.clock, self.outgoing = store, clock, outgoing
        self.endpoints = Endpoints(outgoing, clock)
        self._tenant_id = tenant_id
        with store.write() as db:
            for statement in model.TABLES:
                db.execute(statement)
            self._active = bool(model.every(db))
        self.limits = Limits.read(json.loads(store.setting(SETTING) or "{}"), "The limits")
        store.before_commit.append(self._committing)
        outgoing.watchers.append(self._watch)
        listeners(store).append(self._list_changed)
        self._open_channels()

    def _open_channels(self) -> None:
        self.outgoing.open(
            Channel(
                NOTIFICATION,
                lambda: self.outgoing.settings.drop_seconds,
                GAPS,
                TOGETHER,
                hold=self.endpoints.hold,
                answered=self.endpoints.answered,
                finished=self._finished,
            )
        )
        self.outgoing.open(Channel(LIFECYCLE, lambda: self.outgoing.settings.drop_seconds, GAPS, TOGETHER))

    def limit(self, limits: Limits) -> None:
        """Take other limits."""
        self.store.set_setting(SETTING, json.dumps(limits.shown()))
        self.limits = limits

    def added(self, db: Connection) -> None:
        """A subscription was made in this transaction; the first one sets the mark from which changes are told."""
        if not self._active:
            changes.mark(db)
        self._active = True

    def _list_changed(self, changed: Changed) -> None:
        if not self._active:
            return
        sql = "SELECT * FROM graph_subscription WHERE kind = 'list' AND same = ?"
        with self.store.write() as db:
            for subscription in rows(db, sql, f"sites/{changed.site_id}/lists/{changed.list_id}"):
                self.notify(db, subscription, changes.of_list(subscription))

    def event(self, db: Connection, subscription: Row, event: str) -> bool:
        """Send a lifecycle event; False when the subscription has no address for it or not this event."""
        url = subscription["lifecycle_url"]
        if event == "subscriptionRemoved":
            self.remove(db, subscription["id"])
        if url is None or event not in EVENTS[subscription["kind"]]:
            return False
        item = self._common(subscription) | {"lifecycleEvent": event}
        self.outgoing.put(db, Parcel(LIFECYCLE, url, json.dumps(item), tag=f"{event} {subscription['id']}"))
        return True

    def remove(self, db: Connection, subscription: str) -> None:
        """End a subscription; what it was not told yet, it is not told any more."""
        self.outgoing.cancel(db, NOTIFICATION, subscription)
        db.execute("DELETE FROM graph_subscription WHERE id = ?", (subscription,))

    def of(self, db: Connection, app: str, subscription: str) -> Row:
        """A living subscription of an application. Raises 404."""
        found = model.one(db, subscription)
        if found is None or found["app"] != app or found["expires"] <= spelled(self.clock.now()):
            raise GraphError(404, "ResourceNotFound", "The object was not found.")
        return found

    def _committing(self, db: Connection) -> None:
        if self._active:
            for subscription, notification in list(changes.collect(db)):
                self.notify(db, subscription, notification)

    def notify(self, db: Connection, subscription: Row, notification: Json) -> None:
        """Send a notification; its members go before those that every one has."""
        if subscription["expires"] <= spelled(self.clock.now()):
            return
        url = json.loads(subscription["doc"])["notificationUrl"]
        item = json.dumps(self._common(subscription) | notification)
        self.outgoing.put(db, Parcel(NOTIFICATION, url, item, tag=subscription["id"]))

    def _common(self, subscription: Row) -> Json:
        return {
            "subscriptionId": subscription["id"],
            "subscriptionExpirationDateTime": subscription["expires"],
            "clientState": subscription["client_state"],
            "tenantId": self._tenant_id,
        }

    def _finished(self, db: Connection, parcels: list[Parcel], outcome: Outcome) -> None:
        """What was given up is `missed`: said once as long as the saying waits itself."""
        if outcome.delivered:
            return
        for name in {parcel.tag for parcel in parcels}:
            subscription = model.one(db, name)
            waits = self.outgoing.tagged(db, LIFECYCLE, f"missed {name}")
            if subscription is not None and not waits:
                self.event(db, subscription, "missed")

    def _watch(self, now: datetime) -> datetime | None:
        """End what has expired, warn of what soon will, and give the time of the next of these."""
        if not self._active:
            return None
        warned = spelled(now + timedelta(minutes=self.limits.warn_minutes))
        sql = "SELECT * FROM graph_subscription WHERE expires <= ? OR (expires <= ? AND NOT warned)"
        with self.store.read() as db:
            due = rows(db, sql, spelled(now), warned)
        if due:
            self._ended(due, spelled(now))
        with self.store.read() as db:
            found = row(db, "SELECT min(expires) AS ends FROM graph_subscription") or {"ends": None}
            open_ends = row(db, "SELECT min(expires) AS ends FROM graph_subscription WHERE NOT warned")
        if found["ends"] is None:
            return None
        times = [datetime.fromisoformat(found["ends"])]
        if open_ends and open_ends["ends"]:
            times.append(
                datetime.fromisoformat(open_ends["ends"]) - timedelta(minutes=self.limits.warn_minutes)
            )
        return min(times)

    def _ended(self, due: list[Row], now: str) -> None:
        with self.store.write() as db:
            for subscription in due:
                current = model.one(db, subscription["id"])
                if current is None or current["expires"] != subscription["expires"]:
                    continue  # renewed or deleted meanwhile
                if current["expires"] <= now:
                    self.remove(db, current["id"])
                    continue
                db.execute("UPDATE graph_subscription SET warned = 1 WHERE id = ?", (current["id"],))
                self.event(db, current, "reauthorizationRequired")
