"""Read a case: where it stands, and the story of how it came there."""

import re
from typing import Protocol

from api.replies import Reply, ok, problem
from rules.case import Case, fold
from rules.story import Line, story
from schemas.events import Event

REFERENCE = re.compile(r"^[A-Za-z]{1,6}-\d{1,12}$")


class EventLog(Protocol):
    """The one thing that reading a case needs."""

    def events(self, reference: str) -> tuple[Event, ...]:
        """The log of a case, in order; empty where there is no such case."""
        ...


def show(log: EventLog, reference: str) -> Reply:
    """`GET /api/v1/cases/{reference}`: 200, 404 without such a case, 400 for a word that cannot be a reference."""
    found = _read(log, reference)
    if isinstance(found, Reply):
        return found
    case, _ = found
    return ok(_view(case))


def explain(log: EventLog, reference: str) -> Reply:
    """`GET /api/v1/cases/{reference}/explain`: the events as sentences, each with its instant and actor."""
    found = _read(log, reference)
    if isinstance(found, Reply):
        return found
    case, events = found
    return ok({"reference": case.reference, "story": [_line(line) for line in story(events)]})


def _read(log: EventLog, reference: str) -> Reply | tuple[Case, tuple[Event, ...]]:
    if not REFERENCE.match(reference):
        return problem(
            400,
            "Not a case reference",
            "The reference has the wrong form. Write letters, a hyphen and digits, such as NC-004211.",
        )
    events = log.events(reference.upper())
    case = fold(events)
    if case is None:
        return problem(404, "No such case", f"There is no case {reference.upper()}. Check the reference.")
    return case, events


def _view(case: Case) -> dict[str, object]:
    opened, promise = case.opened, case.promise
    private = opened.sensitive
    return {
        "reference": case.reference,
        "requestType": opened.request_type,
        "status": case.status,
        "queue": opened.queue,
        "owner": opened.owner,
        "priority": case.priority.priority if case.priority else None,
        "receivedOn": _z(opened.received_on),
        "firstResponseDue": _z(promise.first_response_due) if promise else None,
        "resolutionDue": _z(promise.resolution_due) if promise else None,
        "sensitive": private,
        # A function key does not say who asks, so a sensitive case shows nothing that could name a person.
        "requester": None if private else opened.requester,
        "title": None if private else opened.title,
        "fields": None if private else {value.field: value.value for value in case.values},
        "linkedTo": opened.linked_to,
    }


def _z(value: object) -> str:
    return str(value).replace(" ", "T").replace("+00:00", "Z")


def _line(line: Line) -> dict[str, object]:
    return {"at": _z(line.at), "actor": line.actor, "text": line.text}
