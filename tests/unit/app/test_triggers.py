"""Triggers raise only what another quick try may mend."""

import json
import logging
from types import SimpleNamespace
from typing import Any, cast

import pytest

from app.triggers import Triggers
from app.wiring import Plumbline
from sync.errors import Forbidden, NotSent, RemoteError, Throttled
from sync.intake import Taken
from sync.mailboxes import Pulled
from sync.outbox import Drained

BOX = "it.help@northgate.example"
WORK = json.dumps({"mailbox": BOX}).encode()


def triggers(*, pull: Any = None, drain: Any = None) -> Triggers:
    def answer(given: Any) -> Any:
        if isinstance(given, Exception):
            raise given
        return given

    app = SimpleNamespace(pull=lambda _: answer(pull), drain=lambda: answer(drain))
    return Triggers(lambda: cast("Plumbline", app))


@pytest.mark.parametrize("failure", [Throttled("busy", retry_after=900), Forbidden("no right")])
def test_what_waiting_or_a_person_mends_is_not_tried_again_at_once(failure: RemoteError) -> None:
    after = triggers(pull=failure).pull(WORK)
    assert (after.outbox, after.again) == (None, None)


def test_a_throttled_outbox_is_not_tried_again_at_once() -> None:
    assert triggers(drain=Throttled("busy", retry_after=900)).drain(b"") is None


def test_what_another_try_may_mend_is_raised() -> None:
    with pytest.raises(NotSent):
        triggers(pull=NotSent("no way")).pull(WORK)
    with pytest.raises(NotSent):
        triggers(drain=NotSent("no way")).drain(b"")


def test_more_work_asks_for_another_message() -> None:
    after = triggers(pull=Pulled(50, Taken(1, 0, effects=True), more=True)).pull(WORK)
    assert after.outbox
    assert json.loads(after.again or "") == {"mailbox": BOX}
    assert triggers(drain=Drained(100, 0, 0, more=True)).drain(b"")


@pytest.mark.parametrize("body", [WORK, b'{"reason": "timer"}', b"not json", b"[1]", b"\xff"])
def test_a_message_that_failed_for_good_is_told_whatever_it_holds(
    body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        triggers().poisoned(body)
    [told] = caplog.messages
    assert (BOX in told) == (body == WORK)
