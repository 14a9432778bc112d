"""Open a case from a mail: owner, priority, promise, and the confirmation that says so (COM-1, PRI-1, SLA-1)."""

from dataclasses import dataclass
from uuid import UUID

from rules import keys, letters
from rules.decision import Decision, World
from rules.priority import priority_of
from rules.records import RECEIVED, mark, record
from rules.sla import Promise, due_times
from schemas.catalogue import RequestType
from schemas.commands import ReceiveMail
from schemas.effects import Effect, SendLetter
from schemas.events import (
    CaseOpened,
    Channel,
    Fact,
    FieldsAssessed,
    FieldsSupplied,
    LetterQueued,
    MessageReceived,
    PrioritySet,
    PromiseMade,
    number,
)
from schemas.mail import Address
from schemas.reading import Reading

FRONT_DOOR = "front_door"
NEED_MAX = 100_000  # characters of plb_need; the record of the mail keeps more of its text


@dataclass(frozen=True)
class Owner:
    """Who answers for a case: queue, role and backup (CAT-3)."""

    department: str
    queue: str
    mailbox: str
    role: str
    address: str
    backup: str


def opening(command: ReceiveMail, world: World) -> Decision:
    """A new case for a mail. The same mail always opens the same case, with the same events."""
    mail, reading = command.mail, command.reading
    if reading is None:
        raise ValueError("a mail that opens a case must have been read")
    source = keys.source_key(mail)
    case_id = keys.case_id(source)
    cause = keys.mail_key(mail.mailbox, mail.remote_id)
    opened = _opened(command, reading, source, world)
    kind = _type(reading, world)
    facts: list[Fact] = [
        opened,
        MessageReceived(
            message=cause,
            sender=mail.sender.address,
            role="request",
            attachments=reading.attachments_kept,
        ),
    ]
    if reading.values:
        facts.append(FieldsSupplied(values=reading.values))
    if kind:
        facts.append(FieldsAssessed(missing=reading.missing, warnings=reading.warnings))
    promise = _promise(kind, command, world, facts)
    effects: list[Effect] = [mark(case_id, mail, RECEIVED, opened.reference)]
    letter = _confirmation(command, case_id, opened, promise, world)
    if letter:
        facts.append(LetterQueued(effect=letter.key, purpose="confirmation"))
        effects.insert(0, letter)
    return Decision(
        events=number(
            case_id, tuple(facts), after=0, at=mail.received_at, actor=mail.sender.address, cause=cause
        ),
        effects=tuple(effects),
        messages=(record(command, "request", world),),
    )


def _type(reading: Reading, world: World) -> RequestType | None:
    return world.organisation.catalogue.request_types.get(reading.request_type or "")


def owner_of(kind: RequestType | None, world: World, queue_id: str | None = None) -> Owner:
    """Owner and queue of the type. Without a type the given queue sorts it, else the front door (INT-7).

    A mail that nobody has understood stays with the team it was written to: it may be private.
    """
    catalogue = world.organisation.catalogue
    if kind is None:
        name = queue_id or FRONT_DOOR
        queue = catalogue.queues[name]
        return Owner(queue.department, name, queue.address, queue.name, queue.lead, queue.lead)
    queue = catalogue.queues[kind.owner.queue]
    return Owner(
        kind.department, kind.owner.queue, queue.address, kind.owner.role, queue.lead, kind.backup.address
    )


def _channel(command: ReceiveMail) -> Channel:
    return "bypass" if command.verdict.channel_bypass else "mail"


def _opened(command: ReceiveMail, reading: Reading, source: str, world: World) -> CaseOpened:
    mail, catalogue = command.mail, world.organisation.catalogue
    kind = _type(reading, world)
    owner = owner_of(kind, world, reading.queue)
    return CaseOpened(
        reference=world.reference,
        source_key=source,
        request_type=kind.id if kind else None,
        title=reading.title,
        need=reading.need[:NEED_MAX],
        requester=reading.requester,
        on_behalf_of=reading.on_behalf_of,
        participants=_people(reading.requester, *reading.participants, mail.sender.address),
        channel=_channel(command),
        received_on=mail.received_at,
        department=owner.department,
        queue=owner.queue,
        owner=owner.role,
        owner_address=owner.address,
        backup=owner.backup,
        # Nobody knows yet what an untyped case is about; in a restricted queue it is taken for the worst (SEN-1).
        sensitive=kind.sensitive if kind else catalogue.queues[owner.queue].restricted,
        triage=reading.triage,
        journey=kind.journey if kind else None,
        linked_to=command.verdict.linked_to,
        move_to=reading.move_to,
        catalogue_version=catalogue.version,
    )


def _people(*addresses: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(address for address in addresses if address))


def _promise(
    kind: RequestType | None, command: ReceiveMail, world: World, facts: list[Fact]
) -> Promise | None:
    """Add priority and promise to the facts. Without a type there is no policy, and none is invented."""
    if kind is None:
        return None
    catalogue = world.organisation.catalogue
    level = kind.default_priority
    priority = priority_of(catalogue.priority, level.impact, level.urgency)
    facts.append(
        PrioritySet(
            impact=level.impact, urgency=level.urgency, priority=priority, rule=f"{kind.id}.default_priority"
        )
    )
    promise = due_times(kind.sla, priority, catalogue.calendars, command.mail.received_at)
    facts.append(
        PromiseMade(
            priority=priority,
            first_response_due=promise.first_response.due,
            first_response_seconds=promise.first_response.seconds,
            first_response_clock=promise.first_response.clock,
            resolution_due=promise.resolution.due,
            resolution_seconds=promise.resolution.seconds,
            resolution_clock=promise.resolution.clock,
        )
    )
    return promise


def _confirmation(
    command: ReceiveMail, case_id: UUID, opened: CaseOpened, promise: Promise | None, world: World
) -> SendLetter | None:
    """The confirmation, unless the sender is a machine or one of our own mailboxes (COM-1)."""
    mail, catalogue = command.mail, world.organisation.catalogue
    ours = {queue.address for queue in catalogue.queues.values()}
    if command.verdict.trusted_machine or {opened.requester, mail.sender.address} & ours:
        return None
    kind = catalogue.request_types.get(opened.request_type or "")
    text = letters.confirmation(opened, kind, promise, catalogue)
    cause = keys.mail_key(mail.mailbox, mail.remote_id)
    key = keys.effect_key(case_id, "confirmation", cause)
    return SendLetter(
        key=key,
        mailbox=mail.mailbox,
        answers=mail.remote_id,
        to=(Address(address=opened.requester),),
        cc=() if opened.requester == mail.sender.address else (Address(address=mail.sender.address),),
        subject=text.subject,
        text=text.text,
        html=text.html,
        message_id=f"<{opened.reference.lower()}.{key[:24]}@cases.{catalogue.organisation.domain}>",
        headers={"x-plumbline-case": opened.reference, "x-auto-response-suppress": "All"},
    )
