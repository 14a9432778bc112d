"""Drafts, answers, sending, moving."""

import base64
import email
import email.policy

import pytest

MARK = {"id": "String {8f6d2a3e-5b1c-4c57-9a44-0d4b7f0a9c11} Name CaseNumber", "value": "CAS-9"}


def to(address):
    return {"toRecipients": [{"emailAddress": {"address": address}}]}


def draft(box, **members):
    answer = box.graph.post(box.path + "/messages", {"subject": "Note", **members})
    assert answer.status_code == 201, answer.text
    return answer.json()


def act(box, message, action, body=None):
    return box.graph.post(f"{box.path}/messages/{message}/{action}", body)


def mime(box, message):
    raw = box.graph.get(f"{box.path}/messages/{message}/$value").content
    return email.message_from_bytes(raw, policy=email.policy.default)


def code(answer):
    return answer.status_code, answer.json()["error"]["code"]


@pytest.mark.covers("mail.ids.draft", "mail.send", "mail.body")
def test_a_sent_draft_keeps_its_immutable_id_and_lands_with_its_reader(box, new_box):
    other = new_box()
    body = {"contentType": "html", "content": "<p>Grüße</p>"}
    headers = [{"name": "X-Case", "value": "CAS-9"}]
    made = draft(
        box,
        body=body,
        internetMessageHeaders=headers,
        singleValueExtendedProperties=[MARK],
        **to(other.address),
    )
    assert made["isDraft"] is True
    sent = act(box, made["id"], "send")
    assert (sent.status_code, sent.content) == (202, b"")
    found = box.read(made["id"])
    assert found["isDraft"] is False
    assert [message["id"] for message in box.listed("sentitems")] == [made["id"]]
    assert box.listed("drafts") == []
    assert "internetMessageHeaders" not in box.read(made["id"], "?$select=internetMessageHeaders")
    (arrived,) = other.listed()
    assert arrived["internetMessageId"] == made["internetMessageId"]
    letter = mime(other, arrived["id"])
    assert letter["X-Case"] == "CAS-9"
    assert letter.get_body(("html",)).get_content().strip() == "<p>Grüße</p>"
    stamped = f"?$expand=singleValueExtendedProperties($filter=id eq '{MARK['id']}')"
    assert "singleValueExtendedProperties" in box.read(made["id"], stamped)
    assert "singleValueExtendedProperties" not in other.read(arrived["id"], stamped)
    assert act(box, made["id"], "send").status_code == 400


@pytest.mark.covers("mail.ids.default")
def test_the_default_id_does_not_survive_sending(box):
    default = {"Prefer": "x"}
    made = box.graph.post(box.path + "/messages", to("a@b.example"), headers=default).json()
    act(box, made["id"], "send")
    gone = box.graph.get(f"{box.path}/messages/{made['id']}", headers=default)
    assert code(gone) == (404, "ErrorItemNotFound")


@pytest.mark.covers("mail.message_id")
def test_the_service_may_choose_another_message_id(box):
    control = box.control.removesuffix("/mailboxes") + "/graph"
    box.graph.web.put(control, json={"keepMessageId": False}, timeout=10)
    try:
        made = draft(box, internetMessageId="<mine@contoso.example>", **to("a@b.example"))
        assert made["internetMessageId"] == "<mine@contoso.example>"
        act(box, made["id"], "send")
        assert box.read(made["id"])["internetMessageId"] != "<mine@contoso.example>"
        assert mime(box, made["id"])["Message-ID"] == box.read(made["id"])["internetMessageId"]
    finally:
        box.graph.web.put(control, json={"keepMessageId": True}, timeout=10)


@pytest.mark.covers("mail.answer")
def test_an_answer_stays_in_the_thread(box):
    more = "Message-ID: <2@outside.example>\r\nReferences: <1@outside.example>\r\nReply-To: team@outside.example\r\n"
    original = box.deliver(subject="Leave", more=more)
    answer = act(box, original, "createReply", {"comment": "Thank you"})
    assert answer.status_code == 201
    reply = answer.json()
    assert reply["subject"] == "RE: Leave"
    assert reply["toRecipients"][0]["emailAddress"]["address"] == "team@outside.example"
    assert reply["conversationId"] == box.read(original)["conversationId"]
    assert "Thank you" in reply["body"]["content"]
    new_body = {"body": {"contentType": "text", "content": "Better words"}}
    assert box.graph.call("PATCH", f"{box.path}/messages/{reply['id']}", json=new_body).status_code == 200
    assert act(box, reply["id"], "send").status_code == 202
    letter = mime(box, reply["id"])
    assert letter["In-Reply-To"] == "<2@outside.example>"
    assert letter["References"] == "<1@outside.example> <2@outside.example>"
    assert letter.get_content().strip() == "Better words"


