"""What sync.stores.EffectStore promises, in memory and on a tenant."""

from datetime import timedelta
from uuid import UUID

from dataverse.operations import update
from dataverse.repositories import rows
from sync.stores import EffectOutcome
from tests.contract.repositories.conftest import Stores
from tests.contract.repositories.world import lookup, opening, record


def with_letters(stores: Stores, name: str, count: int = 1) -> None:
    at, number = stores.clock.now(), stores.cases.next_number()
    changes = [opening(f"{name}-{place}", number + place, at) for place in range(count)]
    assert set(stores.cases.commit(changes)) == {None}


def test_a_due_effect_is_claimed_once(stores: Stores, name: str) -> None:
    with_letters(stores, name)
    now = stores.clock.now()
    [pending] = stores.effects.claim(now, 100, 60)
    assert (pending.attempts, pending.doubtful) == (1, False)
    assert pending.case_id is not None
    assert stores.another().effects.claim(now, 100, 60) == []


def test_a_lapsed_claim_comes_back_as_doubtful(stores: Stores, name: str) -> None:
    with_letters(stores, name)
    now = stores.clock.now()
    stores.effects.claim(now, 100, 60)
    assert stores.effects.claim(now + timedelta(seconds=59), 100, 60) == []
    [again] = stores.effects.claim(now + timedelta(seconds=61), 100, 60)
    assert (again.attempts, again.doubtful) == (2, True)


def test_a_settled_effect_is_done_and_leaves_its_record(stores: Stores, name: str) -> None:
    with_letters(stores, name)
    now = stores.clock.now()
    [pending] = stores.effects.claim(now, 100, 60)
    message = record(f"{name}-sent", now)
    stores.effects.settle([EffectOutcome(pending, "sent", sent_at=now, message=message)])
    assert stores.effects.claim(now + timedelta(days=1), 100, 60) == []
    [found] = stores.cases.find([lookup(f"{name}-sent", now)])
    assert found.seen


def test_an_effect_waits_until_its_time(stores: Stores, name: str) -> None:
    with_letters(stores, name)
    now = stores.clock.now()
    [pending] = stores.effects.claim(now, 100, 60)
    later = now + timedelta(seconds=600)
    stores.effects.settle([EffectOutcome(pending, "waiting", not_before=later, error="x" * 9_000)])
    assert stores.effects.claim(now + timedelta(seconds=599), 100, 60) == []
    [again] = stores.effects.claim(later, 100, 60)
    assert (again.attempts, again.doubtful) == (2, False)


def test_a_worker_whose_claim_lapsed_does_not_undo_what_the_next_one_found(stores: Stores, name: str) -> None:
    with_letters(stores, name)
    now = stores.clock.now()
    [late] = stores.effects.claim(now, 100, 60)
    other = stores.another().effects
    [again] = other.claim(now + timedelta(seconds=61), 100, 60)
    other.settle([EffectOutcome(again, "sent", sent_at=now, message=record(f"{name}-sent", now))])
    stores.effects.settle([EffectOutcome(late, "waiting", not_before=now, error="Throttled")])
    assert stores.effects.claim(now + timedelta(days=1), 100, 60) == []


def test_more_than_a_round_is_claimed_in_rounds(stores: Stores, name: str) -> None:
    with_letters(stores, name, 130)
    now = stores.clock.now()
    rounds = [len(stores.effects.claim(now, 100, 60)) for _ in range(3)]
    assert rounds == [100, 30, 0]


def test_a_damaged_row_is_set_aside_and_the_others_go_on(on_dataverse: Stores, name: str) -> None:
    with_letters(on_dataverse, name, 3)
    client, now = on_dataverse.client, on_dataverse.clock.now()
    assert client
    [first, *_] = on_dataverse.effects.claim(now, 1, 0)
    client.send(update(rows.EFFECTS, UUID(str(first.row_id)), {"plb_payload": '{"kind": "let'}))
    later = now + timedelta(seconds=1)
    assert len(on_dataverse.effects.claim(later, 100, 60)) == 2
    assert on_dataverse.effects.claim(later + timedelta(days=1), 100, 60) != []
    row = client.row(rows.EFFECTS, first.row_id, select=["plb_state", "plb_error"])
    assert row
    assert "plb_payload" in str(row["plb_error"])
