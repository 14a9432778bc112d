"""Any interleaving of writes, pages, faults and crashes: in the end the mirror holds what the store holds."""

from contextlib import suppress
from datetime import timedelta
from typing import Any, ClassVar, Protocol

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

from connectors.http import Timing
from sandbox.tenant import Tenant
from sync.errors import RemoteError
from sync.feeds import CHECKPOINT, Feed, FeedPage, FeedReader, Progress
from sync.ports import Clock
from tests.fakes.memory import Fuse, Killed, MemoryState

WIRE = (
    "throttle",
    "unavailable",
    "status",
    "html",
    "unauthorized",
    "reset",
    "reset-after",
    "truncate",
    "lost-answer",
    "expired-feed",
    "duplicate",
    "shuffle",
    "ghost",
    "unknown-member",
    "drop-link",
)
QUIET_AFTER = 5  # pulls without faults


class World(Protocol):
    """A store that people write to, its feed, and what can go wrong on the way."""

    faults: ClassVar[tuple[str, ...]]
    clock: Clock

    def begin(self) -> None: ...
    def create(self) -> str: ...
    def change(self, key: str) -> None: ...
    def delete(self, key: str) -> None: ...
    def disturb(self, key: str) -> None:
        """Touch a record so that its feed says something odd but its content stays."""

    def truth(self) -> dict[str, Any]: ...
    def feed(self) -> Feed[Any]: ...
    def break_calls(self, kind: str, nth: int, seed: int) -> None: ...
    def heal(self) -> None: ...
    def pass_time(self, by: timedelta) -> None: ...


class MemoryMirror:
    """Holds records by key; may be killed between any two of them."""

    def __init__(self, fuse: Fuse) -> None:
        self._fuse = fuse
        self.records: dict[str, tuple[int, Any]] = {}

    def newest(self) -> int:
        return max((seen for seen, _ in self.records.values()), default=0)

    def take(self, page: FeedPage[Any], generation: int) -> None:
        for key, record in page.changed.items():
            self._fuse.around(lambda key=key, record=record: self.records.update({key: (generation, record)}))
        for key in page.removed:
            self._fuse.around(lambda key=key: self.records.pop(key, None))

    def sweep(self, generation: int) -> int:
        old = [key for key, (seen, _) in self.records.items() if seen < generation]
        for key in old:
            self._fuse.around(lambda key=key: self.records.pop(key, None))
        return len(old)

    @property
    def content(self) -> dict[str, Any]:
        return {key: record for key, (_, record) in self.records.items()}


class FeedMachine(RuleBasedStateMachine):
    """Writers, a reader, and everything that comes between them."""

    world: ClassVar[World]

    @initialize()
    def begin(self) -> None:
        self.world.begin()
        self.fuse = Fuse()
        self.state = MemoryState(self.fuse)
        self.mirror = MemoryMirror(self.fuse)
        self.alive: list[str] = []

    @rule(count=st.integers(1, 6))
    def create(self, count: int) -> None:
        self.alive += [self.world.create() for _ in range(count)]

    @precondition(lambda self: self.alive)
    @rule(nth=st.integers(0, 50))
    def change(self, nth: int) -> None:
        self.world.change(self.alive[nth % len(self.alive)])

    @precondition(lambda self: self.alive)
    @rule(nth=st.integers(0, 50))
    def delete(self, nth: int) -> None:
        self.world.delete(self.alive.pop(nth % len(self.alive)))

    @precondition(lambda self: self.alive)
    @rule(nth=st.integers(0, 50))
    def disturb(self, nth: int) -> None:
        self.world.disturb(self.alive[nth % len(self.alive)])

    @rule(data=st.data(), nth=st.integers(1, 4), seed=st.integers(0, 3))
    def something_breaks(self, data: st.DataObject, nth: int, seed: int) -> None:
        self.world.break_calls(data.draw(st.sampled_from(self.world.faults)), nth, seed)

    @rule(hours=st.sampled_from([1, 100, 150, 200]))
    def time_passes(self, hours: int) -> None:
        self.world.pass_time(timedelta(hours=hours))

    @rule(pages=st.integers(1, 4))
    def read_some_pages(self, pages: int) -> None:
        with suppress(RemoteError):
            self.pull(pages)

    @rule(pages=st.integers(1, 4), steps=st.integers(1, 9), after=st.booleans())
    def die_while_reading(self, pages: int, steps: int, after: bool) -> None:
        self.fuse.at, self.fuse.after = self.fuse.calls + steps, after
        with suppress(RemoteError, Killed):
            self.pull(pages)
        self.fuse.at = None

    @rule()
    def the_checkpoint_is_lost(self) -> None:
        self.state.delete(CHECKPOINT, "feed")

    def pull(self, pages: int = 200) -> Progress:
        reader = FeedReader("feed", self.world.feed(), self.mirror, state=self.state, clock=self.world.clock)
        return reader.pull(max_pages=pages)

    def teardown(self) -> None:
        if not hasattr(self, "mirror"):
            return
        self.world.heal()
        for _ in range(QUIET_AFTER):
            told = self.pull()
            if not (told.more or told.changed or told.removed):
                break
        else:
            raise AssertionError("the feed never falls quiet")
        assert self.mirror.content == self.world.truth()


class Hasty:
    """Time that passes by sleeping, so that waits of a client cost nothing."""

    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    @property
    def timing(self) -> Timing:
        return Timing(monotonic=lambda: self.now, sleep=self.sleep)


def without_limits(tenant: Tenant) -> None:
    """Many histories in little time are more calls than the services take from one app."""
    limits = {"dataverse": {"requests": None}, "sharepoint": {"units": None}, "mail": {"requests": None}}
    said = requests.put(
        f"{tenant.base}/_sandbox/limits", json=limits, verify=tenant.description()["caBundle"], timeout=30
    )
    assert said.ok, said.text


def run(world_: World, count: int) -> None:
    """So many histories of a world."""

    class Machine(FeedMachine):
        world = world_

    checks = list(HealthCheck)
    chosen = settings(max_examples=count, stateful_step_count=25, deadline=None, suppress_health_check=checks)
    run_state_machine_as_test(Machine, settings=chosen)
