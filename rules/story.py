"""The events of a case as sentences: who did what, when, and by which rule (PRI-8)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas.events import (
    CaseOpened,
    DeliveryFailed,
    Event,
    FieldsAssessed,
    FieldsSupplied,
    LetterQueued,
    MessageReceived,
    ParticipantsJoined,
    PrioritySet,
    PromiseMade,
    StatusChanged,
)

HIDDEN = "(confidential)"


@dataclass(frozen=True)
class Line:
    """One sentence of the story, with its instant in UTC and its actor."""

    at: datetime
    actor: str
    text: str


def story(events: tuple[Event, ...]) -> list[Line]:
    """The whole log in words. In a sensitive case names, titles and values stay hidden (SEN-1)."""
    private = any(isinstance(event.fact, CaseOpened) and event.fact.sensitive for event in events)
    return [
        Line(event.at, HIDDEN if private else event.actor, sentence)
        for event in events
        for sentence in _sentences(event, private)
    ]


def _sentences(event: Event, private: bool) -> list[str]:
    return _WORDS[type(event.fact)](event.fact, private)


def _opened(fact: CaseOpened, private: bool) -> list[str]:
    kind = fact.request_type or "no request type yet: a person has to choose one"
    title = HIDDEN if private else fact.title or "(no subject)"
    lines = [f"Case {fact.reference} was opened by {fact.channel}: {title}. Type: {kind}."]
    lines.append(f"Owner is {fact.owner} in queue {fact.queue}, backup {fact.backup}.")
    if fact.linked_to:
        lines.append(f"It follows {fact.linked_to}, which had been closed too long ago to be reopened.")
    return lines


def _fields(fact: FieldsSupplied, private: bool) -> list[str]:
    return [
        f"{value.field} = {HIDDEN if private else value.value} (from {value.source}, confidence {value.confidence} %)"
        for value in fact.values
    ]


def _assessed(fact: FieldsAssessed, _: bool) -> list[str]:
    warnings = f" Warnings: {', '.join(fact.warnings)}." if fact.warnings else ""
    if fact.missing:
        return [f"Not answered by a label yet: {', '.join(fact.missing)}.{warnings}"]
    return [f"Every required field is answered.{warnings}"]


def _priority(fact: PrioritySet, _: bool) -> list[str]:
    return [f"Priority {fact.priority}: impact {fact.impact}, urgency {fact.urgency} (rule {fact.rule})."]


def _promise(fact: PromiseMade, _: bool) -> list[str]:
    first, last = (f"{due:%Y-%m-%d %H:%M} UTC" for due in (fact.first_response_due, fact.resolution_due))
    return [
        f"First reply promised by {first} on the {fact.first_response_clock} clock.",
        f"Resolution promised by {last} on the {fact.resolution_clock} clock.",
    ]


def _received(fact: MessageReceived, private: bool) -> list[str]:
    who = HIDDEN if private else fact.sender
    words = {
        "request": "The request",
        "follow_up": "An answer",
        "duplicate": "The same mail again",
        "bounce": "A bounce",
    }
    thanks = " It only says thanks and moves nothing." if fact.only_thanks else ""
    files = f" Files: {len(fact.attachments)}." if fact.attachments else ""
    return [f"{words[fact.role]} came from {who}.{thanks}{files}"]


def _joined(fact: ParticipantsJoined, private: bool) -> list[str]:
    return [f"{HIDDEN if private else ', '.join(fact.addresses)} joined the case."]


def _status(fact: StatusChanged, _: bool) -> list[str]:
    return [f"Status went from {fact.before} to {fact.after}: {fact.reason}."]


def _letter(fact: LetterQueued, _: bool) -> list[str]:
    return [f"A {fact.purpose} to the requester was put into the outbox."]


def _undelivered(fact: DeliveryFailed, private: bool) -> list[str]:
    who = HIDDEN if private else fact.recipient or "an unknown recipient"
    return [f"Our message to {who} {'did not arrive' if fact.permanent else 'is delayed'}."]


_WORDS: dict[type, Callable[[Any, bool], list[str]]] = {
    CaseOpened: _opened,
    FieldsSupplied: _fields,
    FieldsAssessed: _assessed,
    PrioritySet: _priority,
    PromiseMade: _promise,
    MessageReceived: _received,
    ParticipantsJoined: _joined,
    StatusChanged: _status,
    LetterQueued: _letter,
    DeliveryFailed: _undelivered,
}
