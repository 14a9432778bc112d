from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.odata import In, Query, address, both, compare, either, eq, literal, row_path, within

ROW = UUID("5b8f2c10-6c1e-4011-b4cb-000d3a1a0001")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("O'Brien", "'O''Brien'"),
        (727000001, "727000001"),
        (True, "true"),
        (None, "null"),
        (Decimal("1.10"), "1.10"),
        (ROW, str(ROW)),
        (date(2026, 3, 2), "2026-03-02"),
        (datetime(2026, 3, 2, 9, 14, 5, 99, timezone(timedelta(hours=1))), "2026-03-02T08:14:05Z"),
    ],
)
def test_literals_are_quoted_as_the_service_reads_them(value: object, text: str) -> None:
    assert literal(value) == text


def test_a_time_without_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        literal(datetime(2026, 3, 2))  # noqa: DTZ001


@given(st.text())
def test_no_text_leaves_its_quotes(text: str) -> None:
    quoted = literal(text)
    assert quoted[1:-1].replace("''", "").count("'") == 0
    assert quoted[1:-1].replace("''", "'") == text


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_filter_comes_out_of_the_address_as_it_went_in(text: str) -> None:
    query = Query("plb_cases", ["plb_key"], filter=eq("plb_need", text), top=3)
    options = parse_qs(urlsplit("https://x/" + query.path).query, strict_parsing=True)
    assert options == {"$select": ["plb_key"], "$filter": [f"plb_need eq {literal(text)}"], "$top": ["3"]}


@given(st.text(st.sampled_from("abZ09_-' ~.,$äß(")).filter(bool))
def test_a_key_comes_out_of_the_address_as_it_went_in(value: str) -> None:
    path = row_path("plb_cases", {"plb_key": value})
    assert unquote(path) == f"plb_cases(plb_key={literal(value)})"
    assert urlsplit("https://x/" + path).path == "/" + path


@pytest.mark.parametrize("value", ["", "a/b", "a#b", "a?b", "a%b", "a:b", "a+b", "a&b", "a\nb", "<m@x>"])
def test_keys_that_the_service_cannot_address_are_refused(value: str) -> None:
    with pytest.raises(ValueError, match="plb_key"):
        row_path("plb_cases", {"plb_key": value})


def test_keys_of_several_columns_and_ids_are_written_bare() -> None:
    assert row_path("plb_cases", ROW) == f"plb_cases({ROW})"
    assert row_path("plb_x", {"a": "x", "_b_value": ROW, "c": 3}) == f"plb_x(a='x',_b_value={ROW},c=3)"


def test_conditions_are_joined_with_brackets() -> None:
    low, high = compare("plb_next", "ge", 1), compare("plb_next", "lt", 9)
    assert both(low, "", high) == "(plb_next ge 1) and (plb_next lt 9)"
    assert both(low) == low
    assert either(low, high) == "(plb_next ge 1) or (plb_next lt 9)"


def test_a_list_of_values_is_one_condition() -> None:
    condition, parameters = In("plb_key", ["a", 'b"c'])
    assert condition == "Microsoft.Dynamics.CRM.In(PropertyName=@p1,PropertyValues=@p2)"
    assert parameters == {"@p1": "'plb_key'", "@p2": r'["a","b\"c"]'}
    with pytest.raises(ValueError, match="at least one"):
        In("plb_key", [])


def test_wildcards_inside_contains_are_plain_characters() -> None:
    assert within("50%_[a]") == "'50[%][_][[]a]'"


def test_a_name_from_outside_is_refused() -> None:
    for call in (lambda: eq("a eq 1 or b", 1), lambda: Query("plb_cases?x", ["a"]).path):
        with pytest.raises(ValueError, match="name"):
            call()


def test_empty_options_are_left_out() -> None:
    assert address("plb_cases", {"$select": "", "$top": ""}) == "plb_cases"


def test_now_is_written_with_z() -> None:
    assert literal(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00Z"
