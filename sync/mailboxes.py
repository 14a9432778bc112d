"""Read one mailbox's inbox: feed -> contents -> decisions -> cursor last.

A crash anywhere replays harmlessly: the cursor is saved after the decisions of its page are stored, and a mail that
was dealt with is recognised by its record (DESIGN.md section 4, sync.md sections 3 and 4).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeGuard

from schemas.mail import UnreadableMail
from sync.errors import FeedExpired, NotFound, OutcomeUnknown, Rejected, RemoteError
from sync.intake import Intake, Mail, Taken
from sync.ports import Clock, MailPage, MailPort, StateStore

CURSOR = "mail-cursor"
DONE = "mail-done"  # ids that need no second look; may be lost, the records in Dataverse then answer
TROUBLE = "mail-trouble"  # since when a mail was not handed over; may be lost, the wait then starts anew
PATIENCE = timedelta(hours=2)  # until a mail that the mailbox fails to hand over is set aside
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
            taken += self._take_chunk(mailbox, chunk)
        return taken

    def _take_chunk(self, mailbox: str, ids: Sequence[str]) -> Taken:
        """Take in what is handed over; a mail that is not stops the cursor but not the mails beside it."""
        results = dict(zip(ids, self._mail.fetch(mailbox, ids), strict=True))
        failed = {key: each for key, each in results.items() if _comes_again(each)}
        aside = self._long_failing(failed) if len(failed) < len(ids) or len(ids) == 1 else set()
        left = {key: failed[key] for key in failed if key not in aside}
        mails = [self._mail_of(mailbox, key, each) for key, each in results.items() if key not in left]
        taken = self._intake.take([mail for mail in mails if mail])
        self._state.put_many(DONE, dict.fromkeys((key for key in ids if key not in left), mailbox))
        for failure in left.values():
            raise failure
        return taken

    def _long_failing(self, failed: Mapping[str, RemoteError]) -> set[str]:
        """Those that the service has failed to hand over for so long that waiting will not help."""
        broken = [key for key, each in failed.items() if isinstance(each, OutcomeUnknown) and each.status]
        if not broken:
            return set()
        now = self._clock.now()
        known = self._state.get_many(TROUBLE, broken)
        self._state.put_many(TROUBLE, {key: now.isoformat() for key in broken if key not in known})
        return {key for key, since in known.items() if now - datetime.fromisoformat(since) >= PATIENCE}

    def _mail_of(self, mailbox: str, remote_id: str, result: Mail | RemoteError) -> Mail | None:
        """The mail, readable or not; None for one that is gone again before we came."""
        if isinstance(result, NotFound):
            return None
        if not isinstance(result, RemoteError):
            return result
        return UnreadableMail(
            mailbox=mailbox,
            remote_id=remote_id,
            internet_message_id=None,
            received_at=self._clock.now(),
            reason=f"the mailbox would not hand this mail over: {result}",
        )


def _comes_again(result: Mail | RemoteError) -> TypeGuard[RemoteError]:
    """Whether another round may bring this mail."""
    return isinstance(result, RemoteError) and not isinstance(result, NotFound | Rejected)


def _chunks(ids: Sequence[str], size: int) -> Iterable[Sequence[str]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))