def test_the_reader_of_an_answer_can_thread_it(box, new_box):
    other = new_box()
    first = draft(other, **to(box.address))
    act(other, first["id"], "send")
    (arrived,) = box.listed()
    assert act(box, arrived["id"], "reply", {"comment": "yes"}).status_code == 202
    (back,) = other.listed()
    assert back["conversationId"] == other.read(first["id"])["conversationId"]


@pytest.mark.covers("mail.answer")
def test_answers_to_all_and_forwards_choose_their_recipients(box):
    original = box.deliver(more="Cc: Third <third@outside.example>\r\n")
    everybody = act(box, original, "createReplyAll", {"message": {"importance": "high"}}).json()
    names = [r["emailAddress"]["address"] for r in everybody["toRecipients"] + everybody["ccRecipients"]]
    assert names == ["ada@outside.example", "third@outside.example"]
    assert everybody["importance"] == "high"
    forward = act(box, original, "createForward", {"comment": "fyi", **to("boss@outside.example")}).json()
    assert forward["subject"] == "FW: Help"
    assert forward["toRecipients"][0]["emailAddress"]["address"] == "boss@outside.example"


@pytest.mark.covers("mail.answer.both")
def test_comment_and_body_together_are_refused(box):
    both = {"comment": "a", "message": {"body": {"contentType": "text", "content": "b"}}}
    assert act(box, box.deliver(), "createReply", both).status_code == 400


@pytest.mark.covers("mail.headers.x")
def test_only_x_headers_are_taken(box):
    headers = {"internetMessageHeaders": [{"name": "In-Reply-To", "value": "<x@y>"}]}
    answer = box.graph.post(box.path + "/messages", headers)
    assert code(answer) == (400, "InvalidInternetMessageHeader")
    answer = box.graph.post(box.path + "/sendMail", {"message": {**to("a@b.example"), **headers}})
    assert code(answer) == (400, "InvalidInternetMessageHeader")
    assert box.listed("drafts") == []


@pytest.mark.covers("mail.patch.fixed", "mail.patch.flag", "mail.patch.match")
def test_content_changes_only_while_a_draft(box):
    message, made = box.deliver(), draft(box)
    for name, value in {"subject": "x", **to("a@b.example")}.items():
        body = {name: value}
        assert box.graph.call("PATCH", f"{box.path}/messages/{message}", json=body).status_code == 400
        assert box.graph.call("PATCH", f"{box.path}/messages/{made['id']}", json=body).status_code == 200
    due = {
        "flag": {
            "flagStatus": "flagged",
            "dueDateTime": {"dateTime": "2026-01-01T00:00:00", "timeZone": "UTC"},
        }
    }
    assert box.graph.call("PATCH", f"{box.path}/messages/{message}", json=due).status_code == 400
    first = box.graph.call("PATCH", f"{box.path}/messages/{message}", json={"categories": ["A", "B"]}).json()
    second = box.graph.call("PATCH", f"{box.path}/messages/{message}", json={"categories": ["C"]}).json()
    assert (first["categories"], second["categories"]) == (["A", "B"], ["C"])
    stale = {"If-Match": first["@odata.etag"]}
    answer = box.graph.call("PATCH", f"{box.path}/messages/{message}", json={"isRead": True}, headers=stale)
    assert answer.status_code == 412


@pytest.mark.parametrize("members", [{}, {"toRecipients": [{"emailAddress": {"address": "nobody"}}]}])
@pytest.mark.covers("mail.send")
def test_mail_without_a_usable_recipient_is_refused(box, members):
    answer = box.graph.post(box.path + "/sendMail", {"message": {"subject": "x", **members}})
    assert code(answer) == (400, "ErrorInvalidRecipients")
    assert box.listed("drafts") == []


@pytest.mark.covers("mail.send")
def test_another_sender_needs_a_right(box):
    other = {"from": {"emailAddress": {"address": "ceo@contoso.example"}}}
    answer = box.graph.post(box.path + "/sendMail", {"message": {**to("a@b.example"), **other}})
    assert code(answer) == (403, "ErrorSendAsDenied")


@pytest.mark.covers("mail.send", "mail.send.local")
def test_mail_sent_at_once_is_kept_unless_unwanted(box):
    assert box.graph.post(box.path + "/sendMail", {"message": to("a@b.example")}).status_code == 202
    assert len(box.listed("sentitems")) == 1
    unkept = {"message": to(box.address), "saveToSentItems": False}
    assert box.graph.post(box.path + "/sendMail", unkept).status_code == 202
    assert (len(box.listed("sentitems")), len(box.listed())) == (1, 1)


