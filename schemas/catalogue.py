"""The service catalogue: what may be asked for, who owns it, what is needed, what is promised (section 2.1).

Attribute names are those of the file. Ids are the keys of the dictionaries, in the order of the file.
"""

import hashlib
import json
from functools import cached_property

from schemas.base import Configured
from schemas.desk_rules import (
    ApprovalRules,
    IntakeRules,
    Level,
    Priority,
    PriorityRules,
    Reopen,
    StatusDefinition,
    Survey,
    UrgentPolicy,
    Waiting,
)
from schemas.journeys import Journey
from schemas.organisation import Format, MailRules, Organisation, Queue, RetentionClass, ServiceCalendar
from schemas.request_types import ApprovalStep, IntakeField, RequestType, SlaPolicy

# What the rules import from here together with the catalogue.
__all__ = [
    "ApprovalStep",
    "Catalogue",
    "IntakeField",
    "Level",
    "Priority",
    "PriorityRules",
    "RequestType",
    "ServiceCalendar",
    "SlaPolicy",
]


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

    def queue_of(self, mailbox: str) -> str | None:
        """The id of the queue whose shared mailbox this is."""
        address = mailbox.lower()
        return next((key for key, queue in self.queues.items() if queue.address.lower() == address), None)
