"""What the models alone cannot see: names that must exist elsewhere in the file, hours that make sense."""

import re
from collections.abc import Collection, Iterator
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from schemas.catalogue import Catalogue, RequestType, ServiceCalendar
from schemas.directory import Directory
from schemas.documents import Document, Fault, Path
from schemas.journeys import Journey
from schemas.knowledge import KnowledgeList

_TIME = re.compile(r"^([01]\d|2[0-4]):[0-5]\d$")
_ADDRESS = re.compile(r"^[^@\s]+@[^@\s]+$")
DAY = 24 * 60

type Findings = Iterator[tuple[Path, str]]


def catalogue_faults(catalogue: Catalogue, document: Document, places: dict[str, int]) -> list[Fault]:
    """Faults of meaning in a catalogue whose form is right."""
    findings = [
        *_zones(catalogue),
        *_matrix(catalogue),
        *_formats(catalogue),
        *_mail_rules(catalogue),
        *_urgent(catalogue),
        *(found for name, calendar in catalogue.calendars.items() for found in _calendar(name, calendar)),
        *(
            found
            for name, journey in catalogue.journeys.items()
            for found in _journey(name, journey, catalogue)
        ),
        *(
            found
            for name, kind in catalogue.request_types.items()
            for found in _type(kind, places[name], catalogue)
        ),
        *(
            found
            for name, kind in catalogue.request_types.items()
            for found in _fields(kind, places[name], catalogue)
        ),
    ]
    return [document.fault(path, rule) for path, rule in findings]


def directory_faults(directory: Directory, document: Document) -> list[Fault]:
    """Addresses that are none or stand twice."""
    seen: set[str] = set()
    faults = []
    for place, person in enumerate(directory.people):
        path: Path = ("people", place, "address")
        if not _ADDRESS.match(person.address):
            faults.append(document.fault(path, f"{person.address!r} is not a mail address"))
        if person.address.lower() in seen:
            faults.append(document.fault(path, f"{person.address} stands twice; keep one"))
        seen.add(person.address.lower())
    return faults


def knowledge_faults(knowledge: KnowledgeList, document: Document) -> list[Fault]:
    """Articles that stand twice."""
    seen: set[str] = set()
    faults = []
    for place, article in enumerate(knowledge.articles):
        if article.id in seen:
            faults.append(document.fault(("articles", place, "id"), f"{article.id} stands twice; keep one"))
        seen.add(article.id)
    return faults


def _known(name: str | None, names: Collection[str], what: str, path: Path) -> Findings:
    if name is not None and name not in names:
        yield path, f"{name!r} is not a {what} of this catalogue; known: {', '.join(sorted(names)[:12])}"


def _zones(catalogue: Catalogue) -> Findings:
    zones: dict[Path, str] = {("organisation", "time_zone"): catalogue.organisation.time_zone}
    zones |= {
        ("calendars", name, "time_zone"): calendar.time_zone for name, calendar in catalogue.calendars.items()
    }
    for path, zone in zones.items():
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            yield path, f"{zone!r} is not a time zone; use an IANA name such as Europe/London"


def _matrix(catalogue: Catalogue) -> Findings:
    for impact in ("high", "medium", "low"):
        for urgency in ("high", "medium", "low"):
            if urgency not in catalogue.priority.matrix.get(impact, {}):
                yield (
                    ("priority", "matrix", impact),
                    f"has no priority for urgency {urgency}; all nine cells are needed",
                )


def _formats(catalogue: Catalogue) -> Findings:
    for name, form in catalogue.formats.items():
        try:
            fits = re.search(form.pattern, form.example)
        except re.error as error:
            yield ("formats", name, "pattern"), f"is not a regular expression: {error}"
            continue
        if not fits:
            yield ("formats", name, "example"), f"{form.example!r} does not fit the pattern"


def _mail_rules(catalogue: Catalogue) -> Findings:
    rules = catalogue.mail_rules
    for place, sender in enumerate(rules.trusted_machine_senders):
        path: Path = ("mail_rules", "trusted_machine_senders", place, "request_type")
        yield from _known(sender.request_type, catalogue.request_types, "request type", path)
    for queue, kinds in rules.external_allowed.items():
        yield from _known(queue, catalogue.queues, "queue", ("mail_rules", "external_allowed", queue))
        for kind in kinds:
            yield from _known(
                kind, catalogue.request_types, "request type", ("mail_rules", "external_allowed", queue)
            )


def _urgent(catalogue: Catalogue) -> Findings:
    for name, category in catalogue.urgent_policy.categories.items():
        for kind in category.request_types:
            path: Path = ("urgent_policy", "categories", name, "request_types")
            yield from _known(kind, catalogue.request_types, "request type", path)


