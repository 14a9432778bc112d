"""Sends parcels when their virtual time has come, from a few threads that no request ever waits for.

A parcel is put into the store within the transaction that it tells of, so a write that is rolled back notifies
nobody and a crash loses nothing. At most two posts are on their way to one receiver: a dead one holds up itself."""

import logging
import queue
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from sqlite3 import Connection

from sandbox.clock import VirtualClock
from sandbox.outgoing import waiting
from sandbox.outgoing.addresses import receiver
from sandbox.outgoing.courier import Courier
from sandbox.outgoing.model import Channel, Faults, Outcome, Parcel, Settings
from sandbox.outgoing.planning import Planner
from sandbox.store import Store
from sandbox.traces import log_failure

LOG = logging.getLogger("sandbox.outgoing")
THREADS = 16
PER_RECEIVER = 2
ROUND = 500
LONGEST_LINE = 200

type Watcher = Callable[[datetime], datetime | None]


class _Mine(threading.local):
    """Whether the present thread has put parcels since its last commit."""

    added: bool = False


class Outgoing:
    """The sender of one tenant. `watchers` are called in each round with the virtual now and give their next time."""

    def __init__(self, store: Store, clock: VirtualClock, faults: Faults, own_ca: Path) -> None:
        self._store, self._clock = store, clock
        self._courier = Courier(store, clock, own_ca)
        self.journal = self._courier.journal
        self.watchers: list[Watcher] = []
        self._channels: dict[str, Channel] = {}
        self._planner = Planner(store, faults, self._courier, self._channels)
        self._jobs: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._lines: defaultdict[str, deque[list[Parcel]]] = defaultdict(deque)
        self._state = threading.Condition()
        self._busy: set[int] = set()
        self._receivers: Counter[str] = Counter()
        self._awake, self._ended = False, threading.Event()
        self._mine = _Mine()
        self._threads: list[threading.Thread] = []
        with store.write() as db:
            waiting.prepare(db)
        store.after_commit.append(self._committed)
        clock.listeners.append(self.wake)

    def open(self, channel: Channel) -> None:
        """Take parcels of a channel from now on."""
        self._channels[channel.name] = channel

    def put(self, db: Connection, parcel: Parcel, delay: float = 0.0) -> None:
        """Send a parcel after virtual seconds, once the transaction of `db` is committed."""
        waiting.add(db, parcel, self._clock.now() + timedelta(seconds=delay))
        self._mine.added = True

    def tagged(self, db: Connection, channel: str, tag: str) -> int:
        """Give the number of parcels with a tag that are not delivered yet."""
        return len(waiting.tagged(db, channel, tag))

    def cancel(self, db: Connection, channel: str, tag: str) -> None:
        """Forget the parcels with a tag; what is on its way arrives."""
        waiting.remove(db, waiting.tagged(db, channel, tag))

    def call(self, channel: str, url: str, body: str, headers: dict[str, str], timeout: float) -> Outcome:
        """Post at once and wait for the answer: handshakes, and webhooks that a save waits for."""
        outcome = self._courier.post(url, body, headers, timeout)
        self._courier.note(Parcel(channel, url, ""), outcome)
        return outcome

    @property
    def settings(self) -> Settings:
        """The settings of the sender."""
        return self._courier.settings

    def change(self, settings: Settings) -> None:
        """Take other settings; `ca_bundle` must be PEM, else `ssl.SSLError` or `ValueError`."""
        self._courier.change(settings)

    def waiting(self) -> int:
        """Give the number of parcels that are not delivered yet."""
        with self._store.read() as db:
            return waiting.count(db)

    def start(self) -> None:
        """Begin to send."""
        jobs = [self._dispatch, *[self._work] * THREADS]
        self._threads = [threading.Thread(target=job, daemon=True) for job in jobs]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End at once; what is on its way is sent again at the next start."""
        with self._state:
            self._ended.set()
            self._state.notify_all()
        for _ in self._threads[1:]:
            self._jobs.put(None)
        deadline = time.monotonic() + 0.5  # a receiver may be slow; what it says is of no use any more
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        self._courier.close()

    def wake(self) -> None:
        """Look again what is due."""
        with self._state:
            self._awake = True
            self._state.notify_all()

    def rest(self, seconds: float) -> bool:
        """Wait until nothing is due or on its way; tell whether that was so within the (real) seconds."""
        deadline = time.monotonic() + seconds
        while not self._idle():
            with self._state:
                self._state.wait(min(0.05, max(0.001, deadline - time.monotonic())))
            if time.monotonic() > deadline:
                return False
        return True

    def _idle(self) -> bool:
        with self._state:
            if self._busy or self._awake:
                return False
        with self._store.read() as db:
            return not waiting.due(db, self._clock.now(), (), (), 1)

    def _committed(self) -> None:
        if self._mine.added:
            self._mine.added = False
            self.wake()

    def _dispatch(self) -> None:
        while not self._ended.is_set():
            try:
                pause = self._round()
            except Exception as exc:
                log_failure(LOG, "a round of the sender failed", exc)
                pause = 1.0
            with self._state:
                if not self._awake and not self._ended.is_set():
                    self._state.wait(pause)

    def _round(self) -> float | None:
        """Hand out what is due; give the real seconds until something will be, None when nothing will."""
        with self._state:
            self._awake = False
            busy = set(self._busy)
            full = [name for name, line in self._lines.items() if len(line) >= LONGEST_LINE]
        now = self._clock.now()
        times = [at.timestamp() for watch in self.watchers if (at := watch(now)) is not None]
        with self._store.read() as db:
            found = waiting.due(db, now, busy, full, ROUND)
            if not found and (later := waiting.next_due(db)) is not None:
                times.append(later)
        found = [parcel for parcel in found if parcel.channel in self._channels]
        groups = self._planner.ready(found, now)
        for group in groups:
            self._hand_out(group)
        if sum(len(group) for group in groups) < len(found):
            self.wake()  # some were put off: look when they are due
        if self._clock.frozen or not times:
            return None
        return max(0.02, min(times) - self._clock.now().timestamp())

    def _hand_out(self, group: list[Parcel]) -> None:
        address = receiver(group[0].url)
        with self._state:
            self._busy |= {parcel.id for parcel in group}
            self._lines[address].append(group)
            if self._receivers[address] >= PER_RECEIVER:
                return  # who works for this receiver comes to it
            self._receivers[address] += 1
        self._jobs.put(address)

    def _work(self) -> None:
        """Take a receiver and work off its line, beside at most one other thread."""
        while (address := self._jobs.get()) is not None:
            while (group := self._next(address)) is not None:
                try:
                    self._deliver(group)
                except Exception as exc:
                    log_failure(LOG, "a delivery failed", exc)
                    self._ended.wait(1.0)  # what could not be settled is due again at once
                with self._state:
                    self._busy -= {parcel.id for parcel in group}
            self.wake()  # there may be more than the line could hold

    def _next(self, address: str) -> list[Parcel] | None:
        with self._state:
            line = self._lines[address]
            if line and not self._ended.is_set():
                return line.popleft()
            self._receivers[address] -= 1
            if not self._receivers[address]:
                del self._receivers[address], self._lines[address]
            return None

    def _deliver(self, group: list[Parcel]) -> None:
        channel, first = self._channels[group[0].channel], group[0]
        body = ", ".join(parcel.item for parcel in group)
        body = f'{{"value": [{body}]}}' if channel.together > 1 else body
        outcome = self._courier.post(first.url, body, first.headers, channel.timeout())
        with self._state:
            if self._ended.is_set():
                return
        channel.answered(outcome, first.url)
        self._courier.note(first, outcome, len(group))
        with self._store.write() as db:
            self._settle(db, channel, group, outcome)

    def _settle(self, db: Connection, channel: Channel, group: list[Parcel], outcome: Outcome) -> None:
        attempt = group[0].attempt
        if outcome.delivered or attempt > len(channel.gaps) or not channel.again(outcome):
            waiting.remove(db, group)
            channel.finished(db, group, outcome)
            return
        later = self._clock.now() + timedelta(seconds=channel.gaps[attempt - 1])
        for parcel in group:
            waiting.put_off(db, parcel, attempt + 1, later)
        self._mine.added = True
