"""What every queue does. Both implementations pass tests/contract/queues (azure-functions.md 4.4)."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Protocol

LIMIT = 64 * 1024  # bytes of a message as stored, so about 48 KiB of text after base64
WEEK = timedelta(days=7)
_NAME = re.compile(r"[a-z0-9](?:-?[a-z0-9])+")


class QueueError(Exception):
    """A queue could not do what was asked."""


class BadQueueName(QueueError):
    """The name breaks the rules of Azure Storage."""


class QueueMissing(QueueError):
    """There is no such queue."""


class MessageTooLarge(QueueError):
    """More than 64 KiB."""


class ReceiptOutdated(QueueError):
    """Somebody else received the message since, or it is gone."""


class QueueUnavailable(QueueError):
    """The store under the queue does not work. The message says what to do."""


@dataclass(frozen=True)
class Message:
    """A received message. `text` is as stored, still in its encoding."""

    id: str
    text: str
    receipt: str
    dequeue_count: int
    inserted: datetime
    expires: datetime
    next_visible: datetime


@dataclass(frozen=True)
class Depth:
    """How much lies in a queue. `next_visible`: when the first invisible message shows, if that is known."""

    visible: int
    invisible: int
    next_visible: datetime | None = None


class Queue(Protocol):
    """One queue. Every call but `create` raises QueueMissing while it does not exist."""

    tells_next_visible: ClassVar[bool]  # whether `depth` says when a hidden message shows

    @property
    def name(self) -> str:
        """Its name."""
        ...

    def create(self) -> None:
        """Create it; an existing one is fine."""
        ...

    def send(self, text: str, *, delay: timedelta = timedelta(0), lifetime: timedelta | None = WEEK) -> str:
        """Add a message and return its id. Without a lifetime it never expires. Raises MessageTooLarge."""
        ...

    def receive(self, most: int, invisible: timedelta) -> list[Message]:
        """Take up to 32 visible messages; each is invisible to others for a while, and counted once more."""
        ...

    def hold(self, message: Message, invisible: timedelta) -> Message:
        """Set anew how long a message stays invisible; the answer has its new receipt."""
        ...

    def delete(self, message: Message) -> None:
        """Remove a message for good. Raises ReceiptOutdated."""
        ...

    def depth(self) -> Depth:
        """Count what lies in it."""
        ...


class Queues(Protocol):
    """The queues of one storage account."""

    def queue(self, name: str) -> Queue:
        """A queue by name, existing or not. Raises BadQueueName."""
        ...


def checked_name(name: str) -> str:
    """The name itself. Raises BadQueueName: 3 to 63 of a-z, 0-9 and single hyphens between them."""
    if not (3 <= len(name) <= 63 and _NAME.fullmatch(name)):
        raise BadQueueName(
            f"queue name {name!r}: use 3 to 63 lower case letters, digits and single hyphens between them"
        )
    return name


def checked_size(text: str) -> str:
    """The text itself. Raises MessageTooLarge."""
    if len(text.encode()) > LIMIT:
        raise MessageTooLarge("a message holds at most 64 KiB, about 48 KiB of text in base64: send an id")
    return text
