"""Small decisions about cases, as the stores get them."""

from datetime import datetime
from itertools import count
from uuid import UUID

from rules import keys
from rules.case import Case
from rules.decision import Decision
from schemas.effects import Effect, SendLetter
from schemas.events import CaseOpened, Fact, MessageReceived, StatusChanged, number
from schemas.mail import Address
from schemas.records import MessageRecord
from schemas.thread import Wanted
from sync.stores import Change, Lookup, StoredCase

BOX = "it.help@northgate.example"
SENDER = "ann@northgate.example"
_blocks = count(1)


def ample() -> int:
    """The start of a run of numbers that no other test uses."""
    return next(_blocks) * 5_000


def reference(number_: int) -> str:
    return f"NC-{number_:06d}"


def record(name: str, at: datetime, *, text: str = "") -> MessageRecord:
    message_id = f"<{name}@mail.example>"
    return MessageRecord(
        key=keys.mail_key(BOX, name),
        direction="in",
        kind="request",
        action="new_case",
        mailbox=BOX,
        remote_id=name,
        internet_message_id=message_id,
        message_key=keys.message_key(message_id),
        fingerprint=keys.digest(name),
        sender=SENDER,
        on=at,
        new_text=text,
    )


def letter(name: str) -> SendLetter:
    return SendLetter(
        key=keys.digest("letter", name),
        mailbox=BOX,
        answers=name,
        to=(Address(address=SENDER),),
        subject="Received",
        text="We have it.",
        html="<p>We have it.</p>",
    )


def opening(name: str, number_: int, at: datetime, *, case: str | None = None, text: str = "") -> Change:
    """A case of its own for a mail; `case` names another mail's case."""
    source = keys.digest("source", case or name)
    opened = CaseOpened(
        reference=reference(number_),
        source_key=source,
        request_type="it_incident",
        title="Laptop",
        need="Laptop",
        requester=SENDER,
        participants=(SENDER,),
        channel="mail",
        received_on=at,
        department="IT",
        queue="it_help",
        owner="Service desk",
        owner_address="desk@northgate.example",
        backup="backup@northgate.example",
        sensitive=False,
        catalogue_version="1",
    )
    facts: tuple[Fact, ...] = (opened, MessageReceived(message=name, sender=SENDER, role="request"))
    effects: tuple[Effect, ...] = (letter(name),)
    return changed(None, facts, name, at, effects=effects, case_id=keys.case_id(source), text=text)


def added(before: StoredCase, name: str, at: datetime) -> Change:
    """A mail that is added to a case and starts the work."""
    case = before.case
    facts: tuple[Fact, ...] = (
        MessageReceived(message=name, sender=SENDER, role="follow_up"),
        StatusChanged(before=case.status, after="in_progress", reason="begun"),
    )
    return changed(before, facts, name, at, case_id=case.case_id)


def changed(
    before: StoredCase | None,
    facts: tuple[Fact, ...],
    name: str,
    at: datetime,
    *,
    case_id: UUID,
    effects: tuple[Effect, ...] = (),
    text: str = "",
) -> Change:
    known: Case | None = before.case if before else None
    events = number(
        case_id, facts, after=known.sequence if known else 0, at=at, actor=SENDER, cause=keys.digest(name)
    )
    decision = Decision(events=events, effects=effects, messages=(record(name, at, text=text),))
    return Change(decision, before, decision.after(known))


def lookup(name: str, at: datetime, *, thread: tuple[str, ...] = (), about: tuple[str, ...] = ()) -> Lookup:
    """What a mail asks that answers the mails of `thread` and quotes the references of `about`."""
    ids = tuple(f"<{each}@mail.example>" for each in thread)
    wanted = Wanted(message_ids=ids, references=about, fingerprint=keys.digest(name))
    return Lookup(keys.mail_key(BOX, name), wanted, at, f"<{name}@mail.example>", SENDER)