@pytest.mark.covers("mail.attachments.write", "mail.upload.border")
def test_files_put_on_a_draft_travel_with_it(box, new_box):
    other = new_box()
    made = draft(box, **to(other.address))
    path = f"{box.path}/messages/{made['id']}/attachments"
    file = {
        "@odata.type": "#microsoft.graph.fileAttachment",
        "name": "a.txt",
        "contentType": "text/plain",
        "contentBytes": base64.b64encode(b"hello").decode(),
    }
    added = box.graph.post(path, file)
    assert added.status_code == 201
    assert box.read(made["id"])["hasAttachments"] is True
    huge = box.graph.post(path, {**file, "contentBytes": base64.b64encode(b"x" * 3_200_000).decode()})
    assert huge.status_code == 413
    act(box, made["id"], "send")
    (arrived,) = other.listed(query="?$expand=attachments")
    assert base64.b64decode(arrived["attachments"][0]["contentBytes"]) == b"hello"


@pytest.mark.covers("mail.ids.default", "mail.move")
def test_moving_changes_the_default_id_only(box):
    message = box.deliver()
    default = {"Prefer": "x"}
    before = box.read(message, headers=default)["id"]
    moved = act(box, message, "move", {"destinationId": "archive"})
    assert (moved.status_code, moved.json()["id"]) == (201, message)
    assert box.read(message, headers=default)["id"] != before
    assert box.graph.get(f"{box.path}/messages/{before}").status_code == 404
    twin = act(box, message, "copy", {"destinationId": "inbox"}).json()
    assert twin["id"] != message
    assert mime(box, twin["id"]).as_bytes() == mime(box, message).as_bytes()
    assert act(box, message, "move", {"destinationId": "nowhere"}).status_code in (400, 404)


@pytest.mark.covers("mail.delete")
def test_deleted_mail_lies_in_deleted_items_and_then_nowhere(box):
    message = box.deliver()
    path = f"{box.path}/messages/{message}"
    assert box.graph.call("DELETE", path).status_code == 204
    assert [found["id"] for found in box.listed("deleteditems")] == [message]
    assert box.graph.call("DELETE", path).status_code == 204
    assert box.graph.get(path).status_code == 404


@pytest.mark.covers("mail.conversation")
def test_a_changed_subject_leaves_the_conversation(box):
    first = box.deliver(subject="Leave", more="Message-ID: <a@outside.example>\r\n")
    reference = "References: <a@outside.example>\r\n"
    same = box.deliver(subject="Re: Leave", more=reference)
    other = box.deliver(subject="Holiday", more=reference)
    threads = [box.read(message)["conversationId"] for message in (first, same, other)]
    assert threads[0] == threads[1] != threads[2]


def test_the_case_of_an_actions_parameters_does_not_count(graph, box):
    message = box.deliver()
    path = f"{box.path}/messages/{message}"
    assert graph.post(f"{path}/createReply", {"Comment": "Done."}).status_code == 201
    mail = {"subject": "x", "toRecipients": [{"emailAddress": {"address": "away@outside.example"}}]}
    sent = graph.post(f"{box.path}/sendMail", {"Message": mail, "SaveToSentItems": True})
    assert sent.status_code == 202
    assert graph.post(f"{path}/move", {"DestinationId": "archive"}).status_code == 201
    unknown = graph.post(f"{path}/move", {"destination": "archive"})
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (400, "BadRequest")


@pytest.mark.covers("gc.folder.draft")
def test_a_draft_may_be_made_in_any_folder(graph, box):
    made = graph.post(f"{box.path}/mailFolders/archive/messages", {"subject": "Filed"})
    assert (made.status_code, made.json()["isDraft"]) == (201, True)
    assert [each["subject"] for each in box.listed("archive")] == ["Filed"]
    assert box.listed("drafts") == []
    assert graph.post(f"{box.path}/mailFolders/AAMkADnobody/messages", {"subject": "x"}).status_code in (
        400,
        404,
    )


def test_words_of_an_enumeration_are_taken_in_any_case_and_shown_in_theirs(box):
    body = {"subject": "s", "importance": "HIGH", "body": {"contentType": "HTML", "content": "<p>x</p>"}}
    made = box.graph.post(f"{box.path}/messages", body).json()
    assert (made["importance"], made["body"]["contentType"]) == ("high", "html")
