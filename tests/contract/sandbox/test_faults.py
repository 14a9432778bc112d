"""Faults by rule: what a call gets, and whether the tenant did what was asked."""

import uuid
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from sandbox.tenant import Tenant
from sandbox.wire import PART
from tests.contract.sandbox.dataverse.conftest import Api, provision
from tests.fixtures.faults import FaultRules

WHO = "WhoAmI()"
OURS = {"service": "dataverse", "path": "WhoAmI"}
PART_HEAD = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"


@pytest.fixture(scope="module")
def tenant() -> Iterator[Tenant]:
    """A tenant of this module: its rules must not meet other tests."""
    with Tenant() as running:
        yield running


@pytest.fixture(scope="module")
def api(tenant: Tenant) -> Iterator[Api]:
    caller = Api(tenant)
    with caller.session:
        caller.session.put(tenant.base + "/_sandbox/dataverse", json={"keyDelaySeconds": 0}, timeout=10)
        provision(caller)
        yield caller


@pytest.fixture
def control(tenant: Tenant, api: Api, faults: FaultRules) -> Any:
    def call(method: str, body: Any = None) -> requests.Response:
        return api.session.request(method, tenant.base + "/_sandbox/faults", json=body, timeout=10)

    return call


def statuses(api: Api, count: int, path: str = WHO) -> list[int]:
    return [api.call("GET", path).status_code for _ in range(count)]


def batch(api: Api, *calls: str, prefer: str = "odata.continue-on-error") -> requests.Response:
    parts = "".join(f"--b\r\n{PART_HEAD}{call}\r\n\r\n" for call in calls)
    headers = {**api.headers, "Content-Type": "multipart/mixed; boundary=b", "Prefer": prefer}
    return api.session.post(api.root + "$batch", data=f"{parts}--b--\r\n", headers=headers, timeout=10)


# Rules


@pytest.mark.covers("faults.rules")
def test_a_rule_fires_on_the_calls_it_matches_and_says_how_often(api: Api, control: Any) -> None:
    said = control("POST", {"match": {**OURS, "nth": [2, 4]}, "do": "throttle", "name": "mine"})
    assert said.status_code == 201
    assert statuses(api, 5) == [200, 429, 200, 429, 200]
    (shown,) = control("GET").json()["rules"]
    assert (shown["name"], shown["seen"], shown["fired"]) == ("mine", 5, 2)
    assert control("DELETE").json() == {"rules": []}
    assert statuses(api, 4) == [200] * 4


@pytest.mark.covers("faults.rules")
@pytest.mark.parametrize(
    ("match", "expected"),
    [
        ({"nth": 3}, [200, 200, 503, 200, 200]),
        ({"after": 2, "times": 2}, [200, 200, 503, 503, 200]),
        ({"after": 1, "nth": 2}, [200, 200, 503, 200, 200]),
        ({"method": "POST"}, [200] * 5),
        ({"part": True}, [200] * 5),
        ({"service": "graph"}, [200] * 5),
        ({"path": r"WhoAmI\(\)$"}, [503] * 5),
        ({"path": "^WhoAmI"}, [200] * 5),
    ],
)
def test_conditions_choose_the_calls(
    api: Api, faults: FaultRules, match: dict[str, Any], expected: list[int]
) -> None:
    faults.add(do="unavailable", **match)
    assert statuses(api, 5) == expected


@pytest.mark.covers("faults.rules")
def test_chance_is_the_same_for_the_same_seed(api: Api, faults: FaultRules) -> None:
    runs = []
    for seed in (7, 7, 8):
        faults.clear()
        faults.add(do="unavailable", probability=0.4, seed=seed)
        runs.append(statuses(api, 25))
    assert runs[0] == runs[1] != runs[2]
    assert 3 < runs[0].count(503) < 18


@pytest.mark.covers("faults.rules")
def test_of_two_rules_the_first_has_its_effect_and_the_other_keeps_its_shots(
    api: Api, faults: FaultRules
) -> None:
    first = faults.add(do="throttle", times=1, **OURS)
    second = faults.add(do="unavailable", times=1, **OURS)
    assert statuses(api, 3) == [429, 503, 200]
    assert (faults.fired(first), faults.fired(second)) == (1, 1)


