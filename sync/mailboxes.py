"""Read one mailbox's inbox: feed -> contents -> decisions -> cursor last.

A crash anywhere replays harmlessly: the cursor is saved after the decisions of its page are stored, and a mail that
was dealt with is recognised by its record (DESIGN.md section 4, sync.md sections 3 and 4).
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeGuard

from schemas.mail import UnreadableMail
from sync.errors import FeedExpired, NotFound, OutcomeUnknown, Rejected, RemoteError, Throttled
from sync.intake import Intake, Mail, Taken
from sync.ports import Clock, MailPage, MailPort, StateStore
from sync.turns import Turns

CURSOR = "mail-cursor"
DONE = "mail-done"  # ids that need no second look; may be lost, the records in Dataverse then answer
NEWEST = "mail-newest"  # when the newest mail that was taken in had arrived; may be lost
WAIT = "mail-wait"  # the instant until which a service asked to be left alone; may be lost
TROUBLE = "mail-trouble"  # since when a mail was not handed over; may be lost, the wait then starts anew
PATIENCE = timedelta(hours=2)  # until a mail that the mailbox fails to hand over is set aside
CHUNK = 40  # mails whose contents are held in memory at once
MARGIN = timedelta(days=1)  # a feed has no order and may report late (graph.md 3.2)
SHORT = 60  # seconds; the next minute is soon enough for shorter waits


@dataclass(frozen=True)
class Pulled:
    """What one pull did. `more` asks for another: the budget ended before the feed, or somebody else came."""

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
        self._turns = Turns(state, clock)

    def pull(self, mailbox: str, *, max_pages: int = 50) -> Pulled:
        """Take in what has changed in a mailbox.

        Raises RemoteError when a service cannot be reached or refuses; what was not stored comes again. After a
        long wait was asked for, nothing is read until it is over; nor while another worker reads this mailbox.
        """
        if self._told_to_wait(mailbox) or not self._turns.begin(mailbox):
            return Pulled(0, Taken(), more=False)
        try:
            pulled = self._pull(mailbox, max_pages)
        except Throttled as refusal:
            if refusal.retry_after and refusal.retry_after > SHORT:
                until = self._clock.now() + timedelta(seconds=refusal.retry_after)
                self._state.put(WAIT, mailbox, until.isoformat())
            raise
        finally:
            asked = self._turns.end(mailbox)
        return replace(pulled, more=pulled.more or asked)

    def _pull(self, mailbox: str, max_pages: int) -> Pulled:
        taken, pages = Taken(), 0
        link = self._kept(CURSOR, mailbox)
        restarts = 1  # a feed that expires again at once is left to the next round
        while pages < max_pages:
            try:
                page = self._mail.changes(mailbox, link, since=None if link else self._since(mailbox))
            except FeedExpired:
                # A dead cursor is an ordinary event: read the folder anew, mails already dealt with are recognised.
                if link is None or not restarts:
                    raise
                link, restarts = None, restarts - 1
                continue
            taken += self._take(mailbox, page)
            link = page.next_link or page.delta_link
            if link is None:
                raise OutcomeUnknown(f"a page of the feed of mailbox {mailbox!r} ended without a link")
            self._state.put(CURSOR, mailbox, link)
            pages += 1
            if page.delta_link:
                return Pulled(pages, taken, more=False)
        return Pulled(pages, taken, more=True)

    def _kept(self, kind: str, key: str) -> str | None:
        entry = self._state.get(kind, key)
        return entry.value if entry else None

    def _told_to_wait(self, mailbox: str) -> bool:
        until = self._kept(WAIT, mailbox)
        if until is None:
            return False
        if self._clock.now() < datetime.fromisoformat(until):
            return True
        self._state.delete(WAIT, mailbox)
        return False

    def _since(self, mailbox: str) -> datetime:
        """Where to begin without a cursor: before the last mail taken in, so that an outage loses none."""
        first = self._clock.now()
        newest = self._kept(NEWEST, mailbox)
        if newest:
            first = min(first, datetime.fromisoformat(newest) - MARGIN)
        return first - self._first_read

    def _take(self, mailbox: str, page: MailPage) -> Taken:
        last = {change.remote_id: change for change in page.changes}
        known = self._state.get_many(DONE, list(last)) if last else {}
        fresh = [remote_id for remote_id in last if remote_id not in known]
        # "Removed" takes nothing from a case. A mail moved out and back is reported as removed only, so one that
        # is not known yet is looked at, if it is new: old mail that people tidy away opens no cases (graph.md 3.3).
        removed = {remote_id for remote_id in fresh if last[remote_id].removed}
        taken = Taken()
        for chunk in _chunks(fresh, CHUNK):
            self._turns.keep(mailbox)
            taken += self._take_chunk(mailbox, chunk, removed)
        return taken

    def _take_chunk(self, mailbox: str, ids: Sequence[str], removed: Set[str]) -> Taken:
        """Take in what is handed over; a mail that is not stops the cursor but not the mails beside it."""
        results = dict(zip(ids, self._mail.fetch(mailbox, ids), strict=True))
        failed = {key: each for key, each in results.items() if _comes_again(each)}
        aside = self._long_failing(failed) if len(failed) < len(ids) or len(ids) == 1 else set()
        left = {key: failed[key] for key in failed if key not in aside}
        found = [self._mail_of(mailbox, key, each) for key, each in results.items() if key not in left]
        mails = [mail for mail in found if mail and not (mail.remote_id in removed and self._old(mail))]
        taken = self._intake.take(mails)
        if mails:
            self._remember(mailbox, mails)
        for failure in left.values():
            raise failure
        return taken

    def _old(self, mail: Mail) -> bool:
        return mail.received_at < self._clock.now() - self._first_read

    def _remember(self, mailbox: str, mails: Sequence[Mail]) -> None:
        """What was taken in. A mail that is gone is not: it may be put back, and then it comes again."""
        self._state.put_many(DONE, {mail.remote_id: mailbox for mail in mails})
        newest = max(mail.received_at for mail in mails)
        known = self._kept(NEWEST, mailbox)
        if known is None or newest > datetime.fromisoformat(known):
            self._state.put(NEWEST, mailbox, newest.isoformat())

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
            mailbox=mailbox.lower(),
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
