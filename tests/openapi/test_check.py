"""What the checker lets pass and what it finds."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.tenant import Tenant
from tests.openapi.check import notification_violations, violations
from tests.openapi.exchange import Exchange
from tests.openapi.watch import Watch, check_recording

JSON = "application/json"
ERROR = {
    "error": {"code": "ErrorItemNotFound", "message": "It is not there.", "innerError": {"request-id": "1"}}
}


def read(target: str, body: object, status: int = 200, method: str = "GET") -> Exchange:
    return Exchange(method, target, status, got=json.dumps(body).encode(), got_as=JSON)


def send(target: str, body: object, status: int = 202) -> Exchange:
    return Exchange("POST", target, status, json.dumps(body).encode(), JSON)


def only(exchange: Exchange) -> str:
    (found,) = violations(exchange)
    return found


PAGE = {"value": [], "@odata.deltaLink": "https://graph.microsoft.com/v1.0/x"}


@pytest.mark.parametrize(
    "target",
    [
        "/users/u/mailFolders/f/messages/delta?$select=id&changeType=created",
        "/users/u/mailFolders/f/messages/delta()",
        "/users/u/mailFolders('f')/messages/microsoft.graph.delta()",
        "/Users/u/mailfolders/f/Messages/delta?%24deltatoken=x",
    ],
)
def test_all_spellings_of_a_route_are_one(target: str) -> None:
    assert violations(read(target, PAGE)) == []


@pytest.mark.parametrize(
    "target",
    [
        "/sites/host:/sites/desk:/lists/l/items/delta",
        "/sites/h,1,2/lists/l/items/delta(token='latest')",
        "/sites/h/lists/l/items/delta",
    ],
)
def test_a_site_may_be_addressed_by_its_path(target: str) -> None:
    assert violations(read(target, PAGE)) == []


def test_a_page_of_changes_has_exactly_one_link() -> None:
    assert only(read("/sites/s/lists/l/items/delta", {"value": []}))
    assert only(read("/sites/s/lists/l/items/delta", PAGE | {"@odata.nextLink": "https://x"}))


@pytest.mark.covers("gc.description")
def test_a_route_that_nobody_described_must_not_be_served() -> None:
    assert "does not know" in only(read("/users/u/mailFolders/f/rules", {"value": []}))
    assert violations(read("/users/u/mailFolders/f/rules", ERROR, 501)) == []


def test_unknown_members_options_and_values_are_found_and_no_value_is_shown() -> None:
    wrong = send("/users/u/sendMail", {"message": {"toRecipients": [{"emailAdress": "ada@outside.example"}]}})
    assert only(wrong).endswith(
        "request: message/toRecipients/*: Additional properties are not allowed ('emailAdress' was unexpected)"
    )
    assert "option $skp" in only(read("/users/u/messages?$skp=1", {"value": []}))
    assert "option $top" in only(read("/users/u/messages?$top=many", {"value": []}))
    found = only(read("/users/u/messages/m", {"body": {"contentType": "rtf-of-ada", "content": "x"}}))
    assert "body" in found
    assert "ada" not in found


def test_words_of_a_choice_are_asked_for_in_any_case_and_answered_in_one() -> None:
    assert violations(send("/users/u/sendMail", {"message": {"importance": "HIGH"}})) == []
    assert only(send("/users/u/sendMail", {"message": {"importance": "highest"}}))
    assert only(read("/users/u/messages/m", {"importance": "HIGH"}))


def test_a_refused_request_may_be_as_wrong_as_it_likes_but_its_answer_may_not() -> None:
    assert violations(read("/users/u/messages?$skp=1", ERROR, 400)) == []
    assert only(read("/users/u/messages", {"error": {"code": "x"}}, 400)).endswith("is a required property")
    assert violations(Exchange("GET", "/users/u/messages", 503)) == []


def test_bodies_and_statuses_are_those_described() -> None:
    assert "not among" in only(send("/users/u/sendMail", {"message": {}}, 200))
    assert "accepted" in only(Exchange("POST", "/users/u/sendMail", 202, b"x", "text/html"))
    assert "required" in only(Exchange("POST", "/users/u/sendMail", 202))
    assert "has a body" in only(Exchange("POST", "/users/u/messages/m/send", 202, got=b"{}", got_as=JSON))
    assert (
        violations(Exchange("POST", "/users/u/sendMail", 202, base64.b64encode(b"To: x"), "text/plain")) == []
    )


def batch(url: str, body: Any) -> Exchange:
    asked = {"requests": [{"id": "1", "method": "GET", "url": url}]}
    said = {"responses": [{"id": "1", "status": 200, "headers": {"Content-Type": JSON}, "body": body}]}
    return Exchange("POST", "/$batch", 200, json.dumps(asked).encode(), JSON, json.dumps(said).encode(), JSON)


def test_each_part_of_a_batch_is_a_call() -> None:
    assert violations(batch("/users/u/messages/m", {"id": "m"})) == []
    assert only(batch("/users/u/messages/m", {"ident": "m"})).startswith(
        "GET /users/{user-id}/messages/{message-id}"
    )
    assert "does not know" in only(batch("https://localhost/v1.0/users/u/rules", {}))


def test_notifications_have_the_described_form() -> None:
    assert notification_violations(b'{"value": [{"subscriptionId": "s", "changeType": "created"}]}')
    body = {"value": [{"subscriptionId": "5522f6e1-9ad8-4a2c-b35c-8ab9f8a53a7c", "changeType": "created"}]}
    body["value"][0] |= {"resource": "users/u", "subscriptionExpirationDateTime": "2026-03-02T00:00:00Z"}
    assert notification_violations(json.dumps(body).encode()) == []


@pytest.mark.covers("gc.description")
def test_what_was_found_fails_once() -> None:
    watch = Watch()
    watch.note(read("/users/u/rules", {}))
    with pytest.raises(pytest.fail.Exception, match="GET /users/u/rules"):
        watch.raise_found()
    watch.raise_found()


def test_every_tenant_of_the_tests_is_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Exchange] = []
    monkeypatch.setattr("tests.openapi.watch.violations", lambda exchange: seen.append(exchange) or [])
    with Tenant() as tenant, requests.Session() as web:
        web.trust_env, web.verify = False, tenant.description()["caBundle"]
        web.get(tenant.description()["graphUrl"] + "/users", timeout=10)
        web.get(tenant.base + "/api/data/v9.2/WhoAmI", timeout=10)
    assert [(each.method, each.target, each.status) for each in seen] == [("GET", "/users", 401)]


def test_a_recording_is_checked_line_by_line(tmp_path: Path) -> None:
    called = {"method": "GET", "requestHeaders": {}, "requestBody": "", "status": 200, "responseHeaders": {}}
    lines = [
        called | {"target": "/api/data/v9.2/plt_items", "part": False, "responseBody": "{}"},
        called | {"target": "/v1.0/users/u/rules", "part": True, "responseBody": "{}"},
        called | {"target": "/v1.0/users/u/outlook/rules", "part": False, "responseBodyBase64": "/w=="},
    ]
    file = tmp_path / "exchanges.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"half": ')
    with pytest.raises(pytest.fail.Exception, match="GET /users/u/outlook/rules") as failed:
        check_recording(file)
    assert "/users/u/rules" not in str(failed.value)
