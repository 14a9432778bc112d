"""What sync.stores.CaseStore promises, in memory and on a tenant."""

import threading
from dataclasses import replace

from schemas.events import PrioritySet
from sync.errors import PreconditionFailed, Rejected
from tests.contract.repositories.conftest import Stores
from tests.contract.repositories.world import added, lookup, opening, reference


def test_a_stored_case_is_found_by_thread_reference_and_text(stores: Stores, name: str) -> None:
    at, number = stores.clock.now(), stores.cases.next_number()
    assert stores.cases.commit([opening(name, number, at)]) == [None]
    [own, answer, other] = stores.cases.find(
        [
            lookup(name, at),
            lookup(f"{name}-2", at, thread=(name,), about=(reference(number),)),
            lookup(f"{name}-3", at),
        ]
    )
    assert own.seen
    assert not answer.seen
    assert answer.hits.by_message_id[f"<{name}@mail.example>"].reference == reference(number)
    assert answer.hits.by_reference[reference(number)].requester == "ann@northgate.example"
    assert [case.reference for case, _ in own.hits.same_fingerprint] == [reference(number)]
    assert (other.seen, other.hits.by_message_id, other.hits.same_message) == (False, {}, None)


def test_events_come_back_as_they_were_decided(stores: Stores, name: str) -> None:
    number = stores.cases.next_number()
    change = opening(name, number, stores.clock.now())
    stores.cases.commit([change])
    assert stores.cases.events(reference(number)) == change.decision.events
    assert stores.cases.events("NC-999999") == ()


def test_a_repeated_change_is_refused_and_nothing_is_written_twice(stores: Stores, name: str) -> None:
    number = stores.cases.next_number()
    change = opening(name, number, stores.clock.now())
    stores.cases.commit([change])
    [again] = stores.cases.commit([change])
    assert isinstance(again, PreconditionFailed)
    assert stores.cases.events(reference(number)) == change.decision.events
    [found] = stores.cases.find([lookup(name, stores.clock.now())])
    assert found.seen


def test_of_two_changes_of_one_version_the_second_is_refused_whole(stores: Stores, name: str) -> None:
    at, number = stores.clock.now(), stores.cases.next_number()
    opened = opening(name, number, at)
    stores.cases.commit([opened])
    assert opened.after
    before = stores.cases.load([opened.after.case_id])[opened.after.case_id]
    first, second = stores.cases.commit([added(before, f"{name}-a", at), added(before, f"{name}-b", at)])
    assert first is None
    assert isinstance(second, PreconditionFailed)
    [a, b] = stores.cases.find([lookup(f"{name}-a", at), lookup(f"{name}-b", at)])
    assert (a.seen, b.seen) == (True, False)
    assert len(stores.cases.events(reference(number))) == 4
    after = stores.cases.load([opened.after.case_id])[opened.after.case_id]
    assert (after.case.status, after.etag != before.etag) == ("in_progress", True)


def test_a_taken_number_is_passed_over(stores: Stores, name: str) -> None:
    at, number = stores.clock.now(), stores.cases.next_number()
    stores.cases.commit([opening(name, number, at)])
    stores.set_next_number(number)
    for _ in range(3):
        stores.cases.find([lookup(f"{name}-2", at)])
        chosen = stores.cases.next_number()
        [outcome] = stores.cases.commit([opening(f"{name}-2", chosen, at)])
        if outcome is None:
            break
        assert isinstance(outcome, PreconditionFailed)
    assert outcome is None, "still refused after three turns"
    assert chosen > number
    assert stores.cases.next_number() > chosen


def test_a_long_run_of_taken_numbers_is_passed_in_few_turns(stores: Stores, name: str) -> None:
    at, number = stores.clock.now(), stores.cases.next_number()
    taken = [opening(f"{name}-{place}", number + place, at) for place in range(60)]
    assert set(stores.cases.commit(taken)) == {None}
    stores.set_next_number(number)
    for _ in range(7):
        stores.cases.commit([opening(name, stores.cases.next_number(), at)])
    assert stores.cases.next_number() >= number + 60
    [found] = stores.cases.find([lookup(name, at)])
    assert found.seen


