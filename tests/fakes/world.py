"""The shipped organisation on ports in memory, and the example mails."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from cli.manifest import arrival, load_manifest
from connectors.mime import read_mail
from rules.decision import Organisation
from schemas.commands import ImportCase
from schemas.loading import load_catalogue, load_directory, load_knowledge
from schemas.mail import MailMessage, UnreadableMail
from sync.importing import Importer
from sync.intake import Intake
from sync.mailboxes import MailboxReader
from sync.outbox import Outbox
from tests.fakes.memory import Fuse, MemoryCases, MemoryClock, MemoryEffects, MemoryMail, MemoryState, Store

EXAMPLES = Path(__file__).parents[2] / "examples" / "northgate"
MANIFEST = EXAMPLES / "mail" / "expected.yaml"
EARLY = datetime(2026, 1, 1, tzinfo=UTC)


@cache
def organisation() -> Organisation:
    def text(name: str) -> str:
        return (EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8")

    return Organisation(
        load_catalogue(text("catalogue")),
        load_directory(text("directory")),
        load_knowledge(text("knowledge")),
    )


@cache
def expected() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    return content


@cache
def example_mails() -> dict[str, tuple[MailMessage | UnreadableMail, ...]]:
    """Every copy of every example mail, by its id."""
    found = {}
    for mail in load_manifest(MANIFEST).mails:
        raw = (MANIFEST.parent / mail.file).read_bytes()
        found[mail.id] = tuple(
            read_mail(raw, mailbox=box, remote_id=f"{mail.id}@{box}", received_at=arrival(raw, EARLY))
            for box in mail.mailbox
        )
    return found


@cache
def existing_cases() -> list[ImportCase]:
    return [case.command() for case in load_manifest(MANIFEST).existing_cases]


class Desk:
    """Everything wired in memory. `restart` is a new process on the same stores."""

    def __init__(self, first_number: int = 5000) -> None:
        self.store = Store(next_number=first_number)
        self.clock = MemoryClock()
        self.mail = MemoryMail(Fuse())
        self.state = MemoryState(Fuse())
        self.restart(Fuse())
        Importer(organisation(), self.cases, self.clock).take(existing_cases())

    def restart(self, fuse: Fuse) -> None:
        self.mail.fuse = self.state.fuse = fuse
        self.cases = MemoryCases(self.store, self.clock, fuse)
        self.intake = Intake(organisation(), self.cases, self.clock)
        self.outbox = Outbox(MemoryEffects(self.store, fuse), self.mail, self.clock)

    def round(self, *mailboxes: str) -> None:
        """What a minute of timers and queues does."""
        from datetime import timedelta  # noqa: PLC0415

        reader = MailboxReader(self.mail, self.intake, self.state, self.clock, first_read=timedelta(days=1))
        for mailbox in mailboxes:
            while reader.pull(mailbox).more:
                pass
        while self.outbox.drain().more:
            pass
