"""Opening hours that make sense (reference: sla.md section 2)."""

import re
from datetime import date
from itertools import pairwise

from pydantic import TypeAdapter

from schemas.organisation import ClosedDay
from schemas.parts import Findings, Part

type Hours = tuple[tuple[str, str], ...]

_TIME = re.compile(r"^([01]\d|2[0-4]):[0-5]\d$")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = 24 * 60
_YEAR = 365
_HOURS: TypeAdapter[Hours] = TypeAdapter(Hours)
_CLOSED = TypeAdapter(ClosedDay)
_DATE = TypeAdapter(date)


def calendar_findings(calendar: Part) -> Findings:
    """Faults of one calendar; one that never stops has none."""
    if calendar["continuous"].value is True:
        return
    weekly = {day: calendar["hours"][day].read(_HOURS) or () for day in _DAYS}
    if isinstance(calendar.value, dict) and not any(calendar["hours"][day].value for day in _DAYS):
        yield calendar["hours"].path, "has no open time; give at least one day opening hours"
    for part in calendar["hours"].parts():
        yield from _times(part, part.read(_HOURS) or ())
        yield from _overlaps(part, [_span(*row) for row in _right(part.read(_HOURS) or ())])
    for day, following in pairwise((*_DAYS, "mon")):
        yield from _tails(calendar["hours"][following], day, weekly[day], weekly[following])
    for part in calendar["overrides"].parts():
        yield from _override(part, part.read(_HOURS) or ())
    yield from _closed_for_a_year(calendar, weekly)


def _times(part: Part, rows: Hours) -> Findings:
    for row in rows:
        for time in row:
            if not _is_time(time):
                yield part.path, f"{time!r} is not a time of day; write HH:MM between 00:00 and 24:00"
        if row[1] == "23:59":
            yield part.path, "ends at 23:59 and so loses a minute a day; write 24:00"
        if row[0] == "24:00":
            yield part.path, "starts at 24:00; write it as 00:00 of the next day"
        if row[0] == row[1]:
            yield (
                part.path,
                f"{row[0]} to {row[1]} is empty; remove it, or write 00:00 to 24:00 for a whole day",
            )


def _override(part: Part, rows: Hours) -> Findings:
    yield from _times(part, rows)
    spans = [(_minutes(start), _minutes(end)) for start, end in _right(rows)]
    if any(end < start for start, end in spans):
        yield (
            part.path,
            "ends before it starts; hours of one date stay within it, write the rest to the next date",
        )
    yield from _overlaps(part, [span for span in spans if span[0] < span[1]])


def _overlaps(part: Part, spans: list[tuple[int, int]]) -> Findings:
    if any(a[1] > b[0] for a, b in pairwise(sorted(spans))):
        yield part.path, "has hours that overlap; merge them"


def _tails(part: Part, day: str, rows: Hours, following: Hours) -> Findings:
    """The night that runs over from the day before, against the hours of this one."""
    tail = max((_minutes(end) for start, end in _right(rows) if end <= start), default=0)
    if any(_minutes(start) < tail for start, _ in _right(following)):
        yield part.path, f"overlaps the night that runs over from {day}; end that one earlier, or open later"


def _closed_for_a_year(calendar: Part, weekly: dict[str, Hours]) -> Findings:
    """A year without an open day stops every clock, mostly because a wrong year was pasted."""
    if not any(weekly.values()):
        return
    special = _special_days(calendar)
    nights = {day: any(end <= start for start, end in _right(rows)) for day, rows in weekly.items()}
    usual = [bool(weekly[day]) or nights[_DAYS[number - 1]] for number, day in enumerate(_DAYS)]
    reached = 0
    for closed in sorted(day for day, opens in special.items() if not opens):
        if closed < reached:
            continue
        first, day = closed, closed
        while not special.get(first - 1, usual[(first - 2) % 7]):
            first -= 1
        while not special.get(day, usual[(day - 1) % 7]):
            day += 1
        if day - first >= _YEAR:
            yield (
                calendar["closed_days"].path,
                f"leave no day open from {date.fromordinal(closed)} on, for a year",
            )
        reached = day


def _special_days(calendar: Part) -> dict[int, bool]:
    """Days that differ from the week, as ordinals: whether they open. A closed day wins over an override."""
    special: dict[int, bool] = {}
    for part in calendar["overrides"].parts():
        day = Part(part.name).read(_DATE)
        if day:
            special[day.toordinal()] = bool(part.value)
    closed = (part.read(_CLOSED) for part in calendar["closed_days"].parts())
    return special | {day.date.toordinal(): False for day in closed if day}


def _right(rows: Hours) -> Hours:
    return tuple(row for row in rows if _is_time(row[0]) and _is_time(row[1]) and row[0] != row[1])


def _span(start: str, end: str) -> tuple[int, int]:
    """An end before the start runs into the next day (sla.md section 2)."""
    return _minutes(start), _minutes(end) if end > start else _DAY


def _is_time(time: str) -> bool:
    return bool(_TIME.match(time)) and _minutes(time) <= _DAY


def _minutes(time: str) -> int:
    return int(time[:2]) * 60 + int(time[3:])
