"""A catalogue with ten faults: the command and the host name all of them with their lines, and nothing falls over."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from app.settings import SHIPPED
from cli.processes import ROOT, Process
from tests.journeys.mails import mail, write_manifest

pytestmark = pytest.mark.timeout(60)
CHANGES = {
    "schema_version: 1": "schema_version: one",
    "time_zone: Europe/London\n  language": "time_zone: Mars/Base\n  language",
    "currency: GBP": "curency: GBP",
    "digits: 6": "digits: six",
    '["08:30", "17:00"]': '["25:30", "17:00"]',
    "address: payroll@northgate.example": "address: payroll-at-northgate",
    "address: access@northgate.example": "address: it.help@northgate.example",
    "restricted: true": "restricted: perhaps",
    "name: Facilities Desk, ": "",
}
PLACES = (
    "schema_version",
    "organisation.time_zone",
    "organisation.currency",
    "organisation.curency",
    "organisation.case_reference.digits",
    "calendars.office.hours.mon",
    "queues.payroll.address",
    "queues.it_access.address",
    "queues.hr_confidential.restricted",
    "queues.facilities.name",
)
SETTINGS = {
    "PLUMBLINE_TENANT_ID": "11111111-1111-1111-1111-111111111111",
    "PLUMBLINE_CLIENT_ID": "22222222-2222-2222-2222-222222222222",
    "PLUMBLINE_CLIENT_SECRET": "not-used",
    "PLUMBLINE_DATAVERSE_URL": "https://127.0.0.1:9",
    "PLUMBLINE_GRAPH_URL": "https://127.0.0.1:9/v1.0",
}


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    text = (SHIPPED / "catalogue.yaml").read_text(encoding="utf-8")
    for old, new in CHANGES.items():
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "catalogue.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def assert_names_all_ten(words: str) -> None:
    assert "The catalogue has 10 faults" in words
    for place in PLACES:
        assert re.search(rf"line \d+, {re.escape(place)}: ", words), place
    assert "Traceback" not in words


def test_replay_names_all_ten_and_ends_with_one(catalogue: Path, tmp_path: Path) -> None:
    manifest = write_manifest(tmp_path, {"good": mail(1).as_bytes()})
    ended = subprocess.run(
        [sys.executable, "-m", "cli.main", "replay", str(manifest), "--catalogue", str(catalogue)],
        capture_output=True,
        cwd=ROOT,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert_names_all_ten(ended.stderr)


def host(state: Path, **settings: str) -> Process:
    arguments = ["host", "--json", "--port=0", f"--state={state / 'host'}"]
    environment = {**SETTINGS, "PLUMBLINE_STATE": str(state / "sync.sqlite"), **settings}
    return Process(arguments, environment, state / "host.log")


def test_the_host_serves_on_and_names_all_ten_in_its_log(catalogue: Path, tmp_path: Path) -> None:
    running = host(tmp_path, PLUMBLINE_CATALOGUE=str(catalogue))
    try:
        answer = requests.get(f"{running.description['url']}/api/health", timeout=30)
    finally:
        running.stop()
    assert answer.status_code == 503
    assert answer.json()["detail"].endswith("The log of the app says why.")
    assert_names_all_ten((tmp_path / "host.log").read_text())


def test_health_follows_the_catalogue_without_a_new_start(catalogue: Path, tmp_path: Path) -> None:
    running = host(tmp_path, PLUMBLINE_CATALOGUE=str(catalogue))
    try:
        url = f"{running.description['url']}/api/health"
        assert requests.get(url, timeout=30).status_code == 503
        catalogue.write_text((SHIPPED / "catalogue.yaml").read_text(encoding="utf-8"), encoding="utf-8")
        assert requests.get(url, timeout=30).status_code == 200
    finally:
        running.stop()


def test_missing_settings_are_told_by_health_log_and_calls(tmp_path: Path) -> None:
    running = host(tmp_path, PLUMBLINE_TENANT_ID="", PLUMBLINE_CLIENT_SECRET="", PLUMBLINE_DATAVERSE_URL="no")
    try:
        url, key = running.description["url"], running.description["functionKey"]
        health = requests.get(f"{url}/api/health", timeout=30)
        call = requests.get(f"{url}/api/v1/cases/NC-000001", headers={"x-functions-key": key}, timeout=30)
    finally:
        running.stop()
    assert (health.status_code, call.status_code) == (503, 503)
    log = (tmp_path / "host.log").read_text()
    assert all(name in log for name in ("PLUMBLINE_TENANT_ID", "PLUMBLINE_DATAVERSE_URL"))
