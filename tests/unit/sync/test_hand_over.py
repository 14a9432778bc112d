"""A mail that its mailbox fails to hand over does not hold up the others, and not for ever."""

from collections.abc import Sequence
from typing import Any

import pytest

from sync.errors import OutcomeUnknown, RemoteError
from sync.mailboxes import PATIENCE
from tests.fakes.memory import Fuse, MemoryMail
from tests.fakes.world import Desk, example_mails

BOX = "it.help@northgate.example"
MAILS = [mail for mails in example_mails().values() for mail in mails if mail.mailbox == BOX][:3]


class RottenMailbox(MemoryMail):
    """Fails for one mail, as a mailbox with a damaged item does."""

    rotten = ""
    status: int | None = 500

    def fetch(self, mailbox: str, remote_ids: Sequence[str]) -> list[Any]:
        failure = OutcomeUnknown("the service answered 500", status=self.status)
        mails = super().fetch(mailbox, remote_ids)
        return [failure if mail.remote_id == self.rotten else mail for mail in mails]


@pytest.fixture
def desk() -> Desk:
    made = Desk()
    made.mail = RottenMailbox(Fuse())
    made.mail.rotten = MAILS[1].remote_id
    made.restart(Fuse())
    for mail in MAILS:
        made.clock.instant = max(made.clock.instant, mail.received_at)
        made.mail.deliver(mail)
    return made


def failing_round(desk: Desk) -> None:
    with pytest.raises(RemoteError):
        desk.round(BOX)


def reasons(desk: Desk) -> dict[str | None, str | None]:
    return {
        record.remote_id: record.reason
        for record, _ in desk.store.messages.values()
        if record.direction == "in"
    }


def wait(desk: Desk) -> None:
    desk.clock.forward(int(PATIENCE.total_seconds()))


def test_the_mails_beside_it_are_taken_in_the_first_round(desk: Desk) -> None:
    failing_round(desk)
    assert {mail.remote_id for mail in MAILS} & set(reasons(desk)) == {MAILS[0].remote_id, MAILS[2].remote_id}


def test_after_some_hours_it_is_set_aside_with_the_reason(desk: Desk) -> None:
    failing_round(desk)
    failing_round(desk)
    wait(desk)
    desk.round(BOX)
    assert reasons(desk)[MAILS[1].remote_id] == "unreadable"


def test_a_mail_that_comes_after_all_is_taken(desk: Desk) -> None:
    failing_round(desk)
    wait(desk)
    desk.mail.rotten = ""
    desk.round(BOX)
    assert reasons(desk)[MAILS[1].remote_id] != "unreadable"


def test_lost_answers_set_nothing_aside(desk: Desk) -> None:
    desk.mail.status = None
    failing_round(desk)
    wait(desk)
    failing_round(desk)
    assert MAILS[1].remote_id not in reasons(desk)
