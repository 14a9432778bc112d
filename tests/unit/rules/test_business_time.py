"""The invariants of sla.md section 6 that need no pauses, against an oracle that steps through time."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.business_axis import PastHorizon
from rules.business_time import BusinessTime
from schemas.catalogue import ServiceCalendar
from schemas.organisation import ClosedDay

ZONES = ("Europe/London", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC")
STEP = 900  # all hours and offsets of the calendars below are quarters of an hour
quarters = st.integers(0, 95).map(lambda n: f"{n // 4:02}:{n % 4 * 15:02}")
rows = st.tuples(quarters, quarters).filter(lambda row: row[0] != row[1])
same_day = st.tuples(quarters, quarters | st.just("24:00")).filter(lambda row: row[0] < row[1])
special_days = st.dates(date(2026, 3, 1), date(2026, 4, 30)) | st.dates(date(2026, 10, 1), date(2026, 11, 30))


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
                {"date": draw(special_days), "name": "closed"} for _ in range(draw(st.integers(0, 3)))
            ],
            "overrides": draw(st.dictionaries(special_days, st.lists(same_day, max_size=1), max_size=4)),
        }
    )


# Both seasons of clock changes.
instants = st.builds(
    lambda begin, steps: begin + timedelta(seconds=steps * STEP),
    st.sampled_from([datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)]),
    st.integers(0, 60 * 96),
)
spans = st.integers(-10, 40 * 96).map(lambda steps: timedelta(seconds=steps * STEP))
amounts = st.integers(1, 200_000)


def is_open(calendar: ServiceCalendar, instant: datetime) -> bool:
    """The definition of sla.md section 2, word by word."""
    local = instant.astimezone(ZoneInfo(calendar.time_zone))
    wall = f"{local:%H:%M:%S}"
    if local.date() in {day.date for day in calendar.closed_days}:
        return False
    if local.date() in calendar.overrides:
        return any(start <= wall < end for start, end in calendar.overrides[local.date()])
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    today = calendar.hours.get(names[local.weekday()], ())
    yesterday = calendar.hours.get(names[(local.weekday() - 1) % 7], ())
    return any(start <= wall < end if start < end else wall >= start for start, end in today) or any(
        end <= start and wall < end for start, end in yesterday
    )


def stepped(calendar: ServiceCalendar, start: datetime, end: datetime) -> int:
    steps = max(0, int((end - start).total_seconds()) // STEP)
    return sum(STEP for n in range(steps) if is_open(calendar, start + timedelta(seconds=n * STEP)))


@given(calendars(), instants, spans)
@settings(max_examples=80, deadline=None)
def test_elapsed_equals_an_oracle_that_steps_through_time(
    calendar: ServiceCalendar, a: datetime, span: timedelta
) -> None:
    assert BusinessTime(calendar).elapsed(a, a + span) == stepped(calendar, a, a + span)


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


OFFICE = ServiceCalendar.model_validate(
    {"time_zone": "Europe/London", "hours": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed")}}
)


@given(st.sampled_from(ZONES), st.lists(instants, min_size=2, max_size=2).map(sorted), amounts)
@settings(max_examples=60, deadline=None)
def test_a_week_open_round_the_clock_counts_real_time_in_every_zone(
    zone: str, two: list[datetime], amount: int
) -> None:
    a, b = two
    whole = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    laid_out = BusinessTime(ServiceCalendar.model_validate({"time_zone": zone, "hours": whole}))
    continuous = BusinessTime(ServiceCalendar(time_zone=zone, continuous=True))
    for time in (laid_out, continuous):
        assert time.elapsed(a, b) == (b - a).total_seconds()
        assert time.due(a, amount) == a + timedelta(seconds=amount)
        assert time.back(b, amount) == b - timedelta(seconds=amount)


@pytest.mark.parametrize("years", [3, 9, 30])
def test_a_long_span_is_found_however_little_was_laid_out_before(years: int) -> None:
    start = datetime(2026, 6, 3, 17, tzinfo=UTC)
    hours = 52 * years * 3 * 8
    due = BusinessTime(OFFICE).due(start, hours * 3600)
    assert due.year == 2026 + years - (1 if due.month > 6 else 0)
    assert BusinessTime(OFFICE).elapsed(start, due) == hours * 3600
    assert BusinessTime(OFFICE).back(due, hours * 3600) == datetime(2026, 6, 8, 8, tzinfo=UTC)


def test_an_axis_that_has_grown_answers_as_a_fresh_one() -> None:
    grown = BusinessTime(OFFICE)
    early, late = datetime(2002, 3, 5, 12, tzinfo=UTC), datetime(2041, 3, 5, 12, tzinfo=UTC)
    for a in (late, early, late):
        assert grown.due(a, 10**6) == BusinessTime(OFFICE).due(a, 10**6)
    assert grown.elapsed(early, late) == BusinessTime(OFFICE).elapsed(early, late)


@pytest.mark.parametrize("hours", [{}, {"mon": [["09:00", "17:00"]]}])
def test_a_deadline_past_the_horizon_is_reported(hours: dict) -> None:
    time = BusinessTime(ServiceCalendar.model_validate({"time_zone": "Europe/London", "hours": hours}))
    at = datetime(2026, 6, 1, tzinfo=UTC)
    with pytest.raises(PastHorizon):
        time.due(at, 10**9)
    with pytest.raises(PastHorizon):
        time.back(at, 10**9)


@pytest.mark.parametrize("year", [1989, 2062])
@pytest.mark.parametrize("continuous", [True, False])
def test_years_outside_the_horizon_are_reported_never_answered(year: int, continuous: bool) -> None:
    time = BusinessTime(OFFICE.model_copy(update={"continuous": continuous}))
    at, inside = datetime(year, 6, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
    for question in (
        lambda: time.due(at, 60),
        lambda: time.due(at, 0),
        lambda: time.back(at, 60),
        lambda: time.elapsed(*sorted((at, inside))),
        lambda: time.is_open(at),
    ):
        with pytest.raises(PastHorizon):
            question()


def test_a_reversed_override_holds_nothing() -> None:
    day = date(2026, 6, 1)
    calendar = OFFICE.model_copy(update={"overrides": {day: (("17:00", "09:00"), ("10:00", "11:00"))}})
    assert BusinessTime(calendar).rows(day) == ((36000, 39600),)


def test_an_override_closes_the_tail_of_the_night_before() -> None:
    calendar = ServiceCalendar.model_validate(
        {"time_zone": "UTC", "hours": {"mon": [["22:00", "06:00"]]}, "overrides": {date(2026, 6, 2): []}}
    )
    monday = datetime(2026, 6, 1, 12, tzinfo=UTC)
    assert BusinessTime(calendar).elapsed(monday, monday + timedelta(days=1)) == 2 * 3600


@given(calendars(), instants, spans, amounts, special_days)
@settings(max_examples=60, deadline=None)
def test_a_further_closed_day_never_adds_time_and_never_brings_a_deadline_forward(
    calendar: ServiceCalendar, a: datetime, span: timedelta, amount: int, day: date
) -> None:
    closed = (*calendar.closed_days, ClosedDay(date=day, name="closed"))
    less = BusinessTime(calendar.model_copy(update={"closed_days": closed}))
    assert less.elapsed(a, a + span) <= BusinessTime(calendar).elapsed(a, a + span)
    assert less.due(a, amount) >= BusinessTime(calendar).due(a, amount)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        (
            "2026-06-01T09:00",
            8,
            "2026-06-01T17:00",
        ),  # used up at closing: due at closing, not the next morning
        ("2026-06-01T17:00", 1, "2026-06-02T10:00"),  # closing itself is closed
        ("2026-06-01T08:59", 1, "2026-06-01T10:00"),
        ("2026-06-03T16:00", 2, "2026-06-08T10:00"),
    ],
)
def test_deadlines_at_the_edges_of_the_day(start: str, hours: int, due: str) -> None:
    london = ZoneInfo("Europe/London")
    found = BusinessTime(OFFICE).due(datetime.fromisoformat(start).replace(tzinfo=london), hours * 3600)
    assert found == datetime.fromisoformat(due).replace(tzinfo=london)