@pytest.mark.covers("faults.strict")
@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            {"match": {"services": "graph"}, "do": "throttle"},
            "match has no member 'services'; known are: after,",
        ),
        ({"match": {"service": "outlook"}, "do": "throttle"}, "services are authority, dataverse, graph"),
        ({"match": {"method": "get"}, "do": "throttle"}, "in capitals"),
        ({"match": {"path": "("}, "do": "throttle"}, "no regular expression"),
        ({"match": {"nth": 0}, "do": "throttle"}, "'nth'"),
        ({"match": {"times": "2"}, "do": "throttle"}, "'times'"),
        ({"match": []}, "needs the member 'do'"),
        ({"match": [], "do": "throttle"}, "match must be a JSON object"),
        ({"do": "trottle"}, "There is no fault 'trottle'; known are: chaos,"),
        ({"do": {"seconds": 3}}, "its name as 'kind'"),
        ({"do": {"kind": "throttle", "wait": 3}}, "do throttle has no member 'wait'; known are: code, retry"),
        ({"do": {"kind": "throttle", "code": "0x80072322"}}, "name it in match.service"),
        (
            {"match": {"service": "graph"}, "do": {"kind": "throttle", "code": "0x80072322"}},
            "TooManyRequests",
        ),
        ({"match": {"service": "dataverse"}, "do": {"kind": "status", "status": 507}}, "500, 502, 503, 504"),
        ({"match": {"service": "authority"}, "do": "unauthorized"}, "sign-in gets none"),
        ({"match": {"part": True}, "do": "reset"}, "leave out match.part"),
        ({"match": {"service": "graph"}, "do": "late"}, "dataverse-webhook, graph-notification"),
        ({"match": {"service": "graph-notification"}, "do": "throttle"}, "authority, dataverse, graph"),
        ({"do": "throttle", "then": 1}, "A rule has no member 'then'; known are: do, match, name"),
        ({"chaos": {"rate": 2}}, "'rate'"),
        ({"chaos": {"kinds": ["rain"]}}, "there is no fault 'rain'"),
        (
            {"match": {"service": "dataverse"}, "do": {"kind": "expired-feed", "code": "x"}},
            "SyncStateNotFound",
        ),
        (["throttle"], "A rule must be a JSON object"),
    ],
)
def test_a_rule_that_cannot_be_used_is_refused_with_the_known_words(
    control: Any, rule: Any, words: str
) -> None:
    good = {"do": "throttle"}
    said = control("POST", [good, *(rule if isinstance(rule, list) else [rule])])
    assert said.status_code == 400
    assert words in said.json()["error"]
    assert control("GET").json()["rules"] == []


# Refusals, before anything was done


@pytest.mark.covers("faults.throttle")
@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, "1"),
        ({"retryAfter": 30}, "30"),
        ({"retryAfter": "2.128"}, "2.128"),
        ({"retryAfter": None}, None),
    ],
)
def test_a_throttled_call_is_told_when_to_come_again(
    api: Api, faults: FaultRules, members: dict[str, Any], expected: str | None
) -> None:
    faults.add(do="throttle", **OURS, **members)
    said = api.call("GET", WHO)
    assert said.headers.get("Retry-After") == expected
    assert said.json()["error"]["code"] == "0x80072322"
    assert said.headers["OData-Version"] == "4.0"


@pytest.mark.covers("faults.throttle")
def test_the_wait_may_be_an_http_date(api: Api, faults: FaultRules) -> None:
    faults.add(do="throttle", retryDate=90, **OURS)
    said = api.call("GET", WHO).headers
    wait = parsedate_to_datetime(said["Retry-After"]) - parsedate_to_datetime(said["Date"])
    assert 89 <= wait.total_seconds() <= 91


@pytest.mark.covers("faults.throttle")
@pytest.mark.parametrize("code", ["0x80072322", "0x80072321", "0x80072326"])
def test_each_limit_of_dataverse_has_its_code(api: Api, faults: FaultRules, code: str) -> None:
    faults.add(do="throttle", code=code, **OURS)
    assert api.refused("GET", WHO)[:2] == (429, code)


