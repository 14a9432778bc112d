"""Dates and times as people write them, in the organisation's order (day before month) and zone.

Everything is read against the moment of the mail: "today", "Friday", "12 Feb" and "11:00" mean nothing
without it. What cannot be read for sure is None; a wrong date is worse than a question.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from rules.text import folded

type Lean = Literal["future", "past"]
"""Which way an unfinished date points: a deadline lies ahead, the start of a fault lies behind."""

_MONTH_NAMES = (
    "january jan januar janvier enero gennaio januari styczen stycznia janeiro",
    "february feb februar fevrier febrero febbraio februari luty lutego fevereiro",
    "march mar marz mars marzo maart marzec marca marco",
    "april apr avril abril aprile kwiecien kwietnia",
    "may mai mayo maggio mei maj maja maio",
    "june jun juni juin junio giugno czerwiec czerwca junho",
    "july jul juli juillet julio luglio lipiec lipca julho",
    "august aug aout agosto augustus sierpien sierpnia augusti",
    "september sep sept septembre septiembre settembre wrzesien wrzesnia setembro",
    "october oct oktober octobre octubre ottobre pazdziernik pazdziernika outubro okt",
    "november nov novembre noviembre listopad listopada novembro",
    "december dec dezember decembre diciembre dicembre grudzien grudnia dezembro dez",
)
MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
_DAY_NAMES = (
    "monday mon montag lundi lunes lunedi maandag poniedzialek",
    "tuesday tue tues dienstag mardi martes martedi dinsdag wtorek",
    "wednesday wed mittwoch mercredi miercoles mercoledi woensdag sroda",
    "thursday thu thur thurs donnerstag jeudi jueves giovedi donderdag czwartek",
    "friday fri freitag vendredi viernes venerdi vrijdag piatek",
    "saturday samstag samedi sabado sabato zaterdag sobota",
    "sunday sonntag dimanche domingo domenica zondag niedziela",
)
_DAYS = {name: number for number, names in enumerate(_DAY_NAMES) for name in names.split()}
_NEAR = {
    "today": 0, "tonight": 0, "this morning": 0, "this afternoon": 0, "this evening": 0, "now": 0, "heute": 0,
    "aujourd'hui": 0, "hoy": 0, "oggi": 0, "vandaag": 0, "dzisiaj": 0, "dzis": 0, "tomorrow": 1, "morgen": 1,
    "demain": 1, "manana": 1, "domani": 1, "jutro": 1, "day after tomorrow": 2, "ubermorgen": 2,
    "yesterday": -1, "last night": -1, "gestern": -1, "hier": -1, "ayer": -1, "ieri": -1, "gisteren": -1,
    "wczoraj": -1,
}  # fmt: skip
_UNITS = {
    "day": 1,
    "days": 1,
    "week": 7,
    "weeks": 7,
    "fortnight": 14,
    "tag": 1,
    "tage": 1,
    "tagen": 1,
    "woche": 7,
    "wochen": 7,
}
_NUMBERS = {
    "einem": 1,
    "einer": 1,
    "zwei": 2,
    "drei": 3,
    "vier": 4,
    "funf": 5,
    "a": 1,
    "an": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "ten": 10,
}

_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_ISO = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_NUMERIC = re.compile(r"(?<![\d/.-])(\d{1,2})\s?[/.-]\s?(\d{1,2})\s?[/.-]\s?(\d{4}|\d{2})(?![\d/-])")
_SHORT = re.compile(
    r"(?<![\d/.-])(?:(?P<d>\d{1,2})/(?P<m>\d{1,2})(?![\d/.-])|(?P<dd>[0-3]?\d)\.(?P<mm>[01]?\d)\.(?!\d))"
)
_END_OF = re.compile(rf"\bend of (?:the )?(?P<what>week|month|{_MONTH})\b")
_SPELLED = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th|\.|er)?\s*(?:of |de |-)?\s*({_MONTH})\b\.?,?\s*(?:de |-)?(\d{{4}})?"
)
_AMERICAN = re.compile(rf"\b({_MONTH})\b\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)(?:,?\s+(\d{{4}}))?")
_WEEKDAY = re.compile(rf"\b(next |last |this )?({'|'.join(sorted(_DAYS, key=len, reverse=True))})\b")
_NEARBY = re.compile(rf"\b({'|'.join(sorted(_NEAR, key=len, reverse=True))})\b")
_IN = re.compile(r"\b(?:in|within|innerhalb von) (\d{1,3}|\w+) (days?|weeks?|fortnight|tag|tagen?|wochen?)\b")
_AGO = re.compile(r"\b(?:(\d{1,3}|\w+) (days?|weeks?|fortnight) ago|vor (\d{1,3}|\w+) (tagen?|wochen?))\b")
_CLOCK = re.compile(
    r"(?<![\d/.-])(?:(?P<h>[01]?\d|2[0-3])\s?[:h]\s?(?P<m>[0-5]\d)(?::[0-5]\d)?\s*(?P<half>a\.?m\b|p\.?m\b)?"
    r"|(?P<uhr>[01]?\d|2[0-3])(?:[.:](?P<min>[0-5]\d))?\s?uhr\b"
    r"|(?P<hh>1[0-2]|0?[1-9])(?:\.(?P<mm>[0-5]\d))?\s*(?P<half2>a\.?m\b|p\.?m\b)"
    r"|(?P<word>noon|midday|midnight|close of business|cob\b|eod\b|end of (?:the )?day))"
)
_WORD_TIMES = {"noon": time(12), "midday": time(12), "midnight": time(0)}


@dataclass(frozen=True)
class When:
    """A day, and the time on it when one was given."""

    day: date
    at: time | None = None


def read_when(text: str, sent: datetime, lean: Lean) -> When | None:
    """The first day and time in a text; `sent` is when the mail was written, in the organisation's zone."""
    flat = folded(text)
    day, rest = _day(flat, sent.date(), lean)
    at = _time(rest)
    if day is None and at is not None:
        day = sent.date()
    return When(day, at) if day is not None else None


