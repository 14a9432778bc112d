import json
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest

from dataverse.operations import Operation, delete, dump, update, upsert

ROW = UUID("5b8f2c10-6c1e-4011-b4cb-000d3a1a0001")


def test_an_update_never_creates() -> None:
    assert update("plb_cases", ROW, {}).headers == {"If-Match": "*"}
    assert update("plb_cases", ROW, {}, if_match='W/"1"').headers == {"If-Match": 'W/"1"'}


def test_an_update_can_return_the_row() -> None:
    asked = update("plb_counters", {"plb_key": "case-reference"}, {}, returning=["plb_next"])
    assert asked.path == "plb_counters(plb_key='case-reference')?$select=plb_next"
    assert asked.headers["Prefer"] == "return=representation"


def test_an_upsert_carries_no_condition() -> None:
    assert upsert("plb_cases", ROW, {}).headers == {}


def test_a_delete_may_name_the_version() -> None:
    assert delete("plb_cases", ROW).headers == {}
    assert delete("plb_cases", ROW, if_match="*").headers == {"If-Match": "*"}


def test_only_a_post_must_not_be_repeated() -> None:
    assert not Operation("POST", "plb_cases").replayable
    assert delete("plb_cases", ROW).replayable


def test_values_are_written_as_dataverse_reads_them() -> None:
    noon = datetime(2026, 3, 2, 13, 0, 5, 700, timezone(timedelta(hours=1)))
    row = {"a": noon, "b": date(2026, 3, 2), "c": ROW, "d": Decimal("12.50"), "e": Decimal(3), "f": "ä"}
    assert json.loads(dump(row)) == {
        "a": "2026-03-02T12:00:05Z",
        "b": "2026-03-02",
        "c": str(ROW),
        "d": 12.5,
        "e": 3,
        "f": "ä",
    }


@pytest.mark.parametrize("value", [Decimal("NaN"), float("nan"), datetime(2026, 1, 1)])  # noqa: DTZ001
def test_what_json_would_blur_is_refused(value: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - three texts, one rule
        dump({"a": value})


def test_an_unknown_kind_of_value_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="set"):
        dump({"a": {1}})


@pytest.mark.parametrize("text", ["12345678901234567.1234567890", "0.1", "-0.00001", "100000000000"])
def test_a_decimal_goes_out_with_every_digit_and_comes_back_the_same(text: str) -> None:
    sent = dump({"a": Decimal(text)})
    assert text.encode() in sent
    assert json.loads(sent, parse_float=Decimal) == {"a": Decimal(text)}
