"""azure-functions.md 4.3: NCRONTAB, compared with a search that tries every second or minute."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.functions.ncrontab import parse

START = datetime(2026, 2, 9, 9, 4, 0, tzinfo=UTC)  # a Monday

NEXT = [
    ("0 */5 * * * *", "2026-02-09T09:05:00"),
    ("*/5 * * * *", "2026-02-09T09:05:00"),  # five fields: second 0
    ("0 4 9 * * *", "2026-02-10T09:04:00"),  # strictly later
    ("1 4 9 * * *", "2026-02-09T09:04:01"),
    ("10/20 * * * * *", "2026-02-09T09:04:10"),  # from 10 to the maximum
    ("0 50/5 * * * *", "2026-02-09T09:50:00"),
    ("0 0 9-17 * * Mon-Fri", "2026-02-09T10:00:00"),
    ("0 0 9 * * mond", "2026-02-16T09:00:00"),  # names by prefix
    ("0 0 0 1 * *", "2026-03-01T00:00:00"),
    ("0 0 0 13 * 5", "2026-02-13T00:00:00"),  # day and weekday must both match
    ("0 0 0 14 * 5", "2026-08-14T00:00:00"),
    ("0 0 0 29 2 *", "2028-02-29T00:00:00"),
    ("0 0 0 29 Feb 0", "2032-02-29T00:00:00"),
    ("0 0 12 * * 0", "2026-02-15T12:00:00"),  # Sunday is 0
    ("0 0 0 1 1,Jul *", "2026-07-01T00:00:00"),
    ("59 59 23 31 12 *", "2026-12-31T23:59:59"),
]


@pytest.mark.parametrize(("expression", "expected"), NEXT)
def test_the_next_occurrence(expression, expected):
    assert parse(expression).after(START) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("0 0 0 * * 7", "weekday: 7 is outside 0 to 6"),
        ("60 * * * * *", "second: 60"),
        ("0 0 24 * * *", "hour: 24"),
        ("0 0 0 0 * *", "day: 0"),
        ("0 0 0 * 13 *", "month: 13"),
        ("* * * *", "4 fields"),
        ("00:05:00", "1 fields"),
        ("0 0 0 * * Foo", "'Foo' is not a number"),
        ("0 */0 * * * *", "minute: 0"),
        ("0 5-3 * * * *", "runs backwards"),
        ("0 1,,2 * * * *", "'' is not a number"),
        ("0 -1 * * * *", "is not a number"),
    ],
)
def test_a_wrong_schedule_names_its_field(expression, reason):
    with pytest.raises(ValueError, match=reason.replace("*", r"\*")):
        parse(expression)


def test_a_day_that_never_comes_is_told():
    with pytest.raises(ValueError, match="no occurrence"):
        parse("0 0 0 31 2 *").after(START)


@pytest.mark.parametrize(
    ("expression", "frequent"),
    [("*/30 * * * * *", True), ("0 * * * * *", False), ("0,1 0 0 * * *", True), ("0 0 3 * * *", False)],
)
def test_more_often_than_once_a_minute(expression, frequent):
    assert parse(expression).is_frequent(START) is frequent


FIELD = st.sampled_from(["*", "*/7", "3", "5-20", "1,9,17", "6/4"])


@settings(max_examples=60, deadline=None)
@given(second=FIELD, minute=FIELD, hour=FIELD, offset=st.integers(0, 86_400))
def test_it_agrees_with_trying_every_second(second, minute, hour, offset):
    schedule = parse(f"{second} {minute} {hour} * * *")
    start = START + timedelta(seconds=offset)
    found = schedule.after(start)
    # No skipped second in the hour before the find fits, and the find itself fits.
    assert _fits(schedule, found)
    for back in range(1, min(3600, int((found - start).total_seconds()))):
        assert not _fits(schedule, found - timedelta(seconds=back))


def _fits(schedule, instant):
    return (
        instant.second in schedule.seconds
        and instant.minute in schedule.minutes
        and instant.hour in schedule.hours
    )
