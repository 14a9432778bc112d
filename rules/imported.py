"""Bring in a case that existed before, so that answers to it find their place."""

from rules import keys
from rules.decision import Decision, World
from rules.opening import owner_of
from schemas.commands import ImportCase
from schemas.events import CaseOpened, number
from schemas.records import MessageRecord


def imported(command: ImportCase, world: World) -> Decision:
    """The opening of an old case and one message record for each of its known Message-IDs."""
    catalogue = world.organisation.catalogue
    kind = catalogue.request_types.get(command.request_type)
    owner = owner_of(kind, world)
    source = keys.digest("import", command.reference)
    case_id = keys.case_id(source)
    opened = CaseOpened(
        reference=command.reference,
        source_key=source,
        request_type=command.request_type,
        title=command.subject,
        need="",
        requester=command.requester,
        participants=command.participants or (command.requester,),
        approver=command.approver,
        channel="import",
        received_on=command.opened,
        department=owner.department,
        queue=owner.queue,
        owner=owner.role,
        owner_address=owner.address,
        backup=owner.backup,
        sensitive=bool(kind and kind.sensitive),
        journey=kind.journey if kind else None,
        catalogue_version=catalogue.version,
        status=command.status,
        closed_on=command.closed,
    )
    return Decision(
        events=number(case_id, (opened,), after=0, at=command.opened, actor="import", cause=source),
        messages=tuple(_message(command, message_id, owner.mailbox) for message_id in command.message_ids),
    )


def _message(command: ImportCase, message_id: str, mailbox: str) -> MessageRecord:
    """Which way an old message went is not known; it only has to be recognised when somebody answers it."""
    return MessageRecord(
        key=keys.digest("import", command.reference, message_id),
        direction="in",
        kind="request",
        mailbox=mailbox,
        internet_message_id=message_id,
        message_key=keys.message_key(message_id),
        on=command.opened,
    )
