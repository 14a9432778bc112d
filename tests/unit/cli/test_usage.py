"""Wrong usage of every command: exit code 2, words on stderr, and nothing is started."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app, main
from cli.processes import ROOT
from tests.journeys.mails import mail, write_manifest

WRONG = [
    [],
    ["frobnicate"],
    ["demo", "--frobnicate"],
    ["sandbox", "--port", "many"],
    ["sandbox", "--port", "70000"],
    ["sandbox", "--state", "{file}"],
    ["sandbox", "--faults", "{folder}/none.yaml"],
    ["sandbox", "--faults", "{file}"],
    ["sandbox", "--latency", "-1"],
    ["sandbox", "--record", "{folder}/none/out.jsonl"],
    ["host", "--port", "-1"],
    ["host", "--state", "{file}"],
    ["host", "--ca-bundle", "{folder}/none.pem"],
    ["serve", "--state"],
    ["serve", "--state", "{file}"],
    ["replay"],
    ["replay", "{folder}/none.yaml"],
    ["replay", "{folder}"],
    ["replay", "{file}", "--catalogue", "{folder}/none.yaml"],
    ["replay", "{file}", "--json", "{folder}/none/out.json"],
    ["replay", "{file}", "--json", "{folder}"],
    ["replay", "{file}", "--state", "{file}"],
    ["explain"],
    ["explain", "laptop"],
    ["explain", "NC-000001", "NC-000002"],
    ["provision"],
    ["provision", "frobnicate"],
    ["provision", "plan", "--frobnicate"],
    ["provision", "apply", "now"],
]


def run_main(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["plumbline", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_wrong_usage_ends_with_two_and_words(arguments: list[str], tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mails: []\n")
    result = CliRunner().invoke(app, [each.format(file=file, folder=tmp_path) for each in arguments])
    assert result.exit_code == 2
    assert result.output
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("command", [["explain", "NC-000001"], ["provision", "plan"], ["provision", "apply"]])
def test_missing_settings_are_all_named_with_one(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("TENANT_ID", "CLIENT_ID", "DATAVERSE_URL"):
        monkeypatch.delenv(f"PLUMBLINE_{name}", raising=False)
    assert run_main(monkeypatch, *command) == 1
    words = capsys.readouterr().err
    assert all(name in words for name in ("TENANT_ID", "CLIENT_ID", "DATAVERSE_URL"))
    assert "Traceback" not in words


@pytest.mark.parametrize("command", ["sandbox", "host"])
def test_a_port_that_is_taken_is_named_with_one(command: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = subprocess.run(
            [sys.executable, "-m", "cli.main", command, "--port", port, "--state", str(tmp_path / "state")],
            capture_output=True,
            cwd=ROOT,
            text=True,
            timeout=60,
            check=False,
        )
    assert ended.returncode == 1
    assert "choose another" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_every_fault_of_a_manifest_is_named_with_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = write_manifest(tmp_path, {"a": mail(1).as_bytes(), "b": mail(2).as_bytes()})
    manifest.write_text(
        "existing_cases: [{reference: NC-000001}]\n"
        "mails: [{id: a, file: a.eml, mailbox: []}, {id: b, mailbox: [it.help@northgate.example]}]\n"
    )
    assert run_main(monkeypatch, "replay", str(manifest)) == 1
    words = capsys.readouterr().err
    assert all(place in words for place in ("mails.0.mailbox", "mails.1.file", "existing_cases.0.opened"))
    assert "Traceback" not in words
