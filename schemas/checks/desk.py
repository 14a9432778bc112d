"""What holds for the whole desk: zones, priorities, formats, mail rules, urgency, survey, journeys."""

import re
from typing import get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from schemas.checks.request_types import Menu, conditions
from schemas.desk_rules import StatusId
from schemas.parts import Findings, Part, known, used_once

ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+")
FRONT_DOOR = "front_door"  # the queue of mail that fits no type


def desk_findings(file: Part) -> Findings:
    """All faults outside calendars and request types."""
    yield from _zones(file)
    yield from _matrix(file["priority"]["matrix"])
    yield from _formats(file["formats"])
    yield from _mail_rules(file)
    yield from _urgent(file)
    for kind in file["survey"]["not_sent_for"].parts():
        yield from known(kind, file["request_types"].ids, "request type")
    if file["queues"].names is not None and FRONT_DOOR not in (file["queues"].names or ()):
        yield file["queues"].path, f"has no {FRONT_DOOR}; mail that fits no request type needs this queue"
    yield from _mailboxes(file["queues"])
    yield from _statuses(file["statuses"])
    for journey in file["journeys"].parts():
        yield from _journey(journey, file)


def _mailboxes(queues: Part) -> Findings:
    """Mail is read from the queue's address, so each needs one, and its own."""
    taken: dict[str, str] = {}
    for queue in queues.parts():
        for name in ("address", "lead", "on_call"):
            address = queue[name].text
            if address is not None and not ADDRESS.fullmatch(address):
                yield queue[name].path, f"{address!r} is not a mail address; write name@domain"
        mailbox = (queue["address"].text or "").lower()
        if mailbox in taken:
            yield queue["address"].path, f"queue {taken[mailbox]} has this mailbox already; give each its own"
        elif mailbox:
            taken[mailbox] = str(queue.name)


def _statuses(statuses: Part) -> Findings:
    yield from used_once(list(statuses.parts()), "in the catalogue")
    for status in get_args(StatusId.__value__) if statuses.ids is not None else ():
        if status not in (statuses.ids or ()):
            yield statuses.path, f"has no {status}; every case needs all four statuses"


def _zones(file: Part) -> Findings:
    for part in (file["organisation"], *file["calendars"].parts()):
        zone = part["time_zone"]
        try:
            ZoneInfo(zone.text if zone.text is not None else "UTC")
        except (ZoneInfoNotFoundError, ValueError, OSError):
            yield zone.path, f"{zone.text!r} is not a time zone; use an IANA name such as Europe/London"


def _matrix(matrix: Part) -> Findings:
    if matrix.names is None:
        return
    for impact in ("high", "medium", "low"):
        for urgency in ("high", "medium", "low"):
            if urgency not in (matrix[impact].names or ()):
                yield (
                    matrix[impact].path,
                    f"has no priority for urgency {urgency}; all nine cells are needed",
                )


def _formats(formats: Part) -> Findings:
    for form in formats.parts():
        pattern, example = form["pattern"].text, form["example"].text
        try:
            shape = re.compile(pattern or "")
        except re.error as error:
            yield form["pattern"].path, f"is not a regular expression: {error}"
            continue
        if example is not None and not shape.search(example):
            yield form["example"].path, f"{example!r} does not fit the pattern"


def _mail_rules(file: Part) -> Findings:
    kinds = file["request_types"].ids
    for sender in file["mail_rules"]["trusted_machine_senders"].parts():
        yield from known(sender["request_type"], kinds, "request type")
    for queue in file["mail_rules"]["external_allowed"].parts():
        yield from known(Part(queue.name, queue.path), file["queues"].names, "queue")
        for kind in queue.parts():
            yield from known(kind, kinds, "request type")


def _urgent(file: Part) -> Findings:
    policy = file["urgent_policy"]
    for category in policy["categories"].parts():
        for kind in category["request_types"].parts():
            yield from known(kind, file["request_types"].ids, "request type")
    for waived in policy["proof_waived_for"].parts():
        yield from known(waived, policy["categories"].names, "category")
    for step in policy["escalation"].parts():
        yield from known(step["clock"], file["calendars"].names, "calendar")


def _journey(journey: Part, file: Part) -> Findings:
    kinds, tasks = file["request_types"].ids, list(journey["tasks"].parts())
    yield from known(journey["opens_with"], kinds, "request type")
    yield from used_once(tasks, "in a journey")
    opener = [kind for kind in file["request_types"].parts() if kind["id"].text == journey["opens_with"].text]
    for task in tasks:
        if task["team"].text != "manager":
            yield from known(task["team"], file["queues"].names, "queue")
        yield from known(task["creates"], kinds, "request type")
        for needed in task["depends_on"].parts():
            yield from known(needed, journey["tasks"].ids, "task of this journey")
        for kind in opener:
            yield from conditions(task["skip_when"], Menu(file).readable(kind))
    yield from _circle(journey["tasks"])


def _circle(tasks: Part) -> Findings:
    waits = {
        task["id"].text: {needed.text for needed in task["depends_on"].parts()} for task in tasks.parts()
    }
    waits = {task: needed & set(waits) for task, needed in waits.items()}
    while ready := {task for task, needed in waits.items() if not needed & set(waits)}:
        waits = {task: needed for task, needed in waits.items() if task not in ready}
    if waits:
        yield tasks.path, f"wait for each other in a circle: {', '.join(sorted(map(str, waits)))}"
