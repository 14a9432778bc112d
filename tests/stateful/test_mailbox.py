"""The reader of a shared mailbox over https: whatever people, feed and wire do, no mail in the inbox is missed."""

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
import requests
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from connectors import outlook
from connectors.auth import Secret, TokenSource
from connectors.graph import GraphClient
from connectors.graph_errors import GRAPH
from connectors.http import Http, Policy, new_session
from connectors.outlook import Outlook
from sandbox.tenant import Tenant
from sync.errors import RemoteError
from sync.intake import Mail, Taken
from sync.mailboxes import CURSOR, MailboxReader
from tests.fakes.memory import Fuse, Killed, MemoryState
from tests.stateful.machine import WIRE, Hasty, without_limits

MAIL = "From: ada@outside.example\r\nTo: desk@contoso.example\r\nSubject: {n}\r\n\r\nHello {n}\r\n"
LATER = 5  # pulls without faults


class Collector:
    """Stands for the intake: takes a mail once, however often it is offered."""

    def __init__(self, fuse: Fuse) -> None:
        self._fuse = fuse
        self.taken: Counter[str] = Counter()

    def take(self, mails: Sequence[Mail]) -> Taken:
        self._fuse.around(lambda: self.taken.update(mail.remote_id for mail in mails))
        return Taken(decided=len(mails))


class Desk:
    """One mailbox of a tenant of its own, and people who work in it."""

    numbers: ClassVar = itertools.count(1)

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.said = tenant.description()
        self.web = requests.Session()
        self.web.trust_env, self.web.verify = False, self.said["caBundle"]
        session = new_session(Path(self.said["caBundle"]))
        credential = Secret(self.said["clientId"], self.said["clientSecret"])
        self.tokens = TokenSource(credential, authority=self.said["authority"], session=session)

    def begin(self, seed: int) -> None:
        self.heal()
        self.address = f"desk{next(self.numbers)}@contoso.example"
        self.control("PUT", f"mailboxes/{self.address}", {"displayName": "Desk", "kind": "shared"})
        self.control("PUT", "graph", {"quirks": {"seed": seed, "rate": 0.3}})

    def control(self, method: str, path: str, body: Any = None) -> Any:
        said = self.web.request(method, f"{self.tenant.base}/_sandbox/{path}", json=body, timeout=60)
        assert said.ok, said.text
        return said.json() if said.content else None

    def raw(self, method: str, path: str, body: Any = None) -> Any:
        token = self.tokens.token(self.said["graphUrl"].removesuffix("/v1.0") + "/.default")
        headers = {"Authorization": f"Bearer {token}", "Prefer": 'IdType="ImmutableId"'}
        url = f"{self.said['graphUrl']}/users/{self.address}{path}"
        said = self.web.request(method, url, json=body, headers=headers, timeout=60)
        assert said.ok, said.text
        return said.json() if said.content else None

    def deliver(self) -> str:
        url = f"{self.tenant.base}/_sandbox/mailboxes/{self.address}/deliver"
        return str(self.web.post(url, data=MAIL.format(n=next(self.numbers)), timeout=60).json()["id"])

    def move(self, message: str, folder: str) -> None:
        self.raw("POST", f"/messages/{message}/move", {"destinationId": folder})

    def inbox(self) -> set[str]:
        listed = self.raw("GET", "/mailFolders/inbox/messages?$select=id&$top=1000")
        return {entry["id"] for entry in listed["value"]}

    def break_calls(self, kind: str, nth: int, seed: int) -> None:
        match = {"service": "graph", "path": r"/messages/delta|\$batch", "nth": nth, "seed": seed}
        more = {"link": "both"} if kind == "drop-link" else {}
        self.tenant.faults.add([{"match": match, "do": {"kind": kind, **more}}])

    def heal(self) -> None:
        self.tenant.faults.clear()
        self.control("PUT", "graph", {"quirks": {}})

    def now(self) -> datetime:
        return self.tenant.clock.now().replace(microsecond=0)

    def outlook(self) -> Outlook:
        base = self.said["graphUrl"]
        session, timing = new_session(Path(self.said["caBundle"])), Hasty().timing
        http = Http(
            session, self.tokens, base_url=base, service=GRAPH, policy=Policy(attempts=2), timing=timing
        )
        return Outlook(GraphClient(http, base))


