"""The promises of a new case, in the catalogue's units (SLA-1, SLA-2), and the legal limits beside them (MAIL-8).

`m` and `h` are counted seconds of the clock. `d` is the same local time N working days later, at closing where that
day closes earlier; the counted seconds between are fixed when the clock starts.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from rules.business_axis import DAY
from rules.business_time import BusinessTime, of
from schemas.catalogue import RequestType, ServiceCalendar, SlaPolicy
from schemas.durations import Duration

MOST_CLOSED_DAYS = 400


@dataclass(frozen=True)
class Target:
    """One promise: the clock that counts, its counted seconds, and the instant at which they are used up."""

    clock: str
    seconds: int
    due: datetime


@dataclass(frozen=True)
class Promise:
    """The two promises of a case."""

    priority: str
    first_response: Target
    resolution: Target


def due_times(
    policy: SlaPolicy, priority: str, calendars: Mapping[str, ServiceCalendar], start: datetime
) -> Promise:
    """The first promises of a case that starts at `start`."""
    clock = policy.clock_of(priority)
    time = of(calendars[clock])
    target = policy.target(priority)
    return Promise(
        priority,
        _target(clock, time, target.first_response, start),
        _target(clock, time, target.resolution, start),
    )


def due(time: BusinessTime, amount: Duration, start: datetime) -> datetime:
    """When an amount is used up. A start outside opening hours counts from the next opening."""
    if amount.unit != "d" or time.continuous:
        return time.due(start, amount.seconds)
    return _days_later(time, amount.amount, _opening(time, start))


def statutory_due(
    kind: RequestType,
    request_kind: str,
    begins: Mapping[str, date | datetime],
    calendars: Mapping[str, ServiceCalendar],
) -> date | datetime | None:
    """The legal limit of a case: a date for one in months, an instant in UTC for one in hours.

    `begins` holds the known dates and instants of the case by field id. None where the type sets no limit for this
    kind of request, or where the field it runs from is not known yet. A limit that names no clock runs day and night.
    """
    limit = kind.statutory_clock.get(request_kind)
    begun = begins.get(limit.starts) if limit else None
    if limit is None or begun is None:
        return None
    zone = ZoneInfo(calendars[limit.clock or kind.sla.clock].time_zone)
    if limit.due_in_months is not None:
        return _months_later(
            begun.astimezone(zone).date() if isinstance(begun, datetime) else begun, limit.due_in_months
        )
    # Of a date without a time the first moment is taken: the limit may come too soon, never too late.
    start = (
        begun if isinstance(begun, datetime) else datetime(begun.year, begun.month, begun.day, tzinfo=zone)
    )
    seconds = (limit.decide_within_hours or 0) * 3600
    if limit.clock is None:
        return start.astimezone(UTC) + timedelta(seconds=seconds)
    return of(calendars[limit.clock]).due(start, seconds)


def _months_later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day where it is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _target(clock: str, time: BusinessTime, amount: Duration, start: datetime) -> Target:
    at = due(time, amount, start)
    return Target(clock, time.elapsed(start, at), at)


def _opening(time: BusinessTime, start: datetime) -> datetime:
    """The start itself where it is open, else the next opening."""
    return start if time.is_open(start) else time.due(start, 1) - timedelta(seconds=1)


def _days_later(time: BusinessTime, days: int, start: datetime) -> datetime:
    local = start.astimezone(time.zone)
    day = local.date()
    for _ in range(days):
        day = _next_working_day(time, day)
    wall = local.hour * 3600 + local.minute * 60 + local.second
    return _at(time, day, _within(time, day, wall))


def _next_working_day(time: BusinessTime, day: date) -> date:
    for _ in range(MOST_CLOSED_DAYS):
        day += timedelta(days=1)
        if time.is_working_day(day):
            return day
    raise ValueError("the calendar does not open again within a year; check its hours and closed days")


def _within(time: BusinessTime, day: date, wall: int) -> int:
    """The wall clock, moved into the hours of that day: to its opening, or back to the closing before it."""
    rows = time.rows(day)
    if wall <= rows[0][0]:
        return rows[0][0]
    return max(min(wall, end) for start, end in rows if start <= wall)


def _at(time: BusinessTime, day: date, wall: int) -> datetime:
    midnight = datetime(day.year, day.month, day.day, tzinfo=time.zone)
    days, rest = divmod(wall, DAY)
    local = midnight + timedelta(days=days, seconds=rest)
    return local.astimezone(UTC)
