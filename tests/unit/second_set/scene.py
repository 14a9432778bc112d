"""Scenes: one mail or several for a fresh desk, and what should become of the last of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from connectors.mime import read_mail
from rules import keys
from rules.case import fold
from schemas.mail import MailMessage
from schemas.records import MessageRecord
from tests.fakes.world import Desk
from tests.unit.second_set.programs import Draft, written

MONDAY = datetime(2026, 2, 16, 10, 0, tzinfo=UTC)
_NUMBERS = count(1)


@dataclass(frozen=True)
class Sent:
    """A mail as it lies in a mailbox."""

    raw: bytes
    mailbox: str
    at: datetime = MONDAY


@dataclass(frozen=True)
class Scene:
    """`of` and `type` are checked where given; `only` names details of the record that must hold."""

    group: str
    name: str
    mails: Sequence[Sent]
    action: str
    reason: str | None = None
    of: str | None = None
    type: str | None = None
    related: str | None = None
    linked_to: str | None = None
    only: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What became of the last mail: its record, its case, how many cases and letters there are now."""

    record: MessageRecord
    reference: str | None
    request_type: str | None
    linked_to: str | None
    opened: int
    letters: int


def sent(
    text: str | None,
    *,
    sender: str,
    to: str,
    subject: str,
    program: str = "outlook",
    minutes: int = 0,
    mailbox: str = "",
    at: datetime = MONDAY,
    **more: object,
) -> Sent:
    """A mail to a mailbox of the organisation, written by a program."""
    when = at + timedelta(minutes=minutes)
    draft = Draft(sender, to, subject, when, text, **more)  # type: ignore[arg-type]
    return Sent(written(draft, program), mailbox or to, when)


def played(scene: Scene) -> Outcome:
    """Deliver the mails one after the other and look at the last."""
    desk = Desk()
    before = len(desk.store.events)
    record, case_id = None, None
    for step in scene.mails:
        mail = read_mail(step.raw, mailbox=step.mailbox, remote_id=f"s{next(_NUMBERS)}", received_at=step.at)
        assert isinstance(mail, MailMessage)
        desk.clock.instant = max(desk.clock.instant, mail.received_at)
        desk.mail.deliver(mail)
        desk.round(mail.mailbox)
        record, case_id = desk.store.messages[keys.mail_key(mail.mailbox, mail.remote_id)]
    assert record is not None
    case = fold(tuple(desk.store.events[case_id])) if case_id else None
    return Outcome(
        record,
        case.reference if case else None,
        case.opened.request_type if case else None,
        case.opened.linked_to if case else None,
        len(desk.store.events) - before,
        len(desk.mail.sent),
    )
