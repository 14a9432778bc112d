"""Shared mailboxes of Outlook as the mail port (reference: graph.md sections 3, 10, 11).

Every request asks for immutable ids: they survive moves, and a draft's id finds the sent mail. Mails are
drafted, then sent: never sendMail, which returns no id and cannot be found again.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from connectors import outlook_rows as rows
from connectors.graph import GraphClient
from connectors.graph_batch import Answer, Request
from connectors.mime import read_mail
from connectors.mime.reader import LARGEST, unreadable
from schemas.mail import MailMessage, UnreadableMail
from sync.errors import OutcomeUnknown, RemoteError
from sync.ports import Dispatch, Letter, MailPage, Mark

PAGE = 200  # ids of one feed page: large pages run into the time limit of the service
ALONE = 3_000_000  # bytes; a larger mail is not put into a batch with others

_IMMUTABLE = {"Prefer": 'IdType="ImmutableId"'}
_FEED = {"Prefer": f'IdType="ImmutableId", odata.maxpagesize={PAGE}'}


class Outlook:
    """Implements `sync.ports.MailPort` over Microsoft Graph."""

    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    def changes(self, mailbox: str, link: str | None, *, since: datetime | None = None) -> MailPage:
        """One page of the inbox's feed; see the port. A link to another host is refused."""
        if link is not None:
            return rows.page(self._graph.follow(link, _FEED, lane=mailbox).row)
        request = rows.read_feed(mailbox, since)
        return rows.page(self._graph.send(Request("GET", request.path, headers=_FEED), lane=mailbox).row)

    def fetch(
        self, mailbox: str, remote_ids: Sequence[str]
    ) -> list[MailMessage | UnreadableMail | RemoteError]:
        """Read mails: first what the mailbox knows of them, then the sources, each twenty to a call.

        The size is known before the source is asked for: a mail over the limit is never loaded, and a large one
        is loaded by a call of its own, since the answers of a batch together may be too large for the service.
        """
        facts = self._batch([rows.read_facts(mailbox, each) for each in remote_ids], mailbox)
        sources = self._sources(mailbox, dict(zip(remote_ids, facts, strict=True)))
        return [
            _mail(mailbox, each, found, sources.get(each))
            for each, found in zip(remote_ids, facts, strict=True)
        ]

    def _sources(
        self, mailbox: str, facts: Mapping[str, Answer | RemoteError]
    ) -> dict[str, Answer | RemoteError]:
        """The sources of those mails that are there and not too large."""
        sizes = {
            each: rows.size(found.row) or 0 for each, found in facts.items() if isinstance(found, Answer)
        }
        small = [each for each, size in sizes.items() if size <= ALONE]
        answers = self._batch([rows.read_source(mailbox, each) for each in small], mailbox)
        found = dict(zip(small, answers, strict=True))
        for each in (each for each, size in sizes.items() if ALONE < size <= LARGEST):
            found[each] = self._alone(rows.read_source(mailbox, each), mailbox)
        return found

    def _alone(self, request: Request, mailbox: str) -> Answer | RemoteError:
        try:
            return self._graph.send(Request(request.method, request.path, headers=_IMMUTABLE), lane=mailbox)
        except RemoteError as failed:
            return failed

    def draft(self, letters: Sequence[Letter]) -> list[Dispatch | RemoteError]:
        """Write drafts. After OutcomeUnknown a letter may be found by its stamp."""
        answers = self._batch(
            [rows.write_draft(letter) for letter in letters], _only(each.mailbox for each in letters)
        )
        return [
            _drafted(letter, answer) if isinstance(answer, Answer) else answer
            for letter, answer in zip(letters, answers, strict=True)
        ]

    def send(self, mailbox: str, remote_ids: Sequence[str]) -> list[RemoteError | None]:
        """Send drafts. After OutcomeUnknown `look` tells whether it went."""
        return _failures(self._batch([rows.send_draft(mailbox, each) for each in remote_ids], mailbox))

    def look(self, mailbox: str, remote_ids: Sequence[str]) -> list[Dispatch | RemoteError]:
        """Read back where drafts stand."""
        answers = self._batch([rows.read_dispatch(mailbox, each) for each in remote_ids], mailbox)
        return [rows.dispatch(each.row) if isinstance(each, Answer) else each for each in answers]

    def find(self, mailbox: str, keys: Sequence[str]) -> dict[str, Dispatch]:
        """Find letters by their stamp; of several a sent one. Raises where it could not look."""
        found: dict[str, Dispatch] = {}
        answers = self._batch([rows.find_dispatch(mailbox, each) for each in keys], mailbox)
        for key, answer in zip(keys, answers, strict=True):
            if isinstance(answer, RemoteError):
                raise answer
            # The service compares without regard to case: look at the stamp again.
            letters = [each for each in map(rows.dispatch, answer.rows) if each.key in (key, None)]
            if letters:
                found[key] = max(letters, key=lambda each: each.sent).model_copy(update={"key": key})
        return found

    def mark(self, marks: Sequence[Mark]) -> list[RemoteError | None]:
        """Add categories and the stamp. Categories are read first: writing replaces the list."""
        wanted = [rows.read_categories(each.mailbox, each.remote_id) for each in marks if each.categories]
        lane = _only(each.mailbox for each in marks)
        known = iter(self._batch(wanted, lane))
        results: list[RemoteError | None] = [None] * len(marks)
        writes: list[tuple[int, Request]] = []
        for number, mark in enumerate(marks):
            before = next(known) if mark.categories else None
            if isinstance(before, RemoteError):
                results[number] = before
            elif (request := _marking(mark, before)) is not None:
                writes.append((number, request))
        failures = _failures(self._batch([each for _, each in writes], lane))
        for (number, _), failed in zip(writes, failures, strict=True):
            results[number] = failed
        return results

    def _batch(self, requests: Sequence[Request], mailbox: str | None) -> list[Answer | RemoteError]:
        return self._graph.batch(requests, _IMMUTABLE, lane=mailbox)


