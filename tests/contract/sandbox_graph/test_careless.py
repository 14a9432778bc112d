"""Requests of careless programs: refused in words as Graph does, never served by luck, never a failure of ours."""

import json

import pytest

DEEP = b'{"a":' * 20_000 + b"1" + b"}" * 20_000
TO = [{"emailAddress": {"address": "away@outside.example"}}]


def refused(answer):
    return answer.status_code, answer.json()["error"]["code"]


def raw(graph, method, path, data, kind="application/json"):
    return graph.call(method, path, data=data, headers={"Content-Type": kind})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{x",
        b"[]",
        DEEP,
        b'{"subject": "\\ud800"}',
        b'{"subject": NaN}',
        b'{"subject": "a", "subject": "b"}',
    ],
    ids=range(7),
)
@pytest.mark.covers("mail.errors.body")
def test_what_is_no_json_object_is_refused(graph, box, body):
    message = box.deliver()
    for method, path in (("POST", f"{box.path}/messages"), ("PATCH", f"{box.path}/messages/{message}")):
        assert refused(raw(graph, method, path, body)) == (400, "BadRequest")
    assert box.listed("drafts") == []


@pytest.mark.parametrize(
    "query",
    [
        "$top=²",
        "$skip=²",
        "$top=1&$top=2",
        "$filter=",
        "$orderby=",
        "$filter=isRead eq 'yes'",
        "$filter=subject eq true",
        "$filter=contains(isRead,'t')",
        "$filter=receivedDateTime ge 2026-02-30T00:00:00Z",
        "$expand=attachments($select=nothing)",
    ],
)
def test_malformed_options_are_refused(graph, box, query):
    answer = graph.get(f"{box.path}/mailFolders/inbox/messages?{query}")
    assert refused(answer) == (400, "BadRequest")


@pytest.mark.covers("mail.filter.inefficient")
def test_a_filter_that_is_too_complex_is_refused(graph, box):
    for text in (" or ".join(["isRead eq true"] * 1500), " or ".join(["isRead eq true"] * 400)):
        answer = graph.get(f"{box.path}/mailFolders/inbox/messages?$filter={text}")
        assert refused(answer) == (400, "InefficientFilter")


def test_folders_show_what_was_selected(graph, box):
    found = graph.get(f"{box.path}/mailFolders/inbox?$select=displayName").json()
    assert set(found) == {"id", "displayName"}
    assert refused(graph.get(f"{box.path}/mailFolders?$select=nothing")) == (400, "BadRequest")


def test_an_edited_delta_token_is_refused(graph, box):
    box.deliver()
    link = graph.get(f"{box.path}/mailFolders/inbox/messages/delta").json()["@odata.deltaLink"]
    assert graph.get(link).status_code == 200
    start = link.index("deltatoken=") + len("deltatoken=")
    for edited in (link[:-1], f"{link[:start]}A{link[start + 1 :]}", f"{link[:start]}W10="):
        assert refused(graph.get(edited)) == (400, "SyncStateInvalid")


def test_no_header_gets_into_a_mail_by_a_line_break(graph, box):
    draft = {"toRecipients": TO, "subject": "one\r\nBcc: two@outside.example"}
    made = graph.post(f"{box.path}/messages", draft).json()["id"]
    path = f"{box.path}/messages/{made}"
    odd = graph.call("PATCH", path, json={"internetMessageId": "<a@b>\r\nBcc: three@outside.example"})
    assert refused(odd) == (400, "BadRequest")
    kind = "#microsoft.graph.fileAttachment"
    for member in ("name", "contentType", "contentId"):
        file = {"@odata.type": kind, "name": "a.txt", "contentBytes": "YQ==", member: "a\r\nX: y"}
        assert refused(graph.post(f"{path}/attachments", file)) == (400, "ErrorInvalidRequest")
    assert graph.post(f"{path}/send").status_code == 202
    assert "\nBcc" not in graph.get(f"{path}/$value").text


def test_an_attachment_needs_its_bytes(graph, box):
    made = graph.post(f"{box.path}/messages", {}).json()["id"]
    file = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt"}
    assert refused(graph.post(f"{box.path}/messages/{made}/attachments", file)) == (400, "BadRequest")


def test_a_forward_takes_an_object_as_message(graph, box):
    path = f"{box.path}/messages/{box.deliver()}/forward"
    assert refused(graph.post(path, {"toRecipients": TO, "message": "x"})) == (400, "BadRequest")


@pytest.mark.covers("mail.errors.body")
def test_a_request_above_4_megabytes_is_413(graph, box):
    body = json.dumps({"body": {"contentType": "text", "content": "x" * 5_000_000}}).encode()
    assert raw(graph, "POST", f"{box.path}/messages", body).status_code == 413


def test_a_batch_is_strict_json_with_headers_of_text(graph, box):
    assert refused(raw(graph, "POST", "/$batch", DEEP)) == (400, "BadRequest")
    for headers in ([], {"Prefer": 5}, None):
        part = {"id": "1", "method": "GET", "url": box.path, "headers": headers}
        assert refused(graph.post("/$batch", {"requests": [part]})) == (400, "BadRequest")
    parts = [{"id": "1", "method": "GET", "url": box.path}]
    parts.append({"id": "2", "method": "GET", "url": box.path, "dependsOn": [1]})
    assert refused(graph.post("/$batch", {"requests": parts})) == (400, "BadRequest")


