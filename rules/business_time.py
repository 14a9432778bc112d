"""Working time as an axis of seconds: how much is open between two instants, and when an amount is used up.

Membership is by wall clock, lengths are real seconds (reference: sla.md sections 2, 3 and 7). For one calendar all
open intervals of a stretch of years are laid out once; every answer is then two binary searches on integers.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

from schemas.catalogue import ServiceCalendar

FIRST_YEAR, LAST_YEAR = 1990, 2061
MARGIN = 3  # years laid out around an instant that is asked for
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = 86400
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

type Rows = tuple[tuple[int, int], ...]  # seconds of the local day, start and end


class PastHorizon(ValueError):
    """An answer lies outside the years 1990 to 2060."""


@dataclass(frozen=True)
class Axis:
    """Open intervals in epoch seconds, and the open seconds before each."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    before: tuple[int, ...]

    def counted(self, instant: int) -> int:
        """Open seconds before an instant, from the beginning of the axis."""
        place = bisect_right(self.starts, instant) - 1
        if place < 0:
            return 0
        return self.before[place] + min(instant, self.ends[place]) - self.starts[place]

    def instant(self, amount: int) -> int:
        """The earliest instant at which `amount` (> 0) open seconds have passed."""
        place = bisect_left(self.before, amount) - 1
        found = self.starts[place] + amount - self.before[place]
        if found > self.ends[place]:
            raise PastHorizon("the deadline lies past the horizon of the calendar")
        return found


class BusinessTime:
    """The working time of one calendar."""

    def __init__(self, calendar: ServiceCalendar) -> None:
        self.zone = ZoneInfo(calendar.time_zone)
        self.continuous = calendar.continuous
        self._calendar = calendar
        self._closed = frozenset(day.date for day in calendar.closed_days)

    def elapsed(self, start: datetime, end: datetime) -> int:
        """Open seconds in [start, end); 0 where end is not after start."""
        a, b = _seconds(start), _seconds(end)
        if b <= a:
            return 0
        return b - a if self.continuous else self._axis(a, b).counted(b) - self._axis(a, b).counted(a)

    def due(self, start: datetime, seconds: int) -> datetime:
        """The earliest instant at or after `start` with that many open seconds behind it."""
        a = _seconds(start)
        if seconds <= 0:
            return _instant(a)
        if self.continuous:
            return _instant(a + seconds)
        return _instant(self._search(a, seconds))

    def back(self, end: datetime, seconds: int) -> datetime:
        """The latest instant with that many open seconds before `end` (sla.md section 4, fixed dates)."""
        b = _seconds(end)
        if seconds <= 0 or self.continuous:
            return _instant(b - max(seconds, 0))
        axis = self._axis(b - 2 * MARGIN * 366 * DAY, b)
        amount = axis.counted(b) - seconds
        if amount < 0:
            raise PastHorizon("the start lies before the horizon of the calendar")
        # The latest instant with `amount` behind it: the start of the interval that comes next, if it is met exactly.
        place = bisect_right(axis.before, amount) - 1
        return _instant(axis.starts[place] + amount - axis.before[place])

    def is_open(self, instant: datetime) -> bool:
        """Whether work counts at this instant."""
        return self.elapsed(instant, instant + timedelta(seconds=1)) == 1

    def is_working_day(self, day: date) -> bool:
        """Whether the calendar opens at all on this local date."""
        return self.continuous or bool(self.rows(day))

    def rows(self, day: date) -> Rows:
        """Open stretches of one local date, in seconds of its wall clock, sorted; overnight tails included."""
        if day in self._closed:
            return ()
        if day in self._calendar.overrides:
            return _sorted(_parsed(self._calendar.overrides[day]))
        today = [(start, end if end > start else DAY) for start, end in self._weekly(day)]
        tails = [(0, end) for start, end in self._weekly(day - timedelta(days=1)) if 0 < end <= start]
        return _sorted([*today, *tails])

    def _weekly(self, day: date) -> Iterable[tuple[int, int]]:
        return _parsed(self._calendar.hours.get(DAYS[day.weekday()], ()))  # type: ignore[call-overload]

    def _search(self, start: int, seconds: int) -> int:
        span = MARGIN * 366 * DAY
        while True:
            axis = self._axis(start, start + span)
            try:
                return axis.instant(axis.counted(start) + seconds)
            except PastHorizon:
                if _instant(start + span).year >= LAST_YEAR - 1:
                    raise
                span *= 3

    def _axis(self, start: int, end: int) -> Axis:
        first = max(FIRST_YEAR, _instant(start).year - 1)
        last = min(LAST_YEAR, _instant(end).year + 1)
        # Rounded to whole blocks, so that few axes serve all questions.
        return self._laid_out(first - first % MARGIN, last + MARGIN - last % MARGIN)

    @cached_property
    def _laid_out(self) -> Callable[[int, int], Axis]:
        return lru_cache(maxsize=64)(self._lay_out)

    def _lay_out(self, first_year: int, last_year: int) -> Axis:
        spans = sorted(self._spans(date(first_year, 1, 1), date(last_year, 12, 31)))
        merged: list[tuple[int, int]] = []
        for start, end in spans:
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        lengths = [end - start for start, end in merged]
        return Axis(
            tuple(start for start, _ in merged),
            tuple(end for _, end in merged),
            tuple(accumulate(lengths, initial=0)),
        )

    def _spans(self, first: date, last: date) -> Iterator[tuple[int, int]]:
        stretches = list(_stretches(self.zone, first, last))
        day, place = first, 0
        while day <= last:
            midnight = (day - date(1970, 1, 1)).days * DAY
            while place + 1 < len(stretches) and stretches[place][1] <= midnight - stretches[place][2]:
                place += 1
            for start, end in self.rows(day):
                for low, high, offset in stretches[place : place + 3]:
                    a, b = max(low, midnight + start - offset), min(high, midnight + end - offset)
                    if a < b:
                        yield a, b
            day += timedelta(days=1)