@pytest.mark.covers("faults.unavailable")
@pytest.mark.parametrize(
    ("members", "after", "body"),
    [
        ({}, None, "0x80044150"),
        ({"retryAfter": 5, "body": "empty"}, "5", ""),
        ({"body": "html"}, None, "<h1>503"),
    ],
)
def test_an_unavailable_service_may_be_silent(
    api: Api, faults: FaultRules, members: dict[str, Any], after: str | None, body: str
) -> None:
    faults.add(do="unavailable", **OURS, **members)
    said = api.call("GET", WHO)
    assert (said.status_code, said.headers.get("Retry-After")) == (503, after)
    assert body in said.text
    assert bool(body) == bool(said.text)


@pytest.mark.covers("faults.status")
@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_failure_before_the_write_leaves_nothing(api: Api, faults: FaultRules, status: int) -> None:
    faults.add(do="status", status=status, method="POST", path="plt_items$")
    row_id = str(uuid.uuid4())
    assert api.call("POST", "plt_items", {"plt_itemid": row_id}).status_code == status
    assert api.call("GET", f"plt_items({row_id})").status_code == 404


@pytest.mark.covers("faults.html")
def test_a_gateway_answers_with_a_page(api: Api, faults: FaultRules) -> None:
    faults.add(do="html", **OURS)
    said = api.call("GET", WHO)
    assert (said.status_code, said.headers["Content-Type"]) == (502, "text/html")
    assert said.text.startswith("<!DOCTYPE html>")


@pytest.mark.covers("faults.unauthorized")
@pytest.mark.parametrize(
    ("kind", "words"), [("unauthorized", "validation failure"), ("expired-token", "expired")]
)
def test_a_token_is_refused_once(api: Api, faults: FaultRules, kind: str, words: str) -> None:
    faults.add(do=kind, times=1, **OURS)
    said = api.call("GET", WHO)
    assert said.status_code == 401
    assert words in said.headers["WWW-Authenticate"]
    assert statuses(api, 1) == [200]


@pytest.mark.covers("faults.precondition")
def test_somebody_else_was_faster_than_a_write_with_a_condition(api: Api, faults: FaultRules) -> None:
    path = f"plt_items({api.row(plt_name='first')})"
    tag = api.get(path)["@odata.etag"]
    rule = faults.add(do="precondition", times=1)
    assert api.call("PATCH", path, {"plt_name": "second"}, If_Match="*").status_code == 204
    tag = api.get(path)["@odata.etag"]
    assert api.refused("PATCH", path, {"plt_name": "third"}, If_Match=tag)[:2] == (412, "0x80060882")
    assert api.get(path)["plt_name"] == "second"
    assert faults.fired(rule) == 1


# Answers that do not come


@pytest.mark.covers("faults.lost-answer")
def test_a_lost_answer_follows_a_write_that_was_done(api: Api, faults: FaultRules) -> None:
    faults.add(do="lost-answer", method="POST", path="plt_items$")
    row_id = str(uuid.uuid4())
    assert api.call("POST", "plt_items", {"plt_itemid": row_id}).status_code == 504
    assert api.call("GET", f"plt_items({row_id})").status_code == 200


@pytest.mark.covers("faults.reset")
@pytest.mark.parametrize(("kind", "found"), [("reset", 404), ("reset-after", 200)])
def test_a_connection_is_reset_before_or_after_the_write(
    api: Api, faults: FaultRules, kind: str, found: int
) -> None:
    faults.add(do=kind, method="POST", path="plt_items$")
    row_id = str(uuid.uuid4())
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        api.call("POST", "plt_items", {"plt_itemid": row_id})
    assert api.call("GET", f"plt_items({row_id})").status_code == found


@pytest.mark.covers("faults.truncate")
def test_a_body_breaks_off_before_its_announced_length(api: Api, faults: FaultRules) -> None:
    faults.add(do="truncate", share=0.5, times=1, **OURS)
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        api.call("GET", WHO)
    assert statuses(api, 1) == [200]


@pytest.mark.covers("faults.slow")
@pytest.mark.parametrize("kind", ["slow", "trickle"])
def test_an_answer_takes_its_time(api: Api, faults: FaultRules, kind: str) -> None:
    faults.add(do=kind, seconds=0.3, **OURS)
    answer = api.session.get(api.root + WHO, headers=api.headers, stream=True, timeout=5)
    whole = answer.content
    assert answer.json()["UserId"]
    assert len(whole) == int(answer.headers["Content-Length"])
    slow_head = answer.elapsed.total_seconds() > 0.3
    assert slow_head == (kind == "slow")


