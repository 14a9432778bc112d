"""Mails and manifests for journeys, written as a sender's program would write them."""

from collections.abc import Mapping
from email.message import EmailMessage
from pathlib import Path

import yaml

IT = "it.help@northgate.example"
DAY = "Mon, 09 Feb 2026"


def mail(
    number: int,
    subject: str = "My laptop does not start",
    *,
    text: str = "Since this morning the screen stays dark.\n",
    sender: str = "Planning Officer <planning.officer@northgate.example>",
    message_id: str | None = None,
) -> EmailMessage:
    """A good mail to the IT desk; its number is its minute."""
    made = EmailMessage()
    made["From"] = sender
    made["To"] = IT
    made["Subject"] = subject
    made["Date"] = f"{DAY} 09:{number:02d}:00 +0000"
    made["Message-ID"] = message_id or f"<wrong-{number}@mail.northgate.example>"
    made.set_content(text)
    return made


def write_manifest(folder: Path, mails: Mapping[str, bytes], mailbox: str = IT) -> Path:
    """A folder with these mails, in their order."""
    for name, raw in mails.items():
        (folder / f"{name}.eml").write_bytes(raw)
    manifest = folder / "manifest.yaml"
    entries = [{"id": name, "file": f"{name}.eml", "mailbox": [mailbox]} for name in mails]
    manifest.write_text(yaml.safe_dump({"mails": entries}), encoding="utf-8")
    return manifest