def test_two_workers_never_share_a_number(stores: Stores, name: str) -> None:
    at, other = stores.clock.now(), stores.another()
    mine, theirs = stores.cases.next_number(), other.cases.next_number()
    assert mine == theirs
    assert stores.cases.commit([opening(f"{name}-1", mine, at)]) == [None]
    [refused] = other.cases.commit([opening(f"{name}-2", theirs, at)])
    assert isinstance(refused, PreconditionFailed)
    assert other.cases.commit([opening(f"{name}-2", other.cases.next_number(), at)]) == [None]
    assert other.cases.next_number() == mine + 2


def test_threads_that_share_a_store_do_not_move_the_counter_back(stores: Stores, name: str) -> None:
    at, number = stores.clock.now(), stores.cases.next_number()

    def opens_many() -> None:
        start = stores.cases.next_number()
        many = [opening(f"{name}-{place}", start + place, at) for place in range(1, 6)]
        assert set(stores.cases.commit(many)) == {None}

    worker = threading.Thread(target=opens_many)
    worker.start()
    worker.join()
    stores.cases.commit([opening(name, number, at)])
    assert stores.another().cases.next_number() >= number + 6


def test_more_rows_than_one_batch_holds_are_stored(stores: Stores, name: str) -> None:
    at, number = stores.clock.now(), stores.cases.next_number()
    changes = [opening(f"{name}-{place}", number + place, at) for place in range(180)]
    assert set(stores.cases.commit(changes)) == {None}
    found = stores.cases.find([lookup(f"{name}-{place}", at) for place in range(180)])
    assert all(each.seen for each in found)
    assert stores.cases.next_number() == number + 180


def test_one_change_that_fits_no_column_is_rejected_and_the_others_are_stored(
    on_dataverse: Stores, name: str
) -> None:
    at, number = on_dataverse.clock.now(), on_dataverse.cases.next_number()
    good = [opening(f"{name}-{place}", number + place, at) for place in (1, 2)]
    bad = opening(name, number, at)
    [message] = bad.decision.messages
    files = tuple(f"{place:0200d}.pdf" for place in range(600))
    crowded = message.model_copy(update={"attachments_kept": files})
    object.__setattr__(bad.decision, "messages", (crowded,))
    outcomes = on_dataverse.cases.commit([bad, *good])
    assert isinstance(outcomes[0], Rejected)
    assert "plb_attachments" in str(outcomes[0])
    assert outcomes[1:] == [None, None]
    assert on_dataverse.cases.next_number() == number + 3


def test_a_change_with_a_word_that_the_tables_do_not_know_is_rejected_alone(
    on_dataverse: Stores, name: str
) -> None:
    at, number = on_dataverse.clock.now(), on_dataverse.cases.next_number()
    odd, good = opening(f"{name}-odd", number, at), opening(name, number + 1, at)
    assert odd.after
    rule = PrioritySet(impact="one", urgency="high", priority="P99", rule="test")
    object.__setattr__(odd, "after", replace(odd.after, priority=rule))
    refused, stored = on_dataverse.cases.commit([odd, good])
    assert isinstance(refused, Rejected)
    assert stored is None


def test_the_texts_of_a_mail_are_cut_to_their_columns(on_dataverse: Stores, name: str) -> None:
    at, number = on_dataverse.clock.now(), on_dataverse.cases.next_number()
    assert on_dataverse.cases.commit([opening(name, number, at, text="x" * 1_200_000)]) == [None]


def test_nothing_asked_is_nothing_answered(stores: Stores) -> None:
    assert stores.cases.find([]) == []
    assert stores.cases.load([]) == {}
