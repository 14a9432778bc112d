"""The sandbox tenant and the Functions host as processes of their own, as they are in real life."""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from sync.errors import ConfigurationError

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60
MOST_RESTARTS = 50


class Process:
    """One `plumbline` command that says on its first line of output where it can be reached."""

    def __init__(self, arguments: list[str], environment: Mapping[str, str], log: Path) -> None:
        self._log = log
        with log.open("ab") as sink:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-m", "cli.main", *arguments],
                stdout=subprocess.PIPE,
                stderr=sink,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **environment, "PYTHONPATH": str(ROOT)},
                cwd=ROOT,
            )
        self.description = self._ready()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def running(self) -> bool:
        """Whether the process lives."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End the process in good order, by force after ten seconds."""
        if self.running():
            self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()

    def _ready(self) -> dict[str, str]:
        assert self._process.stdout is not None
        timer = threading.Timer(START_SECONDS, self._process.kill)
        timer.start()
        line = self._process.stdout.readline()
        timer.cancel()
        if not line:
            self._process.wait()
            words = self._log.read_text(errors="replace").strip().splitlines()[-5:]
            raise ConfigurationError("A part did not start:\n  " + "\n  ".join(words))
        description: dict[str, str] = json.loads(line)
        return description


class Lab:
    """A sandbox tenant and a host that runs the app on it. The host is started again when it dies."""

    def __init__(
        self, state: Path | None, settings: Mapping[str, str], sandbox_options: Sequence[str] = ()
    ) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="plumbline-") if state is None else None
        self.state = Path(self._temporary.name) if self._temporary else Path(str(state))
        self.state.mkdir(parents=True, exist_ok=True)
        self._settings = settings
        self.sandbox_options = sandbox_options
        self.sandbox = Process(
            ["sandbox", "--json", "--state", str(self.state / "tenant"), *sandbox_options],
            {},
            self.state / "sandbox.log",
        )
        self.host: Process | None = None
        self.restarts = 0

    def environment(self) -> dict[str, str]:
        """The settings with which the app reaches this sandbox: nothing else tells it where it is."""
        found = self.sandbox.description
        return {
            "PLUMBLINE_TENANT_ID": found["tenantId"],
            "PLUMBLINE_CLIENT_ID": found["clientId"],
            "PLUMBLINE_CLIENT_SECRET": found["clientSecret"],
            "PLUMBLINE_AUTHORITY": found["authority"],
            "PLUMBLINE_DATAVERSE_URL": found["dataverseUrl"],
            "PLUMBLINE_GRAPH_URL": found["graphUrl"],
            "PLUMBLINE_CA_BUNDLE": found["caBundle"],
            "PLUMBLINE_STATE": str(self.state / "sync.sqlite"),
            **self._settings,
        }

    def start_host(self) -> Process:
        """Start the host, or find it running."""
        if self.host is None or not self.host.running():
            if self.host is not None:
                self.restarts += 1
                self.host.stop()
            if self.restarts > MOST_RESTARTS:
                raise ConfigurationError(
                    f"The host ended {MOST_RESTARTS} times. Its log is {self.state / 'host.log'}."
                )
            sandbox = self.sandbox.description
            self.host = Process(
                [
                    "host",
                    "--json",
                    "--port=0",
                    f"--state={self.state / 'host'}",
                    f"--clock-url={sandbox['dataverseUrl']}/_sandbox/clock",
                    f"--ca-bundle={sandbox['caBundle']}",
                ],
                self.environment(),
                self.state / "host.log",
            )
        return self.host

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in (self.host, self.sandbox):
            if process:
                process.stop()
        if self._temporary:
            self._temporary.cleanup()