def _only(mailboxes: Iterable[str]) -> str | None:
    """The mailbox, when all are the same: its calls share one limit."""
    found = set(mailboxes)
    return found.pop() if len(found) == 1 else None


def _mail(
    mailbox: str, remote_id: str, facts: Answer | RemoteError, source: Answer | RemoteError | None
) -> MailMessage | UnreadableMail | RemoteError:
    """One mail of its two answers. Gone is gone, whichever of the two says so; no source means too large."""
    if isinstance(facts, RemoteError):
        return facts
    if isinstance(source, RemoteError):
        return source
    received_at = rows.instant(facts.row.get("receivedDateTime"))
    if received_at is None:
        return OutcomeUnknown("the mailbox did not say when this mail arrived; it is read again later")
    message_id = rows.text(facts.row.get("internetMessageId"))
    raw = source.data if source else b""
    size = len(raw) if source else rows.size(facts.row) or 0
    if size > LARGEST:
        return UnreadableMail(
            mailbox=mailbox.lower(),
            remote_id=remote_id,
            internet_message_id=message_id,
            received_at=received_at,
            reason=unreadable(size) or "",
            size=size,
        )
    mail = read_mail(
        raw,
        mailbox=mailbox,
        remote_id=remote_id,
        received_at=received_at,
        conversation_id=rows.text(facts.row.get("conversationId")),
        stamp=rows.stamp(facts.row),
    )
    # A mail may come without a Message-ID; the mailbox gives it one, and answers refer to that.
    return mail if mail.internet_message_id else mail.model_copy(update={"internet_message_id": message_id})


def _drafted(letter: Letter, answer: Answer) -> Dispatch | RemoteError:
    """The answer to a write does not show the stamp: it is the one we sent."""
    if not rows.text(answer.row.get("id")):
        return OutcomeUnknown("the service made a draft but did not name its id; find it by its stamp")
    return rows.dispatch(answer.row).model_copy(update={"key": letter.key})


def _marking(mark: Mark, before: Answer | None) -> Request | None:
    """What must be written; None when everything is there already."""
    names = None
    if before is not None:
        present = rows.categories(before.row)
        missing = [each for each in dict.fromkeys(mark.categories) if each not in present]
        names = [*present, *missing] if missing else None
    if names is None and mark.stamp is None:
        return None
    return rows.write_mark(mark.mailbox, mark.remote_id, names, mark.stamp)


def _failures(answers: Sequence[Answer | RemoteError]) -> list[RemoteError | None]:
    return [each if isinstance(each, RemoteError) else None for each in answers]
