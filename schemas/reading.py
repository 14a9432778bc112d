"""What the intake understood of a request: type, values, gaps, people, files (requirements INT-2, INT-4)."""

from typing import Literal

from pydantic import Field

from schemas.base import Frozen

type ValueSource = Literal["form", "mail", "directory", "rule", "agent", "attachment", "thread"]


class FieldValue(Frozen):
    """One answered field.

    `value` is canonical text: dates as 2026-03-02, instants as 2026-02-12T09:00:00Z, months as 2026-01, money
    and numbers as plain decimals in the organisation's currency, people by address, choices as the catalogue
    spells them, files by name. `confidence` is 0 to 100; `evidence` is the text it was read from.
    """

    field: str
    value: str
    source: ValueSource = "mail"
    confidence: int = Field(default=100, ge=0, le=100)
    evidence: str = ""


class TypeScore(Frozen):
    """How strongly a mail speaks for one request type, with the signs that count. For `explain`."""

    request_type: str
    score: int
    signs: tuple[str, ...] = ()


class Reading(Frozen):
    """A mail that opens a case, understood.

    Without a safe type `request_type` is None and `triage` asks a person to choose; `type_evidence` shows the
    best guesses, best first. `missing` is in the order of the catalogue. `queue` is where the case belongs;
    `move_to` names it again when the mail must leave the mailbox that it arrived in (sensitive work).
    """

    request_type: str | None
    type_evidence: tuple[TypeScore, ...] = ()
    triage: bool = False
    queue: str | None = None
    move_to: str | None = None
    values: tuple[FieldValue, ...] = ()
    missing: tuple[str, ...] = ()
    requester: str
    on_behalf_of: str | None = None
    participants: tuple[str, ...] = ()
    attachments_kept: tuple[str, ...] = ()
    attachments_dropped: tuple[str, ...] = ()
    attachments_quarantined: tuple[str, ...] = ()
    title: str = ""
    need: str = ""
    warnings: tuple[str, ...] = ()

    def value(self, field: str) -> str | None:
        """The canonical value of a field, or None when it was not answered."""
        return next((known.value for known in self.values if known.field == field), None)


class Answer(Frozen):
    """A follow-up, understood: what it adds to an open case and what is still missing afterwards."""

    values: tuple[FieldValue, ...] = ()
    missing: tuple[str, ...] = ()
    attachments_kept: tuple[str, ...] = ()
    attachments_dropped: tuple[str, ...] = ()
    attachments_quarantined: tuple[str, ...] = ()
