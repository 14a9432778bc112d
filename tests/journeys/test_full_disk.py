"""No room on the disk under host or tenant: clear words, the mail waits, and all goes on when there is room again.

The kernel refuses to let the files of a process grow (RLIMIT_FSIZE), which it can take back while the process runs.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.journeys.mails import IT, mail
from tests.journeys.world import World, world

resource = pytest.importorskip("resource")
pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs prlimit, which Linux has"),
]


class Ear:
    """Hears a log through a pipe, since on a full disk a log file would stay silent."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.lines: list[str] = []
        threading.Thread(target=self._hear, args=(path,), daemon=True).start()

    def _hear(self, path: Path) -> None:
        with path.open(errors="replace") as log:
            self.lines.extend(iter(log.readline, ""))

    def wait_for(self, words: str) -> None:
        until = time.monotonic() + 20
        while not any(words in line for line in list(self.lines)):
            assert time.monotonic() < until, f"nobody said: {words}"
            time.sleep(0.05)


@contextmanager
def no_room(pid: int) -> Iterator[None]:
    soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Ear]]:
    state = tmp_path_factory.mktemp("full")
    ear = Ear(state / "host.log")
    with world(state) as made:
        yield made, ear


def raw(number: int) -> bytes:
    return mail(number, f"Mouse {number}", text=f"Mouse {number} is broken.\n").as_bytes()


def test_a_full_disk_under_the_host_makes_the_mail_wait(heard: tuple[World, Ear]) -> None:
    running, ear = heard
    host = running.host
    delivered = running.deliver(IT, raw(1))
    with no_room(host.pid):
        running.nudge()
        ear.wait_for("see that the disk has room")
        time.sleep(1)
        assert host.running()
    running.settle(delivered)
    assert running.host is host
    [found] = running.taken(delivered)
    assert found["action"] == "new_case"
    assert len(running.sent(IT)) == 1


def test_a_full_disk_under_the_tenant_is_told_and_survived(heard: tuple[World, Ear]) -> None:
    running, _ = heard
    waiting = running.deliver(IT, raw(2))
    with no_room(running.lab.sandbox.pid):
        with pytest.raises(requests.HTTPError, match="507") as refused:
            running.control("PUT", "mailboxes/new@northgate.example", {"kind": "shared"})
        assert "cannot store anything at the moment" in refused.value.response.json()["error"]
        running.nudge()
        time.sleep(1)
        assert running.lab.sandbox.running()
    after = running.deliver(IT, raw(3))
    running.settle(waiting, after)
    assert [each["action"] for each in running.taken(waiting, after)] == ["new_case", "new_case"]
    assert len(running.sent(IT)) == 3
