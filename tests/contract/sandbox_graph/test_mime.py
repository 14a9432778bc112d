"""Drafts and mail given as MIME."""

import base64
import email
import email.policy

import pytest

RAW = """From: Desk <{box}>
To: Ada <{to}>
Cc: Third <third@outside.example>
Bcc: blind@outside.example
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
Message-ID: <mine-1@contoso.example>
In-Reply-To: <2@outside.example>
References: <1@outside.example> <2@outside.example>
Auto-Submitted: auto-replied
X-Case: CAS-9
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/html; charset=utf-8

<p>Hello</p>
--b
Content-Type: application/pdf; name=a.pdf
Content-Disposition: attachment; filename=a.pdf
Content-Transfer-Encoding: base64

aGVsbG8=
--b--
"""
PLAIN = {"Content-Type": "text/plain"}


def code(answer):
    return answer.status_code, answer.json()["error"]["code"]


def post(box, path, raw, encode=base64.b64encode):
    return box.graph.call("POST", box.path + path, data=encode(raw.encode()), headers=PLAIN)


def mime(box, message):
    raw = box.graph.get(f"{box.path}/messages/{message}/$value").content
    return email.message_from_bytes(raw, policy=email.policy.default)


@pytest.mark.covers("mail.mime.draft")
@pytest.mark.parametrize("encode", [base64.b64encode, base64.encodebytes])
def test_a_draft_from_mime_keeps_headers_that_json_does_not_allow(box, new_box, encode):
    other = new_box()
    made = post(box, "/messages", RAW.format(box=box.address, to=other.address), encode)
    assert made.status_code == 201, made.text
    draft = made.json()
    assert (draft["subject"], draft["isDraft"], draft["hasAttachments"]) == ("Grüße", True, True)
    assert draft["bccRecipients"][0]["emailAddress"]["address"] == "blind@outside.example"
    assert draft["internetMessageId"] == "<mine-1@contoso.example>"
    letter = mime(box, draft["id"])
    assert (letter["Auto-Submitted"], letter["X-Case"]) == ("auto-replied", "CAS-9")
    path = f"{box.path}/messages/{draft['id']}"
    assert box.graph.call("PATCH", path, json={"subject": "Better"}).status_code == 200
    assert box.graph.post(f"{path}/send").status_code == 202
    (arrived,) = other.listed(query="?$expand=attachments")
    assert base64.b64decode(arrived["attachments"][0]["contentBytes"]) == b"hello"
    letter = mime(other, arrived["id"])
    assert (letter["Subject"], letter["In-Reply-To"]) == ("Better", "<2@outside.example>")
    assert letter["References"] == "<1@outside.example> <2@outside.example>"
    assert (letter["Auto-Submitted"], letter["Bcc"]) == ("auto-replied", None)


@pytest.mark.covers("mail.mime.send")
def test_mail_is_sent_from_mime_at_once(box, new_box):
    other = new_box()
    sent = post(box, "/sendMail", RAW.format(box=box.address, to=other.address))
    assert (sent.status_code, sent.content) == (202, b"")
    (arrived,) = other.listed()
    assert arrived["internetMessageId"] == "<mine-1@contoso.example>"
    (kept,) = box.listed("sentitems")
    assert (kept["subject"], kept["isDraft"]) == ("Grüße", False)


@pytest.mark.covers("mail.mime.draft")
def test_an_answer_given_as_mime_joins_its_conversation(box):
    first = box.deliver(subject="Leave", more="Message-ID: <2@outside.example>\r\n")
    raw = f"From: {box.address}\r\nTo: a@b.example\r\nSubject: Re: Leave\r\nIn-Reply-To: <2@outside.example>\r\n\r\nx"
    made = post(box, "/messages", raw).json()
    assert made["conversationId"] == box.read(first)["conversationId"]


@pytest.mark.covers("mail.mime.refused")
def test_mime_that_is_not_base64_or_not_ours_is_refused(box):
    for path in ("/messages", "/sendMail"):
        plain = box.graph.call("POST", box.path + path, data=b"Subject: x\r\n\r\nHello!", headers=PLAIN)
        assert code(plain) == (400, "ErrorMimeContentInvalidBase64String")
    foreign = RAW.format(box="ceo@contoso.example", to="a@b.example")
    assert code(post(box, "/sendMail", foreign)) == (403, "ErrorSendAsDenied")
    assert code(post(box, "/sendMail", "Subject: x\r\n\r\nHello")) == (400, "ErrorInvalidRecipients")
    empty = box.graph.call("POST", box.path + "/sendMail", data=b"", headers=PLAIN)
    assert empty.status_code == 400
    assert box.listed("drafts") == []


@pytest.mark.covers("mail.mime.value")
def test_the_mime_of_a_draft_is_what_would_leave_now(box):
    draft = box.graph.post(box.path + "/messages", {"subject": "One"}).json()["id"]
    assert mime(box, draft)["Subject"] == "One"
    box.graph.call("PATCH", f"{box.path}/messages/{draft}", json={"subject": "Two"})
    assert mime(box, draft)["Subject"] == "Two"


@pytest.mark.covers("mail.mime.actions")
def test_answers_in_mime_are_not_offered(box):
    path = f"/messages/{box.deliver()}/reply"
    assert code(post(box, path, "Subject: x\r\n\r\nHello")) == (501, "notImplemented")
