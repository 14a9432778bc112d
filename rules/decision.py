"""What a decision is and what it may read."""

from dataclasses import dataclass
from datetime import datetime

from rules.case import Case, evolve
from schemas.catalogue import Catalogue
from schemas.directory import Directory
from schemas.effects import Effect
from schemas.events import Event
from schemas.knowledge import KnowledgeList
from schemas.records import MessageRecord


@dataclass(frozen=True)
class Organisation:
    """The configuration that every decision reads: one version of catalogue, directory and articles."""

    catalogue: Catalogue
    directory: Directory
    knowledge: KnowledgeList


@dataclass(frozen=True)
class World:
    """What a decision may read besides the case and the command."""

    organisation: Organisation
    now: datetime  # UTC, the time of the services
    reference: str  # the next free case reference


@dataclass(frozen=True)
class Decision:
    """Events to append, effects to put into the outbox, and the record of the mail that led to them."""

    events: tuple[Event, ...] = ()
    effects: tuple[Effect, ...] = ()
    messages: tuple[MessageRecord, ...] = ()

    def after(self, case: Case | None) -> Case | None:
        """The case once the events have happened."""
        for event in self.events:
            case = evolve(case, event)
        return case


@dataclass(frozen=True)
class Refusal:
    """Why a command cannot be carried out: a stable code, the fields concerned, and words for a person."""

    code: str
    fields: tuple[str, ...]
    reason: str
