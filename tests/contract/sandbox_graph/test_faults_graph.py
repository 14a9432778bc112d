"""Faults of Graph: refusals in its own words for mail and SharePoint, lapsed feeds, parts of a JSON batch."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from sandbox.tenant import Tenant
from tests.contract.sandbox_graph.conftest import Box, Client
from tests.fixtures.faults import FaultRules

LIST = "/sites/root/lists/knowledge/items/delta"


def code(said: requests.Response) -> str:
    return str(said.json()["error"]["code"])


def entries(answer: requests.Response) -> dict[str, Any]:
    return {entry["id"]: entry for entry in answer.json()["responses"]}


def delta(box: Box) -> str:
    """The link to what changes from now on."""
    page = box.graph.get(f"{box.path}/mailFolders/inbox/messages/delta?$select=subject").json()
    while "@odata.nextLink" in page:
        page = box.graph.get(page["@odata.nextLink"]).json()
    return str(page["@odata.deltaLink"])


# Refusals


@pytest.mark.covers("faults.throttle")
@pytest.mark.parametrize(
    ("path", "members", "expected"),
    [
        ("/users/nobody@x.example/messages", {}, "ApplicationThrottled"),
        ("/sites/root/lists", {}, "activityLimitReached"),
        ("/subscriptions", {}, "TooManyRequests"),
        ("/sites/root/lists", {"code": "TooManyRequests"}, "TooManyRequests"),
    ],
)
def test_each_part_of_graph_throttles_with_its_code(
    graph: Client, faults: FaultRules, path: str, members: dict[str, Any], expected: str
) -> None:
    faults.add(do="throttle", service="graph", retryAfter="2.128", **members)
    said = graph.get(path, headers={"client-request-id": "my-own-id"})
    assert (said.status_code, code(said), said.headers["Retry-After"]) == (429, expected, "2.128")
    inner = said.json()["error"]["innerError"]
    assert inner["client-request-id"] == said.headers["client-request-id"] == "my-own-id"
    assert inner["request-id"] == said.headers["request-id"]


@pytest.mark.covers("faults.status", "faults.unavailable")
@pytest.mark.parametrize(
    ("rule", "status", "expected"),
    [
        ({"do": "status", "status": 500}, 500, "generalException"),
        ({"do": "status", "status": 502}, 502, "UnknownError"),
        ({"do": "status", "status": 507}, 507, "quotaLimitReached"),
        ({"do": "unavailable"}, 503, "serviceNotAvailable"),
        ({"do": "unauthorized"}, 401, "InvalidAuthenticationToken"),
        ({"do": "expired-token"}, 401, "InvalidAuthenticationToken"),
    ],
)
def test_graph_fails_in_its_own_words(
    graph: Client, faults: FaultRules, rule: dict[str, Any], status: int, expected: str
) -> None:
    faults.add(service="graph", **rule)
    said = graph.get("/users")
    assert (said.status_code, code(said)) == (status, expected)


@pytest.mark.covers("faults.unavailable")
def test_a_gateway_may_say_nothing_at_all(graph: Client, faults: FaultRules) -> None:
    faults.add(do="unavailable", service="graph", body="empty")
    said = graph.get("/users")
    assert (said.status_code, said.content) == (503, b"")


@pytest.mark.covers("faults.unavailable", "faults.unauthorized")
@pytest.mark.parametrize(("rule", "status"), [({"do": "unavailable"}, 503), ({"do": "throttle"}, 429)])
def test_the_sign_in_fails_in_its_own_words(
    tenant: Tenant, web: requests.Session, faults: FaultRules, rule: dict[str, Any], status: int
) -> None:
    faults.add(service="authority", **rule)
    url = tenant.description()["authority"] + "/oauth2/v2.0/token"
    said = web.post(url, data={"grant_type": "client_credentials"}, timeout=10)
    assert (said.status_code, said.json()["error"]) == (status, "temporarily_unavailable")


@pytest.mark.covers("faults.precondition")
def test_somebody_else_was_faster_with_a_message(box: Box, faults: FaultRules) -> None:
    path = f"{box.path}/messages/{box.deliver()}"
    tag = box.graph.get(path).json()["@odata.etag"]
    faults.add(do="precondition", service="graph")
    said = box.graph.call("PATCH", path, json={"isRead": True}, headers={"If-Match": tag})
    assert (said.status_code, code(said)) == (412, "ErrorIrresolvableConflict")
    assert box.graph.get(path).json()["isRead"] is False


# Answers that do not come


@pytest.mark.covers("faults.lost-answer", "faults.reset")
@pytest.mark.parametrize(
    ("kind", "drafts"), [("lost-answer", 1), ("reset-after", 1), ("reset", 0), ("status", 0)]
)
def test_a_draft_exists_or_not_behind_an_answer_that_was_lost(
    box: Box, faults: FaultRules, kind: str, drafts: int
) -> None:
    faults.add(do=kind, service="graph", method="POST", path="/messages$", times=1)
    if kind.startswith("reset"):
        with pytest.raises(requests.ConnectionError):
            box.graph.post(f"{box.path}/messages", {"subject": "Once"})
    else:
        assert box.graph.post(f"{box.path}/messages", {"subject": "Once"}).status_code in (500, 504)
    assert len(box.listed("drafts")) == drafts


# Feeds


@pytest.mark.covers("faults.expired-feed")
@pytest.mark.parametrize(
    ("members", "status", "expected"),
    [
        ({}, 410, "SyncStateNotFound"),
        ({"code": "SyncStateInvalid"}, 400, "SyncStateInvalid"),
        ({"code": "ResyncRequired"}, 400, "ResyncRequired"),
    ],
)
def test_the_token_of_a_mail_feed_has_lapsed(
    box: Box, faults: FaultRules, members: dict[str, Any], status: int, expected: str
) -> None:
    link = delta(box)
    rule = faults.add(do="expired-feed", service="graph", **members)
    fresh = box.graph.get(f"{box.path}/mailFolders/inbox/messages/delta")
    assert (fresh.status_code, faults.fired(rule)) == (200, 0), "there is no token to lapse"
    said = box.graph.get(link)
    assert (said.status_code, code(said)) == (status, expected)


@pytest.mark.covers("faults.expired-feed")
@pytest.mark.parametrize(
    ("members", "inner"),
    [
        ({}, "resyncChangesApplyDifferences"),
        ({"code": "resyncChangesUploadDifferences"}, "resyncChangesUploadDifferences"),
        ({"code": "resyncApplyDifferences"}, "resyncApplyDifferences"),
        ({"code": "resyncRequired"}, None),
    ],
)
def test_the_token_of_a_list_feed_has_lapsed_and_says_where_to_begin(
    graph: Client, faults: FaultRules, members: dict[str, Any], inner: str | None
) -> None:
    faults.add(do="expired-feed", service="graph", **members)
    said = graph.get(f"{LIST}?token=abc")
    assert (said.status_code, code(said)) == (410, "resyncRequired")
    assert said.json()["error"]["innerError"].get("code") == inner
    assert said.headers["Location"] == graph.root + LIST


@pytest.mark.covers("faults.feed-order")
@pytest.mark.parametrize("kind", ["duplicate", "shuffle"])
def test_a_page_of_a_mail_feed_comes_mixed_up(box: Box, faults: FaultRules, kind: str) -> None:
    for number in range(6):
        box.deliver(subject=f"Mail {number}")
    path = f"{box.path}/mailFolders/inbox/messages/delta?$select=subject"
    plain = [entry["id"] for entry in box.graph.get(path).json()["value"]]
    faults.add(do=kind, service="graph", seed=5)
    mixed = [entry["id"] for entry in box.graph.get(path).json()["value"]]
    assert set(mixed) == set(plain)
    assert mixed != plain
    assert (len(mixed) > len(plain)) == (kind == "duplicate")


@pytest.mark.covers("faults.ghost")
def test_a_mail_feed_tells_of_the_removal_of_something_unknown(box: Box, faults: FaultRules) -> None:
    box.deliver()
    faults.add(do="ghost", service="graph")
    page = box.graph.get(f"{box.path}/mailFolders/inbox/messages/delta").json()["value"]
    (ghost,) = [entry for entry in page if "@removed" in entry]
    assert ghost["@removed"] == {"reason": "deleted"}
    assert len(page) == 2


# JSON batch


@pytest.mark.covers("faults.parts")
def test_one_entry_of_a_batch_is_throttled_while_the_rest_is_fine(box: Box, faults: FaultRules) -> None:
    faults.add(do="throttle", service="graph", part=True, nth=2, retryAfter="2.128")
    calls = [{"id": str(n), "method": "GET", "url": f"{box.path}/messages"} for n in range(3)]
    answers = entries(box.graph.post("/$batch", {"requests": calls}))
    assert [answers[str(n)]["status"] for n in range(3)] == [200, 429, 200]
    assert answers["1"]["headers"]["Retry-After"] == "2.128"
    assert answers["1"]["body"]["error"]["code"] == "ApplicationThrottled"


@pytest.mark.covers("faults.parts")
def test_what_depends_on_a_refused_entry_fails_with_it(box: Box, faults: FaultRules) -> None:
    faults.add(do="throttle", service="graph", part=True, times=1)
    first = {"id": "1", "method": "GET", "url": f"{box.path}/messages"}
    second = {"id": "2", "method": "GET", "url": f"{box.path}/messages", "dependsOn": ["1"]}
    answers = entries(box.graph.post("/$batch", {"requests": [first, second]}))
    assert (answers["1"]["status"], answers["2"]["status"]) == (429, 424)


@pytest.mark.covers("faults.chaos")
def test_chaos_in_batches_keeps_to_what_can_happen_to_a_part(
    tenant: Tenant, new_box: Callable[[], Box], faults: FaultRules
) -> None:
    box = new_box()
    chaos = {"seed": 2, "rate": 0.5, "service": "graph", "part": True, "retryAfter": 0}
    tenant.faults.add([{"chaos": chaos}])
    calls = [{"id": str(n), "method": "GET", "url": f"{box.path}/messages"} for n in range(20)]
    said = box.graph.post("/$batch", {"requests": calls})
    assert said.status_code == 200
    assert {entry["status"] for entry in entries(said).values()} == {200, 429, 500, 503}
