"""Replay a folder of mails through sandbox and host, at their own dates on the virtual clock.

The driver only does what the world does: it moves the clock, delivers mails and lets timers and queues do the work.
It waits by looking at what is stored, so that a host that dies and comes back changes nothing.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests

from app.settings import Settings
from app.wiring import Plumbline
from cli.manifest import Manifest, ManifestMail, arrival
from cli.processes import Lab
from cli.readback import Readback, Unsettled
from dataverse.provisioning import apply, plan
from dataverse.schema import load_schema
from rules import keys
from sync.errors import ConfigurationError, RemoteError
from sync.outbox import LEASE

PAUSE = 0.03  # seconds between two looks
QUIET = 6  # idle looks in a row until the clock is moved on, for what waits on purpose
PATIENCE = 600  # seconds that a busy host is waited for
ROUNDS = 12  # times that the clock is moved on for one mail
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
STEP = LEASE + 1  # seconds


@dataclass
class Delivered:
    """Where the copies of one mail lie: mailbox and immutable id."""

    mail: ManifestMail
    copies: list[tuple[str, str]] = field(default_factory=list)


class Replay:
    """One run over one manifest."""

    def __init__(self, lab: Lab, manifest: Manifest, folder: Path) -> None:
        self._lab = lab
        self._manifest = manifest
        self._folder = folder
        self._control = requests.Session()
        self._control.trust_env = False
        self._control.verify = lab.sandbox.description["caBundle"]
        environment = {
            name.removeprefix("PLUMBLINE_").lower(): value for name, value in lab.environment().items()
        }
        self.app = Plumbline(
            Settings.model_validate({**environment, "state": str(lab.state / "driver.sqlite")})
        )
        self.delivered: list[Delivered] = []
        self.troubles: list[str] = []  # in words: mails that did not come to an end
        self.looks = 0  # requests that waiting has cost

    def prepare(self, progress: Callable[[str], None]) -> None:
        """Mailboxes, tables, cases that existed before, and a running host."""
        start = first_instant(self._manifest, self._folder)
        if start:
            self._ask("PUT", "clock", {"now": _z(start), "frozen": True})
        progress("Mailboxes")
        for address, name, kind in self._addresses():
            self._ask("PUT", f"mailboxes/{address}", {"displayName": name, "kind": kind})
        progress("Tables, keys and choices")
        client, schema = self.app.dataverse, load_schema()
        apply(client, plan(client, schema))
        progress("Cases that existed before")
        self.app.importer.take([case.command() for case in self._manifest.existing_cases])
        taken = [keys.reference_number(case.reference) for case in self._manifest.existing_cases]
        self.app.cases.set_next_number(max(taken, default=0) + 1)
        progress("Functions host")
        self._lab.start_host()

    def run(self, progress: Callable[[ManifestMail], None]) -> Readback:
        """Deliver every mail, wait for what becomes of it, and read back what is stored."""
        for mail in self._manifest.mails:
            self._one(mail)
            progress(mail)
        return Readback(self.app, self.delivered)

    def _addresses(self) -> list[tuple[str, str, str]]:
        organisation = self.app.organisation
        shared = {queue.address: queue.name for queue in organisation.catalogue.queues.values()}
        users = {person.address: person.display_name for person in organisation.directory.people}
        named = {address: address for mail in self._manifest.mails for address in mail.mailbox}
        return [
            *((address, name, "shared") for address, name in {**named, **shared}.items()),
            *(
                (address, name, "user")
                for address, name in users.items()
                if address not in {**named, **shared}
            ),
        ]

    def _one(self, mail: ManifestMail) -> None:
        raw = (self._folder / mail.file).read_bytes()
        self._ask("PUT", "clock", {"now": _z(arrival(raw, self.now())), "frozen": True})
        resume = self._assign(mail)
        entry = Delivered(mail)
        entry.copies = [(mailbox, self.deliver(mailbox, raw)) for mailbox in mail.mailbox]
        self.delivered.append(entry)
        try:
            self.settle(entry)
        except Unsettled as trouble:
            self.troubles.append(str(trouble))  # the mails behind it go on
        if resume is not None:
            self.app.cases.set_next_number(max(resume, self.app.cases.current_number()))

    def deliver(self, mailbox: str, raw: bytes) -> str:
        """Drop a mail into a mailbox; its immutable id."""
        answer = self._control.post(self._url(f"mailboxes/{mailbox}/deliver"), data=raw, timeout=60)
        _check(answer)
        return str(answer.json()["id"])

    def requests(self) -> dict[str, int]:
        """How many requests each service of the sandbox has answered so far."""
        counts: dict[str, int] = self._control.get(self._url("requests?count=1"), timeout=60).json()[
            "byService"
        ]
        return counts

    def _assign(self, mail: ManifestMail) -> int | None:
        """Later mails quote this reference, so the next case has to get it."""
        if not mail.assigned_reference:
            return None
        resume = self.app.cases.current_number()
        self.app.cases.set_next_number(keys.reference_number(mail.assigned_reference))
        return resume

    def settle(self, entry: Delivered) -> None:
        """Wait until the mail has its record and the outbox is empty.

        The clock is moved on for what waits on purpose. Raises Unsettled when nothing helps.
        """
        served = set(self.app.mailboxes())
        strange = sorted({mailbox for mailbox, _ in entry.copies} - served)
        if strange:
            raise Unsettled(
                f"mail {entry.mail.id}: no queue of the catalogue has the mailbox {', '.join(strange)}"
            )
        for _ in range(ROUNDS):
            self._nudge()
            if self._came_to_rest(entry):
                return
            self._ask("POST", "clock/advance", {"seconds": STEP})
        log = self._lab.state / "host.log"
        raise Unsettled(f"mail {entry.mail.id} was not dealt with; the log of the host is {log}")

    def _came_to_rest(self, entry: Delivered) -> bool:
        """Whether the mail is dealt with once the host is idle. One idle look may fall between two messages."""
        until, quiet = time.monotonic() + PATIENCE, 0
        while quiet < QUIET and time.monotonic() < until:
            quiet = quiet + 1 if self._idle(self._lab.start_host().description) else 0
            if quiet in (1, QUIET) and self._done(entry):
                return True
            time.sleep(PAUSE)
        return False

    def _nudge(self) -> None:
        """Run the planning timer now, as the portal's "run" does, so that mails of one minute are not waited for."""
        host = self._lab.start_host().description
        try:
            requests.post(
                f"{host['url']}/admin/functions/plan_round",
                json={"input": ""},
                headers={"x-functions-key": host["masterKey"]},
                timeout=10,
            )
        except requests.ConnectionError:
            return  # the host has just died; the next look starts it again

    def _idle(self, host: Mapping[str, str]) -> bool:
        try:
            answer = requests.get(
                f"{host['url']}/admin/host/status", headers={"x-functions-key": host["masterKey"]}, timeout=10
            )
        except requests.ConnectionError:
            return False
        status = answer.json()
        waiting = sum(queue["visible"] for queue in status["queues"].values())
        return bool(status["timersSettled"]) and not status["running"] and not waiting

    def _done(self, entry: Delivered) -> bool:
        wanted = [keys.mail_key(mailbox.lower(), remote_id) for mailbox, remote_id in entry.copies]
        try:
            self.looks += 1
            if self.app.cases.recorded(wanted) < len(set(wanted)):
                return False
            self.looks += 1
            return not self.app.effects.open_count()
        except RemoteError:
            return False

    def now(self) -> datetime:
        """The instant of the virtual clock."""
        return datetime.fromisoformat(self._ask("GET", "clock")["now"])

    def _ask(self, method: str, path: str, body: object = None) -> dict[str, str]:
        answer = self._control.request(method, self._url(path), json=body, timeout=60)
        _check(answer)
        content: dict[str, str] = answer.json() if answer.content else {}
        return content

    def _url(self, path: str) -> str:
        return f"{self._lab.sandbox.description['dataverseUrl']}/_sandbox/{path}"


def first_instant(manifest: Manifest, folder: Path) -> datetime | None:
    """An hour before the first mail, where the virtual clock starts; None without mails: the clock shows real time."""
    for mail in manifest.mails[:1]:
        return arrival((folder / mail.file).read_bytes(), EARLIEST) - timedelta(hours=1)
    return None


def _check(answer: requests.Response) -> None:
    if not answer.ok:
        raise ConfigurationError(f"The sandbox answered {answer.status_code}: {answer.text[:300]}")


def _z(value: datetime) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")
