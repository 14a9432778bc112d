"""Queue triggers: fetch, run in parallel, retry, poison (azure-functions.md 4.4)."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sandbox.functions.clock import Clock
from sandbox.functions.functions import Function
from sandbox.functions.hostjson import Queues
from sandbox.functions.invoker import Invoker
from sandbox.functions.queues.coding import decoded
from sandbox.functions.queues.contract import (
    Message,
    Queue,
    QueueError,
    QueueMissing,
    QueueUnavailable,
    ReceiptOutdated,
)
from sandbox.functions.values import json_input, text_input

log = logging.getLogger("sandbox.functions")

_HOLD = timedelta(minutes=10)
_FIRST_PAUSE = 0.1  # seconds


class Listener:
    """Serves one function from one queue."""

    def __init__(
        self,
        function: Function,
        queue: Queue,
        poison: Queue | None,
        options: Queues,
        clock: Clock,
        invoker: Invoker,
    ) -> None:
        self.function, self.queue, self.poison = function, queue, poison
        self._options, self._clock, self._invoker = options, clock, invoker
        self._held: dict[str, Message] = {}
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = False
        self._pause = _FIRST_PAUSE
        self._reachable = True
        self._pool = ThreadPoolExecutor(options.batch_size + options.threshold, f"queue-{queue.name}")
        self._thread = threading.Thread(target=self._loop, name=f"listen-{queue.name}", daemon=True)

    @property
    def holding(self) -> int:
        """How many messages it has taken and not settled."""
        return len(self._held)

    @property
    def poisoned(self) -> int:
        """How many messages lie in the poison queue."""
        if self.poison is None:
            return 0
        try:
            depth = self.poison.depth()
        except QueueError:
            return 0
        return depth.visible + depth.invisible

    def start(self) -> None:
        """Begin to fetch."""
        self._clock.on_jump(self._wake.set)
        self._thread.start()

    def stop(self, grace: float) -> None:
        """Fetch no more, and wait for what runs."""
        self._stopping = True
        self._wake.set()
        self._thread.join(grace)
        self._pool.shutdown(wait=False)

    def wake(self) -> None:
        """Look into the queue now."""
        self._pause = _FIRST_PAUSE
        self._wake.set()

    def _loop(self) -> None:
        while not self._stopping:
            with self._invoker.activity.running():
                found = self._turn()
            if found:
                self._pause = _FIRST_PAUSE
                continue
            self._wake.wait(self._wait_seconds())
            self._wake.clear()

    def _turn(self) -> int:
        """Renew what is held, fetch when there is room; how many messages were taken."""
        try:
            self._renew()
            with self._lock:
                room = len(self._held) <= self._options.threshold
            taken = self._fetch() if room else 0
            self._reachable = True
        except QueueUnavailable as exc:
            if self._reachable:
                log.error("queue %s: %s", self.queue.name, exc)
            self._reachable = False
            return 0
        return taken

    def _fetch(self) -> int:
        try:
            batch = self.queue.receive(self._options.batch_size, _HOLD)
        except QueueMissing:
            return 0
        with self._lock:
            self._held.update({message.id: message for message in batch})
        for message in batch:
            self._pool.submit(self._handle, message)
        return len(batch)

    def _wait_seconds(self) -> float:
        """The idle back-off, cut short by a message that shows soon."""
        ceiling = self._options.max_polling_interval.total_seconds()
        pause, self._pause = self._pause, min(ceiling, self._pause * 2)
        if not self.queue.tells_next_visible or self._held or not self._reachable:
            return pause
        try:
            shows = self.queue.depth().next_visible
        except QueueError:
            return pause
        until = None if shows is None else self._clock.seconds_until(shows)
        return pause if until is None else min(pause, until + 0.001)

    def _renew(self) -> None:
        """Hold running messages anew at half time."""
        soon = self._clock.now() + _HOLD / 2
        with self._lock:
            for message in [held for held in self._held.values() if held.next_visible <= soon]:
                try:
                    self._held[message.id] = self.queue.hold(message, _HOLD)
                except (ReceiptOutdated, QueueMissing):
                    log.warning("queue %s: lost hold of message %s", self.queue.name, message.id)

    def _handle(self, message: Message) -> None:
        with self._invoker.activity.running():
            try:
                self._settle(message, self._run(message))
            except QueueError as exc:
                # The message shows again by itself when its hold ends.
                log.error("queue %s: message %s: %s", self.queue.name, message.id, exc)
            except Exception as exc:  # outermost: nobody else would hear of it
                log.error("queue %s: message %s: %s", self.queue.name, message.id, type(exc).__name__)
            finally:
                with self._lock:
                    self._held.pop(message.id, None)
                self._wake.set()

    def _run(self, message: Message) -> bool | None:
        """Whether the function succeeded; None when the message may not be tried at all."""
        if self.poison is not None and message.dequeue_count > self._options.max_dequeue_count:
            return None
        try:
            text = decoded(message.text, self._options.message_encoding)
        except ValueError as exc:
            log.error("queue %s: message %s: %s", self.queue.name, message.id, exc)
            return None
        return self._invoker.run(self.function, text_input(text), metadata(message, text)).succeeded

    def _settle(self, message: Message, succeeded: bool | None) -> None:
        with self._lock:
            held = self._held.get(message.id, message)
            if succeeded:
                self.queue.delete(held)
            elif self.poison is None:
                # A poison queue has none of its own: the message stays hidden until its hold ends.
                log.error("queue %s: message %s is tried again later", self.queue.name, message.id)
            elif succeeded is None or message.dequeue_count >= self._options.max_dequeue_count:
                self._to_poison(held, self.poison)
            else:
                self.queue.hold(held, self._options.visibility_timeout)

    def _to_poison(self, message: Message, poison: Queue) -> None:
        log.error("queue %s: message %s goes to %s", self.queue.name, message.id, poison.name)
        poison.create()
        poison.send(message.text)
        self.queue.delete(message)


def metadata(message: Message, text: str) -> dict[str, object]:
    """The trigger metadata of a message, in the kinds that the runtime reads (azure-functions.md 4.1)."""
    return {
        "Id": text_input(message.id),
        "PopReceipt": text_input(message.receipt),
        "QueueTrigger": text_input(text),
        "DequeueCount": json_input(message.dequeue_count),
        "InsertionTime": json_input(message.inserted.isoformat()),
        "ExpirationTime": json_input(message.expires.isoformat()),
        "NextVisibleTime": json_input(message.next_visible.isoformat()),
    }
