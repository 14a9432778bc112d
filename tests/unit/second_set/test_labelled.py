"""Labelled requests of all types, written with several programs and layouts, are read completely (INT-2)."""

from datetime import UTC, datetime

import pytest

from connectors.mime import read_mail
from rules.conversation import classify
from rules.intake import read_request
from schemas.mail import MailMessage
from schemas.reading import Reading
from schemas.thread import ThreadHits, Verdict
from tests.unit.northgate import CATALOGUE, DIRECTORY
from tests.unit.second_set.programs import LAYOUTS, Draft, written
from tests.unit.second_set.requests import REQUESTS

AT = datetime(2026, 2, 16, 10, 5, tzinfo=UTC)
KINDS = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def request(name: str, layout: str, wording: str = "first", mailbox: str = "") -> MailMessage:
    wanted = REQUESTS[name]
    program, lay_out = LAYOUTS[layout]
    plain, html = lay_out(wanted.first if wording == "first" else wanted.second)
    box = mailbox or CATALOGUE.queues[CATALOGUE.request_types[name].owner.queue].address
    files = [(each, KINDS[each.rpartition(".")[2]], b"content of " + each.encode()) for each in wanted.files]
    draft = Draft(wanted.sender, box, wanted.subject, AT, plain, html, files=files)
    mail = read_mail(written(draft, program), mailbox=box, remote_id="r1", received_at=AT)
    assert isinstance(mail, MailMessage)
    return mail


def understood(mail: MailMessage) -> tuple[Verdict, Reading]:
    verdict = classify(mail, CATALOGUE, DIRECTORY, ThreadHits())
    return verdict, read_request(mail, verdict, CATALOGUE, DIRECTORY)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_type_is_read_in_each_layout(layout: str) -> None:
    turned = list(LAYOUTS).index(layout) % 2
    for place, (name, wanted) in enumerate(REQUESTS.items()):
        verdict, reading = understood(request(name, layout, ("first", "second")[(place + turned) % 2]))
        assert (verdict.action, reading.request_type, reading.missing) == ("new_case", name, ())
        assert {field: reading.value(field) for field in wanted.values} == wanted.values


def test_every_type_of_the_catalogue_is_among_them() -> None:
    assert set(REQUESTS) == set(CATALOGUE.request_types)


@pytest.mark.parametrize("mailbox", ["hr", "servicedesk", "it.help", "finance.help", "legal", "access"])
def test_the_wrong_mailbox_changes_nothing(mailbox: str) -> None:
    for place, name in enumerate(REQUESTS):
        sent = request(name, "colons", ("first", "second")[place % 2], f"{mailbox}@northgate.example")
        verdict, reading = understood(sent)
        assert (verdict.action, reading.request_type, reading.missing) == ("new_case", name, ())
        assert reading.queue == CATALOGUE.request_types[name].owner.queue
