"""What is sent, how a service wants it sent, and what came of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from sqlite3 import Connection
from typing import Protocol

from sandbox import strict


class Faults(Protocol):
    """Tells what becomes of one notification."""

    def deliveries(self, channel: str, path: str) -> list[float]: ...


@dataclass(frozen=True)
class Parcel:
    """One notification on its way to one receiver. `item` is JSON text; `tag` is for the sending service."""

    channel: str
    url: str
    item: str
    headers: dict[str, str] = field(default_factory=dict)
    tag: str = ""
    id: int = 0
    attempt: int = 1
    planned: bool = False


@dataclass(frozen=True)
class Outcome:
    """The end of one attempt: a status, or none and the kind of failure; `seconds` are real ones."""

    status: int | None
    seconds: float
    failure: str = ""
    body: bytes = b""
    media_type: str = ""

    @property
    def delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def _always(outcome: Outcome) -> bool:
    del outcome
    return True


def _at_once(url: str) -> float | None:
    del url
    return 0.0


def _nothing(outcome: Outcome, url: str) -> None:
    del outcome, url


def _finished(db: Connection, parcels: list[Parcel], outcome: Outcome) -> None:
    del db, parcels, outcome


@dataclass(frozen=True)
class Channel:
    """The habits of one kind of notification.

    `gaps`: virtual seconds before the second, third ... attempt. `again`: whether a failure is worth one.
    `together`: items to one address that are due travel as `{"value": [...]}`. `hold`: seconds by which the
    service puts off what goes to an address; None drops it. `answered`: told of every attempt. `finished`: told,
    within a transaction, of what was delivered or given up or (outcome without a status) dropped."""

    name: str
    timeout: Callable[[], float]
    gaps: tuple[float, ...] = ()
    together: int = 1
    again: Callable[[Outcome], bool] = _always
    hold: Callable[[str], float | None] = _at_once
    answered: Callable[[Outcome, str], None] = _nothing
    finished: Callable[[Connection, list[Parcel], Outcome], None] = _finished


@dataclass(frozen=True)
class Attempt:
    """One line of the journal. The query of the address may hold a key and is not kept."""

    channel: str
    host: str
    path: str
    attempt: int
    items: int
    at: datetime
    outcome: Outcome


@dataclass(frozen=True)
class Settings(strict.Settings):
    """What `PUT /_sandbox/notifications` changes; real seconds, because a receiver answers in real time.

    `local_http`: the cloud wants https; with this on, receivers on this machine may be plain http."""

    local_http: bool = False
    ca_bundle: str = ""
    validation_seconds: float = 10.0
    slow_seconds: float = 3.0
    drop_seconds: float = 10.0
    judged_from: int = 10
    webhook_seconds: float = 60.0
