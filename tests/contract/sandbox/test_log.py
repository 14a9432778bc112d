"""What can be read back: the log of requests, the recorder, and a sandbox as a process with conditions."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.recorder import Recorder
from sandbox.tenant import Tenant
from tests.contract.sandbox.dataverse.conftest import Api
from tests.fixtures.faults import FaultRules

WHO = "WhoAmI()"
HEAD = "--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
BATCH = f"{HEAD}GET /api/data/v9.2/WhoAmI() HTTP/1.1\r\n\r\n\r\n" * 3 + "--b--\r\n"


@pytest.fixture(scope="module")
def tenant() -> Iterator[Tenant]:
    with Tenant() as running:
        yield running


@pytest.fixture(scope="module")
def api(tenant: Tenant) -> Iterator[Api]:
    caller = Api(tenant)
    with caller.session:
        yield caller


@pytest.fixture
def log(tenant: Tenant, api: Api) -> Any:
    """Calls of the log, empty at first."""

    def call(method: str = "GET", query: str = "") -> Any:
        return api.session.request(method, f"{tenant.base}/_sandbox/requests{query}", timeout=10).json()

    call("DELETE")
    return call


def batch(api: Api) -> requests.Response:
    headers = {**api.headers, "Content-Type": "multipart/mixed; boundary=b"}
    return api.session.post(api.root + "$batch", data=BATCH, headers=headers, timeout=10)


@pytest.mark.covers("log.entries")
def test_each_call_is_logged_with_what_it_took(tenant: Tenant, api: Api, log: Any) -> None:
    size = len(api.call("GET", WHO + "?x=secret").content)
    answer = batch(api)
    first, second = log()["requests"]
    assert (first["method"], first["path"], first["status"]) == ("GET", "/api/data/v9.2/WhoAmI()", 200)
    assert (first["responseBytes"], first["parts"], first["fault"]) == (size, None, None)
    assert (second["requestBytes"], second["responseBytes"]) == (len(BATCH), len(answer.content))
    assert second["parts"] == 3
    assert second["n"] == first["n"] + 1
    assert first["at"][:16] == tenant.clock.now().isoformat()[:16]
    assert first["milliseconds"] > 0
    assert "secret" not in json.dumps(first)


@pytest.mark.covers("log.sums")
def test_calls_and_bytes_are_summed_and_can_be_cleared(
    tenant: Tenant, api: Api, log: Any, faults: FaultRules
) -> None:
    faults.add(do="throttle", path="WhoAmI", nth=2)
    sizes = [len(api.call("GET", WHO).content) for _ in range(3)]
    sums = log(query="?count=1")
    assert sums["byService"] == {"dataverse": 3}
    assert sums["refused"] == {"dataverse": 1}
    assert sums["responseBytes"] == {"dataverse": sum(sizes)}
    assert log("DELETE")["requests"] == []
    assert log(query="?count=1") == {
        "last": sums["last"],
        "byService": {},
        "refused": {},
        "requestBytes": {},
        "responseBytes": {},
    }
    assert "error" in log("PUT")


@pytest.mark.covers("log.faults")
def test_a_call_that_a_fault_befell_says_which(api: Api, log: Any, faults: FaultRules) -> None:
    rule = faults.add(do="reset-after", path="WhoAmI", times=1)
    with pytest.raises(requests.ConnectionError):
        api.call("GET", WHO)
    api.call("GET", WHO)
    entries = log()["requests"]
    assert [(entry["status"], entry["fault"]) for entry in entries] == [(0, rule), (200, None)]


@pytest.mark.covers("recorder.file")
def test_a_recorder_writes_each_exchange_and_no_token(tenant: Tenant, api: Api, tmp_path: Path) -> None:
    with Recorder(tmp_path / "record.jsonl") as recorder:
        tenant.observers.append(recorder)
        Api(tenant).session.close()  # signs in: calls of the authority are not written
        batch(api)
        tenant.observers.remove(recorder)
    text = (tmp_path / "record.jsonl").read_text("utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    assert [(line["target"], line["part"]) for line in lines] == [
        *[("/api/data/v9.2/WhoAmI()", True)] * 3,
        ("/api/data/v9.2/$batch", False),
    ]
    assert lines[3]["requestBody"] == BATCH
    assert lines[3]["responseHeaders"]["OData-Version"] == "4.0"
    assert {line["service"] for line in lines} == {"dataverse"}
    assert "Bearer" not in text


@pytest.mark.covers("faults.file", "limits.latency", "recorder.file")
def test_a_sandbox_runs_under_the_conditions_of_its_command_line(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("- match: {service: authority}\n  do: {kind: unavailable, body: empty}\n")
    record = tmp_path / "record.jsonl"
    conditions = ["--faults", str(rules), "--latency", "150", "--record", str(record)]
    command = [sys.executable, "-m", "cli.main", "sandbox", "--json", *conditions]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        token = requests.post(said["authority"] + "/oauth2/v2.0/token", verify=said["caBundle"], timeout=10)
        who = requests.get(said["dataverseUrl"] + "/api/data/v9.2/x", verify=said["caBundle"], timeout=10)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert (token.status_code, token.text) == (503, "")
    assert who.elapsed.total_seconds() > 0.15
    (line,) = record.read_text("utf-8").splitlines()
    assert json.loads(line)["status"] == 401
