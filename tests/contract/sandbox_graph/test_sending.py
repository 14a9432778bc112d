"""Sending: how much at once, to how many, and what comes back."""

import email
import email.policy
from datetime import datetime

import pytest

CLASS = "String 0x001A"


def code(answer):
    return answer.status_code, answer.json()["error"]["code"]


def send(box, *addresses, subject="Note", **rest):
    to = [{"emailAddress": {"address": address}} for address in addresses]
    message = {"subject": subject, "toRecipients": to}
    return box.graph.post(box.path + "/sendMail", {"message": message, **rest})


@pytest.fixture
def still_box(own_box):
    """Time stands still but for what a test moves on."""
    own_box.graph.web.put(f"{own_box.sandbox}/clock", json={"frozen": True}, timeout=10).raise_for_status()
    return own_box


@pytest.mark.covers("mail.send.per_minute")
def test_what_is_sent_beyond_thirty_a_minute_waits_in_the_outbox(still_box):
    box = still_box
    for number in range(33):
        assert send(box, "away@outside.example", subject=str(number)).status_code == 202
    query = "?$top=100&$select=subject,isDraft"
    waiting = box.listed("outbox", query)
    assert {message["subject"] for message in waiting} == {"30", "31", "32"}
    assert len(box.listed("sentitems", query)) == 30
    box.advance(59)
    assert len(box.listed("outbox", query)) == 3
    box.advance(1)
    assert box.listed("outbox", query) == []
    assert len(box.listed("sentitems", query)) == 33


@pytest.mark.covers("mail.send.per_minute")
def test_a_waiting_message_keeps_its_immutable_id_and_arrives_later(still_box):
    box = still_box
    box.switch(perMinute=1)
    send(box, "away@outside.example")
    draft = box.graph.post(
        box.path + "/messages",
        {"subject": "Late", "toRecipients": [{"emailAddress": {"address": box.address}}]},
    ).json()["id"]
    before = datetime.fromisoformat(box.read(draft)["createdDateTime"])
    assert box.graph.post(f"{box.path}/messages/{draft}/send").status_code == 202
    assert [message["id"] for message in box.listed("outbox")] == [draft]
    assert code(box.graph.post(f"{box.path}/messages/{draft}/send")) == (400, "ErrorInvalidOperation")
    assert box.listed() == []
    box.advance(90)
    (arrived,) = box.listed()
    sent = box.read(draft)
    assert (arrived["subject"], sent["isDraft"]) == ("Late", False)
    assert (datetime.fromisoformat(sent["sentDateTime"]) - before).total_seconds() == 60


@pytest.mark.covers("mail.send.per_minute")
def test_each_mailbox_has_its_own_minute_and_a_deleted_message_is_not_sent(still_box):
    box = still_box
    box.switch(perMinute=1)
    url = f"{box.control}/other@contoso.example"
    box.graph.web.put(url, json={}, timeout=10).raise_for_status()
    other = type(box)(box.graph, box.control, "other@contoso.example")
    send(box, "away@outside.example")
    assert send(other, box.address).status_code == 202
    assert len(box.listed()) == 1
    send(box, other.address, saveToSentItems=False)
    (waiting,) = box.listed("outbox")
    box.graph.post(f"{box.path}/messages/{waiting['id']}/permanentDelete").raise_for_status()
    send(box, other.address, subject="Unkept", saveToSentItems=False)
    box.advance(300)
    assert [message["subject"] for message in other.listed()] == ["Unkept"]
    assert (len(box.listed("sentitems")), box.listed("outbox")) == (1, [])


@pytest.mark.covers("mail.send.recipients")
def test_a_message_has_at_most_500_recipients(box):
    many = [f"a{number}@outside.example" for number in range(501)]
    assert code(send(box, *many)) == (400, "ErrorExceededMaxRecipientLimit")
    assert send(box, *many[:500]).status_code == 202


@pytest.mark.covers("mail.send.local")
def test_mail_between_mailboxes_arrives_and_may_leave_no_copy(box, new_box):
    other = new_box()
    assert send(box, other.address, saveToSentItems=False).status_code == 202
    assert len(other.listed()) == 1
    assert box.listed("sentitems") == []


@pytest.mark.covers("mail.ndr")
def test_mail_that_cannot_be_delivered_comes_back_as_a_report(still_box):
    box = still_box
    box.switch(bounce=["*@nowhere.example"], bounceSeconds=120)
    assert send(box, "Nobody@nowhere.example", "away@outside.example", subject="Grüße").status_code == 202
    (sent,) = box.listed("sentitems")
    box.advance(119)
    assert box.listed() == []
    box.advance(1)
    (report,) = box.listed(query=f"?$expand=singleValueExtendedProperties($filter=id eq '{CLASS}')")
    assert report["subject"] == "Undeliverable: Grüße"
    assert report["from"]["emailAddress"]["address"].startswith("MicrosoftExchange")
    assert report["singleValueExtendedProperties"] == [{"id": CLASS, "value": "REPORT.IPM.Note.NDR"}]
    assert report["conversationId"] != ""
    raw = box.graph.get(f"{box.path}/messages/{report['id']}/$value").content
    letter = email.message_from_bytes(raw, policy=email.policy.default)
    assert letter.get_content_type() == "multipart/report"
    assert letter.get_param("report-type") == "delivery-status"
    assert (letter["Return-Path"], letter["Auto-Submitted"]) == ("<>", "auto-replied")
    assert letter["In-Reply-To"] == sent["internetMessageId"]
    text, status, original = letter.iter_parts()
    assert "nobody@nowhere.example" in text.get_body(("plain",)).get_content()
    facts = status.get_payload()
    assert facts[1]["Action"] == "failed"
    assert facts[1]["Final-Recipient"] == "rfc822;nobody@nowhere.example"
    assert original.get_content_type() == "message/rfc822"
    assert original.get_payload(0)["Message-ID"] == sent["internetMessageId"]
    headers = box.read(report["id"], "?$select=internetMessageHeaders")["internetMessageHeaders"]
    assert "X-MS-Exchange-Message-Is-Ndr" in {header["name"] for header in headers}


@pytest.mark.covers("mail.ndr")
def test_ordinary_mail_is_a_note(box):
    found = box.read(box.deliver(), f"?$expand=singleValueExtendedProperties($filter=id eq '{CLASS}')")
    assert found["singleValueExtendedProperties"][0]["value"] == "IPM.Note"


@pytest.mark.parametrize("wrong", [{"bounce": "x"}, {"perMinute": -1}, {"perMinute": True}, {"colour": 1}])
def test_switches_take_what_they_say(box, wrong):
    answer = box.graph.web.put(f"{box.sandbox}/graph", json=wrong, timeout=10)
    assert (answer.status_code, next(iter(wrong)) in answer.json()["error"]) == (400, True)
