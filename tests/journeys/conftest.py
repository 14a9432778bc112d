from functools import cache
from typing import Any

import pytest
from rich.console import Console

from cli.demo import MANIFEST, replay_folder


@cache
def _clean() -> dict[str, Any]:
    return replay_folder(MANIFEST, {}, None, Console(quiet=True))


@pytest.fixture(scope="session")
def clean_run() -> dict[str, Any]:
    """The 60 example mails through sandbox and host, without trouble."""
    return _clean()
