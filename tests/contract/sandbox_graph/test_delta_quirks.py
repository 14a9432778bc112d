"""What the feed of a folder does to careless readers, and that a careful one always ends with the truth."""

import itertools
from collections.abc import Iterator

import pytest
import requests
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from sandbox.tenant import Tenant

DELTA = "/mailFolders/inbox/messages/delta"
NUMBERS = itertools.count()
ALL = {"sizes", "empty", "repeats", "partial", "replays", "lag", "ghosts", "changed"}


@pytest.fixture(scope="module")
def world() -> Iterator[tuple[Tenant, requests.Session]]:
    """A tenant for this module: its switches concern nobody else."""
    with Tenant() as running, requests.Session() as session:
        yield running, session


@pytest.fixture
def desk(world, visit):
    running, session = world
    box = visit(running, session)
    box.address = f"desk{next(NUMBERS)}@contoso.example"
    box.deliver(subject="zero")
    yield box
    box.switch(quirks={})


def pages(box, url, size=4):
    """The bodies of the pages of one round."""
    while url:
        ids = {"Prefer": f'IdType="ImmutableId", odata.maxpagesize={size}'}
        answer = box.graph.get(url, headers=ids)
        assert answer.status_code == 200, answer.text
        yield answer.json()
        url = answer.json().get("@odata.nextLink")


def read(box, url, size=4):
    """All entries of a round and its delta link."""
    found = list(pages(box, url, size))
    return [entry for page in found for entry in page["value"]], found[-1]["@odata.deltaLink"]


def move(box, message, folder):
    box.graph.post(f"{box.path}/messages/{message}/move", {"destinationId": folder}).raise_for_status()


@pytest.mark.covers("mail.delta.sizes")
def test_pages_have_any_size(desk):
    for _ in range(15):
        desk.deliver()
    desk.switch(quirks={"seed": 3, "sizes": 1})
    sizes = [len(page["value"]) for page in pages(desk, desk.path + DELTA, 6)]
    assert sum(sizes) == 16
    assert len(set(sizes[:-1])) > 1
    assert max(sizes) <= 6


@pytest.mark.covers("mail.delta.empty")
def test_empty_pages_come_with_a_next_link(desk):
    desk.switch(quirks={"empty": 1})
    found = list(pages(desk, desk.path + DELTA))
    assert [len(page["value"]) for page in found] == [0, 1]
    assert "@odata.nextLink" in found[0]


@pytest.mark.covers("mail.delta.repeats")
def test_of_entries_with_one_id_the_last_is_right(desk):
    desk.switch(quirks={"repeats": 1})
    entries, _ = read(desk, desk.path + DELTA)
    assert [entry["id"] for entry in entries] == [entries[0]["id"]] * 2
    assert ["@removed" in entry for entry in entries] == [True, False]


@pytest.mark.covers("mail.delta.partial")
def test_entries_may_have_fewer_members_than_selected(desk):
    desk.switch(quirks={"partial": 1})
    entries, _ = read(desk, desk.path + DELTA + "?$select=subject,body,isRead")
    assert set(entries[0]) == {"@odata.type", "@odata.etag", "id", "isRead", "parentFolderId"}


@pytest.mark.covers("mail.delta.replays")
def test_changes_reported_before_are_reported_again(desk):
    entries, link = read(desk, desk.path + DELTA)
    desk.switch(quirks={"replays": 1})
    assert [entry["id"] for entry in read(desk, link)[0]] == [entries[0]["id"]]


@pytest.mark.covers("mail.delta.lag")
def test_a_change_may_come_a_round_later(desk):
    _, link = read(desk, desk.path + DELTA)
    desk.switch(quirks={"lag": 1})
    late = desk.deliver()
    now, link = read(desk, link)
    later, link = read(desk, link)
    assert ([entry["id"] for entry in now], [entry["id"] for entry in later]) == ([], [late])
    assert read(desk, link)[0] == []


@pytest.mark.covers("mail.delta.ghosts")
def test_a_message_may_be_called_removed_and_be_there(desk):
    entries, link = read(desk, desk.path + DELTA)
    desk.switch(quirks={"ghosts": 1})
    (ghost,), _ = read(desk, link)
    assert (ghost["id"], "@removed" in ghost) == (entries[0]["id"], True)
    assert desk.graph.get(f"{desk.path}/messages/{ghost['id']}").status_code == 200


