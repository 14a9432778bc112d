"""Dates and times against a mail written on Thursday 12 February 2026 at 09:00."""

# ruff: noqa: E501 - mails stand as they would be written

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from rules.intake.dates import read_month, read_when

SENT = datetime(2026, 2, 12, 9, 0, tzinfo=ZoneInfo("Europe/London"))


@pytest.mark.parametrize(
    ("text", "day", "at"),
    [
        ("12 February 2026, 09:00", "2026-02-12", "09:00"),
        ("Monday 16 Feb 9am", "2026-02-16", "09:00"),
        ("11:00 today, the line opens then", "2026-02-12", "11:00"),
        ("05/02/2026", "2026-02-05", None),
        ("5.2.26", "2026-02-05", None),
        ("2026-03-02", "2026-03-02", None),
        ("2026-03-02T14:30", "2026-03-02", "14:30"),
        ("March 2nd, 2026", "2026-03-02", None),
        ("2nd of March", "2026-03-02", None),
        ("10 January", "2026-01-10", None),
        ("10 December", "2025-12-10", None),
        ("3. März 2026", "2026-03-03", None),
        ("le 3 mars 2026 à 14h30", "2026-03-03", "14:30"),
        ("3 de marzo de 2026", "2026-03-03", None),
        ("3 marca 2026", "2026-03-03", None),
        ("today", "2026-02-12", None),
        ("tomorrow noon", "2026-02-13", "12:00"),
        ("by Friday 5pm", "2026-02-13", "17:00"),
        ("next Thursday", "2026-02-19", None),
        ("this Thursday", "2026-02-12", None),
        ("in 3 days", "2026-02-15", None),
        ("within two weeks", "2026-02-26", None),
        ("16:30", "2026-02-12", "16:30"),
        ("12 February 2026 at 12.30pm", "2026-02-12", "12:30"),
        ("12am on 13 Feb", "2026-02-13", "00:00"),
        ("close of business Friday", "2026-02-13", None),
        ("end of the week", "2026-02-13", None),
        ("end of March", "2026-03-31", None),
        ("end of month", "2026-02-28", None),
        ("02/03", "2026-03-02", None),
    ],
)
def test_a_day_is_read_as_people_write_it(text: str, day: str, at: str | None) -> None:
    found = read_when(text, SENT, "future")
    assert found is not None
    assert found.day.isoformat() == day
    assert (found.at.strftime("%H:%M") if found.at else None) == at


@pytest.mark.parametrize(
    ("text", "day"),
    [("since Monday", "2026-02-09"), ("Thursday", "2026-02-12"), ("last Thursday", "2026-02-05"),
     ("yesterday 16:10", "2026-02-11"), ("two days ago", "2026-02-10")],
)  # fmt: skip
def test_a_weekday_of_a_beginning_lies_behind(text: str, day: str) -> None:
    found = read_when(text, SENT, "past")
    assert found is not None
    assert found.day.isoformat() == day


@pytest.mark.parametrize(
    "text", ["", "asap", "soon", "31/02/2026", "99 March 2026", "when you can", "E004512", "room 2.14"]
)
def test_what_is_no_day_is_none(text: str) -> None:
    assert read_when(text, SENT, "future") is None


@pytest.mark.parametrize(
    ("text", "month"),
    [("January 2026", "2026-01"), ("Jan", "2026-01"), ("December", "2025-12"), ("01/2026", "2026-01"), ("2026-01", "2026-01"),
     ("last month", "2026-01"), ("this month", "2026-02"), ("styczeń 2026", "2026-01"), ("Feb '26", "2026-02")],
)  # fmt: skip
def test_a_month_is_read(text: str, month: str) -> None:
    assert read_month(text, SENT) == month


def test_what_is_no_month_is_none() -> None:
    assert read_month("as always", SENT) is None
