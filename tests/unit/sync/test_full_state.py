"""A full disk under the sync state: the mail waits, and no case or answer is doubled when there is room again."""

from itertools import count
from pathlib import Path

import pytest

from app.state_sqlite import SqliteState
from sync.errors import ConfigurationError
from tests.fakes.world import Desk, example_mails

BOX = "it.help@northgate.example"


@pytest.fixture
def desk() -> Desk:
    made = Desk()
    for mail in (mail for mails in example_mails().values() for mail in mails if mail.mailbox == BOX):
        made.clock.instant = max(made.clock.instant, mail.received_at)
        made.mail.deliver(mail)
    return made


def fill(state: SqliteState) -> None:
    """Let SQLite fail as it does on a full disk, down to the last free page."""
    state._db.execute("pragma max_page_count = 1")
    for size in (4000, 100, 1):
        with pytest.raises(ConfigurationError, match="the disk is full"):
            _put_for_ever(state, size)


def _put_for_ever(state: SqliteState, size: int) -> None:
    for number in count():
        state.put("ballast", f"{size}-{number}", "x" * size)


def make_room(state: SqliteState) -> None:
    state._db.execute("pragma max_page_count = 1000000")


def test_everything_goes_on_when_there_is_room_again(desk: Desk, tmp_path: Path) -> None:
    clean = Desk()
    clean.clock.instant, clean.mail.inbox = desk.clock.instant, desk.mail.inbox
    clean.round(BOX)
    state = SqliteState(tmp_path / "sync.sqlite")
    desk.state = state  # type: ignore[assignment]
    fill(state)
    for _ in range(3):
        with pytest.raises(ConfigurationError, match=r"sync\.sqlite: the disk is full.*free space"):
            desk.round(BOX)
    make_room(state)
    desk.round(BOX)
    state.close()
    assert desk.store.facts() == clean.store.facts()
    assert sorted(desk.mail.sent) == sorted(clean.mail.sent)
