"""The example mails whose values follow labels are understood without a person."""

from functools import cache

import pytest

from rules.intake import read_answer, read_request
from schemas.reading import Answer, Reading
from tests.unit.conversation.test_examples import VERDICTS, read_example
from tests.unit.northgate import CATALOGUE, DIRECTORY

NEW = [name for name, (entry, _, _) in VERDICTS.items() if entry["action"] == "new_case"]
LABELLED = [name for name in NEW if VERDICTS[name][0]["reading"] == "labelled"]


@cache
def reading(name: str) -> Reading:
    entry, verdict, _ = VERDICTS[name]
    return read_request(read_example(entry), verdict, CATALOGUE, DIRECTORY)


def answer(name: str) -> Answer:
    entry, _, of = VERDICTS[name]
    opened, mail = reading(of or ""), read_example(entry)
    return read_answer(
        mail, opened.request_type, opened.values, CATALOGUE, DIRECTORY, requester=opened.requester
    )


@pytest.mark.parametrize("name", LABELLED)
def test_a_labelled_request_has_its_type_and_its_gaps(name: str) -> None:
    entry = VERDICTS[name][0]
    assert reading(name).request_type == entry["request_type"]
    assert list(reading(name).missing) == entry["missing"]
    assert not reading(name).triage


@pytest.mark.parametrize("name", NEW)
def test_no_request_gets_a_wrong_type(name: str) -> None:
    assert reading(name).request_type in {VERDICTS[name][0]["request_type"], None}


@pytest.mark.parametrize("name", NEW)
def test_files_people_and_place_are_right_whatever_the_type(name: str) -> None:
    entry, found = VERDICTS[name][0], reading(name)
    assert found.requester == entry.get("requester", entry["from"])
    assert list(found.participants) == entry.get("participants", [])
    for key in ("attachments_kept", "attachments_dropped", "attachments_quarantined"):
        assert list(getattr(found, key)) == entry.get(key, list(getattr(found, key)))
    if found.request_type is not None:
        assert found.move_to == entry.get("move_to")
    for wanted in entry.get("body_contains", ()):
        assert wanted in found.need


def test_a_labelled_answer_closes_the_gaps() -> None:
    assert answer("m013").missing == ()


def test_an_answer_adds_what_it_labels_and_leaves_the_rest() -> None:
    found = answer("m014")
    assert [(value.field, value.value) for value in found.values] == [("cost_centre", "CM1200")]
    assert "evidence" in found.missing
    assert "cost_centre" not in found.missing


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("m001", "account", "housing.officer4@northgate.example"),
        ("m001", "deadline", "2026-02-12T09:00:00Z"),
        ("m001", "approver", "housing.manager@northgate.example"),
        ("m002", "expense_date", "2026-02-05"),
        ("m002", "amount", "14.60"),
        ("m003", "equipment_profile", "standard laptop"),
        ("m011", "deadline", "2026-02-10T11:00:00Z"),
        ("m016", "value", "48000.00"),
        ("m022", "pay_period", "2026-01"),
        ("m053", "hazard", "yes"),
        ("m059", "callback_number", "01632 960417"),
    ],
)
def test_values_are_canonical(name: str, field: str, value: str) -> None:
    assert reading(name).value(field) == value
