"""Reading mail: signs of access, shapes, lists, filters, raw MIME."""

from concurrent.futures import ThreadPoolExecutor

import pytest

STAMP = "String {8f6d2a3e-5b1c-4c57-9a44-0d4b7f0a9c11} Name CaseNumber"


@pytest.mark.covers("mail.auth", "mail.errors.echo")
def test_a_call_without_a_token_is_refused_in_the_shape_of_graph(graph, box):
    answer = graph.web.get(graph.root + box.path, headers={"client-request-id": "abc"}, timeout=10)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "InvalidAuthenticationToken"
    assert answer.headers["client-request-id"] == "abc"
    assert answer.json()["error"]["innerError"]["client-request-id"] == "abc"
    assert answer.headers["request-id"]


@pytest.mark.covers("mail.auth")
def test_a_dataverse_token_does_not_open_mail(graph, box, tenant):
    token = tenant.issuer.issue("x", "dataverse")
    assert graph.get(box.path + "/messages", headers={"Authorization": f"Bearer {token}"}).status_code == 401


@pytest.mark.covers("mail.auth")
def test_unknown_mailboxes_are_404_and_closed_ones_403(graph, box):
    missing = graph.get("/users/nobody@contoso.example/messages")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "ErrorInvalidUser")
    graph.web.put(f"{box.control}/{box.address}", json={"access": False}, timeout=10)
    closed = graph.get(box.path + "/messages")
    assert (closed.status_code, closed.json()["error"]["code"]) == (403, "ErrorAccessDenied")


@pytest.mark.covers("mail.auth.union")
def test_a_consent_for_the_organisation_opens_mailboxes_outside_the_scope(own_box):
    path = own_box.path + "/messages"
    own_box.graph.web.put(f"{own_box.control}/{own_box.address}", json={"access": False}, timeout=10)
    assert own_box.graph.get(path).status_code == 403
    own_box.switch(mailConsent=True)
    assert own_box.graph.get(path).status_code == 200
    own_box.switch(mailConsent=False)
    assert own_box.graph.get(path).status_code == 403


@pytest.mark.covers("mail.extensions", "mail.delta.mailbox", "mail.calendar")
@pytest.mark.parametrize(
    "path",
    [
        "/calendar/events",
        "/messages/delta",
        "/messages/{message}/extensions",
        "/messages/{message}/extensions/x",
        "/messages/{message}?$expand=extensions",
        "/messages?$filter=extensions/any(f:f/id eq 'x')",
        "/mailFolders/inbox/messageRules",
    ],
)
def test_what_is_not_offered_says_so(graph, box, path):
    answer = graph.get(box.path + path.format(message=box.deliver()))
    assert (answer.status_code, answer.json()["error"]["code"]) == (501, "notImplemented")


@pytest.mark.covers("mail.users")
def test_a_user_is_found_by_address_and_by_id(graph, box):
    user = graph.get(box.path).json()
    assert user["mail"] == box.address
    assert graph.get("/users/" + user["id"]).json()["id"] == user["id"]
    assert graph.get("/v1.0" + box.path).status_code == 400  # the version twice


@pytest.mark.covers("mail.raw")
def test_mime_comes_back_byte_for_byte_even_when_it_is_no_mail(graph, box):
    for raw in (
        b"\xff\xfe\x00nonsense\r\n\x80",
        b"",
        b"Subject: =?x?b?!!?=\nFrom: <<<\n\n" + bytes(range(256)),
    ):
        message = box.deliver(raw)
        assert graph.get(f"{box.path}/messages/{message}/$value").content == raw
        assert box.read(message)["internetMessageId"] is None


def test_a_mail_of_forty_megabytes_is_delivered_and_read(graph, box):
    raw = b"Subject: big\r\nContent-Type: application/octet-stream\r\n\r\n" + b"x" * (40 * 1024 * 1024)
    message = box.deliver(raw)
    assert graph.get(f"{box.path}/messages/{message}/$value").content == raw


@pytest.mark.covers("mail.body")
def test_headers_and_unique_body_come_only_when_selected(box):
    body = "New words\r\n\r\n-----Original Message-----\r\nold words"
    message = box.deliver(body=body, more="X-Thing: 1\r\n")
    plain = box.read(message)
    assert "uniqueBody" not in plain
    assert "internetMessageHeaders" not in plain
    text = {"Prefer": 'IdType="ImmutableId", outlook.body-content-type="text"'}
    asked = box.read(message, "?$select=uniqueBody,internetMessageHeaders", headers=text)
    assert asked["uniqueBody"] == {"contentType": "text", "content": "New words\r\n\r\n"}
    names = [header["name"] for header in asked["internetMessageHeaders"]]
    assert "X-Thing" in names
    assert "From" not in names
    assert set(asked) == {"@odata.context", "@odata.etag", "id", "uniqueBody", "internetMessageHeaders"}


@pytest.mark.covers("mail.prefer")
def test_obeyed_preferences_are_named(graph, box):
    message = box.deliver()
    wanted = {"Prefer": 'outlook.body-content-type="text", IdType="ImmutableId", some.other'}
    answer = graph.get(f"{box.path}/messages/{message}", headers=wanted)
    assert answer.headers["Preference-Applied"] == 'IdType="ImmutableId", outlook.body-content-type="text"'
    assert answer.json()["body"]["contentType"] == "text"
    assert box.read(message)["body"]["contentType"] == "html"


