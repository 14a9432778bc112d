"""The cursor follows what is stored, never leads it; nothing that arrived is passed over."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.mail import MailMessage
from sync.errors import FeedExpired, OutcomeUnknown, Throttled
from sync.mailboxes import CURSOR, MailboxReader
from sync.ports import MailChange, MailPage
from sync.turns import SECONDS, Turns
from tests.fakes.world import Desk
from tests.unit.sync.test_intake import mail, opened

NOW = datetime(2026, 2, 9, 9, 0, tzinfo=UTC)
BOX = mail("a").mailbox


class Feed:
    """A desk whose feed answers with the pages of a script; a page may be a failure."""

    def __init__(self, *mails: MailMessage) -> None:
        self.desk = Desk()
        self.desk.clock.instant = NOW
        self.mails = {each.remote_id: each for each in mails}
        self.desk.mail.inbox[BOX] = list(mails)
        self.pages: list[MailPage | Exception] = []
        self.asked: list[tuple[str | None, datetime | None]] = []
        self.desk.mail.changes = self._changes  # type: ignore[method-assign]

    def _changes(self, mailbox: str, link: str | None, *, since: datetime | None = None) -> MailPage:
        self.asked.append((link, since))
        page = self.pages.pop(0)
        if isinstance(page, Exception):
            raise page
        return page

    def pull(self, **options: Any) -> Any:
        desk = self.desk
        reader = MailboxReader(desk.mail, desk.intake, desk.state, desk.clock, first_read=timedelta(days=1))
        return reader.pull(BOX, **options)

    @property
    def cursor(self) -> str | None:
        entry = self.desk.state.get(CURSOR, BOX)
        return entry.value if entry else None


def page(*ids: str, to: str | None = None, end: str | None = "end", gone: tuple[str, ...] = ()) -> MailPage:
    changes = [MailChange(remote_id=each) for each in ids]
    changes += [MailChange(remote_id=each, removed=True) for each in gone]
    return MailPage(changes=tuple(changes), next_link=to, delta_link=None if to else end)


def today(name: str, **changes: Any) -> MailMessage:
    return mail(name, received_at=NOW - timedelta(minutes=5), **changes)


def test_an_id_that_comes_twice_is_taken_once() -> None:
    feed = Feed(today("a"))
    feed.pages = [page("a", "a", to="next"), page("a")]
    assert feed.pull().taken.decided == 1


def test_the_cursor_stays_behind_a_page_that_is_not_stored() -> None:
    feed = Feed(today("a"))
    feed.pages = [page("a")]
    feed.desk.cases.commit = lambda changes: [OutcomeUnknown("lost")] * len(changes)  # type: ignore[method-assign]
    with pytest.raises(OutcomeUnknown):
        feed.pull()
    assert feed.cursor is None


def test_a_feed_that_expires_between_pages_is_read_anew() -> None:
    feed = Feed(today("a"), today("b"))
    feed.pages = [page("a", to="next"), FeedExpired("gone"), page("a", to="n2"), page("b")]
    pulled = feed.pull()
    assert (pulled.taken.decided, pulled.more, feed.cursor) == (2, False, "end")


def test_a_feed_that_expires_again_and_again_is_left_to_the_next_round() -> None:
    feed = Feed(today("a"))
    feed.pages = [page("a", to="n1"), FeedExpired("gone"), page("a", to="n2"), FeedExpired("gone")]
    with pytest.raises(FeedExpired):
        feed.pull()
    assert opened(feed.desk) == 1
    feed.pages = [FeedExpired("gone"), page("a")]
    assert not feed.pull().more


def test_after_a_long_outage_an_expired_feed_is_read_from_before_the_last_mail() -> None:
    feed = Feed(today("a"))
    feed.pages = [page("a")]
    feed.pull()
    feed.desk.clock.instant = NOW + timedelta(days=9)
    feed.pages = [FeedExpired("gone"), page("a")]
    feed.pull()
    link, since = feed.asked[-1]
    assert link is None
    assert since
    assert since < NOW - timedelta(days=1)


def test_a_mail_that_was_moved_out_and_back_is_not_missed() -> None:
    old = mail("old", received_at=NOW - timedelta(days=3))
    feed = Feed(today("a"), old)
    feed.pages = [page(gone=("a", "old", "nowhere"))]
    assert feed.pull().taken.decided == 1
    assert opened(feed.desk) == 1


def test_a_mail_that_was_gone_and_is_put_back_is_taken() -> None:
    feed = Feed()
    feed.pages = [page("a")]
    assert feed.pull().taken.decided == 0
    feed.desk.mail.inbox[BOX] = [today("a")]
    feed.pages = [page("a")]
    assert feed.pull().taken.decided == 1


def test_a_long_wait_is_kept_and_then_over() -> None:
    feed = Feed(today("a"))
    feed.pages = [Throttled("busy", retry_after=900)]
    with pytest.raises(Throttled):
        feed.pull()
    feed.pages = [page("a")]
    feed.desk.clock.forward(890)
    assert feed.pull().pages == 0
    feed.desk.clock.forward(20)
    assert feed.pull().taken.decided == 1


def test_a_long_feed_ends_with_its_budget_and_goes_on_from_there() -> None:
    feed = Feed(today("a"), today("b"))
    feed.pages = [page("a", to="n1"), page("b")]
    assert feed.pull(max_pages=1).more
    assert not feed.pull(max_pages=1).more
    assert [link for link, _ in feed.asked] == [None, "n1"]


def test_a_second_worker_leaves_a_mailbox_that_is_being_read_and_asks_for_another_look() -> None:
    feed = Feed(today("a"))
    fetch = feed.desk.mail.fetch

    def meanwhile(mailbox: str, ids: Any) -> Any:
        assert feed.pull().pages == 0
        return fetch(mailbox, ids)

    feed.desk.mail.fetch = meanwhile  # type: ignore[method-assign]
    feed.pages = [page("a")]
    pulled = feed.pull()
    assert (pulled.taken.decided, pulled.more) == (1, True)
    feed.pages = [page()]
    assert not feed.pull().more


def test_a_worker_that_died_keeps_others_out_for_a_minute_only() -> None:
    feed = Feed(today("a"))
    assert Turns(feed.desk.state, feed.desk.clock).begin(BOX)
    feed.pages = [page("a")]
    assert feed.pull().pages == 0
    feed.desk.clock.forward(SECONDS)
    assert feed.pull().taken.decided == 1


def test_a_failed_pull_gives_its_turn_up() -> None:
    feed = Feed(today("a"))
    feed.pages = [OutcomeUnknown("lost"), page("a")]
    with pytest.raises(OutcomeUnknown):
        feed.pull()
    assert feed.pull().taken.decided == 1