# Good answers that were bent


@pytest.fixture(scope="module")
def links(api: Api) -> str:
    """A link to the changes of eight rows and one deletion."""
    start = api.get("plt_notes?$select=plt_name", Prefer="odata.track-changes")["@odata.deltaLink"]
    for number in range(8):
        api.made("plt_notes", {"plt_name": f"note {number}"})
    gone = str(uuid.uuid4())
    api.made("plt_notes", {"plt_noteid": gone, "plt_name": "gone"})
    assert api.call("DELETE", f"plt_notes({gone})").status_code == 204
    return str(start)


def noted(page: Any) -> list[str]:
    return [entry.get("plt_noteid", entry.get("id")) for entry in page["value"]]


@pytest.mark.covers("faults.feed-order")
@pytest.mark.parametrize("kind", ["duplicate", "shuffle"])
def test_a_page_of_a_feed_comes_mixed_up_the_same_way_for_the_same_seed(
    api: Api, faults: FaultRules, links: str, kind: str
) -> None:
    plain = noted(api.get(links))
    runs = []
    for seed in (1, 1, 2):
        faults.clear()
        faults.add(do=kind, seed=seed)
        runs.append(noted(api.get(links)))
    assert plain != runs[0] == runs[1] != runs[2]
    assert set(runs[0]) == set(plain)
    assert (len(runs[0]) > len(plain)) == (kind == "duplicate")


@pytest.mark.covers("faults.feed-order")
def test_only_pages_of_feeds_are_mixed_up(api: Api, faults: FaultRules, links: str) -> None:
    faults.add(do="shuffle", seed=1)
    faults.add(do="duplicate", seed=1)
    listed = [noted(api.get("plt_notes?$orderby=plt_name")) for _ in range(2)]
    assert listed[0] == listed[1]


@pytest.mark.covers("faults.ghost")
def test_a_feed_tells_of_the_removal_of_something_unknown(api: Api, faults: FaultRules, links: str) -> None:
    plain = api.get(links)["value"]
    faults.add(do="ghost", seed=1)
    page = api.get(links)["value"]
    (ghost,) = [entry for entry in page if entry not in plain]
    (removed,) = [entry for entry in plain if "reason" in entry]
    assert {**ghost, "id": ""} == {**removed, "id": ""}
    assert [entry for entry in page if entry != ghost] == plain


@pytest.mark.covers("faults.ghost")
def test_objects_have_a_member_that_nobody_knows(api: Api, faults: FaultRules) -> None:
    path = f"plt_items({api.row(plt_share=0.1)})"
    faults.add(do="unknown-member", path="plt_items")
    row = api.get(path)
    assert "memberOfTomorrow" in row
    assert row["plt_share"] == 0.1
    assert all("memberOfTomorrow" in entry for entry in api.get("plt_items")["value"])


@pytest.mark.covers("faults.links")
@pytest.mark.parametrize(
    ("link", "missing"),
    [("next", "@odata.nextLink"), ("delta", "@odata.deltaLink"), ("both", "@odata.deltaLink")],
)
def test_a_page_lacks_its_link(api: Api, faults: FaultRules, links: str, link: str, missing: str) -> None:
    path = links if link != "next" else "plt_notes?$select=plt_name"
    prefer = {"Prefer": "odata.maxpagesize=3"} if link == "next" else {}
    assert missing in api.get(path, **prefer)
    faults.add(do="drop-link", link=link)
    assert missing not in api.get(path, **prefer)


@pytest.mark.covers("faults.null-etag")
def test_tags_are_null(api: Api, faults: FaultRules, links: str) -> None:
    faults.add(do="null-etag")
    row = api.call("GET", f"plt_items({api.row()})")
    assert row.json()["@odata.etag"] is None
    assert "ETag" not in row.headers
    page = api.get("plt_notes?$top=2")
    assert [entry["@odata.etag"] for entry in page["value"]] == [None, None]


@pytest.mark.covers("faults.clock-skew")
def test_the_clock_of_the_service_is_off(api: Api, tenant: Tenant, faults: FaultRules) -> None:
    faults.add(do="clock-skew", seconds=-600, **OURS)
    off = parsedate_to_datetime(api.call("GET", WHO).headers["Date"]) - tenant.clock.now()
    assert -602 < off.total_seconds() < -599


