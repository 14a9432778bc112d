"""The ports in memory, as strict as the real ones, with a switch that kills the caller at any call."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from rules import keys
from rules.case import fold
from schemas.effects import SendLetter
from schemas.events import Event
from schemas.mail import MailMessage, UnreadableMail
from schemas.records import MessageRecord
from schemas.thread import CaseSummary, ThreadHits
from sync.errors import NotFound, PreconditionFailed, RemoteError
from sync.ports import Dispatch, Entry, Letter, MailChange, MailPage, Mark
from sync.stores import Change, EffectOutcome, Found, Lookup, PendingEffect, StoredCase


class Killed(BaseException):
    """The process died here. Not an Exception: nothing may catch it."""


@dataclass
class Fuse:
    """Kills the caller at the n-th call, before or after its effect."""

    at: int | None = None
    after: bool = False
    calls: int = 0

    def around[T](self, work: Callable[[], T]) -> T:
        self.calls += 1
        if self.calls == self.at and not self.after:
            raise Killed
        result = work()
        if self.calls == self.at:
            raise Killed
        return result


class MemoryClock:
    def __init__(self, now: datetime = datetime(2026, 2, 9, 9, 0, tzinfo=UTC)) -> None:
        self.instant = now

    def now(self) -> datetime:
        return self.instant

    def forward(self, seconds: int) -> None:
        self.instant += timedelta(seconds=seconds)


@dataclass
class Store:
    """The rows that would lie in Dataverse."""

    events: dict[UUID, list[Event]] = field(default_factory=dict)
    etags: dict[UUID, int] = field(default_factory=dict)
    messages: dict[str, tuple[MessageRecord, UUID | None]] = field(default_factory=dict)
    effects: dict[str, dict[str, Any]] = field(default_factory=dict)
    next_number: int = 1

    def facts(self) -> dict[str, Any]:
        """Everything that must be equal after any crash."""
        return {
            "events": {
                str(case): [event.model_dump(mode="json") for event in events]
                for case, events in sorted(self.events.items(), key=lambda pair: str(pair[0]))
            },
            "messages": sorted(
                (record.key, record.kind, str(case)) for record, case in self.messages.values()
            ),
            "effects": sorted((key, row["state"]) for key, row in self.effects.items()),
        }


class MemoryCases:
    def __init__(self, store: Store, clock: MemoryClock, fuse: Fuse) -> None:
        self.store, self.clock, self.fuse = store, clock, fuse

    def find(self, lookups: Sequence[Lookup]) -> list[Found]:
        return self.fuse.around(lambda: [self._find(lookup) for lookup in lookups])

    def load(self, case_ids: Sequence[UUID]) -> dict[UUID, StoredCase]:
        return self.fuse.around(
            lambda: {key: self._stored(key) for key in case_ids if key in self.store.events}
        )

    def commit(self, changes: Sequence[Change]) -> list[RemoteError | None]:
        return self.fuse.around(lambda: [self._commit(change) for change in changes])

    def next_number(self) -> int:
        taken = {fold(tuple(events)).reference for events in self.store.events.values()}  # type: ignore[union-attr]
        numbers = {keys.reference_number(reference) for reference in taken}
        while self.store.next_number in numbers:
            self.store.next_number += 1
        return self.store.next_number

    def events(self, reference: str) -> tuple[Event, ...]:
        for events in self.store.events.values():
            case = fold(tuple(events))
            if case and case.reference == reference:
                return tuple(events)
        return ()

    def _stored(self, case_id: UUID) -> StoredCase:
        case = fold(tuple(self.store.events[case_id]))
        assert case
        return StoredCase(case, str(self.store.etags[case_id]))

    def _commit(self, change: Change) -> RemoteError | None:
        store, after, before = self.store, change.after, change.before
        if after and before is None:
            taken = {fold(tuple(events)).reference for events in store.events.values()}  # type: ignore[union-attr]
            if after.case_id in store.events or after.reference in taken:
                return PreconditionFailed("exists", status=412, code="0x80040237")
        if after and before and str(store.etags.get(after.case_id)) != before.etag:
            return PreconditionFailed("moved on", status=412)
        if any(record.key in store.messages for record in change.decision.messages):
            return PreconditionFailed("message exists", status=412)
        if any(effect.key in store.effects for effect in change.decision.effects):
            return PreconditionFailed("effect exists", status=412)
        if after:
            store.events.setdefault(after.case_id, []).extend(change.decision.events)
            store.etags[after.case_id] = store.etags.get(after.case_id, 0) + 1
        if after and before is None:
            store.next_number = max(store.next_number, keys.reference_number(after.reference) + 1)
        for record in change.decision.messages:
            store.messages[record.key] = (record, after.case_id if after else None)
        for effect in change.decision.effects:
            store.effects.setdefault(
                effect.key,
                {
                    "effect": effect,
                    "case": after.case_id if after else None,
                    "state": "waiting",
                    "attempts": 0,
                    "due": self.clock.now(),
                    "etag": 0,
                },
            )
        return None

    def _find(self, lookup: Lookup) -> Found:
        on_case = [(record, case) for record, case in self.store.messages.values() if case]
        wanted = {keys.message_key(value): value for value in lookup.wanted.message_ids}
        own = keys.message_key(lookup.own_message_id) if lookup.own_message_id else None
        by_reference = {summary.reference: summary for summary in map(self._summary, self.store.events)}
        return Found(
            lookup.key in self.store.messages,
            ThreadHits(
                by_message_id={
                    wanted[record.message_key]: self._summary(case)
                    for record, case in on_case
                    if record.message_key in wanted
                },
                by_reference={
                    key: by_reference[key] for key in lookup.wanted.references if key in by_reference
                },
                same_message=next(
                    (
                        self._summary(case)
                        for record, case in on_case
                        if own and record.message_key == own and record.sender == lookup.sender
                    ),
                    None,
                ),
                same_fingerprint=tuple(
                    (self._summary(case), record.on)
                    for record, case in on_case
                    if record.fingerprint == lookup.wanted.fingerprint
                ),
            ),
        )

    def _summary(self, case_id: UUID) -> CaseSummary:
        case = self._stored(case_id).case
        return CaseSummary(
            case_id=case_id,
            reference=case.reference,
            request_type=case.opened.request_type,
            status=case.status,
            requester=case.opened.requester,
            participants=case.participants,
            approver=case.opened.approver,
            closed_on=case.closed_on,
            sensitive=case.opened.sensitive,
        )


class MemoryEffects:
    def __init__(self, store: Store, fuse: Fuse) -> None:
        self.store, self.fuse = store, fuse

    def claim(self, now: datetime, limit: int, lease_seconds: int) -> list[PendingEffect]:
        return self.fuse.around(lambda: self._claim(now, limit, lease_seconds))

    def settle(self, outcomes: Sequence[EffectOutcome]) -> None:
        self.fuse.around(lambda: self._settle(outcomes))

    def _claim(self, now: datetime, limit: int, lease: int) -> list[PendingEffect]:
        due = [
            (key, row)
            for key, row in sorted(self.store.effects.items())
            if row["state"] in ("waiting", "sending") and row["due"] <= now
        ][:limit]
        pending = []
        for _, row in due:
            doubtful = row["state"] == "sending"
            row |= {
                "state": "sending",
                "attempts": row["attempts"] + 1,
                "due": now + timedelta(seconds=lease),
                "etag": row["etag"] + 1,
            }
            pending.append(
                PendingEffect(
                    UUID(int=0), str(row["etag"]), row["effect"], row["case"], row["attempts"], doubtful
                )
            )
        return pending

    def _settle(self, outcomes: Sequence[EffectOutcome]) -> None:
        for outcome in outcomes:
            row = self.store.effects[outcome.pending.effect.key]
            if str(row["etag"]) != outcome.pending.etag:
                continue
            row |= {"state": outcome.state, "etag": row["etag"] + 1, "error": outcome.error}
            if outcome.not_before:
                row["due"] = outcome.not_before
            if outcome.message and outcome.message.key not in self.store.messages:
                self.store.messages[outcome.message.key] = (outcome.message, row["case"])


class MemoryMail:
    """Mailboxes with a feed, drafts that carry their stamp, and a count of what was really sent."""

    def __init__(self, fuse: Fuse) -> None:
        self.fuse = fuse
        self.inbox: dict[str, list[MailMessage | UnreadableMail]] = {}
        self.letters: dict[str, tuple[Letter, bool]] = {}
        self.sent: list[str] = []
        self.marks: dict[str, set[str]] = {}
        self.gone: set[str] = set()
        self.page_size = 3

    def deliver(self, mail: MailMessage | UnreadableMail) -> None:
        self.inbox.setdefault(mail.mailbox, []).append(mail)

    def changes(self, mailbox: str, link: str | None, *, since: datetime | None = None) -> MailPage:
        return self.fuse.around(lambda: self._changes(mailbox, link))

    def fetch(self, mailbox: str, remote_ids: Sequence[str]) -> list[Any]:
        mails = {mail.remote_id: mail for mail in self.inbox.get(mailbox, [])}
        return self.fuse.around(
            lambda: [mails.get(key) or NotFound("gone", status=404) for key in remote_ids]
        )

    def draft(self, letters: Sequence[Letter]) -> list[Dispatch | RemoteError]:
        return self.fuse.around(lambda: [self._draft(letter) for letter in letters])

    def send(self, mailbox: str, remote_ids: Sequence[str]) -> list[RemoteError | None]:
        return self.fuse.around(lambda: [self._send(key) for key in remote_ids])

    def look(self, mailbox: str, remote_ids: Sequence[str]) -> list[Dispatch | RemoteError]:
        return self.fuse.around(lambda: [self._place(key) for key in remote_ids])

    def find(self, mailbox: str, keys: Sequence[str]) -> dict[str, Dispatch]:
        return self.fuse.around(
            lambda: {
                letter.key: self._place(remote_id)
                for remote_id, (letter, _) in self.letters.items()
                if letter.key in keys
            }
        )

    def mark(self, marks: Sequence[Mark]) -> list[RemoteError | None]:
        def work() -> list[RemoteError | None]:
            for mark in marks:
                self.marks.setdefault(mark.remote_id, set()).update(mark.categories)
            return [None] * len(marks)

        return self.fuse.around(work)

    def _changes(self, mailbox: str, link: str | None) -> MailPage:
        start = int(link or 0)
        mails = self.inbox.get(mailbox, [])[start : start + self.page_size]
        end = start + len(mails)
        more = end < len(self.inbox.get(mailbox, []))
        changes = tuple(MailChange(remote_id=mail.remote_id) for mail in mails)
        return MailPage(
            changes=changes, next_link=str(end) if more else None, delta_link=None if more else str(end)
        )

    def _draft(self, letter: Letter) -> Dispatch | RemoteError:
        if letter.answers in self.gone:
            return NotFound("gone", status=404)
        remote_id = f"draft-{len(self.letters)}"
        self.letters[remote_id] = (letter, False)
        return self._place(remote_id)

    def _send(self, remote_id: str) -> RemoteError | None:
        letter, sent = self.letters[remote_id]
        if sent:
            return NotFound("not a draft", status=404)
        self.letters[remote_id] = (letter, True)
        self.sent.append(letter.key)
        return None

    def _place(self, remote_id: str) -> Dispatch:
        letter, sent = self.letters[remote_id]
        return Dispatch(key=letter.key, remote_id=remote_id, sent=sent, internet_message_id=letter.message_id)


class MemoryState:
    def __init__(self, fuse: Fuse) -> None:
        self.fuse = fuse
        self.rows: dict[tuple[str, str], str] = {}

    def get(self, kind: str, key: str) -> Entry | None:
        value = self.rows.get((kind, key))
        return None if value is None else Entry(value=value, etag=value)

    def put(self, kind: str, key: str, value: str, *, etag: str | None = None) -> Entry:
        def work() -> Entry:
            if etag is not None and self.rows.get((kind, key)) != etag:
                raise PreconditionFailed("moved on", status=412)
            self.rows[kind, key] = value
            return Entry(value=value, etag=value)

        return self.fuse.around(work)

    def put_many(self, kind: str, values: Mapping[str, str]) -> None:
        self.fuse.around(lambda: self.rows.update({(kind, key): value for key, value in values.items()}))

    def get_many(self, kind: str, keys: Sequence[str]) -> dict[str, str]:
        return {key: self.rows[kind, key] for key in keys if (kind, key) in self.rows}

    def delete(self, kind: str, key: str) -> None:
        self.rows.pop((kind, key), None)


def sent_letters(store: Store) -> list[str]:
    return [key for key, row in store.effects.items() if isinstance(row["effect"], SendLetter)]


def as_json(value: object) -> str:
    return json.dumps(value, sort_keys=True)