def test_a_mail_of_a_thousand_nested_parts_is_read_in_a_moment(graph, box):
    head = b"Content-Type: multipart/mixed; boundary=a\r\n\r\n"
    message = box.deliver(head + (b"--a\r\n" + head) * 1000)
    answer = graph.call("GET", f"{box.path}/messages/{message}/attachments")
    assert answer.status_code == 200
    assert answer.elapsed.total_seconds() < 5


def patch(box, body, message=None):
    return box.graph.call("PATCH", f"{box.path}/messages/{message or box.deliver()}", json=body)


@pytest.mark.covers("mail.closed")
@pytest.mark.parametrize(
    "body",
    [
        {"Subject": "x"},
        {"receivedDateTime": "2026-01-01T00:00:00Z"},
        {"id": "x"},
        {"flag": {"flagStatus": "flagged", "colour": "red"}},
        {"flag": {"flagStatus": "done"}},
        {"flag": {"startDateTime": "2026-01-01"}},
        {"flag": {"startDateTime": {"dateTime": "soon", "timeZone": "UTC"}}},
        {"importance": "urgent"},
        {"inferenceClassification": None},
        {"isRead": "true"},
        {"categories": "Case"},
    ],
    ids=str,
)
def test_members_and_words_that_do_not_exist_are_refused(box, body):
    assert refused(patch(box, body)) == (400, "BadRequest")


@pytest.mark.covers("mail.closed")
@pytest.mark.parametrize(
    "draft",
    [
        {"body": {"contentType": "markdown", "content": "x"}},
        {"body": {"contentType": "text", "content": "x", "charset": "utf-8"}},
        {"toRecipients": [{"emailAddress": {"address": "a@b.example", "mail": "a@b.example"}}]},
        {"toRecipients": [{"address": "a@b.example"}]},
    ],
    ids=str,
)
def test_the_types_inside_a_message_are_closed(box, draft):
    assert refused(box.graph.post(f"{box.path}/messages", draft)) == (400, "BadRequest")


@pytest.mark.covers("mail.closed")
def test_the_kind_of_a_body_is_taken_in_any_case(box):
    draft = {"body": {"contentType": "HTML", "content": "<p>x</p>"}}
    made = box.graph.post(f"{box.path}/messages", draft)
    assert (made.status_code, made.json()["body"]["contentType"]) == (201, "html")


@pytest.mark.covers("mail.properties.types")
@pytest.mark.parametrize(
    ("kind", "good", "wrong"),
    [
        ("Integer", "-17", "17.5"),
        ("Long", "9999999999", ""),
        ("Boolean", "true", "yes"),
        ("SystemTime", "2026-03-02T08:00:00Z", "2026-03-02"),
        ("CLSID", "8f6d2a3e-5b1c-4c57-9a44-0d4b7f0a9c11", "8f6d2a3e"),
        ("Double", "1.5e3", "1,5"),
        ("Binary", "YQ==", "a"),
    ],
)
def test_extended_properties_hold_values_of_their_type(box, kind, good, wrong):
    name = f"{kind} {{8f6d2a3e-5b1c-4c57-9a44-0d4b7f0a9c11}} Name Thing"
    message = box.deliver()
    said = patch(box, {"singleValueExtendedProperties": [{"id": name, "value": wrong}]}, message)
    assert refused(said) == (400, "ErrorInvalidProperty")
    said = patch(box, {"singleValueExtendedProperties": [{"id": name, "value": good}]}, message)
    assert said.status_code == 200
    found = box.read(message, f"?$expand=singleValueExtendedProperties($filter=id eq '{name}')")
    assert found["singleValueExtendedProperties"] == [{"id": name, "value": good}]


@pytest.mark.covers("mail.errors.spelling", "mail.errors.echo")
def test_the_inner_error_has_two_spellings_and_echoes_the_id_of_the_caller(graph, box):
    message = box.deliver()
    given = {"client-request-id": "8f6d2a3e-5b1c-4c57-9a44-0d4b7f0a9c11"}
    paths = {"innerError": f"/messages/{message[::-1]}", "innererror": f"/messages/{message}/attachments/x"}
    for name, path in paths.items():
        said = graph.get(box.path + path, headers=given)
        inner = said.json()["error"][name]
        assert inner["client-request-id"] == said.headers["client-request-id"] == given["client-request-id"]
        assert inner["request-id"] == said.headers["request-id"]


@pytest.mark.covers("mail.options")
@pytest.mark.parametrize("call", ["messages?$select=id", "sendMail?$search=x", "messages?$deltatoken=x"])
def test_writes_take_no_query_options(box, call):
    answer = box.graph.post(f"{box.path}/{call}", {"subject": "Help"})
    assert answer.status_code == 501, answer.text
    assert box.listed("drafts") == []


def test_a_batch_is_json_without_query_options(box):
    part = {"id": "1", "method": "GET", "url": box.path}
    assert box.graph.post("/$batch?$top=1", {"requests": [part]}).status_code == 400
    text = json.dumps({"requests": [part]})
    headers = {"Content-Type": "multipart/mixed; boundary=b"}
    assert box.graph.post("/$batch", data=text, headers=headers).status_code == 400


def test_a_page_size_beyond_the_largest_is_the_largest(box):
    box.deliver()
    for size in ("9" * 25, "9" * 5000):
        answer = box.graph.get(
            f"{box.path}/mailFolders/inbox/messages", headers={"Prefer": f"odata.maxpagesize={size}"}
        )
        assert (answer.status_code, len(answer.json()["value"])) == (200, 1)
