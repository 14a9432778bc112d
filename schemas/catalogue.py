"""The service catalogue: what may be asked for, who owns it, what is needed, what is promised (section 2.1).

Attribute names are those of the file. Ids are the keys of the dictionaries, in the order of the file.
"""

import hashlib
import json
import re
from datetime import date
from functools import cached_property
from typing import Literal

from pydantic import Field

from schemas.base import Configured
from schemas.conditions import Condition, Scalar
from schemas.durations import DurationText
from schemas.journeys import Journey

type Level = Literal["high", "medium", "low"]
type Priority = Literal["P1", "P2", "P3", "P4"]
type StatusId = Literal["received", "in_progress", "waiting_on_requester", "done"]
type Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class CaseReference(Configured):
    """How a case is called: NC-004211 and, in subjects, [NC-004211]."""

    prefix: str = Field(pattern=r"^[A-Z]{1,6}$")
    digits: int = Field(ge=3, le=12)
    subject_form: str


class Organisation(Configured):
    """Who runs the desk."""

    name: str
    domain: str
    time_zone: str
    language: str
    currency: str
    case_reference: CaseReference


class ClosedDay(Configured):
    """A day on which nothing is open."""

    date: date
    name: str


class ServiceCalendar(Configured):
    """Opening hours (sla.md section 2), or `continuous` for a clock that never stops."""

    time_zone: str
    continuous: bool = False
    hours: dict[Day, tuple[tuple[str, str], ...]] = {}
    closed_days: tuple[ClosedDay, ...] = ()
    overrides: dict[date, tuple[tuple[str, str], ...]] = {}


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
    type: str | None = None
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


class Queue(Configured):
    """A team that works on cases, with its shared mailbox."""

    name: str
    address: str
    department: str
    lead: str
    on_call: str | None = None
    teams_channel: str | None = None
    restricted: bool = False


class MachineSender(Configured):
    """A machine whose automatic mail is a real request."""

    address: str
    request_type: str


class MailRules(Configured):
    """Whom the mailboxes listen to (section 2.12)."""

    internal_domains: tuple[str, ...]
    trusted_machine_senders: tuple[MachineSender, ...] = ()
    unknown_external_sender: Literal["hold", "accept"]
    external_allowed: dict[str, tuple[str, ...]] = {}
    duplicate_window: DurationText
    case_reference_trusted_when: tuple[str, ...]
    max_attachment_mb: int = Field(ge=1)


class RetentionClass(Configured):
    """How long a case is kept, from when, and what follows."""

    keep_months: int = Field(ge=1)
    starts: str = Field(alias="from")
    then: Literal["delete", "anonymise"]


class Format(Configured):
    """The shape of a value, with an example for people."""

    pattern: str
    example: str


class Owner(Configured):
    """The accountable role and its queue."""

    role: str
    queue: str


class Backup(Configured):
    """Who stands in for the owner."""

    role: str
    address: str


class IntakeField(Configured):
    """A field of one request type."""

    id: str
    label: str
    type: str
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
    name: str = Field(min_length=1)
    department: str
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
    definition_of_done: tuple[str, ...] = Field(min_length=1)
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


class Catalogue(Configured):
    """The whole catalogue of one version."""

    schema_version: int
    organisation: Organisation
    calendars: dict[str, ServiceCalendar]
    statuses: tuple[StatusDefinition, ...]
    reopen: Reopen
    waiting_on_requester: Waiting
    priority: PriorityRules
    urgent_policy: UrgentPolicy
    intake: IntakeRules
    approval_rules: ApprovalRules
    queues: dict[str, Queue]
    mail_rules: MailRules
    retention_classes: dict[str, RetentionClass]
    formats: dict[str, Format]
    request_types: dict[str, RequestType]
    journeys: dict[str, Journey]
    system_owners: dict[str, str]
    survey: Survey

    @cached_property
    def version(self) -> str:
        """A short hash of the content: the same catalogue has the same version everywhere."""
        canonical = json.dumps(
            self.model_dump(mode="json", by_alias=True), sort_keys=True, ensure_ascii=False
        )
        return hashlib.sha256(canonical.encode()).hexdigest()[:12]

    def reference(self, number: int) -> str:
        """The case reference with this number, such as NC-004211."""
        form = self.organisation.case_reference
        return f"{form.prefix}-{number:0{form.digits}d}"

    @cached_property
    def reference_pattern(self) -> re.Pattern[str]:
        """Finds a case reference in a subject."""
        form = self.organisation.case_reference
        return re.compile(rf"\b{form.prefix}-\d{{{form.digits}}}\b", re.IGNORECASE)

    def queue_of(self, mailbox: str) -> str | None:
        """The id of the queue whose shared mailbox this is."""
        address = mailbox.lower()
        return next((key for key, queue in self.queues.items() if queue.address.lower() == address), None)