@pytest.mark.covers("faults.expired-feed")
def test_the_token_of_a_feed_has_lapsed(api: Api, faults: FaultRules, links: str) -> None:
    faults.add(do="expired-feed", service="dataverse", times=1)
    assert api.call("GET", "plt_notes", Prefer="odata.track-changes").status_code == 200
    assert api.refused("GET", links)[:2] == (400, "0x80044352")
    assert api.call("GET", links).status_code == 200


# Batches


@pytest.mark.covers("faults.parts")
def test_a_part_of_a_batch_is_refused_and_the_others_are_carried_out(api: Api, faults: FaultRules) -> None:
    faults.add(do="throttle", part=True, nth=2, retryAfter=3)
    who = "GET /api/data/v9.2/WhoAmI() HTTP/1.1\r\n"
    said = batch(api, who, who, who)
    assert said.status_code == 200
    assert [said.text.count(f"HTTP/1.1 {status} ") for status in (200, 429)] == [2, 1]
    assert "Retry-After: 3" in said.text


@pytest.mark.covers("faults.parts")
def test_a_refused_operation_takes_its_change_set_with_it(api: Api, faults: FaultRules) -> None:
    faults.add(do="throttle", part=True, nth=2)
    made = [str(uuid.uuid4()), str(uuid.uuid4())]
    head = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: {}\r\n\r\n"
    call = "POST /api/data/v9.2/plt_items HTTP/1.1\r\nContent-Type: application/json\r\n\r\n"
    inner = "".join(
        f"--c\r\n{head.format(n)}{call}" + f'{{"plt_itemid":"{row}"}}\r\n' for n, row in enumerate(made)
    )
    body = f"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n{inner}--c--\r\n--b--\r\n"
    headers = {**api.headers, "Content-Type": "multipart/mixed; boundary=b"}
    said = api.session.post(api.root + "$batch", data=body, headers=headers, timeout=10)
    assert "HTTP/1.1 429" in said.text
    assert [api.call("GET", f"plt_items({row})").status_code for row in made] == [404, 404]


@pytest.mark.covers("recorder.observers")
def test_observers_see_each_call_and_each_part_as_it_was_served(
    api: Api, tenant: Tenant, faults: FaultRules
) -> None:
    seen: list[tuple[str, int, bool]] = []

    def observe(asked: Any, said: Any) -> None:
        seen.append((asked.path.rpartition("/")[2], said.status_code, PART in asked.environ))

    tenant.observers.append(observe)
    faults.add(do="lost-answer", **OURS)
    assert statuses(api, 1) == [504]
    batch(api, "GET /api/data/v9.2/WhoAmI() HTTP/1.1\r\n")
    tenant.observers.remove(observe)
    assert seen == [(WHO, 200, False), (WHO, 200, True), ("$batch", 200, False)]


# Notifications


@pytest.mark.covers("faults.notifications")
def test_notifications_are_lost_doubled_and_late(tenant: Tenant, faults: FaultRules) -> None:
    faults.add(do="lose", service="graph-notification", nth=2)
    faults.add(do="double", service="graph-notification", seconds=2, nth=3)
    faults.add(do="late", service="graph-notification", path="/hook")
    asked = [tenant.faults.deliveries("graph-notification", "/notify") for _ in range(4)]
    assert asked == [[0.0], [], [0.0, 2.0], [0.0]]
    assert tenant.faults.deliveries("graph-notification", "/hook") == [30.0]
    assert tenant.faults.deliveries("dataverse-webhook", "/hook") == [0.0]


# Chaos


@pytest.mark.covers("faults.chaos")
def test_chaos_is_the_same_for_the_same_seed_and_calls(tenant: Tenant, api: Api, faults: FaultRules) -> None:
    def outcome() -> str:
        try:
            return str(api.call("GET", WHO).status_code)
        except requests.RequestException as exc:
            return type(exc).__name__

    runs = []
    for seed in (3, 3, 4):
        faults.clear()
        chaos = {"seed": seed, "rate": 0.5, "service": "dataverse", "retryAfter": 0.1}
        tenant.faults.add([{"chaos": chaos}])
        runs.append([outcome() for _ in range(40)])
    assert runs[0] == runs[1] != runs[2]
    assert len(set(runs[0])) > 4
