"""The rules that hold for every request: statuses, waiting, priority, urgency, common facts, approval, survey.

Attribute names are those of the catalogue file.
"""

from typing import Literal

from pydantic import Field

from schemas.base import Configured
from schemas.durations import DurationText

type Level = Literal["high", "medium", "low"]
type Priority = Literal["P1", "P2", "P3", "P4"]
type FieldType = Literal[
    "string",
    "text",
    "enum",
    "format",
    "date",
    "datetime",
    "month",
    "money",
    "integer",
    "phone",
    "person",
    "attachment",
    "attachment_or_link",
]
type StatusId = Literal["received", "in_progress", "waiting_on_requester", "done"]


class StatusDefinition(Configured):
    """One of the four public statuses and what it does to the clocks."""

    id: StatusId
    label: str
    clock: Literal["running", "paused", "stopped"]
    pauses: tuple[str, ...] = ()


class Reopen(Configured):
    """How long a closed case can be taken up again."""

    window_days: int = Field(ge=0)
    on_reply_within_window: str
    on_reply_after_window: str


class Waiting(Configured):
    """Reminders while a case waits on its requester."""

    remind_after: tuple[DurationText, ...]
    close_after: DurationText
    close_needs_notice: bool


class Means(Configured):
    """A level in plain words."""

    means: str


class PriorityRules(Configured):
    """Impact x urgency (PRI-1)."""

    impact: dict[Level, Means]
    urgency: dict[Level, Means]
    matrix: dict[Level, dict[Level, Priority]]


class UrgentCategory(Configured):
    """A reason for which urgency may be accepted."""

    label: str
    request_types: tuple[str, ...]


class Proof(Configured):
    """A thing that an urgent claim has to show."""

    id: str
    label: str


class UrgentEscalation(Configured):
    """Whom silence wakes, and when."""

    after: DurationText
    clock: str
    condition: str = Field(alias="if")
    action: str


class UrgentPolicy(Configured):
    """Who may say urgent (PRI-4 to PRI-7)."""

    accepted_priority: Priority
    categories: dict[str, UrgentCategory]
    proof: tuple[Proof, ...]
    proof_waived_for: tuple[str, ...] = ()
    escalation: tuple[UrgentEscalation, ...] = ()


class CommonField(Configured):
    """One of the seven facts of every request (INT-2)."""

    label: str
    always: bool = False
    filled_from: tuple[str, ...] = ()
    min_length: int | None = None
    type: FieldType | None = None
    labels: tuple[str, ...] = ()


class OnMissing(Configured):
    """What happens while required facts are missing."""

    status: StatusId
    first_response_counts: bool
    send: str
    ask_only_for: str


class IntakeRules(Configured):
    """The facts that every request must be able to answer."""

    fields: dict[str, CommonField]
    on_missing: OnMissing


class ApprovalRules(Configured):
    """Rules for all approvals."""

    nobody_approves_own_request: bool
    when_approver_is_requester: str
    accepted_answers_by_mail: tuple[str, ...]
    answer_must_come_from: str
    out_of_office_goes_to: str


class Question(Configured):
    """A question of the survey."""

    id: str
    text: str
    scale: tuple[int, int] | None = None
    type: str | None = None
    optional: bool = False


class Survey(Configured):
    """What is asked after closure, and for which types never."""

    send_after_close: DurationText
    questions: tuple[Question, ...]
    positive_from: int
    not_sent_for: tuple[str, ...] = ()
