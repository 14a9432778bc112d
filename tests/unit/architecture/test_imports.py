"""The import rules of DESIGN.md section 2: they hold, and each of them fails when it is broken."""

import ast
import functools
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PACKAGES = ("api", "app", "cli", "connectors", "dataverse", "rules", "sandbox", "schemas", "sync")


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    linter = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [linter, "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(folder), "PATH": "", "COLUMNS": "200"},
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("planted", "line", "contract"),
    [
        ("rules", "import sync", "adapters depend on the core"),
        ("schemas", "import rules", "adapters depend on the core"),
        ("connectors", "import dataverse", "adapters depend on the core"),
        ("dataverse", "import api", "adapters depend on the core"),
        ("rules", "import requests", "the core does no I/O"),
        ("schemas", "import time", "the core does no I/O"),
        ("sync", "import os", "the core does no I/O"),
        ("api", "import connectors", "the HTTP use cases meet"),
        ("sandbox", "import schemas", "the sandbox imports nothing of ours"),
        ("app", "import sandbox", "only the command line starts the sandbox"),
        ("sync", "import sandbox", "only the command line starts the sandbox"),
    ],
)
def test_a_forbidden_import_is_caught(copy: Path, planted: str, line: str, contract: str) -> None:
    (copy / planted / "planted.py").write_text(f"{line}  # planted\n")
    result = lint(copy)
    assert result.returncode == 1
    broken = [row for row in result.stdout.splitlines() if row.endswith("BROKEN")]
    assert any(row.startswith(contract) for row in broken), result.stdout


def test_the_import_rules_hold() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout


@functools.cache
def imports_of(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def users_of(name: str) -> set[str]:
    files = [
        ROOT / "function_app.py",
        *(file for package in PACKAGES for file in (ROOT / package).rglob("*.py")),
    ]
    return {
        str(file.relative_to(ROOT))
        for file in files
        if any(module == name or module.startswith(f"{name}.") for module in imports_of(file))
    }


def test_azure_functions_is_imported_in_function_app_only() -> None:
    assert users_of("azure.functions") == {"function_app.py"}


def test_the_functions_runtime_is_imported_in_one_module_of_the_sandbox() -> None:
    users = users_of("azure_functions_runtime")
    assert len(users) == 1
    assert users.pop().startswith("sandbox/")


@pytest.mark.parametrize("name", ["azure.data", "azure.storage", "azure.identity"])
def test_storage_clients_are_imported_in_app_and_in_the_host_only(name: str) -> None:
    assert all(user.startswith(("app/", "sandbox/functions/")) for user in users_of(name))


def test_a_sandbox_is_ready_without_what_few_requests_need(tmp_path: Path) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "cli.main", "sandbox", "--json"]
    told = tmp_path / "imports.txt"
    with (
        told.open("w") as err,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=err, cwd=ROOT) as process,
    ):
        assert process.stdout is not None
        assert b"dataverseUrl" in process.stdout.readline()
        process.terminate()
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in told.read_text().splitlines()}
    assert "sandbox" in loaded
    assert loaded.isdisjoint({"pydantic", "odata_query", "lxml", "simplejson", "yaml", "rich"})