@pytest.mark.covers("mail.delta.removed")
def test_the_reason_of_a_removal_may_be_changed(desk):
    entries, link = read(desk, desk.path + DELTA)
    move(desk, entries[0]["id"], "archive")
    desk.switch(quirks={"changed": 1})
    (gone,), _ = read(desk, link)
    assert gone["@removed"] == {"reason": "changed"}


@pytest.mark.covers("mail.delta.seed")
def test_the_same_seed_gives_the_same_run(desk):
    for _ in range(10):
        desk.deliver()
    desk.switch(quirks={"seed": 7, "rate": 0.5})
    first = [page["value"] for page in pages(desk, desk.path + DELTA)]
    assert [page["value"] for page in pages(desk, desk.path + DELTA)] == first
    desk.switch(quirks={"seed": 8, "rate": 0.5})
    assert [page["value"] for page in pages(desk, desk.path + DELTA)] != first


@pytest.mark.covers("mail.delta.quirks")
@pytest.mark.parametrize("wrong", [{"rate": 2}, {"colour": 1}, {"seed": "x"}, 5])
def test_quirks_are_rates_by_name(desk, wrong):
    answer = desk.graph.web.put(f"{desk.sandbox}/graph", json={"quirks": wrong}, timeout=10)
    assert answer.status_code == 400
    assert all(name in answer.json()["error"] for name in ALL)


class Feed(RuleBasedStateMachine):
    """Deliveries, moves, patches, deletions and pages in any order; the reader keeps ids and asks for the rest."""

    box: object

    @initialize(
        seed=st.integers(0, 999),
        rate=st.sampled_from([0.0, 0.3, 0.6, 1.0]),
        size=st.integers(1, 5),
        ids=st.sampled_from(['IdType="ImmutableId", ', ""]),
    )
    def start(self, seed, rate, size, ids):
        self.prefer = {"Prefer": f"{ids}odata.maxpagesize={size}"}
        self.box.address = f"feed{next(NUMBERS)}@contoso.example"
        self.box.switch(quirks={"seed": seed, "rate": rate})
        self.first = self.box.deliver()
        self.link = self.box.path + DELTA
        self.all, self.known, self.rounds = [self.first], set(), 0
        self.inbox = self.box.graph.get(self.box.path + "/mailFolders/inbox").json()["id"]

    @rule()
    def deliver(self):
        self.all.append(self.box.deliver())

    @rule(n=st.integers(0), folder=st.sampled_from(["archive", "inbox", "deleteditems"]))
    def move(self, n, folder):
        if self.all:
            move(self.box, self.all[n % len(self.all)], folder)

    @rule(n=st.integers(0))
    def there_and_back(self, n):
        self.move(n, "archive")
        self.move(n, "inbox")

    @rule(n=st.integers(0), wanted=st.sampled_from([{"isRead": True}, {"categories": ["A"]}]))
    def patch(self, n, wanted):
        if self.all:
            url = f"{self.box.path}/messages/{self.all[n % len(self.all)]}"
            self.box.graph.call("PATCH", url, json=wanted).raise_for_status()

    @rule(n=st.integers(0))
    def delete(self, n):
        if self.all:
            message = self.all.pop(n % len(self.all))
            url = f"{self.box.path}/messages/{message}/permanentDelete"
            self.box.graph.post(url).raise_for_status()

    @rule()
    def page(self):
        body = self.box.graph.get(self.link, headers=self.prefer).json()
        for entry in body["value"]:
            self.look(entry["id"])
        self.rounds += "@odata.deltaLink" in body
        self.link = body.get("@odata.nextLink") or body["@odata.deltaLink"]

    def look(self, message):
        """The feed gives ids, the content comes from a read."""
        url = f"{self.box.path}/messages/{message}?$select=parentFolderId"
        found = self.box.graph.get(url)
        here = found.status_code == 200 and found.json()["parentFolderId"] == self.inbox
        (self.known.add if here else self.known.discard)(message)

    @invariant()
    def rounds_end(self):
        assert getattr(self, "rounds", 0) < 1000

    def teardown(self):
        """When nothing changes any more, the round under way and two more tell everything."""
        if hasattr(self, "link"):
            until = self.rounds + 3
            while self.rounds < until:
                self.page()
            url = f"{self.box.path}/mailFolders/inbox/messages?$top=1000&$select=id"
            there = self.box.graph.get(url, headers=self.prefer).json()["value"]
            assert self.known == {message["id"] for message in there}


@pytest.mark.covers("mail.delta.truth")
def test_a_reader_that_follows_the_rules_ends_with_the_folder(desk):
    Feed.box = desk
    wanted = settings(
        max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(Feed, settings=wanted)