def _calendar(name: str, calendar: ServiceCalendar) -> Findings:
    if calendar.continuous:
        return
    if not any(calendar.hours.values()):
        yield ("calendars", name, "hours"), "has no open time; give at least one day opening hours"
    for day, rows in calendar.hours.items():
        yield from _intervals(("calendars", name, "hours", day), rows)
    for date, rows in calendar.overrides.items():
        yield from _intervals(("calendars", name, "overrides", str(date)), rows)


def _intervals(path: Path, rows: tuple[tuple[str, str], ...]) -> Findings:
    spans = []
    for row in rows:
        wrong = [time for time in row if not _TIME.match(time) or _minutes(time) > DAY]
        if wrong:
            yield path, f"{wrong[0]!r} is not a time of day; write HH:MM between 00:00 and 24:00"
            continue
        if row[1] == "23:59":
            yield path, "ends at 23:59 and so loses a minute a day; write 24:00"
        start, end = map(_minutes, row)
        if start == end:
            yield path, f"{row[0]} to {row[1]} is empty; remove it, or write 00:00 to 24:00 for a whole day"
        # An end before the start runs into the next day (sla.md section 2).
        spans.append((start, end if end > start else DAY))
    if any(a[1] > b[0] for a, b in pairwise(sorted(spans))):
        yield path, "has hours that overlap; merge them"


def _minutes(time: str) -> int:
    return int(time[:2]) * 60 + int(time[3:])


def _journey(name: str, journey: Journey, catalogue: Catalogue) -> Findings:
    yield from _known(
        journey.opens_with, catalogue.request_types, "request type", ("journeys", name, "opens_with")
    )
    ids = [task.id for task in journey.tasks]
    for place, task in enumerate(journey.tasks):
        path: Path = ("journeys", name, "tasks", place)
        if ids.index(task.id) != place:
            yield (*path, "id"), f"{task.id} stands twice; ids are used once in a journey"
        if task.team != "manager":
            yield from _known(task.team, catalogue.queues, "queue", (*path, "team"))
        yield from _known(task.creates, catalogue.request_types, "request type", (*path, "creates"))
        for needed in task.depends_on:
            yield from _known(needed, ids, "task of this journey", (*path, "depends_on"))
    waits = {task.id: set(task.depends_on) & set(ids) for task in journey.tasks}
    while ready := {task for task, needed in waits.items() if not needed & set(waits)}:
        waits = {task: needed for task, needed in waits.items() if task not in ready}
    if waits:
        yield ("journeys", name, "tasks"), f"wait for each other in a circle: {', '.join(sorted(waits))}"


def _type(kind: RequestType, place: int, catalogue: Catalogue) -> Findings:
    path: Path = ("request_types", place)
    yield from _known(kind.owner.queue, catalogue.queues, "queue", (*path, "owner", "queue"))
    yield from _known(kind.retention, catalogue.retention_classes, "retention class", (*path, "retention"))
    yield from _known(kind.journey, catalogue.journeys, "journey", (*path, "journey"))
    yield from _known(kind.sla.clock, catalogue.calendars, "calendar", (*path, "sla", "clock"))
    if kind.urgent.category:
        yield from _known(
            kind.urgent.category,
            catalogue.urgent_policy.categories,
            "category",
            (*path, "urgent", "category"),
        )
    queue = catalogue.queues.get(kind.owner.queue)
    if kind.owner.role == kind.backup.role:
        yield (*path, "backup"), "is the owner; name somebody else, or nobody stands in (CAT-3)"
    elif queue and queue.address == kind.backup.address:
        yield (
            (*path, "backup", "address"),
            "is the mailbox of the queue itself; name a person's address (CAT-3)",
        )
    for priority in ("P1", "P2", "P3", "P4"):
        target = kind.sla.target(priority)
        here: Path = (*path, "sla", priority)
        yield from _known(target.clock, catalogue.calendars, "calendar", (*here, "clock"))
        for name in ("first_response", "resolution"):
            if getattr(target, name).amount <= 0:
                yield (*here, name), "must be more than nothing"


def _fields(kind: RequestType, place: int, catalogue: Catalogue) -> Findings:
    ids = [field.id for field in kind.fields]
    readable = {*ids, *catalogue.intake.fields}
    for number, field in enumerate(kind.fields):
        path: Path = ("request_types", place, "fields", number)
        if ids.index(field.id) != number:
            yield (*path, "id"), f"{field.id} stands twice; ids are used once in a type"
        if field.type == "format":
            yield from _known(field.format or "(none)", catalogue.formats, "format", (*path, "format"))
        if field.type == "enum" and not field.values:
            yield (*path, "values"), "is empty; a choice needs at least one value"
        for name in field.required_when.fields() if field.required_when else ():
            yield from _known(name, readable, "field of this type", (*path, "required_when"))
    for name, mode in kind.intake.items():
        here: Path = ("request_types", place, "intake", name)
        yield from _known(name, catalogue.intake.fields, "common field", here)
        first, _, source = mode.partition(" ")
        if first == "defaulted_from":
            yield from _known(source, ids, "field of this type", here)