class MailboxMachine(RuleBasedStateMachine):
    """People, the feed with its quirks, the wire with its faults, and a reader that may die."""

    desk: ClassVar[Desk]

    @initialize(seed=st.integers(0, 99))
    def begin(self, seed: int) -> None:
        self.desk.begin(seed)
        self.fuse = Fuse()
        self.state, self.intake = MemoryState(self.fuse), Collector(self.fuse)
        self.mails: list[str] = []
        self.mail_port = self.desk.outlook()

    @rule(count=st.integers(1, 4))
    def mail_arrives(self, count: int) -> None:
        self.mails += [self.desk.deliver() for _ in range(count)]

    @precondition(lambda self: self.mails)
    @rule(nth=st.integers(0, 50), folder=st.sampled_from(["archive", "deleteditems", "inbox"]))
    def somebody_moves_a_mail(self, nth: int, folder: str) -> None:
        self.desk.move(self.mails[nth % len(self.mails)], folder)

    @precondition(lambda self: self.mails)
    @rule(nth=st.integers(0, 50))
    def somebody_moves_a_mail_out_and_back(self, nth: int) -> None:
        for folder in ("archive", "inbox"):
            self.desk.move(self.mails[nth % len(self.mails)], folder)

    @precondition(lambda self: self.mails)
    @rule(nth=st.integers(0, 50))
    def somebody_reads_a_mail(self, nth: int) -> None:
        self.desk.raw("PATCH", f"/messages/{self.mails[nth % len(self.mails)]}", {"isRead": True})

    @precondition(lambda self: self.mails)
    @rule(nth=st.integers(0, 50))
    def somebody_deletes_a_mail_for_good(self, nth: int) -> None:
        self.desk.raw("POST", f"/messages/{self.mails.pop(nth % len(self.mails))}/permanentDelete")

    @rule(kind=st.sampled_from(WIRE), nth=st.integers(1, 4), seed=st.integers(0, 3))
    def something_breaks(self, kind: str, nth: int, seed: int) -> None:
        self.desk.break_calls(kind, nth, seed)

    @rule()
    def the_feed_lapses(self) -> None:
        self.desk.control("POST", "graph/expire-delta")

    @rule(pages=st.integers(1, 4))
    def read_some_pages(self, pages: int) -> None:
        with suppress(RemoteError):
            self.pull(pages)

    @rule(steps=st.integers(1, 9), after=st.booleans())
    def die_while_reading(self, steps: int, after: bool) -> None:
        self.fuse.at, self.fuse.after = self.fuse.calls + steps, after
        with suppress(RemoteError, Killed):
            self.pull(4)
        self.fuse.at = None
        # The turn of a worker that died lapses by itself after a minute, and no time passes here.
        self.state.rows = {key: value for key, value in self.state.rows.items() if "turn" not in key[0]}

    @rule()
    def the_cursor_is_lost(self) -> None:
        self.state.delete(CURSOR, self.desk.address)

    def pull(self, pages: int = 50) -> bool:
        reader = MailboxReader(
            self.mail_port,
            self.intake,  # type: ignore[arg-type]
            self.state,
            self.desk,
            first_read=timedelta(days=30),
        )
        return reader.pull(self.desk.address, max_pages=pages).more

    def teardown(self) -> None:
        if not hasattr(self, "intake"):
            return
        self.desk.heal()
        for _ in range(LATER):
            self.pull()
        assert self.desk.inbox() <= set(self.intake.taken)


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with Tenant() as tenant:
        without_limits(tenant)
        yield Desk(tenant)


def run(desk_: Desk, count: int) -> None:
    class Machine(MailboxMachine):
        desk = desk_

    checks = list(HealthCheck)
    chosen = settings(max_examples=count, stateful_step_count=25, deadline=None, suppress_health_check=checks)
    run_state_machine_as_test(Machine, settings=chosen)


def test_no_mail_in_the_inbox_is_missed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlook, "_FEED", {"Prefer": 'IdType="ImmutableId", odata.maxpagesize=2'})
    run(desk, 12)


@pytest.mark.slow
def test_no_mail_in_the_inbox_is_missed_in_hundreds_of_histories(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlook, "_FEED", {"Prefer": 'IdType="ImmutableId", odata.maxpagesize=2'})
    run(desk, 200)


class Deaf(Outlook):
    """A mutant: "removed" is read as gone."""

    def changes(self, mailbox: str, link: str | None, *, since: datetime | None = None) -> Any:
        page = super().changes(mailbox, link, since=since)
        return page.model_copy(update={"changes": tuple(each for each in page.changes if not each.removed)})


def test_a_reader_that_takes_removed_for_gone_is_caught(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.stateful.test_mailbox.Outlook", Deaf)
    machine = type("Machine", (MailboxMachine,), {"desk": desk})()
    machine.begin(0)
    desk.heal()
    machine.pull()
    machine.mail_arrives(1)
    machine.somebody_moves_a_mail_out_and_back(0)
    with pytest.raises(AssertionError):
        machine.teardown()
