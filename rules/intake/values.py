"""Text that follows a label, turned into the value of a field (schemas.reading.FieldValue)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import cached_property
from zoneinfo import ZoneInfo

from rules.intake.choices import read_choice
from rules.intake.dates import Lean, When, read_month, read_when
from rules.intake.figures import read_integer, read_money, read_phone
from rules.text import folded
from schemas.catalogue import Catalogue, IntakeField
from schemas.directory import Directory
from schemas.mail import MailMessage

_ADDRESS = re.compile(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_LINK = re.compile(r"https?://[^\s<>\"')]{4,}")
_ME = frozenset({"me", "myself", "i", "self", "i do", "i am", "mich", "ich", "mir", "moi"})
_PAST_SIGNS = (
    "since",
    "started",
    "noticed",
    "start it",
    "first day",
    "seit",
    "begonnen",
    "bemerkt",
    "depuis",
    "desde",
    "od kiedy",
)


@dataclass(frozen=True)
class Values:
    """Reads values of one mail: against its moment, its sender, and the organisation."""

    catalogue: Catalogue
    directory: Directory
    mail: MailMessage

    @cached_property
    def sent(self) -> datetime:
        """When the mail was written, in the zone of the organisation."""
        zone = ZoneInfo(self.catalogue.organisation.time_zone)
        return (self.mail.sent_at or self.mail.received_at).astimezone(zone)

    def read(self, field: IntakeField, text: str) -> tuple[str, int] | None:
        """The canonical value and a confidence of 0 to 100; None when the text is no value of this field."""
        if field.type == "enum":
            return read_choice(text, field.values)
        if field.type == "format":
            return _sure(self._formatted(field.format or "", text))
        if field.type in {"date", "datetime"}:
            return _sure(self._when(field, text))
        reader = self._readers.get(field.type or "", _plain)
        return _sure(reader(text))

    @cached_property
    def _readers(self) -> dict[str, Callable[[str], str | None]]:
        return {
            "money": read_money,
            "integer": read_integer,
            "phone": read_phone,
            "month": lambda text: read_month(text, self.sent),
            "person": self.person,
            "attachment": _link,
            "attachment_or_link": _link,
        }

    def person(self, text: str) -> str | None:
        """The address of the person that a text names: by address, by the name in the directory, or "me"."""
        address = _ADDRESS.search(text)
        if address:
            return address[0].lower().rstrip(".")
        flat = re.sub(r"[^\w' ]", " ", folded(text)).strip()
        if flat in _ME:
            return self.mail.sender.address
        if re.match(r"^my (?:line |own )?manager$", flat):
            own = self.directory.person(self.mail.sender.address)
            return own.manager if own else None
        return self._named(folded(text)) or self._numbered(text)

    def _named(self, flat: str) -> str | None:
        """The person whose whole name stands in the text; of several the longest name."""
        names = {folded(person.display_name): person.address for person in self.directory.people}
        inside = [name for name in names if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", flat)]
        return names[max(inside, key=len)] if inside else None

    def _numbered(self, text: str) -> str | None:
        """The person whose employee number stands in the text."""
        numbers = {person.employee_number: person.address for person in self.directory.people}
        return next((numbers[word] for word in re.findall(r"\w+", text.upper()) if word in numbers), None)

    def _formatted(self, name: str, text: str) -> str | None:
        """A value of a named format: the text itself, in capitals, without spaces, or the first such word."""
        form = self.catalogue.formats.get(name)
        if form is None:
            return _plain(text)
        stripped = text.strip().rstrip(".,;")
        for written in (stripped, stripped.upper(), re.sub(r"[\s]", "", stripped).upper()):
            if re.fullmatch(form.pattern, written):
                return written
        loose = form.pattern.removeprefix("^").removesuffix("$")
        found = re.search(rf"(?<![\w-])(?:{loose})(?![\w-])", text.upper())
        return found[0] if found else None

    def _when(self, field: IntakeField, text: str) -> str | None:
        lean = _lean(field)
        when = read_when(text, self.sent, lean)
        if when is None:
            return None
        return when.day.isoformat() if field.type == "date" else self._instant(when, lean)

    def _instant(self, when: When, lean: Lean) -> str:
        """An instant in UTC. A day without a time is its end as a limit, its start as a beginning."""
        at = when.at or (time(0) if lean == "past" else time(23, 59))
        local = datetime.combine(when.day, at, tzinfo=self.sent.tzinfo)
        return local.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _lean(field: IntakeField) -> Lean:
    if "not_after" in field.rule:
        return "past"
    spoken = " ".join(folded(label) for label in (field.label, *field.labels))
    return "past" if any(sign in spoken for sign in _PAST_SIGNS) else "future"


def _sure(value: str | None) -> tuple[str, int] | None:
    return (value, 100) if value else None


def _plain(text: str) -> str | None:
    return re.sub(r"[ \t]+", " ", text).strip() or None


def _link(text: str) -> str | None:
    found = _LINK.search(text)
    return found[0].rstrip(".,;") if found else None
