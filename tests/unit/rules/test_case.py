from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.case import evolve, fold
from schemas.events import (
    CaseOpened,
    DeliveryFailed,
    Fact,
    FieldsAssessed,
    FieldsSupplied,
    ParticipantsJoined,
    StatusChanged,
    number,
)
from schemas.reading import FieldValue

CASE = UUID("00000000-0000-0000-0000-00000000000c")
START = datetime(2026, 2, 9, 9, 4, tzinfo=UTC)


def opened(**changes: object) -> CaseOpened:
    return CaseOpened.model_validate(
        {
            "reference": "NC-000001",
            "source_key": "s",
            "request_type": "it.incident",
            "title": "Printer",
            "need": "It jams",
            "requester": "a@northgate.example",
            "participants": ("a@northgate.example",),
            "channel": "mail",
            "received_on": START,
            "department": "IT",
            "queue": "it_help",
            "owner": "IT Service Desk Lead",
            "owner_address": "it.manager@northgate.example",
            "backup": "it.duty@northgate.example",
            "sensitive": False,
            "catalogue_version": "1",
            **changes,
        }
    )


def log(*facts: Fact, at: datetime = START):
    return number(CASE, facts, after=0, at=at, actor="a@northgate.example", cause="mail-1")


def test_a_case_is_the_fold_of_its_events() -> None:
    case = fold(
        log(
            opened(),
            FieldsSupplied(values=(FieldValue(field="asset_tag", value="NG-LT-1"),)),
            FieldsAssessed(missing=("error_text",)),
            ParticipantsJoined(addresses=("b@northgate.example",)),
            DeliveryFailed(recipient="b@northgate.example", permanent=True, message="m"),
        )
    )
    assert case is not None
    assert case.reference == "NC-000001"
    assert case.participants == ("a@northgate.example", "b@northgate.example")
    assert case.missing == ("error_text",)
    assert case.undelivered == ("b@northgate.example",)
    assert case.sequence == 5


def test_a_later_value_replaces_an_earlier_one_and_keeps_its_place() -> None:
    first = (FieldValue(field="a", value="1"), FieldValue(field="b", value="2"))
    case = fold(
        log(
            opened(),
            FieldsSupplied(values=first),
            FieldsSupplied(values=(FieldValue(field="a", value="3"),)),
        )
    )
    assert case is not None
    assert [(value.field, value.value) for value in case.values] == [("a", "3"), ("b", "2")]


def test_a_log_without_its_opening_is_refused() -> None:
    [event] = log(ParticipantsJoined(addresses=("b@northgate.example",)))
    with pytest.raises(ValueError, match="does not begin"):
        evolve(None, event)


def test_the_same_cause_yields_the_same_event_ids() -> None:
    assert [event.event_id for event in log(opened())] == [event.event_id for event in log(opened())]


statuses = st.sampled_from(["received", "in_progress", "waiting_on_requester", "done"])


@given(st.lists(st.tuples(statuses, st.integers(1, 10_000)), max_size=12))
def test_spans_cover_the_life_of_the_case_without_gap_or_overlap(steps: list[tuple[str, int]]) -> None:
    events = list(log(opened()))
    before, now = "received", START
    for status, seconds in steps:
        now += timedelta(seconds=seconds)
        fact = StatusChanged.model_validate({"before": before, "after": status, "reason": "test"})
        events += number(CASE, (fact,), after=len(events), at=now, actor="x", cause=str(len(events)))
        before = status
    case = fold(tuple(events))
    assert case is not None
    assert case.spans[0].since == START
    assert all(a.to == b.since for a, b in zip(case.spans, case.spans[1:], strict=False))
    assert case.spans[-1].to is None
    assert case.spans[-1].status == case.status
    assert (case.closed_on is None) == (case.status != "done")
