"""A host that is killed five times during a replay leaves what a clean run leaves (sync.md section 8, 10)."""

import os
import random
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from cli.demo import MANIFEST
from cli.manifest import load_manifest
from cli.replay import Replay
from tests.journeys.world import recorded

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
KILLS = 5


@pytest.mark.parametrize("seed", [1, 2])
def test_five_kills_change_nothing(seed: int, clean_run: dict[str, Any], tmp_path: Path) -> None:
    dice = random.Random(seed)
    with recorded(tmp_path, {}) as lab:
        replay = Replay(lab, load_manifest(MANIFEST), MANIFEST.parent)
        replay.prepare(lambda _: None)
        over = threading.Event()
        kills: list[int] = []

        def kill() -> None:
            while len(kills) < KILLS and not over.wait(dice.uniform(0.3, 4.0)):
                host = lab.host
                if host and host.running():
                    os.kill(host.pid, signal.SIGKILL)
                    kills.append(host.pid)
                    time.sleep(0.5)

        thread = threading.Thread(target=kill)
        thread.start()
        try:
            document = replay.run(lambda _: None).document()
        finally:
            over.set()
            thread.join()
    assert len(kills) == KILLS
    assert lab.restarts >= KILLS - 1
    assert document == clean_run
