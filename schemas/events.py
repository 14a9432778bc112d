"""What happened to a case: the one log from which status, promises, explanations and reports are read.

An event has an id, its case, a place in the case's order, an instant, an actor and a cause; what happened is its
`fact`, a union told apart by `kind`. Ids are made from the cause, so that deciding the same input again yields the
same events (DESIGN.md section 1).
"""

from typing import Annotated, Literal
from uuid import UUID, uuid5

from pydantic import ConfigDict, Field, TypeAdapter

from schemas.base import Frozen, Instant
from schemas.reading import FieldValue

NAMESPACE = UUID("6d1f9c5e-3b0a-5e0f-9a63-2a7a4f1d8c21")

type Status = Literal["received", "in_progress", "waiting_on_requester", "done"]
type Channel = Literal["mail", "form", "flow", "teams", "import", "bypass"]


class CaseOpened(Frozen):
    """A request became a case (INT-1). Owner and queue are those of the request type, or of the front door."""

    kind: Literal["case_opened"] = "case_opened"
    reference: str
    source_key: str
    request_type: str | None
    title: str
    need: str
    requester: str
    on_behalf_of: str | None = None
    participants: tuple[str, ...] = ()
    approver: str | None = None
    channel: Channel
    received_on: Instant
    department: str
    queue: str
    owner: str
    owner_address: str
    backup: str
    sensitive: bool
    triage: bool = False
    journey: str | None = None
    linked_to: str | None = None
    move_to: str | None = None  # the queue that a sensitive request has to go to from a general inbox (SEN-1)
    catalogue_version: str
    status: Status = "received"
    closed_on: Instant | None = None


class FieldsSupplied(Frozen):
    """Values were read from a message, each with its source (INT-4)."""

    kind: Literal["fields_supplied"] = "fields_supplied"
    values: tuple[FieldValue, ...]


class FieldsAssessed(Frozen):
    """Which required fields the request does not answer yet (INT-3). `warnings` are for the owner."""

    kind: Literal["fields_assessed"] = "fields_assessed"
    missing: tuple[str, ...]
    warnings: tuple[str, ...] = ()


class PrioritySet(Frozen):
    """Priority was computed from impact and urgency (PRI-1)."""

    kind: Literal["priority_set"] = "priority_set"
    impact: str
    urgency: str
    priority: str
    rule: str


class PromiseMade(Frozen):
    """The two first promises, fixed when the clocks start (SLA-1)."""

    kind: Literal["promise_made"] = "promise_made"
    priority: str
    first_response_due: Instant
    first_response_seconds: int
    first_response_clock: str
    resolution_due: Instant
    resolution_seconds: int
    resolution_clock: str


class MessageReceived(Frozen):
    """A mail was added to the case. The text lies in the message row, not in the log."""

    kind: Literal["message_received"] = "message_received"
    message: str  # key of the message row
    sender: str
    role: Literal["request", "follow_up", "duplicate", "bounce"]
    only_thanks: bool = False
    attachments: tuple[str, ...] = ()


class ParticipantsJoined(Frozen):
    """People on the mail who were not on the case yet."""

    kind: Literal["participants_joined"] = "participants_joined"
    addresses: tuple[str, ...]


class StatusChanged(Frozen):
    """One of the four public statuses gave way to another (COM-4)."""

    kind: Literal["status_changed"] = "status_changed"
    before: Status
    after: Status
    reason: str
    reopened: bool = False


class LetterQueued(Frozen):
    """A message to the requester was written to the outbox."""

    kind: Literal["letter_queued"] = "letter_queued"
    effect: str
    purpose: Literal["confirmation"]


class DeliveryFailed(Frozen):
    """A message of ours did not arrive (MAIL-4)."""

    kind: Literal["delivery_failed"] = "delivery_failed"
    recipient: str | None
    permanent: bool
    message: str


type Fact = Annotated[
    CaseOpened
    | FieldsSupplied
    | FieldsAssessed
    | PrioritySet
    | PromiseMade
    | MessageReceived
    | ParticipantsJoined
    | StatusChanged
    | LetterQueued
    | DeliveryFailed,
    Field(discriminator="kind"),
]

FACT: TypeAdapter[Fact] = TypeAdapter(Fact, config=ConfigDict(defer_build=True))


RULES = "plumbline"  # the actor of facts that rules alone decide
BY_RULE = (FieldsAssessed, PrioritySet, PromiseMade, LetterQueued)


class Event(Frozen):
    """One fact of one case. `cause` is the key of the message or call that led to it."""

    event_id: UUID
    case_id: UUID
    sequence: int
    at: Instant
    actor: str
    cause: str
    fact: Fact

    @property
    def kind(self) -> str:
        """The name of the fact."""
        return self.fact.kind


def number(
    case_id: UUID, facts: tuple[Fact, ...], *, after: int, at: Instant, actor: str, cause: str
) -> tuple[Event, ...]:
    """Turn facts into the next events of a case. The same cause always yields the same ids.

    What only follows from rules is nobody's deed: its actor is the desk itself.
    """
    return tuple(
        Event(
            event_id=uuid5(case_id, f"{cause}:{place}:{fact.kind}"),
            case_id=case_id,
            sequence=after + place,
            at=at,
            actor=RULES if isinstance(fact, BY_RULE) else actor,
            cause=cause,
            fact=fact,
        )
        for place, fact in enumerate(facts, 1)
    )
