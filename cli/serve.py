"""Sandbox and host together, ready for mail."""

import json
import signal
import time
from pathlib import Path

import typer
from rich.console import Console

from app.settings import SHIPPED
from cli.manifest import Manifest
from cli.processes import Lab
from cli.replay import Replay


def serve(state: Path | None, as_json: bool) -> None:
    """Start both, provision, make the mailboxes, and stay until SIGTERM or Ctrl-C."""
    console = Console(stderr=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with Lab(state, {}) as lab:
        Replay(lab, Manifest(mails=()), SHIPPED).prepare(console.print)
        host = lab.start_host().description
        description = {**lab.sandbox.description, "hostUrl": host["url"], "functionKey": host["functionKey"]}
        if as_json:
            typer.echo(json.dumps(description))
        else:
            for name, value in description.items():
                typer.echo(f"{name}: {value}")
            console.print("Ctrl-C ends it.")
        try:
            while True:
                time.sleep(1)
                lab.start_host()
        except KeyboardInterrupt:
            console.print("Stopped.")
