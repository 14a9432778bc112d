"""One entry of the menu and its parts: what is needed, who owns it, what is promised, who approves (CAT-1).

Attribute names are those of the catalogue file.
"""

from typing import Literal

from pydantic import Field

from schemas.base import Configured, Text
from schemas.conditions import Condition, Scalar
from schemas.desk_rules import FieldType, Level
from schemas.durations import DurationText


class Owner(Configured):
    """The accountable role and its queue."""

    role: Text
    queue: str


class Backup(Configured):
    """Who stands in for the owner."""

    role: Text
    address: Text


class IntakeField(Configured):
    """A field of one request type."""

    id: Text
    label: Text
    type: FieldType
    required: bool = False
    required_when: Condition | None = None
    values: tuple[str, ...] = ()
    format: str | None = None
    labels: tuple[str, ...] = ()
    filled_from: str | None = None
    max_length: int | None = None
    accept: tuple[str, ...] = ()
    rule: dict[str, Scalar] = {}


class EvidenceRule(Configured):
    """What counts as evidence and when it may be absent."""

    label: str
    accept: tuple[str, ...] = ()
    satisfied_by: tuple[str, ...] = ()
    not_needed_when: Condition | None = None
    minimum_by: tuple[Condition, ...] = ()


class SlaTarget(Configured):
    """The two promises of one priority; `clock` overrides the one of the type."""

    first_response: DurationText
    resolution: DurationText
    clock: str | None = None


class SlaPolicy(Configured):
    """The promises of a request type by priority (SLA-1)."""

    clock: str
    P1: SlaTarget
    P2: SlaTarget
    P3: SlaTarget
    P4: SlaTarget

    def target(self, priority: str) -> SlaTarget:
        """The promises of one priority."""
        target: SlaTarget = getattr(self, priority)
        return target

    def clock_of(self, priority: str) -> str:
        """The calendar that counts for one priority."""
        return self.target(priority).clock or self.clock


class DefaultPriority(Configured):
    """Impact and urgency of a type while nothing else is known."""

    impact: Level
    urgency: Level


class ApprovalStep(Configured):
    """One approver, when they are needed, and what follows silence."""

    approver: str
    when: Condition | None = None
    remind_after: DurationText
    escalate_after: DurationText
    escalate_to: str


class Approval(Configured):
    """Whether and by whom a request has to be approved."""

    rule: Literal["none", "steps"]
    auto_approve_when: Condition | None = None
    steps: tuple[ApprovalStep, ...] = ()


class UrgentUse(Configured):
    """Whether a type can be urgent at all."""

    allowed: bool
    category: str | None = None


class Access(Configured):
    """Restricted handling of sensitive work (SEN-1, SEN-5)."""

    only_queues: tuple[str, ...]
    exclude_people_named_in_case: bool = False
    notifications: str
    reporting: str


class StatutoryClock(Configured):
    """A legal limit beside the service target (MAIL-8)."""

    due_in_months: int | None = None
    decide_within_hours: int | None = None
    starts: str = Field(alias="from")
    clock: str | None = None


class RequestType(Configured):
    """One entry of the menu, with its five facts (CAT-1)."""

    id: str = Field(pattern=r"^[a-z]{2,8}\.[a-z_]{2,40}$")
    name: Text
    department: Text
    owner: Owner
    backup: Backup
    intake: dict[str, str]
    ask_for_missing: Literal["before_start", "after_start", "by_caseworker"] = "before_start"
    fields: tuple[IntakeField, ...] = Field(min_length=1)
    evidence_rule: EvidenceRule | None = None
    statutory_clock: dict[str, StatutoryClock] = {}
    keywords: tuple[str, ...] = ()
    default_priority: DefaultPriority
    sla: SlaPolicy
    definition_of_done: tuple[Text, ...] = Field(min_length=1)
    approval: Approval
    urgent: UrgentUse
    journey: str | None = None
    fraud_check: bool = False
    knowledge: tuple[str, ...] = ()
    sensitive: bool
    access: Access | None = None
    retention: str

    def field(self, field_id: str) -> IntakeField | None:
        """One field by its id."""
        return next((field for field in self.fields if field.id == field_id), None)
