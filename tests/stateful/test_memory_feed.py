"""The reader against a feed in memory: many histories in little time, and mutants that must be caught."""

import itertools
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from sync.errors import FeedExpired, OutcomeUnknown
from sync.feeds import Checkpoint, Feed, FeedPage, FeedReader
from tests.fakes.memory import MemoryClock
from tests.stateful.machine import FeedMachine

PAGE = 3
WEEK = timedelta(days=7)


class MemoryWorld:
    """Records with versions; links are `full:{upto}:{after}` and `delta:{since}:{place}`."""

    faults: ClassVar[tuple[str, ...]] = ("lost", "expired", "silent")

    def __init__(self) -> None:
        self.clock = MemoryClock()

    def begin(self) -> None:
        self.numbers = itertools.count(1)
        self.version = 0
        self.rows: dict[str, int] = {}
        self.gone: dict[str, int] = {}
        self.broken: dict[int, str] = {}
        self.calls = 0
        self.since = self.clock.now()

    def create(self) -> str:
        key = f"{next(self.numbers):04}"
        self.change(key)
        return key

    def change(self, key: str) -> None:
        self.version += 1
        self.rows[key] = self.version

    disturb = change

    def delete(self, key: str) -> None:
        self.version += 1
        del self.rows[key]
        self.gone[key] = self.version

    def truth(self) -> dict[str, Any]:
        return dict(self.rows)

    def feed(self) -> Feed[int]:
        return MemoryFeed(self)

    def break_calls(self, kind: str, nth: int, seed: int) -> None:
        self.broken[self.calls + nth] = kind

    def heal(self) -> None:
        self.broken.clear()

    def pass_time(self, by: timedelta) -> None:
        self.clock.forward(int(by.total_seconds()))


class MemoryFeed:
    retention = WEEK

    def __init__(self, world: MemoryWorld) -> None:
        self.world = world

    def page(self, link: str | None) -> FeedPage[int]:
        world = self.world
        world.calls += 1
        fault = world.broken.pop(world.calls, None)
        if fault == "lost":
            raise OutcomeUnknown("lost")
        if link is not None and (fault == "expired" or self._too_old(link)):
            raise FeedExpired("too old")
        if link is None or link.startswith("full"):
            return self._full(link)
        return self._delta(link)

    def _too_old(self, link: str) -> bool:
        made = float(link.rpartition(":")[2])
        return self.world.clock.now().timestamp() - made > WEEK.total_seconds()

    def _link(self, kind: str, *values: object) -> str:
        return ":".join([kind, *map(str, values), str(self.world.clock.now().timestamp())])

    def _full(self, link: str | None) -> FeedPage[int]:
        _, upto, after, _ = link.split(":") if link else ("", str(self.world.version), "", "")
        keys = sorted(key for key in self.world.rows if key > after)
        page = {key: self.world.rows[key] for key in keys[:PAGE]}
        if len(keys) > PAGE:
            return FeedPage(page, frozenset(), self._link("full", upto, keys[PAGE - 1]), last=False)
        return FeedPage(page, frozenset(), self._link("delta", upto), last=True)

    def _delta(self, link: str) -> FeedPage[int]:
        since = int(link.split(":")[1])
        events = sorted(
            (version, key)
            for versions in (self.world.rows, self.world.gone)
            for key, version in versions.items()
            if version > since
        )
        taken = events[:PAGE]
        upto = taken[-1][0] if len(events) > PAGE else self.world.version
        changed = {key: version for version, key in taken if key in self.world.rows}
        gone = frozenset(key for _, key in taken if key in self.world.gone)
        return FeedPage(changed, gone, self._link("delta", upto), last=len(events) <= PAGE)


class MemoryMachine(FeedMachine):
    world = MemoryWorld()


def histories(count: int) -> settings:
    return settings(max_examples=count, stateful_step_count=30, deadline=None)


def test_a_reader_ends_with_what_the_store_holds() -> None:
    run_state_machine_as_test(MemoryMachine, settings=histories(150))


@pytest.mark.slow
def test_a_reader_ends_with_what_the_store_holds_in_thousands_of_histories() -> None:
    run_state_machine_as_test(MemoryMachine, settings=histories(1500))


class SavesFirst(FeedReader[Any]):
    """A mutant: the checkpoint before its page."""

    def pull(self, *, max_pages: int = 200) -> Any:
        mirror, saved = self._mirror, self._save

        class Behind:
            newest, sweep = mirror.newest, mirror.sweep
            pages: ClassVar[list[Any]] = []

            def take(self, page: Any, generation: int) -> None:
                self.pages.append((page, generation))

        behind = Behind()
        behind.pages = []

        def save(*values: Any, **named: Any) -> Any:
            place = saved(*values, **named)
            for page, generation in behind.pages:
                mirror.take(page, generation)
            behind.pages.clear()
            return place

        self._mirror, self._save = behind, save  # type: ignore[method-assign]
        return super().pull(max_pages=max_pages)


class NeverSweeps(FeedReader[Any]):
    """A mutant: what was not seen in a round that reads everything stays."""

    def pull(self, *, max_pages: int = 200) -> Any:
        self._mirror.sweep = lambda generation: 0  # type: ignore[method-assign]
        return super().pull(max_pages=max_pages)


class GoesOnInTheFirstPage(FeedReader[Any]):
    """A mutant: a round that broke off in its first page goes on under the same mark."""

    def _unusable(self, place: Checkpoint) -> bool:
        return place.link is not None and super()._unusable(place)


class TakesAnErrorForTheEnd(FeedReader[Any]):
    """A mutant: a page that fails ends the round as if it had been the last."""

    def pull(self, *, max_pages: int = 200) -> Any:
        page = self._feed.page

        def forgiving(link: str | None) -> Any:
            try:
                return page(link)
            except OutcomeUnknown:
                end = f"delta:{self._feed.world.version}:{self._clock.now().timestamp()}"  # type: ignore[attr-defined]
                return FeedPage({}, frozenset(), end, last=True)

        self._feed.page = forgiving  # type: ignore[method-assign]
        return super().pull(max_pages=max_pages)


MUTANTS = [SavesFirst, NeverSweeps, GoesOnInTheFirstPage, TakesAnErrorForTheEnd]


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_reader_that_breaks_a_rule_is_caught(mutant: type[FeedReader[Any]], monkeypatch: Any) -> None:
    monkeypatch.setattr("tests.stateful.machine.FeedReader", mutant)
    quick = settings(histories(600), database=None, phases=["generate"], derandomize=True)
    with pytest.raises((AssertionError, ExceptionGroup)) as caught:
        run_state_machine_as_test(MemoryMachine, settings=quick)
    found = caught.value
    several = found.exceptions if isinstance(found, ExceptionGroup) else (found,)
    assert all(isinstance(each, AssertionError) for each in several), (
        "a mutant that breaks down proves nothing"
    )
