"""What the core asks of the place where the business facts lie (Dataverse)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from rules.case import Case
from rules.decision import Decision
from schemas.effects import Effect
from schemas.events import Event
from schemas.records import MessageRecord
from schemas.thread import ThreadHits, Wanted
from sync.errors import RemoteError


@dataclass(frozen=True)
class StoredCase:
    """A folded case with the etag of its row; a write names that etag or is refused."""

    case: Case
    etag: str


@dataclass(frozen=True)
class Change:
    """One decision about one case, written as one change set, together or not at all.

    `before` is None where the decision opens the case, or where it concerns no case (`after` is None too).
    """

    decision: Decision
    before: StoredCase | None = None
    after: Case | None = None


@dataclass(frozen=True)
class Lookup:
    """What one mail needs to know of what is stored: `key` of its own copy and the threads it may belong to."""

    key: str
    wanted: Wanted
    received_at: datetime
    own_message_id: str | None = None
    sender: str = ""


@dataclass(frozen=True)
class Found:
    """Answer to a lookup. `seen` says that this very copy has been dealt with before."""

    seen: bool
    hits: ThreadHits


class CaseStore(Protocol):
    """Cases, their events and the records of mails."""

    def find(self, lookups: Sequence[Lookup]) -> list[Found]:
        """Answer many lookups in one call, in their order."""
        ...

    def load(self, case_ids: Sequence[UUID]) -> dict[UUID, StoredCase]:
        """Fold cases from their events, many in one call. Unknown ids are absent."""
        ...

    def commit(self, changes: Sequence[Change]) -> list[RemoteError | None]:
        """Write each change as one change set, many in one call; None for each that is stored.

        PreconditionFailed asks to look and decide again, Rejected says that this change will never be accepted.
        """
        ...

    def next_number(self) -> int:
        """The next free number for a case reference; taken for good only by the change that uses it.

        After a change was refused because its number is taken, the next one is higher.
        """
        ...

    def events(self, reference: str) -> tuple[Event, ...]:
        """The log of a case, in order; empty where there is no such case."""
        ...


@dataclass(frozen=True)
class PendingEffect:
    """An effect that is due. `doubtful` means that an earlier attempt may have got through.

    `etag` is the version that the claim made: whoever claims the effect later makes another one.
    """

    row_id: UUID
    etag: str
    effect: Effect
    case_id: UUID | None
    attempts: int
    doubtful: bool


@dataclass(frozen=True)
class EffectOutcome:
    """What became of an effect: done, to be tried again at an instant, or given up with a reason."""

    pending: PendingEffect
    state: str  # sent, waiting, failed, quarantined
    not_before: datetime | None = None
    error: str | None = None
    remote_id: str | None = None
    internet_message_id: str | None = None
    sent_at: datetime | None = None
    message: MessageRecord | None = field(default=None)


class EffectStore(Protocol):
    """The outbox."""

    def claim(self, now: datetime, limit: int, lease_seconds: int) -> list[PendingEffect]:
        """Take due effects for `lease_seconds`; those that another worker took first are left out."""
        ...

    def settle(self, outcomes: Sequence[EffectOutcome]) -> None:
        """Store what became of claimed effects, each with the record of the mail that was sent.

        An outcome of a worker whose claim has lapsed and been taken by another is dropped.
        """
        ...
