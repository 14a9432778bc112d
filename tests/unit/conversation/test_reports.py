"""Bounces, receipts, calendar items, and our own mail coming back (MAIL-3, MAIL-4)."""

# ruff: noqa: E501 - mails stand as they would be written

import pytest

from tests.unit.conversation.world import became, case, judge, mail, read

OURS = "<nc-004101.1ac1bbdefa40d45dfef13e8d@cases.northgate.example>"


def bounce(
    action: str = "failed",
    status: str = "5.1.1",
    recipient: str = "housing.officer12@northgate.example",
    original: str = OURS,
) -> str:
    return f"""Return-Path: <>
From: Mail Delivery System <mailer-daemon@mx.example>
To: it.help@northgate.example
Subject: Undeliverable: [NC-004101] Housing system closes
Message-ID: <b1@mx.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Delivery did not work.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
--b
Content-Type: message/rfc822

From: it.help@northgate.example
To: {recipient}
Subject: [NC-004101] Housing system closes
Message-ID: {original}

Hello
--b--
"""


def test_a_permanent_bounce_is_a_delivery_failure_of_its_case() -> None:
    verdict = judge(read(bounce()), ids={OURS: case()})
    assert (verdict.action, verdict.case, verdict.permanent) == ("delivery_failure", case(), True)
    assert verdict.recipient == "housing.officer12@northgate.example"


def test_a_bounce_never_reopens() -> None:
    done = case(status="done", closed_on="2026-02-10T09:00:00Z")
    verdict = judge(read(bounce()), ids={OURS: done})
    assert (verdict.action, verdict.reopen) == ("delivery_failure", False)


def test_a_mail_given_up_after_delays_is_a_failure_that_may_be_tried_again() -> None:
    verdict = judge(read(bounce(status="4.4.7")), ids={OURS: case()})
    assert (verdict.action, verdict.permanent) == ("delivery_failure", False)


def test_a_delay_is_noted_only() -> None:
    verdict = judge(read(bounce("delayed", "4.4.1")), ids={OURS: case()})
    assert became(verdict) == ("ignore", "delay_notice")
    assert verdict.related == "NC-004101"


def test_a_report_of_arrival_is_a_receipt() -> None:
    assert became(judge(read(bounce("delivered", "2.0.0")), ids={OURS: case()})) == ("ignore", "receipt")


def test_a_bounce_without_the_original_is_found_by_reference_when_the_recipient_is_on_the_case() -> None:
    assert judge(read(bounce(original="<other@x>")), case()).case == case()


def test_a_bounce_that_names_a_stranger_touches_no_case() -> None:
    verdict = judge(read(bounce(original="<other@x>", recipient="x@evil.test")), case())
    assert became(verdict) == ("ignore", "auto_reply")


def test_a_bounce_in_plain_words_is_understood() -> None:
    given = mail("Your message could not be delivered to housing.officer12@northgate.example.", subject="Mail delivery failed",
                 sender="Mailer <mailer-daemon@mx.example>", headers={"In-Reply-To": OURS, "Return-Path": "<>"})  # fmt: skip
    verdict = judge(given, ids={OURS: case()})
    assert (verdict.action, verdict.recipient) == ("delivery_failure", "housing.officer12@northgate.example")


@pytest.mark.parametrize(
    "subject",
    ["Undeliverable mails to my customers", "Delivery failed for my parcel", "Delayed start of my laptop"],
)
def test_a_person_may_write_about_bounces(subject: str) -> None:
    assert judge(mail("Please look into it.", subject=subject)).action == "new_case"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Read: [NC-004101] x", "Your message was read on Monday."),
        ("Not read: [NC-004101] x", "Your message was deleted without being read on Monday."),
        ("Gelesen: [NC-004101] x", "Ihre Nachricht an IT wurde am Montag gelesen."),
    ],
)
def test_a_read_receipt_is_ignored(subject: str, text: str) -> None:
    verdict = judge(mail(text, subject=subject), case())
    assert became(verdict) == ("ignore", "receipt")


def test_a_receipt_by_its_type_is_ignored() -> None:
    text = bounce().replace("report-type=delivery-status", "report-type=disposition-notification").replace(
        "message/delivery-status", "message/disposition-notification").replace("Return-Path: <>\n", "")  # fmt: skip
    assert became(judge(read(text), ids={OURS: case()})) == ("ignore", "receipt")


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL", "REPLY"])
def test_calendar_items_are_ignored(method: str) -> None:
    given = f"""From: hr.adviser2@northgate.example
To: hr@northgate.example
Subject: Review
MIME-Version: 1.0
Content-Type: text/calendar; method={method}; charset=utf-8

BEGIN:VCALENDAR
METHOD:{method}
END:VCALENDAR
"""
    assert became(judge(read(given))) == ("ignore", "calendar")


def test_a_request_with_a_calendar_file_attached_is_a_request() -> None:
    given = """From: hr.adviser2@northgate.example
To: hr@northgate.example
Subject: Calendar file
X-MS-Exchange-Organization-AuthAs: Internal
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

I cannot open the attached calendar file, please help.
--b
Content-Type: text/calendar; method=REQUEST; name=meeting.ics
Content-Disposition: attachment; filename=meeting.ics

BEGIN:VCALENDAR
METHOD:REQUEST
END:VCALENDAR
--b--
"""
    assert judge(read(given)).action == "new_case"


def test_our_own_mail_opens_nothing() -> None:
    stamped = mail("Thank you. This is logged.", sender="access@northgate.example").model_copy(
        update={"stamp": "key"}
    )
    by_id = mail("Thank you.", sender="access@northgate.example", headers={"Message-ID": OURS})
    by_sender = mail("Thank you.", sender="it.help@northgate.example")
    for given in (stamped, by_id, by_sender):
        assert became(judge(given)) == ("ignore", "no_request")


def test_a_colleague_may_write_from_another_desk() -> None:
    given = mail("Our desk phone is broken, please help.", sender="Facilities <facilities@northgate.example>")
    assert judge(given).action == "new_case"
