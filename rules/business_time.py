"""Working time: how much is open between two instants, and when an amount is used up.

Membership is by wall clock, lengths are real seconds (reference: sla.md sections 2, 3 and 7). For one calendar all
open intervals of a stretch of years are laid out once; every answer is then two binary searches on integers.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from rules.business_axis import (
    DAY,
    FIRST_YEAR,
    LAST_YEAR,
    NOTHING,
    Axis,
    PastHorizon,
    Rows,
    Week,
    lay_out,
    new_year,
)
from schemas.catalogue import ServiceCalendar

BACK, AHEAD = 2, 5  # years laid out around an instant that is asked for
BEGIN, END = new_year(FIRST_YEAR), new_year(LAST_YEAR + 1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BusinessTime:
    """The working time of one calendar. Every question may raise PastHorizon."""

    def __init__(self, calendar: ServiceCalendar) -> None:
        self.zone = ZoneInfo(calendar.time_zone)
        self.continuous = calendar.continuous
        self._week = Week(calendar)
        # The axis only ever grows and is replaced whole, so that threads may share it.
        self._axis = NOTHING

    def elapsed(self, start: datetime, end: datetime) -> int:
        """Open seconds in [start, end); 0 where end is not after start."""
        a, b = _seconds(start), _seconds(end)
        if b <= a:
            return 0
        if self.continuous:
            return _inside(b) - _inside(a)
        axis = self._covering(a, b)
        return axis.counted(b) - axis.counted(a)

    def due(self, start: datetime, seconds: int) -> datetime:
        """The earliest instant at or after `start` with that many open seconds behind it."""
        a = _seconds(start)
        if seconds <= 0 or self.continuous:
            return _instant(_inside(_inside(a) + max(seconds, 0)))
        return _instant(self._forward(a, seconds))

    def back(self, end: datetime, seconds: int) -> datetime:
        """The latest instant with that many open seconds before `end` (sla.md section 4, fixed dates)."""
        b = _seconds(end)
        if seconds <= 0 or self.continuous:
            return _instant(_inside(_inside(b) - max(seconds, 0)))
        return _instant(self._backward(b, seconds))

    def is_open(self, instant: datetime) -> bool:
        """Whether work counts at this instant."""
        return self.elapsed(instant, instant + timedelta(seconds=1)) == 1

    def is_working_day(self, day: date) -> bool:
        """Whether the calendar opens at all on this local date."""
        return self.continuous or bool(self.rows(day))

    def rows(self, day: date) -> Rows:
        """Open stretches of one local date, in seconds of its wall clock, sorted; overnight tails included."""
        return self._week.rows(day.toordinal())

    def _forward(self, start: int, seconds: int) -> int:
        axis = self._covering(start, start)
        while True:
            try:
                return axis.earliest(axis.counted(start) + seconds)
            except PastHorizon:
                if axis.last >= END:
                    raise
            axis = self._covering(start, min(2 * axis.last - axis.first, END))

    def _backward(self, end: int, seconds: int) -> int:
        axis = self._covering(end, end)
        while True:
            try:
                return axis.latest(axis.counted(end) - seconds)
            except PastHorizon:
                if axis.first <= BEGIN:
                    raise
            axis = self._covering(max(2 * axis.first - axis.last, BEGIN), end)

    def _covering(self, start: int, end: int) -> Axis:
        axis = self._axis
        if axis.first <= start and end <= axis.last:
            return axis
        first, last = _year(start) - BACK, _year(end) + AHEAD
        if axis is not NOTHING:
            first, last = min(first, _year(axis.first)), max(last, _year(axis.last) - 1)
        self._axis = lay_out(self._week, self.zone, max(first, FIRST_YEAR), min(last, LAST_YEAR))
        return self._axis


@lru_cache(maxsize=32)
def business_time(calendar: str) -> BusinessTime:
    """The working time of a calendar given as its JSON, laid out once for each process."""
    return BusinessTime(ServiceCalendar.model_validate_json(calendar))


def of(calendar: ServiceCalendar) -> BusinessTime:
    """The working time of a calendar; equal calendars share one axis."""
    return business_time(calendar.model_dump_json())


def _seconds(instant: datetime) -> int:
    if instant.tzinfo is None:
        raise ValueError("an instant needs an offset; a naive one is nobody's time")
    since = instant - EPOCH
    return since.days * DAY + since.seconds


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _year(seconds: int) -> int:
    return _instant(_inside(seconds)).year


def _inside(seconds: int) -> int:
    if not BEGIN <= seconds <= END:
        raise PastHorizon("outside the years 1990 to 2060; check the date")
    return seconds
