"""Decide what a mail does: open a case, add to one, or only leave its record (sections 2.2, 2.4 and 2.12)."""

from rules import keys
from rules.case import Case
from rules.decision import Decision, Refusal, World
from rules.opening import opening
from rules.records import ADDED, DUPLICATE, HELD, UNDELIVERED, mark, record
from schemas.commands import ReceiveMail
from schemas.events import (
    DeliveryFailed,
    Fact,
    FieldsAssessed,
    FieldsSupplied,
    MessageReceived,
    ParticipantsJoined,
    StatusChanged,
    number,
)
from schemas.records import MessageKind


def receive(case: Case | None, command: ReceiveMail, world: World) -> Decision | Refusal:
    """Decide on one mail. `case` is the one named by the verdict, loaded and folded; None for a new one."""
    action = command.verdict.action
    if action == "new_case":
        return opening(command, world)
    if action == "ignore":
        return _record_only(command, world, kind="automatic" if command.verdict.related else "ignored")
    if action == "hold":
        return _record_only(command, world, kind="held", category=HELD)
    if case is None:
        return Refusal("case_not_found", (), "the case that this mail belongs to is not in the store")
    if action == "duplicate":
        return _duplicate(case, command, world)
    if action == "delivery_failure":
        return _undelivered(case, command, world)
    return _follow_up(case, command, world)


def _record_only(
    command: ReceiveMail, world: World, *, kind: MessageKind, category: str | None = None
) -> Decision:
    mail = command.mail
    owner = keys.case_id(keys.mail_key(mail.mailbox, mail.remote_id))
    effects = (mark(owner, mail, category, ""),) if category else ()
    return Decision(effects=effects, messages=(record(command, kind, world),))


def _append(case: Case, command: ReceiveMail, *facts: Fact) -> Decision:
    mail = command.mail
    cause = keys.mail_key(mail.mailbox, mail.remote_id)
    # A mail that was read late may be older than the last change of status: no span may end before it began.
    at = max(mail.received_at, case.spans[-1].since)
    events = number(case.case_id, facts, after=case.sequence, at=at, actor=mail.sender.address, cause=cause)
    return Decision(events=events)


def _duplicate(case: Case, command: ReceiveMail, world: World) -> Decision:
    mail = command.mail
    cause = keys.mail_key(mail.mailbox, mail.remote_id)
    seen = MessageReceived(message=cause, sender=mail.sender.address, role="duplicate")
    return Decision(
        events=_append(case, command, seen).events,
        effects=(mark(case.case_id, mail, DUPLICATE, case.reference),),
        messages=(record(command, "duplicate", world),),
    )


def _undelivered(case: Case, command: ReceiveMail, world: World) -> Decision:
    mail, verdict = command.mail, command.verdict
    cause = keys.mail_key(mail.mailbox, mail.remote_id)
    failed = DeliveryFailed(recipient=verdict.recipient, permanent=bool(verdict.permanent), message=cause)
    return Decision(
        events=_append(case, command, failed).events,
        effects=(mark(case.case_id, mail, UNDELIVERED, case.reference),),
        messages=(
            record(
                command,
                "bounce",
                world,
                details={"recipient": verdict.recipient, "permanent": bool(verdict.permanent)},
            ),
        ),
    )


def _follow_up(case: Case, command: ReceiveMail, world: World) -> Decision:
    mail, verdict, answer = command.mail, command.verdict, command.answer
    cause = keys.mail_key(mail.mailbox, mail.remote_id)
    facts: list[Fact] = [
        MessageReceived(
            message=cause,
            sender=mail.sender.address,
            role="follow_up",
            only_thanks=verdict.only_thanks,
            attachments=answer.attachments_kept if answer else (),
        )
    ]
    if mail.sender.address not in case.participants:
        facts.append(ParticipantsJoined(addresses=(mail.sender.address,)))
    if answer and answer.values:
        facts.append(FieldsSupplied(values=answer.values))
        facts.append(FieldsAssessed(missing=answer.missing))
    moved = _moved(case, command)
    facts += [moved] if moved else []
    return Decision(
        events=_append(case, command, *facts).events,
        effects=(mark(case.case_id, mail, ADDED, case.reference),),
        messages=(record(command, "follow_up", world, details=_outcome(case, command, moved)),),
    )


def _moved(case: Case, command: ReceiveMail) -> StatusChanged | None:
    """An answer ends the wait; a reply in the window reopens; thanks alone move nothing (MAIL-1, SLA-8)."""
    verdict = command.verdict
    if verdict.only_thanks:
        return None
    if case.status == "done" and verdict.reopen:
        return StatusChanged(before="done", after="in_progress", reason="reopened by a reply", reopened=True)
    if case.status == "waiting_on_requester" and command.mail.sender.address in case.participants:
        return StatusChanged(before=case.status, after="in_progress", reason="the requester answered")
    return None


def _outcome(case: Case, command: ReceiveMail, moved: StatusChanged | None) -> dict[str, str | bool | None]:
    outcome: dict[str, str | bool | None] = {
        "reopen": bool(moved and moved.reopened),
        "new_status": moved.after if moved else case.status,
    }
    if command.verdict.only_thanks:
        outcome["only_thanks"] = True
    return outcome
