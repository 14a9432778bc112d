"""The 60 example mails through intake and outbox, on ports in memory."""

from functools import cache
from typing import Any

import pytest

from rules import keys
from rules.case import Case, fold
from tests.fakes.world import Desk, example_mails, expected

MAILS = {mail["id"]: mail for mail in expected()["mails"]}
EXACT = ("ignore", "duplicate", "hold", "delivery_failure", "follow_up")


@cache
def replayed() -> tuple[Desk, dict[str, dict[str, Any]]]:
    desk = Desk()
    found: dict[str, dict[str, Any]] = {}
    openers: dict[Any, str] = {}
    for name, copies in example_mails().items():
        assigned = MAILS[name].get("assigned_reference")
        if assigned:
            desk.store.next_number = keys.reference_number(assigned)
        for mail in copies:
            desk.clock.instant = max(desk.clock.instant, mail.received_at)
            desk.mail.deliver(mail)
        desk.round(*(mail.mailbox for mail in copies))
        mail = copies[0]
        record, case_id = desk.store.messages[keys.mail_key(mail.mailbox, mail.remote_id)]
        if record.action == "new_case":
            openers[case_id] = name
        case = fold(tuple(desk.store.events[case_id])) if case_id else None
        found[name] = {
            "record": record,
            "case": case,
            "of": openers.get(case_id, case.reference if case else None),
        }
    return desk, found


@pytest.mark.parametrize("name", MAILS)
def test_every_mail_gets_its_action(name: str) -> None:
    assert replayed()[1][name]["record"].action == MAILS[name]["action"]


@pytest.mark.parametrize("name", [name for name, mail in MAILS.items() if mail["action"] in EXACT])
def test_reason_and_case_are_right_where_no_case_is_opened(name: str) -> None:
    found, mail = replayed()[1][name], MAILS[name]
    assert found["record"].reason == mail.get("reason")
    if "of" in mail:
        assert found["of"] == mail["of"]
    if "new_status" in mail and "missing_after" not in mail:
        assert found["record"].details["new_status"] == mail["new_status"]
    if "reopen" in mail and mail["action"] == "follow_up":
        assert found["record"].details["reopen"] == mail["reopen"]


@pytest.mark.parametrize(
    "name", [n for n, m in MAILS.items() if m["action"] == "new_case" and m["reading"] == "labelled"]
)
def test_labelled_requests_are_read_completely(name: str) -> None:
    case: Case = replayed()[1][name]["case"]
    mail = MAILS[name]
    assert case.opened.request_type == mail["request_type"]
    assert list(case.missing or ()) == mail["missing"]
    assert case.opened.sensitive == mail["sensitive"]
    assert case.opened.linked_to == mail.get("linked_to")
    if "urgent" not in mail or not mail["urgent"].get("accepted"):
        assert case.priority is not None
        assert case.priority.priority == mail["priority"]


def test_confirmations_are_sent_once_and_never_where_they_are_forbidden() -> None:
    desk, found = replayed()
    assert len(desk.mail.sent) == len(set(desk.mail.sent))
    opened = [name for name, mail in MAILS.items() if mail["action"] == "new_case"]
    assert len(desk.mail.sent) == len(opened) - 1  # m051 came from a machine
    trusted = found["m051"]["case"]
    assert all(letter.subject.find(trusted.reference) < 0 for letter, _ in desk.mail.letters.values())


def test_everything_that_was_sent_has_its_record() -> None:
    desk, _ = replayed()
    recorded = {record.key for record, _ in desk.store.messages.values() if record.direction == "out"}
    assert recorded == {keys.digest("out", key) for key in desk.mail.sent}