def read_month(text: str, sent: datetime) -> str | None:
    """A month as 2026-01; without a year the latest one that has begun."""
    flat = folded(text)
    for word, back in (("last month", 1), ("this month", 0), ("previous month", 1), ("current month", 0)):
        if word in flat:
            first = sent.date().replace(day=1) - timedelta(days=back)
            return f"{first.year:04d}-{first.month:02d}"
    numeric = re.search(r"\b(\d{4})[-/](0?[1-9]|1[0-2])\b", flat)
    if numeric:
        return f"{int(numeric[1]):04d}-{int(numeric[2]):02d}"
    numeric = re.search(r"\b(0?[1-9]|1[0-2])[-/.](\d{4})\b", flat)
    if numeric:
        return f"{int(numeric[2]):04d}-{int(numeric[1]):02d}"
    named = re.search(rf"\b({_MONTH})\b\.?,?\s*(?:'?(\d{{4}}|\d{{2}})\b)?", flat)
    return _named_month(named, sent.date()) if named else None


def _named_month(named: re.Match[str], sent: date) -> str:
    month = MONTHS[named[1]]
    if named[2]:
        year = int(named[2]) + (2000 if len(named[2]) == 2 else 0)
    else:
        year = sent.year if month <= sent.month else sent.year - 1
    return f"{year:04d}-{month:02d}"


def _day(flat: str, sent: date, lean: Lean) -> tuple[date | None, str]:
    """The day, and the text without it, so that its figures are not read as a time."""
    for pattern, order in ((_ISO, "ymd"), (_NUMERIC, "dmy"), (_SPELLED, "dmy"), (_AMERICAN, "mdy")):
        found = pattern.search(flat)
        if found:
            parts = dict(zip(order, found.groups(), strict=True))
            return _written(parts["y"], parts["m"], parts["d"], sent), _without(flat, found)
    found = _SHORT.search(flat)
    if found:
        return _written(None, found["m"] or found["mm"], found["d"] or found["dd"], sent), _without(
            flat, found
        )
    found = _END_OF.search(flat)
    if found:
        return _end_of(found["what"], sent), _without(flat, found)
    return _near_day(flat, sent, lean)


def _near_day(flat: str, sent: date, lean: Lean) -> tuple[date | None, str]:
    """A day told from the day of the mail: today, in three days, Friday."""
    found = _NEARBY.search(flat)
    if found:
        return sent + timedelta(days=_NEAR[found[1]]), _without(flat, found)
    found = _IN.search(flat) or _AGO.search(flat)
    if found:
        return _counted(found, sent), _without(flat, found)
    found = _WEEKDAY.search(flat)
    if found:
        return _weekday(found[1] or "", _DAYS[found[2]], sent, lean), _without(flat, found)
    return None, flat


def _end_of(what: str, sent: date) -> date | None:
    """The Friday of this week, or the last day of a month."""
    if what == "week":
        return sent + timedelta(days=max(4 - sent.weekday(), 0))
    month = MONTHS.get(what, sent.month)
    first = _written(None, str(month), "1", sent)
    return (
        None
        if first is None
        else (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    )


def _without(flat: str, found: re.Match[str]) -> str:
    return f"{flat[: found.start()]} {flat[found.end() :]}"


def _written(year: str | None, month: str, day: str, sent: date) -> date | None:
    number = MONTHS.get(month) or int(month)
    full = int(year) + (2000 if len(year) == 2 else 0) if year else sent.year
    try:
        written = date(full, number, int(day))
        if year is None and written < sent - timedelta(days=183):
            return written.replace(year=full + 1)
        if year is None and written > sent + timedelta(days=183):
            return written.replace(year=full - 1)
    except ValueError:
        return None
    return written


def _counted(found: re.Match[str], sent: date) -> date | None:
    past = found.re is _AGO
    count, unit = (each for each in found.groups() if each)
    number = int(count) if count.isdigit() else _NUMBERS.get(count)
    if number is None:
        return None
    days = timedelta(days=number * _UNITS[unit])
    return sent - days if past else sent + days


def _weekday(word: str, wanted: int, sent: date, lean: Lean) -> date:
    if lean == "past" or word == "last ":
        return sent - timedelta(days=(sent.weekday() - wanted) % 7 or (7 if word == "last " else 0))
    ahead = (wanted - sent.weekday()) % 7
    return sent + timedelta(days=ahead or (0 if word == "this " else 7))


def _time(rest: str) -> time | None:
    found = _CLOCK.search(rest)
    if found is None:
        return None
    if found["word"]:
        return _WORD_TIMES.get(found["word"])
    hour = int(found["h"] or found["hh"] or found["uhr"])
    minute = int(found["m"] or found["mm"] or found["min"] or 0)
    half = (found["half"] or found["half2"] or "").replace(".", "")
    if half == "pm" and hour < 12:
        hour += 12
    if half == "am" and hour == 12:
        hour = 0
    return time(hour, minute)
