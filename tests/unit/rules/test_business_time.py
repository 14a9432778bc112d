"""The invariants of sla.md section 6 that need no pauses, against an oracle that steps through time."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.business_time import BusinessTime
from schemas.catalogue import ServiceCalendar

ZONES = ("Europe/London", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC")
STEP = 900  # all hours and offsets of the calendars below are quarters of an hour
quarters = st.integers(0, 95).map(lambda n: f"{n // 4:02}:{n % 4 * 15:02}")
rows = st.tuples(quarters, quarters).filter(lambda row: row[0] != row[1])


@st.composite
def calendars(draw: st.DrawFn) -> ServiceCalendar:
    days = draw(
        st.lists(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), min_size=1, unique=True)
    )
    return ServiceCalendar.model_validate(
        {
            "time_zone": draw(st.sampled_from(ZONES)),
            "hours": {day: [draw(rows)] for day in days},
            "closed_days": [
                {"date": draw(st.dates(date(2026, 3, 1), date(2026, 4, 30))), "name": "closed"}
                for _ in range(draw(st.integers(0, 3)))
            ],
        }
    )


instants = st.integers(0, 60 * 96).map(
    lambda n: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=n * STEP)
)
amounts = st.integers(1, 200_000)


def is_open(calendar: ServiceCalendar, instant: datetime) -> bool:
    """The definition of sla.md section 2, word by word."""
    local = instant.astimezone(ZoneInfo(calendar.time_zone))
    wall = f"{local:%H:%M:%S}"
    if local.date() in {day.date for day in calendar.closed_days}:
        return False
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    today = calendar.hours.get(names[local.weekday()], ())
    yesterday = calendar.hours.get(names[(local.weekday() - 1) % 7], ())
    return any(start <= wall < end if start < end else wall >= start for start, end in today) or any(
        end <= start and wall < end for start, end in yesterday
    )


def stepped(calendar: ServiceCalendar, start: datetime, end: datetime) -> int:
    steps = max(0, int((end - start).total_seconds()) // STEP)
    return sum(STEP for n in range(steps) if is_open(calendar, start + timedelta(seconds=n * STEP)))


@given(calendars(), instants, instants)
@settings(max_examples=80, deadline=None)
def test_elapsed_equals_an_oracle_that_steps_through_time(
    calendar: ServiceCalendar, a: datetime, b: datetime
) -> None:
    assert BusinessTime(calendar).elapsed(a, b) == stepped(calendar, a, b)


@given(calendars(), st.tuples(instants, instants, instants).map(sorted))
@settings(max_examples=60, deadline=None)
def test_elapsed_is_additive_monotone_and_never_more_than_real_time(
    calendar: ServiceCalendar, three: list[datetime]
) -> None:
    a, b, c = three
    time = BusinessTime(calendar)
    assert time.elapsed(a, b) + time.elapsed(b, c) == time.elapsed(a, c)
    assert 0 <= time.elapsed(a, b) <= (b - a).total_seconds()
    assert time.elapsed(b, a) == 0


@given(calendars(), instants, amounts, amounts)
@settings(max_examples=60, deadline=None)
def test_due_is_the_earliest_inverse_of_elapsed_and_composes(
    calendar: ServiceCalendar, a: datetime, m: int, n: int
) -> None:
    time = BusinessTime(calendar)
    due = time.due(a, n)
    assert time.elapsed(a, due) == n
    assert time.elapsed(a, due - timedelta(seconds=1)) == n - 1
    assert time.due(a, m + n) == time.due(time.due(a, m), n)
    assert time.due(a, time.elapsed(a, due)) <= due


@given(calendars(), instants, amounts)
@settings(max_examples=60, deadline=None)
def test_back_is_the_latest_start(calendar: ServiceCalendar, end: datetime, n: int) -> None:
    time = BusinessTime(calendar)
    start = time.back(end, n)
    assert time.elapsed(start, end) == n
    assert time.elapsed(start + timedelta(seconds=1), end) < n


def test_a_naive_instant_is_refused() -> None:
    calendar = ServiceCalendar(time_zone="UTC", continuous=True)
    with pytest.raises(ValueError, match="offset"):
        BusinessTime(calendar).due(datetime(2026, 1, 1), 1)  # noqa: DTZ001


def test_nothing_is_due_at_once_even_when_closed() -> None:
    calendar = ServiceCalendar.model_validate({"time_zone": "UTC", "hours": {"mon": [["09:00", "10:00"]]}})
    sunday = datetime(2026, 2, 8, tzinfo=UTC)
    assert BusinessTime(calendar).due(sunday, 0) == sunday


@pytest.mark.parametrize("year", [1990, 2060])
def test_far_years_work(year: int) -> None:
    calendar = ServiceCalendar.model_validate(
        {"time_zone": "Europe/London", "hours": {"mon": [["09:00", "17:00"]]}}
    )
    start = datetime(year, 6, 1, tzinfo=UTC)
    assert BusinessTime(calendar).due(start, 8 * 3600) > start
