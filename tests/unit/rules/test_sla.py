from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from rules.business_time import of
from rules.sla import due, due_times
from schemas.catalogue import ServiceCalendar
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
