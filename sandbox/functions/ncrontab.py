"""NCRONTAB schedules in UTC, as Azure timers read them (azure-functions.md 4.3).

Unlike classic cron, day and weekday must both match, and weekday 7 is invalid.
"""

from bisect import bisect_left
from calendar import day_name, month_name
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

_SEARCH_DAYS = 366 * 41  # 29 February on a given weekday returns within 40 years, century gap included
_MONTHS = tuple(name.lower() for name in month_name)
_WEEKDAYS = tuple(name.lower() for name in (day_name[6], *day_name[:6]))
_FIELDS = (
    ("second", 0, 59, ()),
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("weekday", 0, 6, _WEEKDAYS),
)


@dataclass(frozen=True)
class _Field:
    name: str
    low: int
    high: int
    names: tuple[str, ...]

    def values(self, text: str) -> tuple[int, ...]:
        """All values that a field text allows, ascending."""
        return tuple(sorted({value for part in text.split(",") for value in self._part(part)}))

    def _part(self, part: str) -> range:
        span, slash, step_text = part.partition("/")
        step = self._number(step_text, 1, None) if slash else 1
        if span == "*":
            return range(self.low, self.high + 1, step)
        first_text, dash, last_text = span.partition("-")
        first = self._value(first_text)
        # "a/n" means from a to the maximum.
        last = self._value(last_text) if dash else (self.high if slash else first)
        if last < first:
            raise ValueError(f"{self.name} {part!r}: the range runs backwards; write it as a list")
        return range(first, last + 1, step)

    def _value(self, text: str) -> int:
        if text and text.isalpha() and self.names:
            for number, name in enumerate(self.names):
                if name and name.startswith(text.lower()):
                    return number
        return self._number(text, self.low, self.high)

    def _number(self, text: str, low: int, high: int | None) -> int:
        if not (text.isascii() and text.isdigit()):
            raise ValueError(f"{self.name}: {text!r} is not a number")
        if int(text) < low or (high is not None and int(text) > high):
            raise ValueError(f"{self.name}: {text} is outside {low} to {high or 'any'}")
        return int(text)


@dataclass(frozen=True)
class Schedule:
    """A parsed schedule; `parse` makes one."""

    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]

    def after(self, instant: datetime) -> datetime:
        """The first occurrence later than an aware instant. Raises ValueError when there is none."""
        start = instant.astimezone(UTC)
        moment = self._time_from(start.time().replace(microsecond=0), strictly=True)
        for day in self._days_from(start.date()):
            if day > start.date():
                moment = time(self.hours[0], self.minutes[0], self.seconds[0])
            if moment is not None:
                return datetime.combine(day, moment, UTC)
        raise ValueError("the schedule has no occurrence: its day, month and weekday never meet")

    def is_frequent(self, instant: datetime) -> bool:
        """Whether it fires more often than once a minute; such timers keep no state."""
        times = [instant]
        for _ in range(5):
            times.append(self.after(times[-1]))
        return any(later - earlier < timedelta(minutes=1) for earlier, later in pairwise(times[1:]))

    def _days_from(self, first: date) -> Iterator[date]:
        for offset in range(_SEARCH_DAYS):
            day = first + timedelta(days=offset)
            weekday = (day.weekday() + 1) % 7
            if day.month in self.months and day.day in self.days and weekday in self.weekdays:
                yield day

    def _time_from(self, current: time, *, strictly: bool) -> time | None:
        for hour in self.hours[bisect_left(self.hours, current.hour) :]:
            later_hour = hour > current.hour
            for minute in self.minutes if later_hour else self._minutes_from(current.minute):
                if later_hour or minute > current.minute:
                    return time(hour, minute, self.seconds[0])
                index = bisect_left(self.seconds, current.second + strictly)
                if index < len(self.seconds):
                    return time(hour, minute, self.seconds[index])
        return None

    def _minutes_from(self, minute: int) -> tuple[int, ...]:
        return self.minutes[bisect_left(self.minutes, minute) :]


def parse(expression: str) -> Schedule:
    """Read `{second} minute hour day month weekday`. Raises ValueError that names the field."""
    texts = expression.split()
    if len(texts) == 5:
        texts = ["0", *texts]
    if len(texts) != 6:
        raise ValueError(f"schedule {expression!r} has {len(texts)} fields; write five or six")
    fields = [_Field(*row).values(text) for row, text in zip(_FIELDS, texts, strict=True)]
    return Schedule(*fields)
