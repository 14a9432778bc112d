"""The feed of a SharePoint list over https, with our client, through every fault of the wire."""

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest

from connectors.http import Policy
from connectors.sharepoint import ListItem
from sandbox.tenant import Tenant
from sync.feeds import Feed
from tests.contract.clients.lists import Articles, article
from tests.stateful.machine import WIRE, Hasty, run, without_limits


class ListWorld:
    """One list in a tenant of its own, whose feed also repeats itself and begins with empty pages."""

    faults: ClassVar[tuple[str, ...]] = (*WIRE, "null-etag")

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.articles = Articles(tenant)
        self.articles.control("PUT", "", {"emptyPages": True, "repeatSeed": 7, "deltaMinutes": 60 * 120})
        self.numbers = itertools.count(1)

    @property
    def clock(self) -> "ListWorld":
        return self

    def now(self) -> datetime:
        return self.tenant.clock.now().replace(microsecond=0)

    def begin(self) -> None:
        self.heal()
        for key in self.truth():
            self.delete(key)
        self.reader = self.articles.client(Policy(attempts=2), Hasty().timing)

    def create(self) -> str:
        made = self.articles.raw("POST", self.articles.path, {"fields": article(Views=next(self.numbers))})
        return str(made.json()["id"])

    def change(self, key: str) -> None:
        path = f"{self.articles.path}/{key}/fields"
        self.articles.raw("PATCH", path, {"Title": f"Title {next(self.numbers)}"})

    def disturb(self, key: str) -> None:
        """A system update: the version grows, the content stays."""
        path = f"/{self.articles.name}/lists/{self.articles.list_id}/touch"
        self.articles.control("POST", path, {"ids": [key]})

    def delete(self, key: str) -> None:
        self.articles.raw("DELETE", f"{self.articles.path}/{key}")

    def truth(self) -> dict[str, ListItem]:
        return {each.item_id: each for each in self.articles.client().items()}

    def feed(self) -> Feed[Any]:
        return self.reader

    def break_calls(self, kind: str, nth: int, seed: int) -> None:
        match = {"service": "graph", "method": "GET", "path": "/items/delta", "nth": nth, "seed": seed}
        more = {"link": "both"} if kind == "drop-link" else {}
        self.tenant.faults.add([{"match": match, "do": {"kind": kind, **more}}])

    def heal(self) -> None:
        self.tenant.faults.clear()

    def pass_time(self, by: timedelta) -> None:
        self.tenant.clock.advance(by)


@pytest.fixture(scope="module")
def world() -> Iterator[ListWorld]:
    with Tenant() as tenant:
        without_limits(tenant)
        yield ListWorld(tenant)


def test_a_reader_ends_with_what_the_list_holds(world: ListWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.sharepoint.PAGE", 2)
    run(world, 20)


@pytest.mark.slow
def test_a_reader_ends_with_what_the_list_holds_in_hundreds_of_histories(
    world: ListWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.sharepoint.PAGE", 2)
    run(world, 250)
