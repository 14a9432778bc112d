from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml

from rules.business_time import of
from rules.priority import priority_of
from rules.sla import due, due_times, statutory_due
from schemas.catalogue import Level, Priority, ServiceCalendar
from schemas.durations import Duration, parse_duration
from schemas.loading import load_catalogue

EXAMPLES = Path(__file__).parents[3] / "examples" / "northgate"
CATALOGUE = load_catalogue((EXAMPLES / "catalogue.yaml").read_text(encoding="utf-8"))
MAILS = [
    mail
    for mail in yaml.safe_load((EXAMPLES / "mail" / "expected.yaml").read_text(encoding="utf-8"))["mails"]
    if "due" in mail
]


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: mail["id"])
def test_both_promises_of_every_example_are_met_to_the_second(mail: dict) -> None:
    start = datetime.fromisoformat(mail["date"])
    policy = CATALOGUE.request_types[mail["request_type"]].sla
    promise = due_times(policy, mail["priority"], CATALOGUE.calendars, start)
    assert promise.first_response.due == datetime.fromisoformat(mail["due"]["first_response"])
    assert promise.resolution.due == datetime.fromisoformat(mail["due"]["resolution"])


@pytest.mark.parametrize(
    ("amount", "start", "expected"),
    [
        ("1d", "2026-02-12T16:50+00:00", "2026-02-13T16:30+00:00"),  # Friday closes earlier
        (
            "1d",
            "2026-02-13T16:30+00:00",
            "2026-02-17T08:30+00:00",
        ),  # closing time is closed: from Monday's opening
        ("1d", "2026-02-14T12:00+00:00", "2026-02-17T08:30+00:00"),  # Saturday counts from Monday's opening
        (
            "2d",
            "2026-03-27T10:00+00:00",
            "2026-03-31T10:00+01:00",
        ),  # the same local time across the clock change
        ("1d", "2026-04-02T08:00+01:00", "2026-04-07T08:30+01:00"),  # before opening, across Easter
        ("4h", "2026-02-13T15:30+00:00", "2026-02-16T11:30+00:00"),
        ("8h30m", "2026-02-13T15:30+00:00", None),
    ],
)
def test_days_are_working_days_at_the_same_local_time(amount: str, start: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(ValueError, match="duration"):
            parse_duration(amount)
        return
    office = of(CATALOGUE.calendars["office"])
    assert due(office, parse_duration(amount), datetime.fromisoformat(start)) == datetime.fromisoformat(
        expected
    )


def test_a_clock_that_never_stops_counts_real_days() -> None:
    always = of(CATALOGUE.calendars["always"])
    start = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert due(always, Duration(amount=2, unit="d"), start) == datetime(2026, 3, 30, 12, tzinfo=UTC)


def test_a_lunch_gap_moves_the_day_unit_to_the_end_of_the_morning() -> None:
    halves = ServiceCalendar.model_validate(
        {
            "time_zone": "Europe/London",
            "hours": {
                "mon": [["09:00", "17:00"]],
                "tue": [["09:00", "12:00"], ["13:00", "17:00"]],
            },
        }
    )
    start = datetime(2026, 2, 9, 12, 30, tzinfo=UTC)
    assert due(of(halves), Duration(amount=1, unit="d"), start) == datetime(2026, 2, 10, 12, tzinfo=UTC)


LEGAL = CATALOGUE.request_types["leg.data_protection"]
LIMITS = {
    mail["id"]: str(mail["statutory_due"])
    for mail in yaml.safe_load((EXAMPLES / "mail" / "expected.yaml").read_text(encoding="utf-8"))["mails"]
    if "statutory_due" in mail
}


def test_the_examples_have_a_limit_of_each_unit() -> None:
    breach = {"noticed_at": datetime(2026, 2, 20, 16, 10, tzinfo=UTC)}
    found = statutory_due(LEGAL, "suspected breach", breach, CATALOGUE.calendars)
    assert found == datetime.fromisoformat(LIMITS["m055"])
    access = statutory_due(LEGAL, "subject access", {"received_on": date(2026, 2, 23)}, CATALOGUE.calendars)
    assert access == date.fromisoformat(LIMITS["m056"])


@pytest.mark.parametrize(
    ("received", "limit"),
    [
        (date(2026, 1, 31), date(2026, 2, 28)),
        (date(2028, 1, 30), date(2028, 2, 29)),
        (date(2026, 12, 31), date(2027, 1, 31)),
        (datetime(2026, 6, 30, 23, 30, tzinfo=UTC), date(2026, 8, 1)),  # already 1 July in London
    ],
)
def test_a_limit_in_months_ends_on_the_same_day_or_the_last_of_the_month(
    received: date | datetime, limit: date
) -> None:
    assert statutory_due(LEGAL, "subject access", {"received_on": received}, CATALOGUE.calendars) == limit


@pytest.mark.parametrize("clock", ["always", None])
def test_a_limit_in_hours_runs_through_nights_and_clock_changes(clock: str | None) -> None:
    limit = LEGAL.statutory_clock["suspected breach"].model_copy(update={"clock": clock})
    kind = LEGAL.model_copy(update={"statutory_clock": {"suspected breach": limit}})
    noticed = {"noticed_at": datetime(2026, 3, 28, 12, tzinfo=UTC)}
    found = statutory_due(kind, "suspected breach", noticed, CATALOGUE.calendars)
    assert found == datetime(2026, 3, 31, 12, tzinfo=UTC)


def test_a_limit_in_hours_from_a_bare_date_runs_from_its_first_moment() -> None:
    found = statutory_due(LEGAL, "suspected breach", {"noticed_at": date(2026, 7, 1)}, CATALOGUE.calendars)
    assert found == datetime(2026, 7, 3, 23, tzinfo=UTC)


def test_there_is_no_limit_without_a_rule_or_without_its_start() -> None:
    assert statutory_due(LEGAL, "advice", {"received_on": date(2026, 2, 23)}, CATALOGUE.calendars) is None
    assert statutory_due(LEGAL, "subject access", {}, CATALOGUE.calendars) is None


@pytest.mark.parametrize(
    ("impact", "urgency", "priority"),
    [
        ("high", "high", "P1"),
        ("high", "medium", "P2"),
        ("high", "low", "P3"),
        ("medium", "high", "P2"),
        ("medium", "medium", "P3"),
        ("medium", "low", "P4"),
        ("low", "high", "P3"),
        ("low", "medium", "P4"),
        ("low", "low", "P4"),
    ],
)
def test_each_of_the_nine_cells_gives_its_priority(impact: Level, urgency: Level, priority: Priority) -> None:
    assert priority_of(CATALOGUE.priority, impact, urgency) == priority
