"""Each mail is decided once and stored once, whoever else is at work and whatever is refused."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

import sync.intake
from rules.case import fold
from schemas.commands import ImportCase
from schemas.mail import MailMessage
from sync.errors import OutcomeUnknown, PreconditionFailed, Rejected, RemoteError
from sync.importing import Importer
from sync.intake import TRIES, Intake, waves
from sync.stores import Change
from tests.fakes.memory import Fuse, MemoryCases
from tests.fakes.world import Desk, example_mails, organisation


def mail(name: str, number: int = 0, **changes: Any) -> MailMessage:
    """A request like the example m005, apart from it and from others in id and text."""
    [shipped] = example_mails()["m005"]
    assert isinstance(shipped, MailMessage)
    text = f"{shipped.new_text}\n\nThis is about machine {name}."
    return shipped.model_copy(
        update={
            "remote_id": name,
            "internet_message_id": f"<{name}@mail.northgate.example>",
            "received_at": shipped.received_at + timedelta(seconds=number),
            "subject": f"Screen of {name} is black",
            "new_text": text,
            "text": text,
            **changes,
        }
    )


def answer(name: str, to: str, number: int = 0) -> MailMessage:
    return mail(name, number, in_reply_to=(f"<{to}@mail.northgate.example>",), references=())


def worker(desk: Desk) -> Intake:
    """Another process on the same rows."""
    return Intake(organisation(), MemoryCases(desk.store, desk.clock, Fuse()), desk.clock)


def opened(desk: Desk) -> int:
    return (
        sum(event.kind == "case_opened" for events in desk.store.events.values() for event in events) - old()
    )


def old() -> int:
    return len(Desk().store.events)


def before_commit(desk: Desk, work: Any) -> None:
    """Let something happen between the decision and its commit, once."""
    commit = desk.cases.commit

    def late(changes: Sequence[Change]) -> list[RemoteError | None]:
        desk.cases.commit = commit  # type: ignore[method-assign]
        work()
        return commit(changes)

    desk.cases.commit = late  # type: ignore[method-assign]


def test_two_workers_that_decide_on_one_mail_open_one_case_with_one_letter() -> None:
    desk = Desk()
    other = worker(desk)
    before_commit(desk, lambda: other.take([mail("a")]))
    desk.intake.take([mail("a")])
    assert opened(desk) == 1
    assert [row["effect"].kind for row in desk.store.effects.values()].count("letter") == 1


def test_copies_in_two_mailboxes_taken_at_once_open_one_case() -> None:
    desk = Desk()
    other = worker(desk)
    copy = mail("a", mailbox="hr.help@northgate.example", remote_id="copy")
    before_commit(desk, lambda: other.take([copy]))
    desk.intake.take([mail("a")])
    assert opened(desk) == 1
    kinds = sorted(
        record.kind for record, _ in desk.store.messages.values() if record.sender == copy.sender.address
    )
    assert kinds.count("duplicate") == 1


def test_numbers_taken_by_another_worker_are_passed_over() -> None:
    desk = Desk()
    other = worker(desk)
    before_commit(desk, lambda: other.take([mail(f"b{n}") for n in range(5)]))
    desk.intake.take([mail(f"a{n}", n) for n in range(5)])
    assert opened(desk) == 10


def test_mails_that_belong_together_never_share_a_wave() -> None:
    first, again, reply = mail("a"), mail("a2", 1), answer("r", "a", 2)
    same_id = first.model_copy(update={"remote_id": "copy"})
    same_text = again.model_copy(update={"new_text": first.new_text, "subject": first.subject})
    for other in (same_id, same_text, reply):
        assert len(list(waves([first, other], organisation()))) == 2
    assert len(list(waves([first, again], organisation()))) == 1


def test_a_reply_to_a_mail_of_the_same_page_joins_its_case() -> None:
    desk = Desk()
    desk.intake.take([answer("r", "a", 2), mail("a")])
    assert opened(desk) == 1


def test_two_mails_that_answer_each_other_are_one_case_at_the_end() -> None:
    desk = Desk()
    loop = mail("a", in_reply_to=("<b@mail.northgate.example>",))
    desk.intake.take([loop, answer("b", "a", 1)])
    assert opened(desk) == 1


def test_many_answers_to_one_case_in_one_wave_are_all_stored() -> None:
    desk = Desk()
    desk.intake.take([mail("a")])
    count = TRIES + 4
    desk.intake.take([answer(f"f{n}", "a", n + 1) for n in range(count)])
    wave = [answer(f"g{n}", f"f{n}", 100 + n) for n in range(count)]
    assert len(list(waves(wave, organisation()))) == 1
    desk.intake.take(wave)
    assert opened(desk) == 1
    [events] = [
        events
        for events in desk.store.events.values()
        if any(event.cause and event.sequence > 20 for event in events)
    ]
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert sum(event.kind == "message_received" for event in events) == 1 + 2 * count


def test_a_refused_change_sets_its_mail_aside_and_the_others_go_on() -> None:
    desk = Desk()
    commit = desk.cases.commit

    def fussy(changes: Sequence[Change]) -> list[RemoteError | None]:
        bad = [
            any(record.remote_id == "bad" and record.kind == "request" for record in change.decision.messages)
            for change in changes
        ]
        stored = iter(commit([change for change, no in zip(changes, bad, strict=True) if not no]))
        return [Rejected("field plb_need") if no else next(stored) for no in bad]

    desk.cases.commit = fussy  # type: ignore[method-assign]
    taken = desk.intake.take([mail("a"), mail("bad", 1), mail("c", 2)])
    assert (taken.decided, taken.set_aside, opened(desk)) == (2, 1, 2)
    [aside] = [record for record, _ in desk.store.messages.values() if record.kind == "unreadable"]
    assert aside.details == {"unreadable": "field plb_need"}


@pytest.mark.parametrize("rule", ["wanted", "classify", "read_request", "receive"])
def test_a_mail_on_which_a_rule_breaks_is_set_aside_and_the_others_go_on(
    rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, whole = Desk(), getattr(sync.intake, rule)

    def brittle(*arguments: Any) -> Any:
        found = next(
            (each for each in arguments if hasattr(each, "remote_id") or hasattr(each, "mail")), None
        )
        if getattr(found, "mail", found).remote_id == "bad":
            raise KeyError("a text that must not be kept")
        return whole(*arguments)

    monkeypatch.setattr(sync.intake, rule, brittle)
    taken = desk.intake.take([mail("a"), mail("bad", 1), mail("c", 2)])
    assert (taken.decided, taken.set_aside, opened(desk)) == (2, 1, 2)
    [aside] = [record for record, _ in desk.store.messages.values() if record.kind == "unreadable"]
    assert "KeyError in test_intake.py" in str(aside.details["unreadable"])
    assert "must not be kept" not in str(aside.details)


def test_an_answer_lost_after_the_write_writes_nothing_twice_and_sets_nothing_aside() -> None:
    desk = Desk()
    commit = desk.cases.commit

    def lost(changes: Sequence[Change]) -> list[RemoteError | None]:
        desk.cases.commit = commit  # type: ignore[method-assign]
        commit(changes)
        return [OutcomeUnknown("the answer was lost")] * len(changes)

    desk.cases.commit = lost  # type: ignore[method-assign]
    with pytest.raises(OutcomeUnknown):
        desk.intake.take([mail("a"), mail("b", 1)])
    facts = desk.store.facts()
    desk.intake.take([mail("a"), mail("b", 1)])
    assert desk.store.facts() == facts
    assert opened(desk) == 2


def test_a_case_whose_mail_record_was_deleted_does_not_hold_up_the_mailbox() -> None:
    desk = Desk()
    desk.intake.take([mail("a")])
    for key in [key for key, (record, _) in desk.store.messages.items() if record.remote_id == "a"]:
        del desk.store.messages[key]
    taken = desk.intake.take([mail("a"), mail("b", 1)])
    assert (taken.decided, taken.set_aside, opened(desk)) == (1, 1, 2)
    assert desk.intake.take([mail("a")]).set_aside == 0


def test_a_worker_that_is_always_too_late_says_so_and_loses_nothing() -> None:
    desk = Desk()
    commit = desk.cases.commit
    busy = [PreconditionFailed("the counter moved")]
    desk.cases.commit = lambda changes: busy * len(changes)  # type: ignore[method-assign]
    with pytest.raises(PreconditionFailed, match="come again"):
        desk.intake.take([mail("a")])
    desk.cases.commit = commit  # type: ignore[method-assign]
    assert desk.intake.take([mail("a")]).decided == 1


def test_the_same_mails_lead_to_the_same_ids_references_and_events() -> None:
    def facts() -> Any:
        desk = Desk()
        desk.intake.take([mail("a"), mail("b", 1), answer("r", "a", 2)])
        return desk.store.facts()

    assert facts() == facts()


def test_a_late_answer_ends_no_span_before_it_began() -> None:
    desk, late = Desk(), mail("late", in_reply_to=("<old@mail.northgate.example>",))
    waiting_since = late.received_at + timedelta(hours=1)
    old_case = ImportCase(
        reference="NC-000777",
        request_type="it.fault",
        requester=late.sender.address,
        subject="Screen",
        status="waiting_on_requester",
        opened=waiting_since,
        message_ids=("<old@mail.northgate.example>",),
    )
    Importer(organisation(), desk.cases, desk.clock).take([old_case])
    desk.intake.take([late])
    case = fold(desk.cases.events("NC-000777"))
    assert case
    assert [span.status for span in case.spans] == ["waiting_on_requester", "in_progress"]
    assert all(span.to is None or span.to >= span.since for span in case.spans)


def test_an_import_is_repeated_without_harm_but_never_swallowed() -> None:
    desk = Desk()
    desk.intake.take([mail("a")])
    importer = Importer(organisation(), desk.cases, desk.clock)
    case = ImportCase(
        reference="NC-000777",
        request_type="it.fault",
        requester="ann@northgate.example",
        subject="Screen",
        status="received",
        opened=desk.clock.now(),
    )
    assert (importer.take([case]), importer.take([case])) == (1, 0)
    [taken] = [
        events[0].fact.reference
        for events in desk.store.events.values()
        if events[0].fact.channel != "import"
    ]
    with pytest.raises(PreconditionFailed, match=taken):
        importer.take([case.model_copy(update={"reference": taken})])
