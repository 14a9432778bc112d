"""System jobs: what became of the calls that nobody waits for, as rows of `asyncoperation`."""

import json
from dataclasses import asdict, dataclass

from sandbox.dataverse import rows
from sandbox.dataverse.engine import Engine
from sandbox.dataverse.webhooks.endpoints import meaning
from sandbox.outgoing.model import Outcome

COMPLETED, SUCCEEDED, FAILED = 3, 30, 31
SYSTEM_EVENT = 1


@dataclass(frozen=True)
class Job:
    """What is known of a call when it is put on its way."""

    step: str
    name: str
    message: str
    table: str
    correlation: str
    started: str
    deletes_itself: bool

    def text(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> "Job":
        return cls(**json.loads(text))


def ended(engine: Engine, job: Job, outcome: Outcome, attempts: int) -> None:
    """Keep the end of a call, inside of `write()`. A success of a step with asyncautodelete leaves no row."""
    problem = meaning(outcome)
    if problem is not None or not job.deletes_itself:
        keep(engine, job, problem, attempts)


def keep(engine: Engine, job: Job, problem: tuple[str, str] | None, attempts: int) -> None:
    """Write the row of a job that has ended."""
    table = engine.live.table("asyncoperation")
    code, words = problem if problem is not None else ("0x0", None)
    row_id = rows.create(
        engine,
        table,
        {
            "name": job.name,
            "messagename": job.message,
            "primaryentitytype": job.table,
            "owningextensionid": job.step,
            "operationtype": SYSTEM_EVENT,
            "correlationid": job.correlation,
            "startedon": job.started,
            "completedon": engine.now(),
            "retrycount": attempts - 1,
            "errorcode": _signed(code),
            "message": words,
            "friendlymessage": words,
        },
    )
    status = SUCCEEDED if problem is None else FAILED
    rows.update(engine, table, row_id, {"statecode": COMPLETED, "statuscode": status})


def _signed(code: str) -> int:
    """Give an error code as the number that columns keep it as."""
    number = int(code, 16)
    return number - 2**32 if number >= 2**31 else number
