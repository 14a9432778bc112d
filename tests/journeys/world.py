"""A sandbox and a host for journeys that deliver mails one by one and look at what comes of them."""

import os
import signal
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import requests

from cli.manifest import Manifest, ManifestMail
from cli.processes import Lab, Process
from cli.replay import Delivered, Replay
from connectors import outlook_rows
from connectors.graph_batch import Request
from tests.openapi.watch import check_recording

START = "2026-02-09T09:00:00Z"
PATIENCE = 30  # seconds


class World:
    """The running parts, and what a person could do with them."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.replay = Replay(lab, Manifest(mails=()), Path())
        self.control("PUT", "clock", {"now": START, "frozen": True})
        self.replay.prepare(lambda _: None)
        self.control("PUT", "clock", {"now": START, "frozen": True})

    @property
    def host(self) -> Process:
        """The host, started again when it has died."""
        return self.lab.start_host()

    def control(self, method: str, path: str, body: Mapping[str, object]) -> None:
        """Ask something of the sandbox's control routes."""
        sandbox = self.lab.sandbox.description
        url = f"{sandbox['dataverseUrl']}/_sandbox/{path}"
        answer = requests.request(method, url, json=body, verify=sandbox["caBundle"], timeout=30)
        answer.raise_for_status()

    def deliver(self, mailbox: str, raw: bytes, name: str = "mail") -> Delivered:
        """Drop a mail into a mailbox."""
        mail = ManifestMail(id=name, file=f"{name}.eml", mailbox=(mailbox,))
        return Delivered(mail, [(mailbox, self.replay.deliver(mailbox, raw))])

    def settle(self, *delivered: Delivered) -> None:
        """Wait until each has its record and the outbox is empty."""
        for each in delivered:
            self.replay.settle(each)

    def taken(self, *delivered: Delivered) -> list[dict[str, object]]:
        """What was decided about each, from the stored rows."""
        from cli.readback import Readback  # noqa: PLC0415

        found = Readback(self.replay.app, delivered).document()["mails"]
        assert isinstance(found, list)
        return found

    def round(self) -> None:
        """Run the planning timer once and wait until the queues are empty."""
        self.nudge()
        until = time.monotonic() + PATIENCE
        time.sleep(0.2)
        while not self._quiet():
            assert time.monotonic() < until, "the queues did not become empty"
            time.sleep(0.05)

    def _quiet(self) -> bool:
        status = self.call("GET", "/admin/host/status", key="masterKey").json()
        return not status["running"] and not any(queue["visible"] for queue in status["queues"].values())

    def call(
        self, method: str, path: str, *, key: str | None = "functionKey", **more: object
    ) -> requests.Response:
        """Make an HTTP call to the host. `key` names one of its keys, or is a wrong one."""
        host = self.host.description
        headers = {} if key is None else {"x-functions-key": host.get(key, key)}
        return requests.request(method, host["url"] + path, headers=headers, timeout=30, **more)  # type: ignore[arg-type]

    def outage(self, seconds: float) -> None:
        """Let the whole tenant fall over and be away for a while; it comes back with all that it had stored."""
        port = urlsplit(self.lab.sandbox.description["dataverseUrl"]).port
        os.kill(self.lab.sandbox.pid, signal.SIGKILL)
        self.lab.sandbox.stop()
        time.sleep(seconds)
        arguments = ["sandbox", "--json", f"--port={port}", "--state", str(self.lab.state / "tenant")]
        arguments += [f"{record}-{uuid.uuid4()}" for record in self.lab.sandbox_options]
        self.lab.sandbox = Process(arguments, {}, self.lab.state / "sandbox.log")

    def nudge(self) -> None:
        """Run the planning timer once, without waiting."""
        self.call("POST", "/admin/functions/plan_round", key="masterKey", json={"input": ""})

    def sent(self, mailbox: str) -> list[str]:
        """The subjects of all that was sent from a mailbox, as the mailbox itself shows them."""
        path = outlook_rows.path(
            "users", mailbox, "mailFolders", "sentitems", "messages", select="subject", top="100"
        )
        graph = self.replay.app.mail._graph
        return [str(row["subject"]) for page in graph.pages(Request("GET", path)) for row in page.rows]

    def logs(self) -> str:
        """All that the host has said."""
        return (self.lab.state / "host.log").read_text(errors="replace")

    def said(self) -> str:
        """All that the sandbox has said."""
        return (self.lab.state / "sandbox.log").read_text(errors="replace")


@contextmanager
def world(state: Path, settings: Mapping[str, str] | None = None) -> Iterator[World]:
    """A running world in this folder."""
    with recorded(state, settings or {}) as lab:
        yield World(lab)


@contextmanager
def recorded(state: Path, settings: Mapping[str, str]) -> Iterator[Lab]:
    """A running lab; at its end all calls of Graph are held against Microsoft's description."""
    with TemporaryDirectory() as apart:  # some tests fill the disk of the state
        with Lab(state, settings, [f"--record={apart}/exchanges"]) as lab:
            yield lab
        for exchanges in Path(apart).iterdir():
            check_recording(exchanges)