@lru_cache(maxsize=32)
def business_time(calendar: str) -> BusinessTime:
    """The working time of a calendar given as its JSON, laid out once for each process."""
    return BusinessTime(ServiceCalendar.model_validate_json(calendar))


def of(calendar: ServiceCalendar) -> BusinessTime:
    """The working time of a calendar; equal calendars share one axis."""
    return business_time(calendar.model_dump_json())


def _stretches(zone: ZoneInfo, first: date, last: date) -> Iterator[tuple[int, int, int]]:
    """Runs of constant UTC offset: begin, end and offset in seconds."""
    begin = (first - date(1970, 1, 1)).days * DAY - 2 * DAY
    end = (last - date(1970, 1, 1)).days * DAY + 2 * DAY
    offset = _offset(zone, begin)
    at = begin
    while at < end:
        nxt = min(at + 7 * DAY, end)
        changed = _offset(zone, nxt)
        if changed == offset:
            at = nxt
            continue
        low, high = at, nxt
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if _offset(zone, middle) == offset else (low, middle)
        yield begin, high, offset
        begin = at = high
        offset = _offset(zone, high)
    yield begin, end, offset


def _offset(zone: ZoneInfo, instant: int) -> int:
    found = datetime.fromtimestamp(instant, UTC).astimezone(zone).utcoffset()
    return int(found.total_seconds()) if found else 0


def _parsed(rows: Iterable[tuple[str, str]]) -> list[tuple[int, int]]:
    return [(_clock(start), _clock(end)) for start, end in rows]


def _sorted(rows: Iterable[tuple[int, int]]) -> Rows:
    return tuple(sorted(rows))


def _clock(text: str) -> int:
    return int(text[:2]) * 3600 + int(text[3:5]) * 60


def _seconds(instant: datetime) -> int:
    if instant.tzinfo is None:
        raise ValueError("an instant needs an offset; a naive one is nobody's time")
    return int((instant - EPOCH) // timedelta(seconds=1))


def _instant(seconds: int) -> datetime:
    return EPOCH + timedelta(seconds=seconds)
