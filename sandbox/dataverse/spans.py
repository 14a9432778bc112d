"""Spans of time that operators such as `last-x-days` and `ThisWeek` mean, in UTC as an application user has it.

Days, weeks, months and years begin at midnight, weeks on Sunday; hours and minutes count from the present instant."""

# documented guess: the documents name the operators; where exactly a span begins they leave open

import calendar
from collections.abc import Callable
from datetime import datetime, timedelta

type Span = tuple[datetime | None, datetime | None]
type Meaning = Callable[[datetime, int], Span]

MOST = {
    "hours": 8760 * 100,
    "minutes": 8760 * 6000,
    "days": 36_500,
    "weeks": 5200,
    "months": 1200,
    "years": 100,
}


def _day(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _week(now: datetime) -> datetime:
    return _day(now) - timedelta(days=now.isoweekday() % 7)


def _month(now: datetime) -> datetime:
    return _day(now).replace(day=1)


def _year(now: datetime) -> datetime:
    return _month(now).replace(month=1)


def moved(instant: datetime, unit: str, number: int) -> datetime:
    """Give an instant so many units later; the day of a month that is too short is its last one."""
    if unit not in ("months", "years"):
        return instant + timedelta(**{unit: number})
    months = instant.year * 12 + instant.month - 1 + number * (12 if unit == "years" else 1)
    year, month = divmod(months, 12)
    day = min(instant.day, calendar.monthrange(year, month + 1)[1])
    return instant.replace(year=year, month=month + 1, day=day)


_STARTS = {"days": _day, "weeks": _week, "months": _month, "years": _year}


def _whole(unit: str, offset: int) -> Meaning:
    def meaning(now: datetime, number: int) -> Span:
        del number
        start = moved(_STARTS[unit](now), unit, offset)
        return start, moved(start, unit, 1)

    return meaning


def _last(unit: str) -> Meaning:
    def meaning(now: datetime, number: int) -> Span:
        start = now if unit == "hours" else _day(now)
        return moved(start, unit, -number), now + timedelta(seconds=1)

    return meaning


def _next(unit: str) -> Meaning:
    def meaning(now: datetime, number: int) -> Span:
        end = now if unit == "hours" else _day(now) + timedelta(days=1)
        return now, moved(end, unit, number)

    return meaning


def _older(unit: str) -> Meaning:
    def meaning(now: datetime, number: int) -> Span:
        return None, moved(now if unit in ("hours", "minutes") else _day(now), unit, -number)

    return meaning


PLAIN: dict[str, Meaning] = {
    "yesterday": _whole("days", -1),
    "today": _whole("days", 0),
    "tomorrow": _whole("days", 1),
    "last-seven-days": lambda now, _: (moved(_day(now), "days", -7), moved(_day(now), "days", 1)),
    "next-seven-days": lambda now, _: (_day(now), moved(_day(now), "days", 8)),
    **{
        f"{word}-{unit}": _whole(f"{unit}s", offset)
        for unit in ("week", "month", "year")
        for word, offset in (("last", -1), ("this", 0), ("next", 1))
    },
}
NUMBERED: dict[str, tuple[str, Meaning]] = {
    f"{word}-x-{unit}": (unit, make(unit))
    for word, make in (("last", _last), ("next", _next), ("olderthan", _older))
    for unit in MOST
    if unit != "minutes" or word == "olderthan"
}
