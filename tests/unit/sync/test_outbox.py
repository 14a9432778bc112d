"""Letters leave once, whatever goes wrong on the way."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from rules import keys
from schemas.effects import MarkMail, SendLetter
from schemas.mail import Address
from sync.errors import Forbidden, NotSent, OutcomeUnknown, Rejected, RemoteError, Throttled
from sync.outbox import LEASE, LIMIT, MOST_ATTEMPTS, Outbox
from sync.ports import Letter
from tests.fakes.memory import Fuse, MemoryClock, MemoryEffects, MemoryMail, Store

BOX, OTHER = "it.help@northgate.example", "hr.help@northgate.example"


class Desk:
    """An outbox in memory; `worker` is another process on the same rows."""

    def __init__(self) -> None:
        self.store, self.clock, self.mail = Store(), MemoryClock(), MemoryMail(Fuse())
        self.outbox = self.worker()

    def worker(self, mail: MemoryMail | None = None) -> Outbox:
        return Outbox(MemoryEffects(self.store, Fuse()), mail or self.mail, self.clock)

    def letter(self, name: str, mailbox: str = BOX) -> str:
        key = keys.digest("letter", name)
        self._put(
            SendLetter(
                key=key,
                mailbox=mailbox,
                answers=None,
                to=(Address(address="ann@northgate.example"),),
                subject="Received",
                text="We have it.",
                html="<p>We have it.</p>",
            )
        )
        return key

    def mark(self, name: str) -> str:
        key = keys.digest("mark", name)
        self._put(MarkMail(key=key, mailbox=BOX, remote_id=name, categories=("Plumbline/Received",)))
        return key

    def _put(self, effect: SendLetter | MarkMail) -> None:
        self.store.effects[effect.key] = {
            "effect": effect,
            "case": None,
            "state": "waiting",
            "attempts": 0,
            "due": self.clock.now(),
            "etag": 0,
        }

    def state(self, key: str) -> str:
        return str(self.store.effects[key]["state"])

    def later(self, rounds: int = 1, seconds: int = 4_000) -> None:
        for _ in range(rounds):
            self.clock.forward(seconds)
            self.outbox.drain()


def failing(desk: Desk, call: str, failure: RemoteError, *, raised: bool = False) -> Callable[[], None]:
    """Let a call of the mailbox fail for every item, or as a whole; gives what mends it."""
    whole = getattr(desk.mail, call)

    def broken(*arguments: Any) -> list[RemoteError]:
        if raised:
            raise failure
        return [failure for _ in arguments[-1]]

    setattr(desk.mail, call, broken)
    return lambda: setattr(desk.mail, call, whole)


def test_two_workers_at_once_send_a_letter_once() -> None:
    desk = Desk()
    key = desk.letter("a")
    second = desk.worker()
    draft = desk.mail.draft

    def while_drafting(letters: Sequence[Letter]) -> Any:
        assert second.drain().sent == 0
        return draft(letters)

    desk.mail.draft = while_drafting  # type: ignore[method-assign]
    assert desk.outbox.drain().sent == 1
    assert desk.mail.sent == [key]


def test_a_worker_whose_lease_has_lapsed_leaves_the_letter_to_the_next() -> None:
    desk = Desk()
    key = desk.letter("a")
    draft = desk.mail.draft

    def slowly(letters: Sequence[Letter]) -> Any:
        places = draft(letters)
        desk.mail.draft = draft  # type: ignore[method-assign]
        desk.clock.forward(LEASE + 1)
        assert desk.worker().drain().sent == 1
        return places

    desk.mail.draft = slowly  # type: ignore[method-assign]
    assert desk.outbox.drain().sent == 0
    assert desk.mail.sent == [key]
    assert desk.state(key) == "sent"


@pytest.mark.parametrize("failure", [Throttled("busy"), NotSent("no way"), OutcomeUnknown("lost")])
@pytest.mark.parametrize("raised", [False, True], ids=["each", "whole"])
@pytest.mark.parametrize("call", ["draft", "send"])
def test_a_failed_call_postpones_and_the_letter_leaves_once(
    call: str, raised: bool, failure: RemoteError
) -> None:
    desk = Desk()
    key = desk.letter("a")
    mend = failing(desk, call, failure, raised=raised)
    assert desk.outbox.drain().postponed + (desk.state(key) == "sending") >= 1
    mend()
    desk.later()
    assert desk.mail.sent == [key]
    assert len(desk.mail.letters) == 1, "no draft is left behind"


def test_letters_that_left_before_a_call_broke_do_not_leave_again() -> None:
    desk = Desk()
    first, second = desk.letter("a"), desk.letter("b")
    send = desk.mail.send

    def breaks_off(mailbox: str, remote_ids: Sequence[str]) -> Any:
        send(mailbox, remote_ids[:1])
        raise Throttled("busy", retry_after=1)

    desk.mail.send = breaks_off  # type: ignore[method-assign]
    desk.outbox.drain()
    desk.mail.send = send  # type: ignore[method-assign]
    desk.later()
    assert sorted(desk.mail.sent) == sorted([first, second])


def test_a_letter_that_is_never_accepted_fails_alone() -> None:
    desk = Desk()
    bad, good = desk.letter("a"), desk.letter("b", OTHER)
    draft = desk.mail.draft

    def fussy(letters: Sequence[Letter]) -> Any:
        return [Rejected("no such recipient")] if letters[0].key == bad else draft(letters)

    desk.mail.draft = fussy  # type: ignore[method-assign]
    drained = desk.outbox.drain()
    assert (drained.sent, drained.given_up) == (1, 1)
    assert (desk.state(bad), desk.state(good)) == ("failed", "sent")


def test_a_short_wait_of_the_client_does_not_burn_the_attempts() -> None:
    desk = Desk()
    key = desk.letter("a")
    failing(desk, "send", OutcomeUnknown("lost", retry_after=0.7))
    desk.outbox.drain()
    desk.later(30, seconds=5)
    assert desk.store.effects[key]["attempts"] <= 2


def test_a_long_wait_of_the_service_is_kept() -> None:
    desk = Desk()
    key = desk.letter("a")
    mend = failing(desk, "draft", Throttled("busy", retry_after=7_200))
    desk.outbox.drain()
    mend()
    desk.later(seconds=7_100)
    assert desk.state(key) == "waiting"
    desk.later(seconds=200)
    assert desk.state(key) == "sent"


def test_a_letter_that_keeps_failing_is_set_aside_after_eight_attempts() -> None:
    desk = Desk()
    key = desk.letter("a")
    failing(desk, "draft", Forbidden("no right to send"))
    desk.outbox.drain()
    desk.later(MOST_ATTEMPTS + 5)
    assert (desk.state(key), desk.store.effects[key]["attempts"]) == ("quarantined", MOST_ATTEMPTS)
    assert "no right to send" in desk.store.effects[key]["error"]


def test_an_outage_sets_no_letter_aside() -> None:
    desk = Desk()
    key = desk.letter("a")
    mend = failing(desk, "draft", NotSent("the network is down"))
    desk.later(3 * MOST_ATTEMPTS)
    assert desk.state(key) == "waiting"
    mend()
    desk.later(2)
    assert desk.mail.sent == [key]


def test_marks_that_fail_as_a_whole_do_not_hold_back_what_became_of_the_letters() -> None:
    desk = Desk()
    key, sign = desk.letter("a"), desk.mark("m")
    mend = failing(desk, "mark", Throttled("busy"), raised=True)
    desk.outbox.drain()
    assert desk.state(key) == "sent"
    mend()
    desk.later()
    assert desk.state(sign) == "sent"


def test_more_than_a_round_asks_for_another() -> None:
    desk = Desk()
    for number in range(LIMIT + 20):
        desk.letter(str(number))
    first, second = desk.outbox.drain(), desk.outbox.drain()
    assert (first.sent, first.more, second.sent, second.more) == (LIMIT, True, 20, False)
    assert len(set(desk.mail.sent)) == LIMIT + 20
