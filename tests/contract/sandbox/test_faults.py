"""Faults by rule: what a call gets, and whether the tenant did what was asked. Each test has a tenant of its own."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.tenant import Tenant
from sandbox.wire import PART
from tests.contract.sandbox.dataverse.conftest import Api

WHO = "WhoAmI()"


@pytest.fixture(scope="module")
def own() -> Iterator[Tenant]:
    with Tenant() as running:
        yield running


@pytest.fixture(scope="module")
def caller(own: Tenant) -> Iterator[Api]:
    found = Api(own)
    with found.session:
        yield found


@pytest.fixture(autouse=True)
def no_rules(own: Tenant) -> Iterator[None]:
    yield
    own.faults.clear()


def post(own: Tenant, caller: Api, rule: Any) -> requests.Response:
    return caller.session.post(own.base + "/_sandbox/faults", json=rule, timeout=10)


def statuses(caller: Api, count: int, path: str = WHO) -> list[int]:
    return [caller.call("GET", path).status_code for _ in range(count)]


def test_a_rule_fires_on_the_calls_it_matches_and_says_how_often(own: Tenant, caller: Api) -> None:
    rule = {"match": {"service": "dataverse", "path": "WhoAmI", "nth": [2, 4]}, "do": "throttle"}
    said = post(own, caller, rule)
    assert said.status_code == 201
    assert statuses(caller, 4) == [200, 429, 200, 429]
    shown = caller.session.get(own.base + "/_sandbox/faults", timeout=10).json()["rules"]
    assert [(one["seen"], one["fired"], one["do"]) for one in shown] == [(4, 2, "throttle")]
    assert caller.session.delete(own.base + "/_sandbox/faults", timeout=10).json() == {"rules": []}
    assert statuses(caller, 1) == [200]


def test_observers_see_each_call_and_each_part_as_it_was_served(own: Tenant, caller: Api) -> None:
    seen: list[tuple[str, int, bool]] = []
    own.observers.append(
        lambda asked, said: seen.append((asked.path, said.status_code, PART in asked.environ))
    )
    own.faults.add([{"match": {"path": "WhoAmI"}, "do": "lost-answer"}])
    part = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    body = f"--b\r\n{part}GET /api/data/v9.2/WhoAmI() HTTP/1.1\r\n\r\n\r\n--b--\r\n"
    headers = {**caller.headers, "Content-Type": "multipart/mixed; boundary=b"}
    assert caller.call("GET", WHO).status_code == 504
    said = caller.session.post(caller.root + "$batch", data=body, headers=headers, timeout=10)
    own.observers.clear()
    assert said.status_code == 200
    root = "/api/data/v9.2/"
    assert seen == [(root + WHO, 200, False), (root + WHO, 200, True), (root + "$batch", 200, False)]
