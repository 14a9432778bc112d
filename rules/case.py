"""A case as the fold of its events. `evolve` is the only way in which a case changes."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from typing import Any, cast
from uuid import UUID

from schemas.events import (
    CaseOpened,
    DeliveryFailed,
    Event,
    FieldsAssessed,
    FieldsSupplied,
    ParticipantsJoined,
    PrioritySet,
    PromiseMade,
    Status,
    StatusChanged,
)
from schemas.reading import FieldValue


@dataclass(frozen=True)
class Span:
    """A stretch of the case's life in one status. The last one is open: `to` is None (COM-4)."""

    status: Status
    holder: str
    since: datetime
    to: datetime | None = None


@dataclass(frozen=True)
class Case:
    """Where a case stands. Everything here follows from its events."""

    case_id: UUID
    opened: CaseOpened
    sequence: int
    status: Status
    spans: tuple[Span, ...]
    participants: tuple[str, ...]
    values: tuple[FieldValue, ...] = ()
    missing: tuple[str, ...] | None = None  # None: not assessed
    priority: PrioritySet | None = None
    promise: PromiseMade | None = None
    closed_on: datetime | None = None
    reopened_count: int = 0
    undelivered: tuple[str, ...] = ()

    @property
    def reference(self) -> str:
        """The reference that people quote, such as NC-004211."""
        return self.opened.reference


def evolve(case: Case | None, event: Event) -> Case:
    """The case after one more event."""
    fact = event.fact
    if isinstance(fact, CaseOpened):
        return _open(event, fact)
    if case is None:
        raise ValueError(f"the log of case {event.case_id} does not begin with its opening")
    change = _CHANGES.get(type(fact))
    return replace(change(case, event, fact) if change else case, sequence=event.sequence)


def fold(events: tuple[Event, ...]) -> Case | None:
    """The case that a whole log describes; None for an empty log."""
    return reduce(evolve, events, cast("Case | None", None))


def _open(event: Event, fact: CaseOpened) -> Case:
    return Case(
        case_id=event.case_id,
        opened=fact,
        sequence=event.sequence,
        status=fact.status,
        spans=(Span(fact.status, _holder(fact.status, fact), fact.received_on),),
        participants=fact.participants,
        closed_on=fact.closed_on,
    )


def _holder(status: Status, opened: CaseOpened) -> str:
    return opened.requester if status == "waiting_on_requester" else opened.queue


def _change_status(case: Case, event: Event, fact: StatusChanged) -> Case:
    last = case.spans[-1]
    spans = (
        *case.spans[:-1],
        replace(last, to=event.at),
        Span(fact.after, _holder(fact.after, case.opened), event.at),
    )
    return replace(
        case,
        status=fact.after,
        spans=spans,
        closed_on=event.at if fact.after == "done" else None,
        reopened_count=case.reopened_count + fact.reopened,
    )


def _merge(known: tuple[FieldValue, ...], new: tuple[FieldValue, ...]) -> tuple[FieldValue, ...]:
    """Later values replace earlier ones of the same field; the order of first mention stays."""
    return tuple({value.field: value for value in (*known, *new)}.values())


_CHANGES: dict[type, Callable[[Case, Event, Any], Case]] = {
    StatusChanged: _change_status,
    FieldsSupplied: lambda case, _, fact: replace(case, values=_merge(case.values, fact.values)),
    FieldsAssessed: lambda case, _, fact: replace(case, missing=fact.missing),
    PrioritySet: lambda case, _, fact: replace(case, priority=fact),
    PromiseMade: lambda case, _, fact: replace(case, promise=fact),
    ParticipantsJoined: lambda case, _, fact: replace(
        case, participants=(*case.participants, *fact.addresses)
    ),
    DeliveryFailed: lambda case, _, fact: replace(
        case, undelivered=(*case.undelivered, fact.recipient or "")
    ),
}
