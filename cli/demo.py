"""The main job on the sandbox, shown to a person."""

import signal
import time
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from app.settings import SHIPPED
from cli.manifest import Manifest, load_manifest
from cli.processes import Lab
from cli.replay import Replay

MANIFEST = SHIPPED / "mail" / "expected.yaml"
TABLE_WIDTH = 150
WORDS = {
    "new_case": "new case",
    "follow_up": "added to",
    "duplicate": "duplicate of",
    "delivery_failure": "our mail did not arrive",
    "ignore": "ignored",
    "hold": "held for a person",
}


def replay_folder(
    manifest_path: Path, settings: Mapping[str, str], state: Path | None, console: Console
) -> dict[str, object]:
    """Replay a manifest and return `{"mails": [...], "cases": [...]}`."""
    manifest = load_manifest(manifest_path)
    with Lab(state, settings) as lab:
        return _run(lab, manifest, manifest_path.parent, console)


def demo(keep: bool) -> None:
    """Replay the shipped mails and print a table that a stranger understands."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=TABLE_WIDTH)  # a log has no width of its own
    console.print(
        "[bold]Plumbline[/bold]: 60 mails to the shared mailboxes of Northgate Council become cases."
    )
    manifest = load_manifest(MANIFEST)
    with Lab(None, {}) as lab:
        document = _run(lab, manifest, MANIFEST.parent, console)
        console.print(_table(document))
        console.print(_counts(document))
        if keep:
            _stay(lab, document, console)


def _run(lab: Lab, manifest: Manifest, folder: Path, console: Console) -> dict[str, object]:
    replay = Replay(lab, manifest, folder)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Starting", total=len(manifest.mails))
        replay.prepare(lambda words: progress.update(task, description=words))
        progress.update(task, description="Delivering mails")
        readback = replay.run(
            lambda mail: progress.update(task, advance=1, description=f"Delivering {mail.id}")
        )
    for trouble in replay.troubles:
        console.print(f"[yellow]Not dealt with:[/yellow] {trouble}", soft_wrap=True)
    return readback.document()


def _table(document: Mapping[str, object]) -> Table:
    table = Table(title="What became of each mail", header_style="bold", show_lines=False)
    table.add_column("mail", no_wrap=True)
    table.add_column("what became of it", min_width=26)
    table.add_column("case", no_wrap=True)
    table.add_column("type", no_wrap=True)
    table.add_column("not answered yet", max_width=36)
    table.add_column("first reply by", no_wrap=True)
    table.add_column("answer", no_wrap=True)
    for mail in _entries(document, "mails"):
        table.add_row(*_row(mail))
    return table


def _row(mail: Mapping[str, object]) -> list[str]:
    action, reason = str(mail.get("action", "nothing yet")), mail.get("reason")
    words = WORDS.get(action, action) + (f": {str(reason).replace('_', ' ')}" if reason else "")
    due, missing = mail.get("due"), mail.get("missing")
    return [
        str(mail["id"]),
        words,
        str(mail.get("case") or mail.get("related") or ""),
        str(mail.get("request_type") or ("to be chosen" if mail.get("triage") else "")),
        ", ".join(map(str, missing)) if isinstance(missing, list | tuple) else "",
        _local(due["first_response"]) if isinstance(due, Mapping) else "",
        "sent" if mail.get("sent") else "",
    ]


def _local(instant: object) -> str:
    """The organisation's local time; the shipped one lives in London."""
    return f"{datetime.fromisoformat(str(instant)).astimezone(ZoneInfo('Europe/London')):%a %d %b %H:%M}"


def _counts(document: Mapping[str, object]) -> str:
    mails = _entries(document, "mails")
    actions = Counter(str(mail.get("action", "open")) for mail in mails)
    sent = sum(len(letters) for mail in mails if isinstance(letters := mail.get("sent"), list))
    parts = [f"{count} {WORDS.get(action, action)}" for action, count in actions.most_common()]
    return f"{len(mails)} mails: {', '.join(parts)}. {sent} confirmations sent, each once."


def _entries(document: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    found = document[name]
    assert isinstance(found, list)
    return found


def _stay(lab: Lab, document: Mapping[str, object], console: Console) -> None:
    """Print how to reach everything, and wait for Ctrl-C."""
    host = lab.start_host().description
    first = next((str(mail["case"]) for mail in _entries(document, "mails") if mail.get("case")), "NC-000001")
    key = host["functionKey"]
    console.print(
        "\nStill running. Settings of the app (the same names serve a real tenant):", soft_wrap=True
    )
    for name, value in lab.environment().items():
        console.print(f"  {name}={value}", highlight=False, soft_wrap=True)
    console.print("\nThree calls to try:")
    for call in (
        f"curl {host['url']}/api/health",
        f"curl -H 'x-functions-key: {key}' {host['url']}/api/v1/cases/{first}",
        f"curl -H 'x-functions-key: {key}' {host['url']}/api/v1/cases/{first}/explain",
    ):
        console.print(f"  {call}", highlight=False, soft_wrap=True)
    console.print("\nCtrl-C ends it.")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        while True:
            time.sleep(1)
            lab.start_host()
    except KeyboardInterrupt:
        console.print("Stopped.")
