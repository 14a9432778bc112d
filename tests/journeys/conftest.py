from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from rich.console import Console

from cli.demo import MANIFEST, replay_folder
from tests.journeys.world import World, world


@cache
def _clean() -> dict[str, Any]:
    return replay_folder(MANIFEST, {}, None, Console(quiet=True))


@pytest.fixture(scope="session")
def clean_run() -> dict[str, Any]:
    """The 60 example mails through sandbox and host, without trouble."""
    return _clean()


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Sandbox and host, provisioned, without mails; for journeys that do not disturb each other."""
    with world(tmp_path_factory.mktemp("world")) as made:
        yield made
