"""A host process on the conformance app, whose clock is that of a sandbox tenant."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from sandbox.tenant import Tenant

APP = Path(__file__).parent / "app"
ROOT = Path(__file__).parents[3]
_START = (
    "import sys, json; from pathlib import Path; from sandbox.functions.host import run; "
    "app, state, clock, ca = sys.argv[1:]; "
    "run(Path(app), 0, Path(state), clock_url=clock or None, ca_bundle=ca or None, as_json=True)"
)


class Driver:
    """Starts and stops the host process, calls it, waits until it is idle."""

    def __init__(self, state: Path, clock: str = "", ca: str = "", **settings: str) -> None:
        self.state = state
        self.record = state.parent / f"{state.name}-record.jsonl"
        self._command = [sys.executable, "-W", "error", "-c", _START, str(APP), str(state), clock, ca]
        defaults = {"RECORD": str(self.record), "NIGHTLY": "0 0 3 * * *", "WORK": "work"}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AzureWebJobs")}
        self._environment = {**inherited, **defaults, "AzureWebJobs.off.Disabled": "true", **settings}
        self.settings = settings
        self.session = requests.Session()
        self.session.trust_env = False

    def start(self) -> "Driver":
        self.errors = (self.state.parent / f"{self.state.name}-stderr.txt").open("a+", encoding="utf-8")
        self.process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
        )
        line = self.process.stdout.readline()
        assert line, self.log()
        told = json.loads(line)
        self.url, self.master, self.key = told["url"], told["masterKey"], told["functionKey"]
        return self

    def end(self, *, kill: bool = False) -> int:
        if kill:
            self.process.kill()
        else:
            self.process.terminate()
        code = self.process.wait(20)
        self.process.stdout.close()
        self.errors.close()
        return code

    def log(self) -> str:
        return (self.state.parent / f"{self.state.name}-stderr.txt").read_text(encoding="utf-8")

    def call(self, method: str, path: str, **options: object) -> requests.Response:
        return self.session.request(method, self.url + path, timeout=20, **options)

    def status(self) -> dict:
        answer = self.call("GET", "/admin/host/status", headers={"x-functions-key": self.master})
        assert answer.status_code == 200
        return answer.json()

    def idle(self) -> dict:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            status = self.status()
            waiting = sum(queue["visible"] for queue in status["queues"].values())
            if not status["running"] and not waiting and status["timersSettled"]:
                return status
            time.sleep(0.01)
        raise AssertionError(f"never idle: {status}")

    def ran(self, name: str) -> list[dict]:
        if not self.record.exists():
            return []
        lines = [json.loads(line) for line in self.record.read_text(encoding="utf-8").splitlines()]
        return [line for line in lines if line["ran"] == name]

    def forget(self) -> None:
        self.record.unlink(missing_ok=True)


@pytest.fixture(scope="session")
def tenant() -> Iterator[Tenant]:
    with Tenant() as running:
        yield running


class Clock:
    """The tenant's clock, always standing still; it only goes forward."""

    def __init__(self, tenant: Tenant) -> None:
        said = tenant.description()
        self.url, self.ca = f"{said['dataverseUrl']}/_sandbox/clock", said["caBundle"]

    def set(self, instant: datetime) -> None:
        body = {"now": instant.isoformat(), "frozen": True}
        with requests.Session() as session:
            session.trust_env = False
            assert session.put(self.url, json=body, verify=self.ca, timeout=10).status_code == 200

    def now(self) -> datetime:
        with requests.Session() as session:
            session.trust_env = False
            said = session.get(self.url, verify=self.ca, timeout=10).json()
        return datetime.fromisoformat(said["now"])


@pytest.fixture(scope="session")
def clock(tenant: Tenant) -> Clock:
    made = Clock(tenant)
    made.set(datetime(2031, 2, 9, 9, 0, 30, tzinfo=UTC))
    return made


@pytest.fixture(scope="session")
def host(clock: Clock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    """One running host for all tests that leave it as they found it."""
    driver = Driver(tmp_path_factory.mktemp("host") / "state", clock.url, clock.ca).start()
    yield driver
    driver.session.close()
    assert driver.end() == 0, driver.log()
