"""The life of a subscription: handshake, renewal, limits, end."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox.clock import stamp
from tests.contract.receiver import listening
from tests.contract.sandbox_graph.subscribing import ADDRESS, Desk, desk

SAMPLE = Path("tests/data/samples/graph-subscription-created.json")


@pytest.fixture(scope="module")
def shared() -> Iterator[Desk]:
    with desk() as made:
        yield made


@pytest.fixture
def own(shared: Desk) -> Iterator[Desk]:
    """The desk of this module, without subscriptions and with a receiver that behaves."""
    receiver = shared.receiver
    receiver.pause, receiver.validate = 0.0, lambda token: (200, "text/plain", token.encode())
    yield shared
    shared.tenant.outgoing.rest(5)
    receiver.got.clear()
    receiver.statuses.clear()
    for app in ("app", "other"):
        for one in shared.call("GET", "/subscriptions", app=app).json()["value"]:
            shared.call("DELETE", f"/subscriptions/{one['id']}", app=app)


def refused(own: Desk, **more: Any) -> tuple[int, str, str]:
    wanted = {name: value for name, value in own.wanted(**more).items() if value is not ...}
    said = own.call("POST", "/subscriptions", wanted)
    return said.status_code, said.json()["error"]["code"], said.json()["error"]["message"]


@pytest.mark.covers("sub.create", "sub.handshake")
def test_a_subscription_is_made_once_both_addresses_gave_their_token_back(own: Desk) -> None:
    tokens: list[str] = []

    def validate(token: str) -> tuple[int, str, bytes]:
        tokens.append(token)
        return 200, "text/plain; charset=utf-8", token.encode()

    own.receiver.validate = validate
    made = own.subscribe(lifecycleNotificationUrl=f"{own.receiver.url}/life?code=a%2Bb")
    assert len(set(tokens)) == 2
    assert made["lifecycleNotificationUrl"].endswith("/life?code=a%2Bb")
    assert made["applicationId"] == "app"
    assert own.call("GET", f"/subscriptions/{made['id']}").json() == made


@pytest.mark.covers("sub.create")
def test_a_subscription_looks_like_the_documented_one(own: Desk) -> None:
    sample, made = json.loads(SAMPLE.read_text()), own.subscribe()
    assert made.keys() == sample.keys()
    assert len(made["expirationDateTime"]) == len(sample["expirationDateTime"])
    assert {name: type(made[name]) for name in sample if name != "lifecycleNotificationUrl"} == {
        name: type(sample[name]) for name in sample if name != "lifecycleNotificationUrl"
    }


@pytest.mark.covers("sub.handshake")
@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (202, "text/plain", "{token}"),
        (404, "text/plain", "{token}"),
        (200, "application/json", "{token}"),
        (200, "text/plain", "{token} "),
        (200, "text/plain", ""),
        (302, "text/plain", "{token}"),
    ],
)
def test_an_answer_that_is_not_the_token_as_text_fails_the_creation(
    own: Desk, status: int, kind: str, body: str
) -> None:
    own.receiver.validate = lambda token: (status, kind, body.format(token=token).encode())
    assert refused(own)[:2] == (400, "ValidationError")
    assert own.call("GET", "/subscriptions").json()["value"] == []


@pytest.mark.covers("sub.handshake")
def test_an_address_that_answers_late_or_not_at_all_fails_the_creation(own: Desk) -> None:
    settings = own.tenant.outgoing.settings
    own.tenant.outgoing.change(replace(settings, validation_seconds=0.1))
    own.receiver.pause = 0.4
    late = refused(own)
    assert late == (400, "ValidationError", "Subscription validation request timed out.")
    own.tenant.outgoing.change(settings)
    assert refused(own, notificationUrl="https://127.0.0.1:9/closed")[:2] == (400, "ValidationError")


@pytest.mark.covers("sub.handshake")
def test_the_lifecycle_address_is_validated_too(own: Desk) -> None:
    closed = refused(own, lifecycleNotificationUrl="https://127.0.0.1:9/closed")
    assert closed[:2] == (400, "ValidationError")


def test_nobody_waits_while_a_handshake_runs(own: Desk) -> None:
    delivered: list[str] = []

    def validate(token: str) -> tuple[int, str, bytes]:
        delivered.append(own.deliver("during the handshake"))
        return 200, "text/plain", token.encode()

    own.receiver.validate = validate
    own.subscribe()
    assert len(delivered) == 1


@pytest.mark.covers("sub.members")
@pytest.mark.parametrize(
    ("more", "code", "says"),
    [
        ({"changeType": ...}, "InvalidRequest", "changeType is a required property"),
        ({"expirationDateTime": ...}, "InvalidRequest", "expirationDateTime is a required property"),
        ({"resource": ...}, "InvalidRequest", "resource is a required property"),
        ({"notificationUrl": ...}, "InvalidRequest", "notificationUrl is a required property"),
        ({"notificationURL": "https://x.example"}, "InvalidRequest", "camelCased"),
        ({"changeType": "created,moved"}, "InvalidRequest", "changeType"),
        ({"changeType": "created,created"}, "InvalidRequest", "changeType"),
        ({"clientState": "s" * 129}, "InvalidRequest", "128"),
        ({"expirationDateTime": "tomorrow"}, "InvalidRequest", "instant"),
        ({"expirationDateTime": "2026-13-01T00:00:00Z"}, "InvalidRequest", "instant"),
        ({"expirationDateTime": "2001-01-01T00:00:00Z"}, "InvalidRequest", "future"),
        ({"notificationUrl": "http://desk.example/notify"}, "InvalidRequest", "https"),
        ({"notificationUrl": "desk.example/notify"}, "InvalidRequest", "absolute"),
        ({"resource": "me/messages"}, "BadRequest", "/me"),
    ],
)
def test_careless_bodies_are_refused(own: Desk, more: Any, code: str, says: str) -> None:
    status, said, words = refused(own, **more)
    assert (status, said) == (400, code)
    assert says in words


@pytest.mark.covers("sub.members", "out.local-http")
def test_a_receiver_on_this_machine_may_be_plain_http_by_a_switch(own: Desk) -> None:
    with listening(tls=False) as plain:
        assert "https" in refused(own, notificationUrl=f"{plain.url}/notify")[2]
        own.control("PUT", "notifications", {"localHttp": True})
        own.subscribe(notificationUrl=f"{plain.url}/notify")
        own.deliver()
        assert len(plain.await_calls(1)) == 1
        own.control("PUT", "notifications", {"localHttp": False})


@pytest.mark.covers("sub.rich", "sub.other-resources")
@pytest.mark.parametrize(
    "more",
    [
        {"includeResourceData": True},
        {"encryptionCertificateId": "one"},
        {"resource": f"users/{ADDRESS}/events"},
        {"resource": "drives/x/root"},
        {"resource": f"users/{ADDRESS}/messages?$filter=isRead eq false"},
    ],
)
def test_what_this_tenant_does_not_watch_is_not_offered(own: Desk, more: Any) -> None:
    assert refused(own, **more)[:2] == (501, "notImplemented")


@pytest.mark.covers("sub.expiry")
def test_a_short_life_is_raised_and_one_that_is_too_long_refused(own: Desk) -> None:
    now = own.tenant.clock.now()
    short = own.subscribe(expirationDateTime=stamp(now + timedelta(minutes=1)))
    ends = datetime.fromisoformat(short["expirationDateTime"])
    assert ends - now == timedelta(minutes=45)
    longest = own.subscribe(changeType="created", expirationDateTime=stamp(now + timedelta(minutes=10_069)))
    status, code, words = refused(
        own, changeType="deleted", expirationDateTime=stamp(now + timedelta(minutes=10_081))
    )
    assert (status, code) == (400, "ExtensionError")
    assert "10070 minutes" in words
    too_long = {"expirationDateTime": stamp(now + timedelta(days=30))}
    assert own.call("PATCH", f"/subscriptions/{longest['id']}", too_long).status_code == 400


@pytest.mark.covers("sub.duplicate")
def test_the_same_resource_and_change_types_once_more_are_a_conflict(own: Desk) -> None:
    first = own.subscribe(changeType="created,updated")
    user = own.call("GET", f"/users/{ADDRESS}").json()["id"]
    again = {"changeType": "updated, created", "resource": f"/Users/{user}/mailFolders/Inbox/messages/"}
    status, _, words = refused(own, **again)
    assert (status, first["id"] in words) == (409, True)
    assert own.subscribe(app="other", **again)["id"] != first["id"]
    assert own.subscribe(changeType="created")["id"] != first["id"]
    own.call("DELETE", f"/subscriptions/{first['id']}")
    assert own.subscribe(**again)["id"] != first["id"]


@pytest.mark.covers("sub.access")
def test_the_mailbox_must_exist_and_be_open_to_the_application(own: Desk) -> None:
    assert refused(own, resource="users/nobody@contoso.example/messages")[0] == 404
    assert refused(own, resource=f"users/{ADDRESS}/mailFolders('{'A' * 40}')/messages")[0] == 404
    own.control("PUT", "mailboxes/closed@contoso.example", {"access": False})
    status, code, words = refused(own, resource="users/closed@contoso.example/messages")
    assert (status, code) == (403, "ExtensionError")
    assert "Forbidden" in words


@pytest.mark.covers("sub.per-mailbox")
def test_a_mailbox_has_room_for_so_many_subscriptions_only(own: Desk) -> None:
    assert own.control("GET", "subscriptions")["limits"]["perMailbox"] == 1000
    own.control("PUT", "subscriptions", {"perMailbox": 2})
    for kind in ("created", "updated"):
        own.subscribe(changeType=kind)
    assert refused(own, changeType="deleted")[:2] == (403, "ExtensionError")
    own.control("PUT", "subscriptions", {"perMailbox": 1000})


@pytest.mark.covers("sub.own", "sub.delete")
def test_an_application_sees_its_own_subscriptions_only(own: Desk) -> None:
    made = own.subscribe()
    path = f"/subscriptions/{made['id']}"
    assert own.call("GET", "/subscriptions", app="other").json()["value"] == []
    for method in ("GET", "DELETE"):
        assert own.call(method, path, app="other").status_code == 404
    assert [one["id"] for one in own.call("GET", "/subscriptions").json()["value"]] == [made["id"]]
    assert own.call("DELETE", path).status_code == 204
    assert own.call("GET", path).json()["error"]["code"] == "ResourceNotFound"


@pytest.mark.covers("sub.renew")
def test_a_renewal_moves_the_end_and_nothing_else(own: Desk) -> None:
    made = own.subscribe()
    path, ends = f"/subscriptions/{made['id']}", stamp(own.tenant.clock.now() + timedelta(days=3))
    renewed = own.call("PATCH", path, {"expirationDateTime": ends})
    assert renewed.status_code == 200
    assert renewed.json() == made | {"expirationDateTime": ends.replace("Z", ".0000000Z")}
    for member in ("resource", "clientState", "lifecycleNotificationUrl", "changeType"):
        said = own.call("PATCH", path, {"expirationDateTime": ends, member: "https://x.example"})
        assert (said.status_code, said.json()["error"]["code"]) == (400, "InvalidRequest")
    assert own.call("PATCH", path, {}).status_code == 400
    assert own.call("PATCH", "/subscriptions/unknown", {"expirationDateTime": ends}).status_code == 404


@pytest.mark.covers("sub.renew", "sub.handshake")
def test_another_address_is_validated_when_it_is_given(own: Desk) -> None:
    path = f"/subscriptions/{own.subscribe()['id']}"
    moved = own.call("PATCH", path, {"notificationUrl": f"{own.receiver.url}/moved"})
    assert moved.json()["notificationUrl"].endswith("/moved")
    refused_one = own.call("PATCH", path, {"notificationUrl": "https://127.0.0.1:9/closed"})
    assert refused_one.json()["error"]["code"] == "ValidationError"


@pytest.mark.covers("sub.renew", "sub.reauthorize", "sub.handshake")
def test_a_receiver_that_is_gone_cannot_be_renewed(own: Desk) -> None:
    path = f"/subscriptions/{own.subscribe()['id']}"
    own.receiver.validate = lambda _: (404, "text/plain", b"")
    ends = {"expirationDateTime": stamp(own.tenant.clock.now() + timedelta(days=3))}
    for said in (own.call("PATCH", path, ends), own.call("POST", f"{path}/reauthorize")):
        assert (said.status_code, said.json()["error"]["code"]) == (400, "ValidationError")


@pytest.mark.covers("sub.reauthorize")
def test_reauthorizing_answers_without_content(own: Desk) -> None:
    path = f"/subscriptions/{own.subscribe()['id']}/reauthorize"
    assert own.call("POST", path).status_code == 204
    assert own.call("POST", "/subscriptions/unknown/reauthorize").status_code == 404
    assert own.call("POST", path.replace("reauthorize", "other")).status_code == 501
    assert own.call("PUT", path).status_code == 501


@pytest.mark.covers("sub.ends")
def test_a_subscription_that_was_not_renewed_is_gone(own: Desk) -> None:
    made = own.subscribe(changeType="created")
    own.later(hours=10)
    assert own.call("GET", f"/subscriptions/{made['id']}").status_code == 404
    assert own.control("GET", "subscriptions")["subscriptions"] == []
    own.deliver("after its end")
    assert own.told() == []


def test_the_control_route_says_what_it_takes(own: Desk) -> None:
    url = f"{own.tenant.base}/_sandbox/subscriptions"
    assert own.web.put(url, json={"perMailboxes": 1}, timeout=5).status_code == 400
    assert own.web.delete(url, timeout=5).status_code == 405
    assert own.web.post(f"{url}/none/lifecycle", json={"event": "missed"}, timeout=5).status_code == 404
    path = f"{url}/{own.subscribe()['id']}/lifecycle"
    assert "missed" in own.web.post(path, json={"event": "ended"}, timeout=5).json()["error"]
