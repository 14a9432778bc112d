"""Half a request, then the rest in an answer: nothing is missing afterwards and every value is right (INT-3)."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.mime import read_mail
from rules import keys
from rules.case import Case, fold
from schemas.mail import MailMessage
from tests.fakes.world import Desk
from tests.unit.northgate import CATALOGUE
from tests.unit.second_set.programs import Draft, colons, starred, word_table, written
from tests.unit.second_set.requests import REQUESTS
from tests.unit.second_set.test_labelled import KINDS

AT = datetime(2026, 2, 16, 10, 5, tzinfo=UTC)
OPENER = "<first@mail.example>"
QUOTE = """

From: {0} <{1}>
Sent: 16 February 2026 10:06
To: {2}
Subject: {3}

Thank you. We need a little more before work can start:
- Cost centre: which one pays?
- Amount: 0.00
Status: waiting"""


def taken(desk: Desk, draft: Draft, program: str) -> Case:
    """The case that a mail is on once it was taken."""
    mail = read_mail(
        written(draft, program), mailbox=draft.to, remote_id=draft.at.isoformat(), received_at=draft.at
    )
    assert isinstance(mail, MailMessage)
    desk.clock.instant = draft.at
    desk.mail.deliver(mail)
    desk.round(draft.to)
    case_id = desk.store.messages[keys.mail_key(mail.mailbox, mail.remote_id)][1]
    assert case_id is not None
    case = fold(tuple(desk.store.events[case_id]))
    assert case is not None
    return case


@pytest.mark.parametrize("lay_out", [colons, starred, word_table], ids=lambda each: each.__name__)
@pytest.mark.parametrize("name", REQUESTS)
def test_an_answer_completes_a_request(name: str, lay_out: object) -> None:
    wanted = REQUESTS[name]
    queue = CATALOGUE.queues[CATALOGUE.request_types[name].owner.queue]
    desk = Desk()
    half = Draft(
        wanted.sender, queue.address, wanted.subject, AT, colons(wanted.first[::2])[0], message_id=OPENER
    )
    case = taken(desk, half, "outlook")
    assert case.opened.request_type == name

    subject = f"Re: [{case.reference}] Received: {wanted.subject}"
    plain, html = lay_out(wanted.first[1::2])  # type: ignore[operator]
    if html is None:
        plain += QUOTE.format(queue.name, queue.address, wanted.sender, subject)
    files = [(each, KINDS[each.rpartition(".")[2]], each.encode()) for each in wanted.files]
    later = AT + timedelta(hours=1)
    rest = Draft(wanted.sender, queue.address, subject, later, plain, html, in_reply_to=OPENER, files=files)
    answered = taken(desk, rest, "gmail" if html else "outlook")
    assert (answered.case_id, tuple(answered.missing or ())) == (case.case_id, ())
    assert wanted.values.items() <= {value.field: value.value for value in answered.values}.items()
