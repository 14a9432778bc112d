"""The organisation behind the desk: its name, queues, hours, mailboxes, retention and shapes of values.

Attribute names are those of the catalogue file.
"""

from datetime import date
from typing import Literal

from pydantic import Field

from schemas.base import Configured
from schemas.durations import DurationText

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
