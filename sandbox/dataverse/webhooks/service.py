"""Watches the writes of rows and calls the webhooks that are registered for them.

What nobody waits for is put among the parcels of the tenant within the same transaction. A step that is waited for
is called at once, so its failure rolls the write back, and the store is held until it answers."""

import json
import threading
import uuid
from sqlite3 import Connection

from werkzeug import Request

from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import DataverseError
from sandbox.dataverse.schema import Table, quoted
from sandbox.dataverse.webhooks import context, endpoints, jobs, registration, steps, tables
from sandbox.dataverse.webhooks.model import CREATE, DELETE, Happening, Step, Values
from sandbox.outgoing.model import Channel, Outcome, Parcel
from sandbox.outgoing.outgoing import Outgoing

CHANNEL = "dataverse-webhook"
ORGANISATION = "sandbox"
CORRELATION = "x-ms-correlation-request-id"


class _Mine(threading.local):
    """Whether the present thread has changed registrations since its last commit."""

    changed: bool = False


class Webhooks:
    """What the engine tells of each row that it writes."""

    def __init__(self, engine: Engine, outgoing: Outgoing) -> None:
        self._engine, self._outgoing = engine, outgoing
        tables.prepare(engine.store, engine.live)
        self._steps: steps.Steps | None = None
        self._mine = _Mine()
        engine.store.after_commit.append(self._committed)
        outgoing.open(
            Channel(
                CHANNEL,
                lambda: outgoing.settings.webhook_seconds,
                gaps=(0.0,),
                again=endpoints.again,
                finished=self._finished,
            )
        )

    def before(self, message: str, table: Table, row_id: str) -> Values | None:
        """Give the row before a write when a step wants to see it."""
        found = self._registered(message, table)
        wanted = any(image.before for step in found for image in step.images)
        return self._row(table, row_id) if wanted else None

    def wrote(self, message: str, table: Table, row_id: str, values: Values, before: Values | None) -> None:
        """Tell of a row that was written, inside of `write()`. Raises what a step that is waited for raises."""
        if table.logical in registration.OWN:
            self._own(message, table.logical, row_id)
        found = [step for step in self._registered(message, table) if step.concerns(message, values)]
        if not found:
            return
        looked_at = message != DELETE and any(image.after for step in found for image in step.images)
        after = self._row(table, row_id) if looked_at else None
        happened = self._happening(message, table, row_id, values, before, after)
        for step in found:
            self._call(step, happened)

    def _registered(self, message: str, table: Table) -> list[Step]:
        if self._mine.changed:  # by this transaction, which may be rolled back
            return steps.load(self._engine.store.inside()).get((message, table.logical), [])
        if self._steps is None:
            self._steps = steps.load(self._engine.store.inside())
        return self._steps.get((message, table.logical), []) if self._steps else []

    def _own(self, message: str, logical: str, row_id: str) -> None:
        db = self._engine.store.inside()
        self._mine.changed = True
        if message == DELETE:
            registration.deleted(db, logical, row_id)
            return
        if message == CREATE:
            registration.complete(db, logical, row_id)
        registration.check(db, self._engine.live, logical, row_id)

    def _committed(self) -> None:
        if self._mine.changed:
            self._mine.changed, self._steps = False, None

    def _row(self, table: Table, row_id: str) -> Values:
        sql = f"SELECT * FROM {table.kept} WHERE {quoted(table.id)} = ?"
        found = self._engine.store.inside().execute(sql, (row_id,)).fetchone()
        return dict(found) if found is not None else {}

    def _happening(
        self,
        message: str,
        table: Table,
        row_id: str,
        values: Values,
        before: Values | None,
        after: Values | None,
    ) -> Happening:
        own, asked, caller = self._engine.ids, self._engine.request, self._engine.caller
        ids = {
            "user": caller.user_id,
            "initiating": caller.real_user or caller.user_id,
            "businessunit": caller.business_unit_id,
            "organisation": own.organisation_id,
            "name": ORGANISATION,
            "operation": str(uuid.uuid4()),
            "correlation": _correlation(asked),
        }
        tag = asked.args.get("tag") if asked is not None else None
        return Happening(message, table, row_id, values, before, after, ids, tag)

    def _call(self, step: Step, happened: Happening) -> None:
        body, headers = self._payload(step, happened)
        try:
            url, more = endpoints.address(step)
        except endpoints.Unsendable as exc:
            self._unsendable(step, happened, exc)
            return
        if step.waited_for:
            self._wait_for(url, body, headers | more)
            return
        parcel = Parcel(CHANNEL, url, body, headers | more, self._job(step, happened).text())
        self._outgoing.put(self._engine.store.inside(), parcel)

    def _payload(self, step: Step, happened: Happening) -> tuple[str, dict[str, str]]:
        made = context.build(self._engine.live, step, happened, self._engine.clock.now())
        asked = self._engine.request
        headers = {
            "x-ms-dynamics-organization": asked.host if asked is not None else ORGANISATION,
            "x-ms-dynamics-entity-name": happened.table.logical,
            "x-ms-dynamics-request-name": happened.message,
            CORRELATION: happened.ids["correlation"],
        }
        body = json.dumps(made, ensure_ascii=False)
        if len(body.encode()) > context.MOST_BYTES:
            headers["x-ms-dynamics-msg-size-exceeded"] = "true"
            body = json.dumps(context.shortened(made), ensure_ascii=False)
        return body, headers

    def _wait_for(self, url: str, body: str, headers: dict[str, str]) -> None:
        seconds = self._outgoing.settings.webhook_seconds
        outcome = self._outgoing.call(CHANNEL, url, body, headers, seconds)
        if endpoints.again(outcome):
            outcome = self._outgoing.call(CHANNEL, url, body, headers, seconds)
        problem = endpoints.meaning(outcome)
        if problem is not None:
            raise DataverseError(400, *problem)  # documented guess: the status

    def _unsendable(self, step: Step, happened: Happening, reason: endpoints.Unsendable) -> None:
        if step.waited_for:
            raise DataverseError(400, reason.code, reason.words)
        job = self._job(step, happened)
        with self._engine.as_tenant():  # the writer need not have a right to jobs
            jobs.keep(self._engine, job, (reason.code, reason.words), 1)

    def _job(self, step: Step, happened: Happening) -> jobs.Job:
        return jobs.Job(
            step=step.id,
            name=step.name,
            message=happened.message,
            table=happened.table.logical,
            correlation=happened.ids["correlation"],
            started=self._engine.now(),
            deletes_itself=step.deletes_job,
        )

    def _finished(self, db: Connection, parcels: list[Parcel], outcome: Outcome) -> None:
        del db
        for parcel in parcels:
            jobs.ended(self._engine, jobs.Job.read(parcel.tag), outcome, parcel.attempt)


def _correlation(asked: Request | None) -> str:
    said = asked.headers.get(CORRELATION) if asked is not None else None
    try:
        return str(uuid.UUID(said))
    except (ValueError, TypeError):
        return str(uuid.uuid4())
