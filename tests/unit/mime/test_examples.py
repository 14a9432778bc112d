"""Every example mail gives the text and the files that its sheet names (MAIL-5, MAIL-6)."""

import email
from pathlib import Path

import pytest
import yaml

MAILS = Path(__file__).parents[3] / "examples" / "northgate" / "mail"
EXPECTED = yaml.safe_load((MAILS / "expected.yaml").read_text("utf-8"))["mails"]


@pytest.fixture(params=EXPECTED, ids=lambda sheet: sheet["id"])
def sheet(request):
    return request.param


@pytest.fixture
def mail(sheet, read):
    return read((MAILS / sheet["file"]).read_bytes())


def content(mail):
    return "\n".join([mail.new_text, *(each.text for each in mail.forwarded)])


def test_the_request_stands_in_the_new_or_the_forwarded_text(sheet, mail):
    for words in sheet.get("body_contains", []):
        assert words in content(mail)


def test_quotes_and_footers_stand_in_neither(sheet, mail):
    for words in sheet.get("body_excludes", []):
        assert words not in content(mail)


def test_every_file_is_listed(sheet, mail):
    keys = ("attachments_kept", "attachments_dropped", "attachments_quarantined")
    wanted = {name for key in keys for name in sheet.get(key, [])}
    assert wanted <= {each.name for each in mail.attachments}


def test_sender_and_id_are_read(sheet, mail):
    assert mail.sender.address == sheet["from"]
    if "message_id" in sheet:
        assert mail.internet_message_id == sheet["message_id"]


def test_nothing_is_at_fault(mail):
    assert mail.faults == ()


def example(read, name):
    return read((MAILS / f"{name}.eml").read_bytes())


def test_answers_between_quoted_lines_are_all_kept(read):
    mail = example(read, "m020")
    assert mail.new_text.split("\n\n") == [
        "From 1 April 2026.",
        "22.2 hours over three days, down from 37.",
        "No change, ED4300.",
        "Education Manager",
    ]


def test_a_line_that_says_from_is_no_quote(read):
    assert "Areas: ground floor public side only" in example(read, "m060").new_text


def test_rows_of_a_table_become_cells(read):
    cells = {each.label: each.value for each in example(read, "m003").cells}
    assert cells["Start date"] == "2 March 2026"
    assert len(cells) == 7


def test_a_forwarded_mail_keeps_its_sender(read):
    (passed_on,) = example(read, "m036").forwarded
    assert passed_on.sender.address == "benefits.assessor7@northgate.example"
    assert not passed_on.attached


def test_an_attached_mail_is_read_too(read):
    mail = example(read, "m037")
    (passed_on,) = mail.forwarded
    assert passed_on.attached
    assert passed_on.sender.address == "counciltax.officer8@northgate.example"
    assert [each.kind for each in mail.attachments] == ["mail"]


def test_a_bounce_names_the_mail_that_did_not_arrive(read):
    report = example(read, "m027").report
    assert report.recipient == "housing.officer12@northgate.example"
    assert report.status == "5.2.2"
    assert report.permanent
    assert report.original_message_id == "<nc-004101.1ac1bbdefa40d45dfef13e8d@cases.northgate.example>"


def test_the_empty_return_path_is_told_from_a_missing_one(read):
    assert example(read, "m027").return_path == ""
    assert example(read, "m049").return_path is None


def test_a_meeting_request_shows_its_method(read):
    assert example(read, "m049").calendar_method == "REQUEST"


def test_the_checks_of_the_receiving_server_are_kept(read):
    forged = example(read, "m047").check
    assert (forged.spf, forged.dkim, forged.dmarc, forged.internal) == ("fail", "none", "fail", False)
    assert example(read, "m001").check.internal


def without_plain_text(raw):
    message = email.message_from_bytes(raw)
    for part in message.walk():
        if part.get_content_type() == "multipart/alternative":
            part.set_payload([each for each in part.get_payload() if each.get_content_type() != "text/plain"])
    return message.as_bytes()


def test_the_page_alone_says_the_same(sheet, mail, read):
    page = read(without_plain_text((MAILS / sheet["file"]).read_bytes()))
    assert content(page).split() == content(mail).split()