@pytest.mark.covers("mail.select", "mail.ids.case")
def test_an_unknown_selection_and_a_bad_id_are_refused(graph, box):
    assert graph.get(box.path + "/messages?$select=colour").status_code == 400
    bad = graph.get(box.path + "/messages/x y")
    assert bad.json()["error"]["code"] == "ErrorInvalidIdMalformed"
    gone = graph.get(box.path + "/messages/" + box.deliver().swapcase())
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "ErrorItemNotFound")


@pytest.mark.covers("mail.list")
def test_lists_are_paged_by_links(graph, box):
    sent = [box.deliver(subject=f"n{n}") for n in range(5)]
    page = graph.get(box.path + "/mailFolders('Inbox')/messages?$top=2&$select=subject").json()
    found = page["value"]
    while "@odata.nextLink" in page:
        page = graph.get(page["@odata.nextLink"]).json()
        found += page["value"]
    assert {message["id"] for message in found} == set(sent)
    assert len(found) == 5
    assert set(found[0]) == {"@odata.etag", "id", "subject"}


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ("internetMessageId eq '<a%2Bb@x>'", 1),
        ("subject eq 'other'", 1),
        ("startswith(subject,'oth') and isRead eq false", 1),
        ("receivedDateTime ge 2000-01-01T00:00:00Z", 2),
        ("receivedDateTime lt 2000-01-01T00:00:00Z", 0),
        ("from/emailAddress/address eq 'ADA@outside.example'", 2),
        ("not (isDraft eq true)", 2),
    ],
)
@pytest.mark.covers("mail.filter")
def test_filters_choose(box, wanted, count):
    box.deliver(more="Message-ID: <a+b@x>\r\n")
    box.deliver(subject="other")
    assert len(box.listed(query="?$filter=" + wanted)) == count


@pytest.mark.covers("mail.filter.inefficient")
def test_sorting_by_what_the_filter_does_not_begin_with_is_inefficient(graph, box):
    path = box.path + "/mailFolders/inbox/messages?$orderby=receivedDateTime desc&$filter="
    refused = graph.get(path + "isRead eq false and receivedDateTime ge 2026-01-01T00:00:00Z")
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "InefficientFilter")
    assert graph.get(path + "receivedDateTime ge 2026-01-01T00:00:00Z and isRead eq false").status_code == 200


@pytest.mark.covers("mail.properties")
def test_a_stamp_is_written_found_and_expanded(graph, box):
    message, _ = box.deliver(), box.deliver()
    body = {"singleValueExtendedProperties": [{"id": STAMP, "value": "CAS-1"}], "categories": ["Case"]}
    answer = graph.call("PATCH", f"{box.path}/messages/{message}", json=body)
    assert answer.status_code == 200
    assert "singleValueExtendedProperties" not in answer.json()
    wanted = f"singleValueExtendedProperties/Any(ep: ep/id eq '{STAMP}' and ep/value eq 'cas-1')"
    assert [found["id"] for found in box.listed(query="?$filter=" + wanted)] == [message]
    other = wanted.replace("CaseNumber", "casenumber")
    assert box.listed(query="?$filter=" + other) == []
    expand = f"?$expand=singleValueExtendedProperties($filter=id eq '{STAMP}')&$select=categories"
    found = box.read(message, expand)
    assert found["singleValueExtendedProperties"] == [{"id": STAMP, "value": "CAS-1"}]
    assert found["categories"] == ["Case"]


@pytest.mark.covers("mail.attachments.read")
def test_attachments_are_listed_and_their_bytes_read(graph, box):
    raw = (
        b"Subject: files\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n"
        b"--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\naGVsbG8=\r\n"
        b"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ninside\r\n--b--\r\n"
    )
    message = box.deliver(raw)
    path = f"{box.path}/messages/{message}/attachments"
    pdf, inner = graph.get(path + "?$select=id,name,size,contentType,isInline").json()["value"]
    assert (pdf["name"], inner["@odata.type"]) == ("a.pdf", "#microsoft.graph.itemAttachment")
    assert "contentBytes" not in pdf
    assert graph.get(f"{path}/{pdf['id']}").json()["contentBytes"] == "aGVsbG8="
    assert graph.get(f"{path}/{pdf['id']}/$value").content == b"hello"
    assert graph.get(f"{path}/{inner['id']}/$value").content.startswith(b"Subject: inner")
    assert len(box.read(message, "?$expand=attachments")["attachments"]) == 2
    assert box.read(message)["hasAttachments"] is True


def test_bytes_outside_ascii_in_headers_are_read_as_utf_8(box):
    raw = "From: Zoë <zoe@outside.example>\r\nSubject: Urlaub für Jörg\r\n\r\nx".encode()
    found = box.read(box.deliver(raw))
    assert (found["subject"], found["from"]["emailAddress"]["name"]) == ("Urlaub für Jörg", "Zoë")
    damaged = box.read(box.deliver(b"Subject: \xff\xfe odd\r\nMessage-ID: <\xe4@x>\r\n\r\nx"))
    assert "odd" in damaged["subject"]


def test_many_readers_and_writers_lose_nothing(graph, box):
    def write(number):
        message = box.deliver(subject=str(number))
        graph.call("PATCH", f"{box.path}/messages/{message}", json={"isRead": True}).raise_for_status()
        graph.get(box.path + "/mailFolders/inbox/messages/delta").raise_for_status()
        return message

    with ThreadPoolExecutor(4) as pool:
        messages = set(pool.map(write, range(24)))
    listed = box.listed(query="?$top=100&$select=isRead")
    assert {message["id"] for message in listed} == messages
    assert all(message["isRead"] for message in listed)
