"""What the receiver of a subscription is told: changes of mail and lists, lifecycle events, and how surely."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.contract.sandbox_graph.subscribing import ADDRESS, Desk, desk

SAMPLES = Path("tests/data/samples")
INBOX = f"users/{ADDRESS}/mailFolders('inbox')/messages"
NOBODY = "99999999-9999-4999-8999-999999999999"
IMMUTABLE = 'IdType="ImmutableId"'


@pytest.fixture
def own() -> Iterator[Desk]:
    with desk() as made:
        yield made


def kinds(found: list[dict[str, Any]]) -> list[str]:
    return [item["changeType"] for item in found]


def shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: shape(one) for name, one in value.items()}
    return type(value).__name__


@pytest.mark.covers("sub.told")
def test_a_notification_looks_like_the_documented_one(own: Desk) -> None:
    made = own.subscribe()
    message = own.deliver()
    sample = json.loads((SAMPLES / "graph-notification-message.json").read_text())["value"][0]
    (told,) = own.told()
    assert shape(told) == shape(sample)
    assert told["subscriptionId"] == made["id"]
    assert told["subscriptionExpirationDateTime"] == made["expirationDateTime"]
    assert (told["clientState"], told["tenantId"]) == ("secret", own.tenant.identity.tenant_id)
    assert told["resourceData"]["id"] == message
    read = own.call("GET", f"/users/{ADDRESS}/messages/{message}?$select=id", Prefer=IMMUTABLE).json()
    assert read["@odata.etag"] == told["resourceData"]["@odata.etag"]


@pytest.mark.covers("sub.told")
def test_each_change_of_a_message_is_told_to_those_who_asked_for_its_kind(own: Desk) -> None:
    own.subscribe(changeType="created,updated,deleted")
    own.subscribe(changeType="updated", notificationUrl=f"{own.receiver.url}/updates")
    path = f"/users/{ADDRESS}/messages/{own.deliver()}"
    own.told()
    own.call("PATCH", path, {"isRead": True}, Prefer=IMMUTABLE)
    own.told()
    own.call("DELETE", path, Prefer=IMMUTABLE)
    assert kinds(own.told()) == ["created", "updated", "deleted"]
    assert kinds(own.told("/updates")) == ["updated"]


@pytest.mark.covers("sub.folders")
def test_a_move_is_a_deletion_here_and_a_creation_there(own: Desk) -> None:
    own.subscribe()
    archive = INBOX.replace("inbox", "archive")
    own.subscribe(resource=archive, notificationUrl=f"{own.receiver.url}/archive")
    message = own.deliver()
    own.told()
    own.call(
        "POST", f"/users/{ADDRESS}/messages/{message}/move", {"destinationId": "archive"}, Prefer=IMMUTABLE
    )
    assert kinds(own.told()) == ["created", "deleted"]
    assert kinds(own.told("/archive")) == ["created"]
    assert {item["resourceData"]["id"] for item in own.told() + own.told("/archive")} == {message}


@pytest.mark.covers("sub.ids")
def test_a_subscription_keeps_the_form_of_ids_it_was_made_with(own: Desk) -> None:
    whole = f"users/{ADDRESS}/messages"
    own.subscribe(resource=whole)
    own.subscribe(
        resource=whole, changeType="created,deleted", prefer="", notificationUrl=f"{own.receiver.url}/plain"
    )
    message = own.deliver()
    own.told()
    path = f"/users/{ADDRESS}/messages/{message}/move"
    own.call("POST", path, {"destinationId": "archive"}, Prefer=IMMUTABLE)
    assert [(item["changeType"], item["resourceData"]["id"]) for item in own.told()] == [
        ("created", message),
        ("updated", message),
    ]
    plain = own.told("/plain")
    assert kinds(plain) == ["created", "deleted", "created"]
    first, left, second = (item["resourceData"]["id"] for item in plain)
    assert (first, len({first, message, second})) == (left, 3)


@pytest.mark.covers("sub.told")
def test_a_sent_mail_is_told_in_the_boxes_of_both_sides(own: Desk) -> None:
    own.control("PUT", "mailboxes/other@contoso.example", {"displayName": "Other"})
    sent = own.subscribe(resource=INBOX.replace("inbox", "sentitems"), changeType="created")
    got = own.subscribe(resource="users/other@contoso.example/messages", changeType="created")
    to = [{"emailAddress": {"address": "other@contoso.example"}}]
    message = {"subject": "Hello", "body": {"contentType": "text", "content": "x"}, "toRecipients": to}
    assert own.call("POST", f"/users/{ADDRESS}/sendMail", {"message": message}).status_code == 202
    assert {item["subscriptionId"] for item in own.told()} == {sent["id"], got["id"]}


@pytest.mark.covers("sub.told")
def test_the_spelling_of_the_resource_varies(own: Desk) -> None:
    own.subscribe()
    for number in range(4):
        own.deliver(str(number))
        own.told()
    found = own.told()
    user = own.call("GET", f"/users/{ADDRESS}").json()["id"]
    stems = {item["resource"].replace(item["resourceData"]["id"], "x") for item in found}
    assert stems == {f"Users/{user}/Messages/x", f"users('{user}')/messages('x')"}


@pytest.mark.covers("sub.told")
def test_a_refused_write_tells_nobody(own: Desk) -> None:
    own.subscribe()
    message = own.deliver()
    own.told()
    said = own.call(
        "PATCH", f"/users/{ADDRESS}/messages/{message}", {"subject": "x"}, Prefer=IMMUTABLE, If_Match='W/"no"'
    )
    assert said.status_code >= 400
    assert kinds(own.told()) == ["created"]


@pytest.mark.covers("sub.told")
def test_other_mailboxes_and_mailboxes_taken_away_tell_nothing(own: Desk) -> None:
    own.subscribe(resource=f"users/{ADDRESS}/messages")
    own.deliver("elsewhere", to="other@contoso.example")
    own.control("PUT", f"mailboxes/{ADDRESS}", {"access": False})
    own.deliver("closed")
    own.control("PUT", f"mailboxes/{ADDRESS}", {"access": True})
    own.deliver("open again")
    assert len(own.told()) == 1


@pytest.mark.covers("sub.batched")
def test_notifications_of_several_subscriptions_come_in_one_call(own: Desk) -> None:
    made = {own.subscribe(changeType=kind)["id"] for kind in ("created", "created,updated")}
    own.deliver()
    told = own.told()
    assert {item["subscriptionId"] for item in told} == made
    assert len(own.receiver.got) == 1


@pytest.mark.covers("sub.repeat")
def test_a_receiver_that_fails_is_told_again_with_growing_gaps(own: Desk) -> None:
    own.subscribe()
    own.receiver.statuses = [500, 404, 302, 200]
    own.deliver()
    assert kinds(own.told()) == ["created"]
    for seconds in (14, 28, 56):
        own.later(seconds=seconds - 1)
        before = len(own.receiver.got)
        own.later(seconds=1)
        assert len(own.receiver.got) == before + 1
    own.later(hours=4)
    assert len(own.receiver.got) == 4


@pytest.mark.covers("sub.repeat", "sub.missed")
def test_after_four_hours_it_is_given_up_and_said_to_be_missed(own: Desk) -> None:
    own.subscribe(lifecycleNotificationUrl=f"{own.receiver.url}/life")
    own.receiver.statuses = [500] * 11
    own.deliver()
    assert (kinds(own.told()), own.told("/life")) == (["created"], [])
    for number in range(10):
        own.later(seconds=14 * 2**number)
    assert len(own.told()) == 11
    (event,) = own.told("/life")
    assert (event["lifecycleEvent"], own.tenant.outgoing.waiting()) == ("missed", 0)


@pytest.mark.covers("sub.told", "sub.repeat")
@pytest.mark.parametrize("seed", range(3))
def test_whatever_the_receiver_answers_each_message_is_told_at_least_once(own: Desk, seed: int) -> None:
    chance = random.Random(seed)
    own.subscribe(changeType="created")
    own.receiver.statuses = [chance.choice([202, 429, 500, 503]) for _ in range(30)]
    delivered = set()
    for number in range(15):
        delivered.add(own.deliver(str(number)))
        if chance.random() < 0.3:
            own.later(seconds=20)
    while own.tenant.outgoing.waiting():
        own.later(minutes=10)
    assert {item["resourceData"]["id"] for item in own.told()} == delivered
    assert len(own.receiver.got) >= 2


@pytest.mark.covers("sub.delete", "sub.repeat")
def test_a_subscription_that_was_deleted_is_told_nothing_more(own: Desk) -> None:
    made = own.subscribe()
    own.receiver.statuses = [500]
    own.deliver()
    assert kinds(own.told()) == ["created"]
    own.call("DELETE", f"/subscriptions/{made['id']}")
    own.later(hours=4)
    assert (len(own.receiver.got), own.tenant.outgoing.waiting()) == (1, 0)


@pytest.mark.covers("sub.forged")
def test_strangers_and_confused_services_can_be_played(own: Desk) -> None:
    path = f"subscriptions/{own.subscribe()['id']}"
    own.control("POST", f"{path}/forge", {"clientState": "guessed", "id": "nobody", "changeType": "deleted"})
    own.control("POST", f"{path}/forge", {"subscriptionId": NOBODY})
    first, second = sorted(own.told(), key=lambda item: item["clientState"])
    assert (first["clientState"], first["changeType"], first["resourceData"]["id"]) == (
        "guessed",
        "deleted",
        "nobody",
    )
    assert (second["clientState"], second["subscriptionId"]) == ("secret", NOBODY)
    assert own.control("POST", f"{path}/validation") == {"valid": True, "words": ""}
    own.receiver.validate = lambda _: (404, "text/plain", b"")
    assert own.control("POST", f"{path}/validation")["valid"] is False
    url = f"{own.tenant.base}/_sandbox/{path}/forge"
    assert "clientState" in own.web.post(url, json={"state": "x"}, timeout=5).json()["error"]


@pytest.mark.covers("sub.faults")
def test_faults_lose_double_and_delay_notifications(own: Desk) -> None:
    own.subscribe()
    for kind in ("lose", "double", "late"):
        rule = {"match": {"service": "graph-notification", "times": 1}, "do": kind}
        own.tenant.faults.add([rule])
        own.deliver(kind)
        own.told()
    assert len(own.told()) == 1
    own.later(seconds=30)
    assert len(own.told()) == 3


@pytest.mark.covers("sub.lifecycle")
def test_a_lifecycle_event_looks_like_the_documented_one(own: Desk) -> None:
    made = own.subscribe(lifecycleNotificationUrl=f"{own.receiver.url}/life")
    sample = json.loads((SAMPLES / "graph-notification-lifecycle.json").read_text())["value"][0]
    for event in ("reauthorizationRequired", "missed", "subscriptionRemoved"):
        path = f"subscriptions/{made['id']}/lifecycle"
        assert own.control("POST", path, {"event": event}) == {"sent": True}
        last = own.told("/life")[-1]
        assert last["lifecycleEvent"] == event
        assert shape(last) == shape(sample)
    assert own.call("GET", f"/subscriptions/{made['id']}").status_code == 404


@pytest.mark.covers("sub.lifecycle")
def test_without_a_lifecycle_address_nobody_is_warned(own: Desk) -> None:
    path = f"subscriptions/{own.subscribe()['id']}/lifecycle"
    assert own.control("POST", path, {"event": "missed"}) == {"sent": False}
    assert own.told("/life") == []


@pytest.mark.covers("sub.lifecycle")
def test_shortly_before_its_end_a_subscription_asks_once_to_be_renewed(own: Desk) -> None:
    own.subscribe(lifecycleNotificationUrl=f"{own.receiver.url}/life")
    own.later(hours=9, minutes=44)
    assert own.told("/life") == []
    own.later(minutes=2)
    own.later(minutes=5)
    assert [item["lifecycleEvent"] for item in own.told("/life")] == ["reauthorizationRequired"]


@pytest.mark.covers("sub.endpoint-states")
@pytest.mark.parametrize(("slow", "drop"), [(0.05, 4.0), (0.01, 0.05)])
def test_a_slow_receiver_is_told_late_and_a_very_slow_one_not_at_all(
    own: Desk, slow: float, drop: float
) -> None:
    own.subscribe(lifecycleNotificationUrl=f"{own.receiver.url}/life")
    own.tenant.outgoing.change(
        replace(own.tenant.outgoing.settings, slow_seconds=slow, drop_seconds=4.0, judged_from=2)
    )
    own.receiver.pause = 0.06
    for number in range(2):
        if number == 1:
            own.tenant.outgoing.change(replace(own.tenant.outgoing.settings, drop_seconds=drop))
            own.receiver.pause = 0.2 if drop < 1 else 0.06
        own.deliver(str(number))
        own.told()
    own.receiver.pause = 0.0
    own.tenant.outgoing.change(replace(own.tenant.outgoing.settings, drop_seconds=4.0))
    (state,) = own.control("GET", "subscriptions")["receivers"].values()
    before = len(own.told())
    own.deliver("held")
    assert len(own.told()) == before
    own.later(minutes=10)
    if state == "slow":
        assert (before, len(own.told())) == (2, 3)
    else:
        assert state == "drop"
        assert [item["lifecycleEvent"] for item in own.told("/life")][:1] == ["missed"]
    assert set(own.control("GET", "subscriptions")["receivers"].values()) == {"normal"}


@pytest.mark.covers("sub.lists")
def test_a_list_says_that_it_changed_but_not_where(own: Desk) -> None:
    own.control("PUT", "sites/desk", {"displayName": "Desk", "access": "fullcontrol"})
    app = own.tenant.identity.client_id
    site = own.call("GET", "/sites/contoso.example:/sites/desk", app=app).json()["id"]
    made = own.call(
        "POST", f"/sites/{site}/lists", {"displayName": "Known", "list": {"template": "genericList"}}, app
    )
    assert made.status_code == 201, made.text
    resource = f"sites/{site}/lists/{made.json()['id']}"
    wanted = own.wanted(resource=resource)
    assert own.call("POST", "/subscriptions", wanted, app).status_code == 400
    assert own.call("POST", "/subscriptions", wanted | {"changeType": "updated"}, "other").status_code == 403
    own.subscribe(resource=resource, changeType="updated", app=app)
    missing = wanted | {"changeType": "updated", "resource": resource[:-4] + "0000"}
    assert own.call("POST", "/subscriptions", missing, app).status_code == 404
    item = own.call("POST", f"/{resource}/items", {"fields": {"Title": "One"}}, app)
    assert item.status_code == 201, item.text
    (told,) = own.told()
    assert (told["changeType"], told["resource"]) == ("updated", resource)
    assert "id" not in told["resourceData"]
