"""Limits of the services: who goes over them is refused and told when to come again. Seconds here are real."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import pytest
import requests

from sandbox.limits.graph import units
from sandbox.tenant import Tenant
from tests.contract.sandbox.dataverse.conftest import Api
from tests.fixtures.faults import FaultRules

WHO = "WhoAmI()"
DESK = "desk@contoso.example"
BURST = "x-ms-ratelimit-burst-remaining-xrm-requests"
TIME = "x-ms-ratelimit-time-remaining-xrm-requests"


@pytest.fixture(scope="module")
def tenant() -> Iterator[Tenant]:
    with Tenant() as running:
        yield running


@pytest.fixture(scope="module")
def api(tenant: Tenant) -> Iterator[Api]:
    caller = Api(tenant)
    with caller.session:
        caller.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        yield caller


@pytest.fixture
def limit(tenant: Tenant, api: Api) -> Iterator[Any]:
    """Change limits over the control route; what is changed goes back after the test."""

    def put(**members: Any) -> requests.Response:
        return api.session.put(tenant.base + "/_sandbox/limits", json=members, timeout=10)

    usual = api.session.get(tenant.base + "/_sandbox/limits", timeout=10).json()
    yield put
    assert put(**usual).json() == usual


class Graph:
    """Calls of Graph, each over a connection of its own, so that they can run at once."""

    def __init__(self, tenant: Tenant) -> None:
        said = tenant.description()
        self.root, self.bundle = said["graphUrl"], said["caBundle"]
        self.control = said["dataverseUrl"] + "/_sandbox/mailboxes/"
        self.headers = {"Authorization": f"Bearer {tenant.issuer.issue(said['clientId'], 'graph')}"}

    def get(self, path: str, **more: Any) -> requests.Response:
        return self.call("GET", path, **more)

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        url = self.root + path
        return requests.request(method, url, headers=self.headers, verify=self.bundle, timeout=20, **more)

    def at_once(self, paths: list[str]) -> list[requests.Response]:
        with ThreadPoolExecutor(len(paths)) as pool:
            return list(pool.map(self.get, paths))


@pytest.fixture(scope="module")
def graph(tenant: Tenant) -> Graph:
    client = Graph(tenant)
    said = {"displayName": "Desk", "kind": "shared"}
    requests.put(client.control + DESK, json=said, verify=client.bundle, timeout=10)
    return client


def statuses(api: Api, count: int) -> list[int]:
    return [api.call("GET", WHO).status_code for _ in range(count)]


# The control route


@pytest.mark.covers("limits.control")
def test_the_limits_are_those_of_the_cloud_and_can_be_changed_one_by_one(api: Api, limit: Any) -> None:
    said = limit(dataverse={"requests": None}, latencyMilliseconds=3).json()
    assert said == {
        "dataverse": {
            "requests": None,
            "executionSeconds": 1200.0,
            "concurrent": 52,
            "windowSeconds": 300.0,
            "dopHint": 4,
            "affinity": True,
        },
        "mail": {"concurrent": 4, "requests": 10000, "windowSeconds": 600.0, "retryAfter": 1.0},
        "sharepoint": {"units": 1250, "windowSeconds": 60.0},
        "latencyMilliseconds": 3.0,
    }
    assert BURST not in api.call("GET", WHO).headers


@pytest.mark.covers("limits.control")
@pytest.mark.parametrize(
    ("members", "words"),
    [
        (
            {"dataverse": {"request": 3}},
            "dataverse has no member 'request'; known are: affinity, concurrent,",
        ),
        ({"dataverse": {"requests": 0}}, "'requests' cannot be used"),
        ({"dataverse": 5}, "dataverse must be a JSON object"),
        ({"latency": 5}, "The limits has no member 'latency'; known are: dataverse, latencyMilliseconds,"),
        ({"latencyMilliseconds": -1}, "'latencyMilliseconds' cannot be used"),
    ],
)
def test_limits_that_cannot_be_used_are_refused(limit: Any, members: dict[str, Any], words: str) -> None:
    said = limit(**members)
    assert said.status_code == 400
    assert words in said.json()["error"]


# Service protection of Dataverse


@pytest.mark.covers("limits.dataverse.headers")
def test_each_answer_tells_what_is_left(api: Api, limit: Any) -> None:
    limit()
    headers = [api.call("GET", WHO).headers for _ in range(2)]
    assert [said[BURST] for said in headers] == ["5999", "5998"]
    assert headers[1][TIME].startswith("1,199.") or headers[1][TIME] == "1,200.00"
    assert headers[0]["x-ms-dop-hint"] == "4"


@pytest.mark.covers("limits.dataverse.requests")
def test_too_many_requests_are_refused_until_the_window_has_moved_on(api: Api, limit: Any) -> None:
    limit(dataverse={"requests": 3, "windowSeconds": 1})
    assert statuses(api, 4) == [200, 200, 200, 429]
    said = api.call("GET", WHO)
    assert said.json()["error"]["code"] == "0x80072322"
    assert (said.headers["Retry-After"], said.headers[BURST]) == ("1", "0")
    time.sleep(1.05)
    assert statuses(api, 1) == [200]


@pytest.mark.covers("limits.dataverse.growing-wait")
def test_who_goes_on_while_refused_waits_longer(api: Api, limit: Any) -> None:
    limit(dataverse={"requests": 1, "windowSeconds": 4})
    assert statuses(api, 1) == [200]
    waits = [int(api.call("GET", WHO).headers["Retry-After"]) for _ in range(5)]
    assert waits == [4] * 5, "calls that were under way already are forgiven"
    time.sleep(1.1)
    waits = [int(api.call("GET", WHO).headers["Retry-After"]) for _ in range(5)]
    assert waits == [4, 5, 6, 7, 8]


@pytest.mark.covers("limits.dataverse.time")
def test_the_time_of_execution_counts_in_sum(api: Api, limit: Any, faults: FaultRules) -> None:
    limit(dataverse={"executionSeconds": 0.25})
    faults.add(do="slow", seconds=0.15, path="WhoAmI")
    assert statuses(api, 3) == [200, 200, 429]
    assert api.refused("GET", WHO)[1] == "0x80072321"
    assert api.call("GET", WHO).headers[TIME] == "0.00"


@pytest.mark.covers("limits.dataverse.concurrent")
def test_too_many_requests_at_once_are_refused(api: Api, limit: Any, faults: FaultRules) -> None:
    limit(dataverse={"concurrent": 3})
    faults.add(do="slow", seconds=0.5, path="WhoAmI")

    def call(_: int) -> requests.Response:
        return requests.get(api.root + WHO, headers=api.headers, verify=api.session.verify, timeout=10)

    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(call, range(5)))
    assert sorted(said.status_code for said in answers) == [200, 200, 200, 429, 429]
    refused = next(said for said in answers if said.status_code == 429)
    assert (refused.json()["error"]["code"], refused.headers["Retry-After"]) == ("0x80072326", "1")


@pytest.mark.covers("limits.dataverse.batch")
def test_a_batch_is_one_request(api: Api, limit: Any) -> None:
    limit(dataverse={"requests": 2})
    head = "--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    body = f"{head}GET /api/data/v9.2/WhoAmI() HTTP/1.1\r\n\r\n\r\n" * 5 + "--b--\r\n"
    headers = {**api.headers, "Content-Type": "multipart/mixed; boundary=b"}
    said = api.session.post(api.root + "$batch", data=body, headers=headers, timeout=10)
    assert (said.status_code, said.headers[BURST]) == (200, "1")


@pytest.mark.covers("limits.dataverse.affinity")
def test_who_keeps_the_cookie_of_one_server_has_half_of_the_limits(api: Api, limit: Any) -> None:
    limit(dataverse={"requests": 6})
    assert "ARRAffinity=" in api.call("GET", WHO).headers["Set-Cookie"]
    kept = api.call("GET", WHO, Cookie="ARRAffinity=abc")
    assert "Set-Cookie" not in kept.headers
    pinned = [api.call("GET", WHO, Cookie="ARRAffinity=abc").status_code for _ in range(2)]
    assert pinned == [200, 429]
    limit(dataverse={"affinity": False})
    assert "Set-Cookie" not in api.call("GET", WHO).headers


def test_a_caller_without_a_token_uses_nothing_up(api: Api, limit: Any) -> None:
    limit(dataverse={"requests": 1})
    bare = [requests.get(api.root + WHO, verify=api.session.verify, timeout=10) for _ in range(3)]
    assert [said.status_code for said in bare] == [401] * 3
    assert statuses(api, 1) == [200]


# Mail


@pytest.mark.covers("limits.mail.concurrent")
def test_four_at_once_to_a_mailbox_and_no_fifth(graph: Graph, limit: Any, faults: FaultRules) -> None:
    limit()
    faults.add(do="slow", seconds=0.5, service="graph")
    said = graph.get(f"/users/{DESK}")
    user_id = said.json()["id"]
    paths = [f"/users/{DESK}/messages"] * 3 + [f"/users/{user_id.upper()}/mailFolders"] * 3
    answers = graph.at_once(paths)
    assert sorted(said.status_code for said in answers) == [200] * 4 + [429] * 2
    refused = next(said for said in answers if said.status_code == 429)
    assert refused.json()["error"]["code"] == "ApplicationThrottled"
    assert refused.json()["error"]["message"] == "Application is over its MailboxConcurrency limit."
    assert refused.headers["Retry-After"] == "1"


@pytest.mark.covers("limits.mail.concurrent")
def test_other_mailboxes_are_not_in_the_way(graph: Graph, limit: Any, faults: FaultRules) -> None:
    limit()
    for number in range(2):
        requests.put(f"{graph.control}m{number}@x.example", json={}, verify=graph.bundle, timeout=10)
    faults.add(do="slow", seconds=0.3, service="graph")
    answers = graph.at_once([f"/users/m{number % 2}@x.example/messages" for number in range(8)])
    assert [said.status_code for said in answers] == [200] * 8


@pytest.mark.covers("limits.mail.batch")
def test_the_entries_of_a_batch_wait_for_each_other_but_count(graph: Graph, limit: Any) -> None:
    limit(mail={"requests": 7, "windowSeconds": 60})
    entries = [{"id": str(n), "method": "GET", "url": f"/users/{DESK}/messages"} for n in range(8)]
    said = graph.call("POST", "/$batch", json={"requests": entries})
    answers = {entry["id"]: entry for entry in said.json()["responses"]}
    assert [answers[str(n)]["status"] for n in range(8)] == [200] * 7 + [429]
    assert answers["7"]["body"]["error"]["code"] == "TooManyRequests"
    assert 55 <= int(answers["7"]["headers"]["Retry-After"]) <= 60


@pytest.mark.covers("limits.mail.requests")
def test_the_requests_to_a_mailbox_are_counted(graph: Graph, limit: Any) -> None:
    limit(mail={"requests": 2, "windowSeconds": 60})
    path = f"/users/{DESK}/messages"
    assert [graph.get(path).status_code for _ in range(3)] == [200, 200, 429]
    assert 55 <= int(graph.get(path).headers["Retry-After"]) <= 60


# SharePoint


@pytest.mark.covers("limits.sharepoint")
@pytest.mark.parametrize(
    ("method", "target", "cost"),
    [
        ("GET", "/v1.0/sites/s/lists/l/items/4?$expand=fields", 1),
        ("GET", "/v1.0/sites/s/lists/l/items?$expand=fields", 2),
        ("GET", "/v1.0/sites/s/lists/l/items/delta", 2),
        ("GET", "/v1.0/sites/s/lists/l/items/delta?token=abc", 1),
        ("GET", "/v1.0/sites/s/lists", 2),
        ("GET", "/v1.0/sites/s", 1),
        ("GET", "/v1.0/sites/s/permissions", 5),
        ("POST", "/v1.0/sites/s/lists/l/items", 2),
        ("PATCH", "/v1.0/sites/s/lists/l/items/4/fields", 2),
        ("DELETE", "/v1.0/sites/s/lists/l/items/4", 2),
    ],
)
def test_a_call_costs_its_resource_units(method: str, target: str, cost: int) -> None:
    assert units(method, target) == cost


@pytest.mark.covers("limits.sharepoint")
def test_the_budget_shows_from_four_fifths_on_and_refused_calls_cost_too(graph: Graph, limit: Any) -> None:
    limit(sharepoint={"units": 10, "windowSeconds": 60})
    answers = [graph.get("/sites/root/lists") for _ in range(7)]
    left = [said.headers.get("RateLimit-Remaining") for said in answers]
    assert left == [None, None, None, "2", "0", "0", "0"]
    assert [said.status_code == 429 for said in answers] == [False] * 5 + [True] * 2
    refused = answers[-1]
    assert refused.json()["error"]["code"] == "activityLimitReached"
    assert (refused.headers["RateLimit-Limit"], refused.headers["Retry-After"]) == ("10", "60")


# Latency


@pytest.mark.covers("limits.latency")
def test_an_answer_is_long_on_its_way_without_counting_as_execution(
    api: Api, tenant: Tenant, limit: Any
) -> None:
    limit(latencyMilliseconds=300, dataverse={"concurrent": 1})

    def call(delay: float) -> tuple[requests.Response, float]:
        time.sleep(delay)
        started = time.monotonic()
        said = requests.get(api.root + WHO, headers=api.headers, verify=api.session.verify, timeout=10)
        return said, time.monotonic() - started

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(call, (0.0, 0.15)))
    assert [said.status_code for said, _ in answers] == [200, 200]
    assert all(took > 0.3 for _, took in answers)
    assert float(answers[1][0].headers[TIME].replace(",", "")) > 1199.7
    log = api.session.get(tenant.base + "/_sandbox/requests", timeout=10).json()["requests"]
    assert log[-1]["milliseconds"] < 250
