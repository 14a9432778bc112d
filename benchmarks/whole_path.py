"""Whole-path HTTP requests for each of 1,000 complete mails in one mailbox, and the memory of the host.

Goals: at most 0.5 requests a mail, at most 200 MB. The minimum is the feed's pages, the contents twenty to a batch,
one look-up and one write for each wave, and the answers twenty to a batch.
"""

import sys
import time
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from app.settings import SHIPPED
from cli.manifest import Manifest, ManifestMail
from cli.processes import Lab
from cli.replay import Delivered, Replay
from rules import keys

MAILS = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
MAILBOX = "it.help@northgate.example"
BODY = """Please help.

Device: laptop {n}
Error message: screen {n} stays black after the update
Started: 9 February 2026, 08:40
Impact: one person cannot work
"""


def mail(number: int, people: list[str], when: str) -> bytes:
    """A complete request by one of the people."""
    message = EmailMessage()
    message["From"] = people[number % len(people)]
    message["To"] = MAILBOX
    message["Subject"] = f"Laptop {number} stays black"
    message["Date"] = when
    message["Message-ID"] = f"<bench-{number}@mail.northgate.example>"
    message["X-MS-Exchange-Organization-AuthAs"] = "Internal"
    message.set_content(BODY.format(n=number))
    return message.as_bytes()


def main() -> None:
    """Print the table. Exit code 1 when a mail was lost."""
    with Lab(None, {}) as lab:
        replay = Replay(lab, Manifest(mails=()), SHIPPED)
        replay.prepare(print)
        people = [person.address for person in replay.app.organisation.directory.people[:40]]
        entry = Delivered(ManifestMail(id="all", file="", mailbox=(MAILBOX,)))
        when = format_datetime(replay.now())
        for number in range(MAILS):
            entry.copies.append((MAILBOX, replay.deliver(MAILBOX, mail(number, people, when))))
        before = replay.requests()
        started = time.monotonic()
        replay.settle(entry)
        elapsed = time.monotonic() - started
        after = replay.requests()
        host = lab.start_host()
        resident = _resident(host.pid)
        used = {name: after[name] - before.get(name, 0) for name in after}
        # Looking whether it is done is the driver's own doing; it says how often it looked.
        total = sum(used.values()) - replay.looks
        opened = replay.app.cases.recorded([keys.mail_key(box, copy) for box, copy in entry.copies])
        print(f"mails {MAILS}, records {opened}, seconds {elapsed:.1f}")
        print(f"requests {total} ({', '.join(f'{name} {count}' for name, count in used.items())})")
        print(f"requests a mail {total / MAILS:.3f} (goal at most 0.5)")
        print(f"host memory {resident:.0f} MB (goal at most 200)")
        sys.exit(0 if opened == MAILS else 1)


def _resident(pid: int) -> float:
    """Resident memory of a process in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
