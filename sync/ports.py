"""What the core asks of the world. Small Protocols; every implementation passes one contract suite."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from schemas.base import Frozen, Instant
from schemas.mail import Address, MailMessage, UnreadableMail
from sync.errors import RemoteError


class Clock(Protocol):
    """Where "now" comes from. In the app it is the time of the services, not of the worker."""

    def now(self) -> datetime:
        """An aware instant in UTC, whole seconds."""
        ...


class MailChange(Frozen):
    """One entry of a folder's delta feed. Only the id can be relied on (reference: graph.md 3.2)."""

    remote_id: str
    removed: bool = False
    etag: str | None = None


class MailPage(Frozen):
    """One page of a feed: exactly one of the two links is set."""

    changes: tuple[MailChange, ...]
    next_link: str | None = None
    delta_link: str | None = None


class Letter(Frozen):
    """A mail to be sent from a shared mailbox. `key` is the stamp that the sent mail carries for ever."""

    key: str
    mailbox: str
    answers: str | None = None  # remote id of the mail that this one replies to
    to: tuple[Address, ...]
    cc: tuple[Address, ...] = ()
    subject: str
    text: str
    html: str
    message_id: str | None = None  # the Message-ID we would like; the service may choose another
    headers: Mapping[str, str] = {}  # names start with x-


class Dispatch(Frozen):
    """Where a letter stands in the mailbox."""

    key: str | None
    remote_id: str
    sent: bool
    internet_message_id: str | None
    sent_at: Instant | None = None


class Mark(Frozen):
    """A visible sign on a mail in the mailbox: categories to be present, and our stamp."""

    mailbox: str
    remote_id: str
    categories: tuple[str, ...]
    stamp: str | None = None


class MailPort(Protocol):
    """A shared mailbox. Results match their arguments one to one; a failed item is an error value."""

    def changes(self, mailbox: str, link: str | None, *, since: datetime | None = None) -> MailPage:
        """One page of the inbox's delta feed. Without a link it starts, bounded by `since`.

        Raises FeedExpired when the link is no longer honoured, Forbidden, NotFound, Throttled.
        """
        ...

    def fetch(
        self, mailbox: str, remote_ids: Sequence[str]
    ) -> list[MailMessage | UnreadableMail | RemoteError]:
        """Read mails by id, many in one call. A mail that is gone is a NotFound value."""
        ...

    def draft(self, letters: Sequence[Letter]) -> list[Dispatch | RemoteError]:
        """Write stamped drafts, as replies where the letter answers a mail."""
        ...

    def send(self, mailbox: str, remote_ids: Sequence[str]) -> list[RemoteError | None]:
        """Send drafts."""
        ...

    def look(self, mailbox: str, remote_ids: Sequence[str]) -> list[Dispatch | RemoteError]:
        """Read back where drafts stand."""
        ...

    def find(self, mailbox: str, keys: Sequence[str]) -> dict[str, Dispatch]:
        """Find letters by their stamp, wherever they lie."""
        ...

    def mark(self, marks: Sequence[Mark]) -> list[RemoteError | None]:
        """Add categories (kept beside those already there) and the stamp."""
        ...


class Entry(Frozen):
    """One record of the state store; `etag` is opaque."""

    value: str
    etag: str


class StateStore(Protocol):
    """What only serves the moving: checkpoints, marks, leases. It may be lost at any time without harm."""

    def get(self, kind: str, key: str) -> Entry | None:
        """Read one record."""
        ...

    def put(self, kind: str, key: str, value: str, *, etag: str | None = None) -> Entry:
        """Write one record. With an etag only over that version, else PreconditionFailed."""
        ...

    def put_many(self, kind: str, values: Mapping[str, str]) -> None:
        """Write many records of one kind, without conditions."""
        ...

    def get_many(self, kind: str, keys: Sequence[str]) -> dict[str, str]:
        """Read those of the records that exist."""
        ...

    def delete(self, kind: str, key: str) -> None:
        """Forget one record; absent is fine."""
        ...
