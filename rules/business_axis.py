"""All open seconds of one calendar over a stretch of years, laid out once as integers (reference: sla.md section 7)."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import accumulate
from zoneinfo import ZoneInfo

from schemas.catalogue import ServiceCalendar

FIRST_YEAR, LAST_YEAR = 1990, 2060
DAY = 86400
SPARE = 2  # days laid out beyond both ends, so that every zone is whole at them
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EPOCH_DAY = date(1970, 1, 1).toordinal()

type Rows = tuple[tuple[int, int], ...]  # seconds of the local day, start and end
type Stretch = tuple[int, int, int]  # epoch seconds of begin and end, offset in seconds


class PastHorizon(ValueError):
    """A question or its answer lies outside the years 1990 to 2060."""


@dataclass(frozen=True, slots=True)
class Axis:
    """Open intervals in epoch seconds and the open seconds before each; right from `first` to `last`."""

    first: int
    last: int
    starts: Sequence[int]
    ends: Sequence[int]
    before: Sequence[int]

    def counted(self, instant: int) -> int:
        """Open seconds before an instant, from the beginning of the axis."""
        place = bisect_right(self.starts, instant) - 1
        if place < 0:
            return 0
        start, end = self.starts[place], self.ends[place]
        return self.before[place] + (instant if instant < end else end) - start

    def earliest(self, amount: int) -> int:
        """The earliest instant at which `amount` (> 0) open seconds have passed. Raises PastHorizon."""
        if amount > self.before[-1]:
            raise PastHorizon("the deadline lies past the horizon of the calendar")
        place = bisect_left(self.before, amount) - 1
        found = self.starts[place] + amount - self.before[place]
        if found > self.last:
            raise PastHorizon("the deadline lies past the horizon of the calendar")
        return found

    def latest(self, amount: int) -> int:
        """The latest instant with `amount` open seconds behind it: where it is met exactly at a closing, the next
        opening. `amount` is less than all there is. Raises PastHorizon."""
        place = bisect_right(self.before, amount) - 1
        found = self.starts[place] + amount - self.before[place] if amount >= 0 else self.first - 1
        if found < self.first:
            raise PastHorizon("the start lies before the horizon of the calendar")
        return found


NOTHING = Axis(1, 0, (), (), (0,))


class Week:
    """The opening hours of a calendar by local date."""

    def __init__(self, calendar: ServiceCalendar) -> None:
        self._closed = frozenset(day.date.toordinal() for day in calendar.closed_days)
        # An override stays within its date: a stretch that does not end after its start holds nothing.
        self._overrides = {
            day.toordinal(): tuple(sorted(row for row in map(_row, rows) if row[0] < row[1]))
            for day, rows in calendar.overrides.items()
        }
        weekly = [[_row(row) for row in calendar.hours.get(day, ())] for day in WEEKDAYS]  # type: ignore[call-overload]
        self._weekly = tuple(_with_tails(weekly[day], weekly[day - 1]) for day in range(7))

    def rows(self, ordinal: int) -> Rows:
        """Open stretches of one date, in seconds of its wall clock, sorted; overnight tails included."""
        if ordinal in self._closed:
            return ()
        if ordinal in self._overrides:
            return self._overrides[ordinal]
        return self._weekly[(ordinal - 1) % 7]


def lay_out(week: Week, zone: ZoneInfo, first_year: int, last_year: int) -> Axis:
    """The axis of whole years."""
    days = range(date(first_year, 1, 1).toordinal() - SPARE, date(last_year + 1, 1, 1).toordinal() + SPARE)
    starts: list[int] = []
    ends: list[int] = []
    for start, end in sorted(_spans(week, zone, days)):
        if ends and start <= ends[-1]:
            ends[-1] = max(ends[-1], end)
        else:
            starts.append(start)
            ends.append(end)
    lengths = (end - start for start, end in zip(starts, ends, strict=True))
    first, last = new_year(first_year), new_year(last_year + 1)
    return Axis(first, last, starts, ends, list(accumulate(lengths, initial=0)))


def new_year(year: int) -> int:
    """The first second of a year in UTC."""
    return (date(year, 1, 1).toordinal() - EPOCH_DAY) * DAY


def _spans(week: Week, zone: ZoneInfo, days: range) -> Iterator[tuple[int, int]]:
    stretches = list(_stretches(zone, (days[0] - EPOCH_DAY) * DAY, (days[-1] - EPOCH_DAY) * DAY))
    place = 0
    for ordinal in days:
        midnight = (ordinal - EPOCH_DAY) * DAY
        while place + 1 < len(stretches) and stretches[place][1] <= midnight - stretches[place][2]:
            place += 1
        low, high, offset = stretches[place]
        opened = midnight - offset
        if low <= opened and opened + 2 * DAY <= high:  # no clock change near: all days but a few
            for start, end in week.rows(ordinal):
                yield opened + start, opened + end
            continue
        for low, high, offset in stretches[place : place + 3]:
            for start, end in week.rows(ordinal):
                a, b = max(low, midnight + start - offset), min(high, midnight + end - offset)
                if a < b:
                    yield a, b


def _stretches(zone: ZoneInfo, begin: int, end: int) -> Iterator[Stretch]:
    """Runs of constant UTC offset."""
    begin, end = begin - 2 * DAY, end + 3 * DAY
    at, offset = begin, _offset(zone, begin)
    while at < end:
        following = min(at + 7 * DAY, end)
        if _offset(zone, following) == offset:
            at = following
            continue
        low, high = at, following
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


def _with_tails(today: Sequence[tuple[int, int]], yesterday: Sequence[tuple[int, int]]) -> Rows:
    """An end that is not after its start runs into the next day (sla.md section 2)."""
    own = [(start, end if end > start else DAY) for start, end in today]
    return tuple(sorted([*own, *((0, end) for start, end in yesterday if 0 < end <= start)]))


def _row(row: tuple[str, str]) -> tuple[int, int]:
    return _clock(row[0]), _clock(row[1])


def _clock(text: str) -> int:
    return int(text[:2]) * 3600 + int(text[3:5]) * 60
