"""A process that dies at any call, before or after its effect, leaves what a clean run leaves."""

from functools import cache

import pytest

from tests.fakes.memory import Fuse, Killed, as_json
from tests.fakes.world import Desk, example_mails

MAILS = ("m005", "m012", "m030", "m032", "m038", "m039")
BOXES = sorted({mail.mailbox for name in MAILS for mail in example_mails()[name]})


def deliver(desk: Desk) -> None:
    for name in MAILS:
        for mail in example_mails()[name]:
            desk.clock.instant = max(desk.clock.instant, mail.received_at)
            desk.mail.deliver(mail)


def finish(desk: Desk) -> None:
    """Rounds until nothing waits; the clock moves on past leases."""
    for _ in range(3):
        desk.clock.forward(3600)
        desk.round(*BOXES)


@cache
def clean() -> tuple[str, list[str], int]:
    desk = Desk()
    deliver(desk)
    fuse = Fuse()
    desk.restart(fuse)
    desk.round(*BOXES)
    calls = fuse.calls
    finish(desk)
    return as_json(desk.store.facts()), sorted(desk.mail.sent), calls


def test_a_clean_run_opens_cases_and_answers_them() -> None:
    facts, sent, calls = clean()
    assert len(sent) == 2
    assert "case_opened" in facts
    assert calls > 20


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_kill_at_any_call_changes_nothing_in_the_end(after: bool) -> None:
    facts, sent, calls = clean()
    for call in range(1, calls + 1):
        desk = Desk()
        deliver(desk)
        desk.restart(Fuse(at=call, after=after))
        with pytest.raises(Killed):
            desk.round(*BOXES)
        desk.restart(Fuse())
        finish(desk)
        assert as_json(desk.store.facts()) == facts, f"killed at call {call}"
        assert sorted(desk.mail.sent) == sent, f"killed at call {call}"


def test_the_sync_state_can_be_lost_at_any_time() -> None:
    facts, sent, _ = clean()
    desk = Desk()
    deliver(desk)
    desk.round(*BOXES)
    desk.state.rows.clear()
    finish(desk)
    assert as_json(desk.store.facts()) == facts
    assert sorted(desk.mail.sent) == sent


def test_a_letter_whose_mail_is_gone_is_sent_as_a_new_mail() -> None:
    desk = Desk()
    [mail] = example_mails()["m005"]
    desk.clock.instant = mail.received_at
    desk.mail.deliver(mail)
    desk.mail.gone.add(mail.remote_id)
    desk.round(mail.mailbox)
    [(letter, sent)] = desk.mail.letters.values()
    assert sent
    assert letter.answers is None
