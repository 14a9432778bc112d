"""The record and the visible mark that every mail leaves (COM-5, MAIL-2, MAIL-3)."""

from collections.abc import Mapping
from uuid import UUID

from rules import keys
from rules.conversation import fingerprint
from rules.decision import Decision, World
from rules.intake import sort_files
from schemas.commands import ReceiveMail
from schemas.effects import Effect, MarkMail
from schemas.mail import MailMessage, UnreadableMail
from schemas.records import MessageKind, MessageRecord

# What staff see on a mail in the shared mailbox.
RECEIVED, ADDED, DUPLICATE, HELD, UNDELIVERED = (
    f"Plumbline/{word}" for word in ("Received", "Added", "Duplicate", "Held", "Not delivered")
)


def set_aside(mail: UnreadableMail) -> Decision:
    """The record of a mail that could not be read: held for a person, with the reason."""
    record = MessageRecord(
        key=keys.mail_key(mail.mailbox, mail.remote_id),
        direction="in",
        kind="unreadable",
        action="hold",
        reason="unreadable",
        mailbox=mail.mailbox,
        remote_id=mail.remote_id,
        internet_message_id=mail.internet_message_id,
        message_key=keys.message_key(mail.internet_message_id) if mail.internet_message_id else None,
        on=mail.received_at,
        details={"unreadable": mail.reason},
    )
    owner = keys.case_id(record.key)
    return Decision(effects=(mark(owner, mail, HELD, ""),), messages=(record,))


def record(
    command: ReceiveMail,
    kind: MessageKind,
    world: World,
    *,
    details: Mapping[str, str | bool | None] | None = None,
) -> MessageRecord:
    """The row that keeps a mail, with what was decided about it."""
    mail, verdict = command.mail, command.verdict
    touches_a_case = verdict.case or verdict.related or verdict.linked_to
    touched = {"reopen": verdict.reopen} if touches_a_case else {}
    files = sort_files(mail, verdict, world.organisation.catalogue)
    return MessageRecord(
        key=keys.mail_key(mail.mailbox, mail.remote_id),
        direction="in",
        kind=kind,
        action=verdict.action,
        reason=verdict.reason,
        mailbox=mail.mailbox,
        remote_id=mail.remote_id,
        internet_message_id=mail.internet_message_id,
        message_key=keys.message_key(mail.internet_message_id) if mail.internet_message_id else None,
        fingerprint=fingerprint(mail),
        conversation_id=mail.conversation_id,
        sender=mail.sender.address,
        to=tuple(person.address for person in mail.to),
        subject=mail.subject,
        on=mail.received_at,
        new_text=mail.new_text,
        full_text=mail.text,
        attachments_kept=files.kept,
        attachments_dropped=files.dropped,
        attachments_quarantined=files.quarantined,
        related=verdict.related,
        # What could not be read is told beside what was decided, so that nobody trusts a half-read mail unwarned.
        details={**touched, **(details or {}), **({"faults": mail.faults} if mail.faults else {})},
    )


def mark(case_id: UUID, mail: MailMessage | UnreadableMail, category: str, reference: str) -> Effect:
    """The sign on the mail that tells staff what became of it."""
    cause = keys.mail_key(mail.mailbox, mail.remote_id)
    return MarkMail(
        key=keys.effect_key(case_id, "mark", cause),
        mailbox=mail.mailbox,
        remote_id=mail.remote_id,
        categories=(category, reference) if reference else (category,),
    )


def failed(mail: MailMessage | UnreadableMail, reason: str) -> Decision:
    """The record of a mail whose decision could not be stored: held for a person, with the reason."""
    aside = UnreadableMail(
        mailbox=mail.mailbox,
        remote_id=mail.remote_id,
        internet_message_id=mail.internet_message_id,
        received_at=mail.received_at,
        reason=reason,
    )
    return set_aside(aside)
