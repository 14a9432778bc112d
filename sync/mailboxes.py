"""Read one mailbox's inbox: feed -> contents -> decisions -> cursor last.

A crash anywhere replays harmlessly: the cursor is saved after the decisions of its page are stored, and a mail that
was dealt with is recognised by its record (DESIGN.md section 4, sync.md sections 3 and 4).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.mail import UnreadableMail
from sync.errors import FeedExpired, NotFound, Rejected, RemoteError
from sync.intake import Intake, Mail, Taken
from sync.ports import Clock, MailPage, MailPort, StateStore

CURSOR = "mail-cursor"
DONE = "mail-done"  # ids that need no second look; may be lost, the records in Dataverse then answer
CHUNK = 40  # mails whose contents are held in memory at once


@dataclass(frozen=True)
class Pulled:
    """What one pull did. `more` means that the budget ended before the feed did."""

    pages: int
    taken: Taken
    more: bool


class MailboxReader:
    """Reads the feed of shared mailboxes."""

    def __init__(
        self, mail: MailPort, intake: Intake, state: StateStore, clock: Clock, *, first_read: timedelta
    ) -> None:
        """`first_read`: how far back the very first read of a mailbox goes, so that old mail opens no cases."""
        self._mail = mail
        self._intake = intake
        self._state = state
        self._clock = clock
        self._first_read = first_read

    def pull(self, mailbox: str, *, max_pages: int = 50) -> Pulled:
        """Take in what has changed in a mailbox.

        Raises RemoteError when a service cannot be reached or refuses; what was not stored comes again.
        """
        taken, pages = Taken(), 0
        link = self._cursor(mailbox)
        while pages < max_pages:
            page = self._page(mailbox, link)
            taken += self._take(mailbox, page)
            link = page.next_link or page.delta_link
            if link is None:
                raise RemoteError(f"a page of the feed of mailbox {mailbox!r} ended without a link")
            self._state.put(CURSOR, mailbox, link)
            pages += 1
            if page.delta_link:
                return Pulled(pages, taken, more=False)
        return Pulled(pages, taken, more=True)

    def _cursor(self, mailbox: str) -> str | None:
        entry = self._state.get(CURSOR, mailbox)
        return entry.value if entry else None

    def _page(self, mailbox: str, link: str | None) -> MailPage:
        try:
            return self._mail.changes(mailbox, link, since=None if link else self._since())
        except FeedExpired:
            # A dead cursor is an ordinary event: read the folder anew, mails already dealt with are recognised.
            return self._mail.changes(mailbox, None, since=self._since())

    def _since(self) -> datetime:
        return self._clock.now() - self._first_read

    def _take(self, mailbox: str, page: MailPage) -> Taken:
        # "Removed" means moved or deleted by a person; neither takes anything from a case (graph.md 3.2).
        ids = list(dict.fromkeys(change.remote_id for change in page.changes if not change.removed))
        known = self._state.get_many(DONE, ids) if ids else {}
        fresh = [remote_id for remote_id in ids if remote_id not in known]
        taken = Taken()
        for chunk in _chunks(fresh, CHUNK):
            taken += self._intake.take(list(self._read(mailbox, chunk)))
            self._state.put_many(DONE, dict.fromkeys(chunk, mailbox))
        return taken

    def _read(self, mailbox: str, ids: Sequence[str]) -> Iterable[Mail]:
        for remote_id, result in zip(ids, self._mail.fetch(mailbox, ids), strict=True):
            if isinstance(result, NotFound):
                continue  # gone again before we came
            if isinstance(result, Rejected):
                yield UnreadableMail(
                    mailbox=mailbox,
                    remote_id=remote_id,
                    internet_message_id=None,
                    received_at=self._clock.now(),
                    reason=f"the mailbox would not hand this mail over: {result}",
                )
            elif isinstance(result, RemoteError):
                raise result
            else:
                yield result


def _chunks(ids: Sequence[str], size: int) -> Iterable[Sequence[str]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))
