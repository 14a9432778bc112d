"""Packages from npm for tests: installed once under .tools; a test is skipped where node is missing, fails in CI."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

TOOLS = Path(__file__).parent.parent / ".tools"


def installed(package: str, version: str) -> Path:
    """Give the folder whose `node_modules` holds the package."""
    home = TOOLS / package
    if shutil.which("node") is None:
        unavailable(f"{package} needs node on the path")
    if (home / "node_modules" / package / "package.json").exists():
        return home
    if shutil.which("npm") is None:
        unavailable(f"{package} needs npm on the path")
    home.mkdir(parents=True, exist_ok=True)
    install = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(home), f"{package}@{version}"]
    done = subprocess.run(install, cwd=home, capture_output=True, text=True, check=False)
    if done.returncode:
        unavailable(f"npm could not install {package}@{version}: {done.stderr.strip()[-300:]}")
    return home


def unavailable(reason: str) -> NoReturn:
    """End the test: skipped with the reason, failed in CI."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
