"""The action `BulkDelete`: a system job that deletes rows later (reference dataverse.md section 6).

The job is a row of `asyncoperations`; what it is to delete is kept beside it, so that it survives a new start."""

import json
import time
from datetime import datetime
from typing import Any, NamedTuple

from werkzeug import Request, Response

from sandbox.dataverse import query_expression, rows
from sandbox.dataverse.address import ROOT
from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import DataverseError, not_offered, payload_error, routing_error
from sandbox.dataverse.security import access
from sandbox.dataverse.security.rights import Caller
from sandbox.dataverse.values import INSTANT, Value
from sandbox.dataverse.writing import read_body
from sandbox.wire import json_response

NAME, KIND = "BulkDelete", 13
COMPLETED, SUCCEEDED, FAILED = 3, 30, 31
DDL = "CREATE TABLE IF NOT EXISTS dv_jobs (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID"
REQUIRED: dict[str, type] = {
    "QuerySet": list,
    "JobName": str,
    "SendEmailNotification": bool,
    "ToRecipients": list,
    "CCRecipients": list,
    "RecurrencePattern": str,
    "StartDateTime": str,
}
OPTIONAL = ("SourceImportId", "RunNow")


class _Waiting(NamedTuple):
    """A job that waits: since when it may run, what it is to do, as whom (after a new start: as the tenant)."""

    due: float
    body: dict[str, Any]
    caller: Caller | None


class Jobs:
    """The jobs that wait. They run before the first request after their time, `delay` real seconds at least."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.delay = 0.2
        with engine.store.write() as db:
            db.execute(DDL)
            kept = db.execute("SELECT id, body FROM dv_jobs").fetchall()
        self._waiting: dict[str, _Waiting] = {
            str(row[0]): _Waiting(0.0, json.loads(row[1]), None) for row in kept
        }

    def start(self, request: Request) -> Response:
        """Take a job and give its id; nothing is deleted yet."""
        if request.method != "POST":
            return routing_error(request.url)
        body = read_body(request, NAME)
        engine = self._engine
        access.holds(engine, "prvBulkDelete")
        _check(engine, body)
        with engine.store.write() as db, engine.as_tenant():
            table = engine.catalogue.table("asyncoperation")
            job = rows.create(engine, table, {"name": body["JobName"], "operationtype": KIND})
            db.execute("INSERT INTO dv_jobs (id, body) VALUES (?, ?)", (job, json.dumps(body)))
        self._waiting[job] = _Waiting(time.monotonic() + self.delay, body, engine.caller)
        about = f"https://{request.host}{ROOT}$metadata#Microsoft.Dynamics.CRM.{NAME}Response"
        return json_response(200, {"@odata.context": about, "JobId": job})

    def settle(self) -> None:
        """Run the jobs whose time has come."""
        if not self._waiting:
            return
        real, virtual, present = time.monotonic(), self._engine.clock.now(), self._engine.caller
        for job, one in list(self._waiting.items()):
            if one.due <= real and datetime.fromisoformat(one.body["StartDateTime"]) <= virtual:
                self._engine.act_as(one.caller)
                with self._engine.store.write() as db:
                    if db.execute("DELETE FROM dv_jobs WHERE id = ?", (job,)).rowcount:
                        self._run(job, one.body)
                self._waiting.pop(job, None)
                self._engine.act_as(present)

    def _run(self, job: str, body: dict[str, Any]) -> None:
        """Delete what can be deleted; rows that others hold on to stay."""
        words, engine = [], self._engine
        try:
            for expression in body["QuerySet"]:
                table, found = query_expression.ids(engine, expression)
                words += [failed for row_id in found if (failed := self._delete(table.logical, row_id))]
            status = SUCCEEDED
        except DataverseError as exc:  # the table or a column is gone by now
            words, status = [exc.message], FAILED
        values: dict[str, Value] = {"statecode": COMPLETED, "statuscode": status, "completedon": engine.now()}
        message = "\n".join(words)[:4000] or None
        with engine.as_tenant():
            rows.update(engine, engine.catalogue.table("asyncoperation"), job, {**values, "message": message})

    def _delete(self, logical: str, row_id: str) -> str | None:
        try:
            with self._engine.store.write():
                rows.delete(self._engine, self._engine.catalogue.table(logical), row_id)
        except DataverseError as exc:
            return exc.message
        return None


def _check(engine: Engine, body: dict[str, Any]) -> None:
    for name in body:
        if name not in (*REQUIRED, *OPTIONAL):
            raise payload_error(NAME, f"The parameter '{name}' is not a parameter of the operation '{NAME}'.")
    for name, kind in REQUIRED.items():
        if not isinstance(body.get(name), kind):
            raise payload_error(NAME, f"The parameter '{name}' is required and must be of its type.")
    _check_values(engine, body)


def _check_values(engine: Engine, body: dict[str, Any]) -> None:
    if body["RecurrencePattern"]:
        raise not_offered("bulk deletions that recur")
    if not INSTANT.fullmatch(body["StartDateTime"]):
        raise payload_error(
            NAME, "The parameter 'StartDateTime' must be an instant such as 2026-02-09T09:04:00Z."
        )
    if not body["QuerySet"]:
        raise payload_error(NAME, "The parameter 'QuerySet' must hold a query.")
    for expression in body["QuerySet"]:
        query_expression.checked(engine, NAME, expression)[1].where()
