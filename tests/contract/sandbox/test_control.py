"""The control routes of the tenant and its way of serving. Each test here has a tenant of its own."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from sandbox.tenant import Tenant


@pytest.fixture
def own() -> Iterator[Tenant]:
    with Tenant() as running:
        yield running


@pytest.fixture
def call(own: Tenant) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = own.description()["caBundle"]
        yield session


def test_the_clock_is_set_advanced_and_never_goes_back(own: Tenant, call: requests.Session) -> None:
    url = own.base + "/_sandbox/clock"
    said = call.put(url, json={"now": "2026-02-09T09:04:00Z", "frozen": True})
    assert said.json() == {"now": "2026-02-09T09:04:00Z", "frozen": True, "version": 1}
    assert said.headers["Date"] == "Mon, 09 Feb 2026 09:04:00 GMT"
    assert call.post(url + "/advance", json={"seconds": 60}).json()["now"] == "2026-02-09T09:05:00Z"
    back = call.put(url, json={"now": "2026-02-09T09:04:59Z"})
    assert back.status_code == 409
    assert "go back" in back.json()["error"]
    assert call.get(url).json() == {"now": "2026-02-09T09:05:00Z", "frozen": True, "version": 2}


def test_a_released_clock_runs_on(own: Tenant, call: requests.Session) -> None:
    own.clock.set(own.clock.now(), frozen=True)
    before = own.clock.now()
    assert call.put(own.base + "/_sandbox/clock", json={"frozen": False}).json()["frozen"] is False
    assert own.clock.now() > before


def test_waiting_for_the_clock_ends_with_its_change(own: Tenant, call: requests.Session) -> None:
    url = own.base + "/_sandbox/clock"
    version = call.get(url).json()["version"]
    timer = threading.Timer(0.1, lambda: own.clock.set_frozen(True))
    timer.start()
    assert call.get(f"{url}?after={version}&wait=20", timeout=10).json()["version"] == version + 1
    timer.join()


def test_the_clock_and_the_identity_outlive_a_restart(tmp_path: Path) -> None:
    with Tenant(tmp_path) as first:
        first.clock.set(first.clock.now(), frozen=True)
        said, now = first.description(), first.clock.now()
    with Tenant(tmp_path) as second:
        again = second.description()
        assert second.clock.now() == now
    for name in ("tenantId", "clientId", "clientSecret", "caBundle"):
        assert again[name] == said[name]


def test_the_log_counts_services_but_not_control_calls(own: Tenant, call: requests.Session) -> None:
    call.get(own.base + "/api/data/v9.2/WhoAmI()?x=secret")
    call.get(own.base + "/_sandbox/clock")
    said = call.get(own.base + "/_sandbox/requests?since=0").json()
    assert said["last"] == 1
    entry = said["requests"][0]
    assert (entry["method"], entry["path"], entry["status"]) == ("GET", "/api/data/v9.2/WhoAmI()", 401)
    counts = call.get(own.base + "/_sandbox/requests?count=1").json()
    assert (counts["last"], counts["byService"]) == (1, {"dataverse": 1})


def test_wrong_control_calls_are_refused_in_words(own: Tenant, call: requests.Session) -> None:
    base = own.base + "/_sandbox/"
    assert call.get(base + "nothing").status_code == 404
    assert call.put(base + "clock", data="{").status_code == 400
    assert call.put(base + "clock", json={"now": "tomorrow"}).status_code == 400
    assert call.post(base + "clock/advance", json={"seconds": "60"}).status_code == 400
    assert call.put(f"{base}apps/{own.identity.client_id}/certificate", data="x").status_code == 400


def test_one_connection_carries_many_calls(own: Tenant, call: requests.Session) -> None:
    for _ in range(3):
        call.post(own.base + "/_sandbox/nothing", data=b"x" * 100_000)
    pools = call.get_adapter(own.base).poolmanager.pools
    assert [pools[key].num_connections for key in pools.keys()] == [1]  # noqa: SIM118 - no iterator there


def test_the_command_prints_one_line_and_ends_on_sigterm(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "cli.main", "sandbox", "--json", "--state", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(10) == 0
        assert process.stdout.read() == b""
    names = ["tenantId", "clientId", "clientSecret", "authority", "dataverseUrl", "graphUrl", "caBundle"]
    assert list(said) == names


def test_the_clock_takes_no_instant_it_could_not_go_on_from(tenant: Tenant, web: requests.Session) -> None:
    clock = tenant.base + "/_sandbox/clock"
    for body in ('{"now": "9999-12-31T23:59:59Z"}', '{"now": "0001-01-01T00:00:00Z"}'):
        assert web.put(clock, data=body, timeout=10).status_code in (400, 409)
    for seconds in ("1e400", "1e30", "1e10"):
        assert web.post(f"{clock}/advance", data=f'{{"seconds": {seconds}}}', timeout=10).status_code == 400
    assert web.get(clock, timeout=10).status_code == 200
