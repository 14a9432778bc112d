"""Field values as callers write them, turned into what is stored (reference 4.4)."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from sqlite3 import Connection
from zoneinfo import ZoneInfo

from sandbox.graph.sites import people
from sandbox.graph.sites.columns import Column, Columns
from sandbox.graph.sites.errors import invalid
from sandbox.graph.sites.facets import PLACES
from sandbox.graph.values import Json, Row, row

INSTANT = re.compile(r"^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$")
NUMBERED = re.compile(r"^\d{1,10}$")
WRAPPED = '<div class="ExternalClass'
LONGEST_NOTE = 63_999  # documented guess: what SharePoint's own lists take
COLLECTIONS = {
    "multichoice": ("Collection(Edm.String)",),
    "user": ("Collection(Edm.Int32)", "Collection(Edm.String)"),
    "lookup": ("Collection(Edm.Int32)", "Collection(Edm.String)"),
}
WRITABLE_SERVICE = ("ContentType", "Attachments")  # taken and passed over; documented guess


@dataclass
class Writer:
    """Reads the fields of one list. `hyperlinks`: the caller asked for `apiversion=2.1`."""

    db: Connection
    site: Row
    columns: Columns
    now: str
    hyperlinks: bool = False
    rewrite: bool = False
    welcomed: bool = field(default=False, init=False)
    seen: set[tuple[str, int]] = field(default_factory=set, init=False)  # items that references may name

    def read(self, given: object, *, fresh: bool) -> Json:
        """What to store, by internal name. Raises 400 for the first field that cannot be written.

        A new item gets the default values of its columns. documented guess: `required` binds the form only, so
        nothing asks for it here (reference 4.5)."""
        if not isinstance(given, dict):
            raise invalid("The fields of an item are an object.")
        stored: Json = {}
        for name, value in given.items():
            if "@" in name:
                continue
            column = self._column(name)
            if column.own:
                said = given.get(f"{name}@odata.type")
                stored[column.name] = None if value is None else self._value(column, value, said)
        return (self._defaults(stored) | stored) if fresh else stored

    def _column(self, name: str) -> Column:
        """The column that a member writes. Names with a leading underscore are not taken even where such a
        column exists (issue microsoft-graph-docs 2609)."""
        column = self.columns.by_key.get(name)
        if column is None or column.key != name or name.startswith("_"):
            raise invalid(f"Field '{name}' is not recognized")
        read_only = column.doc["readOnly"] or column.kind.name in ("calculated", "computed")
        if read_only or not (column.own or column.name in WRITABLE_SERVICE):
            raise invalid(f"Field '{name}' is read-only")
        return column

    def _defaults(self, stored: Json) -> Json:
        """The default values of the columns that were not named."""
        found: Json = {}
        for column in self.columns.own:
            default = (column.doc.get("defaultValue") or {}).get("value")
            if default is not None and column.name not in stored:
                found[column.name] = _default(column, default)
        return found

    def _value(self, column: Column, value: object, said: object) -> object:
        if column.kind.many:
            self._check_collection(column, value, said)
        if column.refers:
            return self._references(column, value)
        return CONVERT[column.kind.name](self, column, value)

    def _check_collection(self, column: Column, value: object, said: object) -> None:
        wanted = COLLECTIONS[column.kind.name]
        if not isinstance(said, str) or said.removeprefix("#") not in wanted or not isinstance(value, list):
            raise invalid(
                f"Field '{column.key}' holds several values: it takes a list, and beside it"
                f" '{column.key}@odata.type' with {' or '.join(wanted)}"
            )

    def _references(self, column: Column, value: object) -> object:
        if column.kind.many:
            assert isinstance(value, list), "checked as a collection"
            return [self._reference(column, each) for each in value]
        return self._reference(column, value)

    def _reference(self, column: Column, value: object) -> int:
        spelled = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
        number = int(spelled) if NUMBERED.match(spelled) else 0
        if (column.name, number) not in self.seen:
            if not number or not self._exists(column, number):
                # documented guess: the cloud's answer to the number of nobody
                raise invalid(f"Field '{column.key}' takes the number of an existing item")
            self.seen.add((column.name, number))
        return number

    def _exists(self, column: Column, number: int) -> bool:
        if column.kind.name == "user":
            if not people.known(self.db, self.site["id"], number) and not self.welcomed:
                people.welcome(self.db, self.site["id"], self.now)
                self.welcomed = True
            return people.known(self.db, self.site["id"], number)
        sql = "SELECT 1 AS x FROM sp_item WHERE list = ? AND id = ?"
        return row(self.db, sql, column.settings["listId"], number) is not None

    def text(self, column: Column, value: object) -> str | None:
        if not isinstance(value, str):
            raise invalid(f"Field '{column.name}' takes a text")
        value = rewritten(column, value) if self.rewrite else value
        most = column.settings.get("maxLength") or LONGEST_NOTE
        if len(value) > most:
            raise invalid(f"Field '{column.name}' takes at most {most} characters")
        return value or (None if self.rewrite else value)

    def number(self, column: Column, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise invalid(f"Field '{column.name}' takes a number")
        least, most = column.settings.get("minimum"), column.settings.get("maximum")
        if (least is not None and value < least) or (most is not None and value > most):
            raise invalid(f"Field '{column.name}' takes numbers from {least} to {most}")
        places = PLACES.index(column.settings.get("decimalPlaces", "two")) - 1
        return round(value, 2 if places < 0 else places) if self.rewrite else value

    def boolean(self, column: Column, value: object) -> bool:
        if not isinstance(value, bool):
            raise invalid(f"Field '{column.name}' takes true or false")
        return value

    def choice(self, column: Column, value: object) -> str:
        # documented guess: a text that is no choice is refused, unless the column lets one type
        settings = column.settings
        if not isinstance(value, str):
            raise invalid(f"Field '{column.name}' takes a text")
        if value not in settings["choices"] and not settings["allowTextEntry"]:
            raise invalid(f"Field '{column.name}' takes one of its choices")
        return value

    def choices(self, column: Column, value: object) -> list[str]:
        assert isinstance(value, list), "checked as a collection"
        return [self.choice(column, each) for each in value]

    def instant(self, column: Column, value: object) -> str:
        """UTC in whole seconds; a date only is kept as local midnight in the site's time zone."""
        found = parsed_instant(value)
        if found is None:
            raise invalid(f"Field '{column.name}' takes an instant such as 2026-02-01T10:30:00Z")
        zone = ZoneInfo(self.site["time_zone"])
        if column.date_only:
            found = datetime.combine(found.astimezone(zone).date(), time(), zone)
        return found.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def hyperlink(self, column: Column, value: object) -> Json:
        """An address with its words. documented guess: only with `Prefer: apiversion=2.1` (reference 4.4)."""
        if not self.hyperlinks:
            raise invalid(f"Field '{column.name}' cannot be written: hyperlinks are read-only here")
        if not isinstance(value, dict) or set(value) - {"Description", "Url"}:
            raise invalid(f"Field '{column.name}' takes an object of Description and Url")
        url, words = value.get("Url"), value.get("Description")
        if not isinstance(url, str) or not isinstance(words, str | None) or not url.startswith("http"):
            raise invalid(f"Field '{column.name}' takes an absolute Url")
        return {"Description": words or url, "Url": url}


def rewritten(column: Column, text: str) -> str:
    """What the server may make of a text: no blanks around it, its own line ends, rich text in its own wrapping.

    documented guess: SharePoint does such things, when and how is not written down."""
    text = text.strip().replace("\r\n", "\n")
    if column.settings["textType"] != "richText" or not text or text.startswith(WRAPPED):
        return text
    return f'{WRAPPED}{hashlib.sha256(text.encode()).hexdigest()[:32].upper()}">{text}</div>'


def parsed_instant(value: object) -> datetime | None:
    """An aware instant; a bare date is midnight in UTC. None for anything else."""
    if not isinstance(value, str) or not INSTANT.match(value):
        return None
    try:
        found = datetime.fromisoformat(value)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _default(column: Column, text: str) -> object:
    """A default value, which a column always keeps as a text."""
    match column.kind.name:
        case "boolean":
            return text.lower() in ("1", "true", "yes")
        case "number" | "currency":
            return float(text)
        case "multichoice":
            return [text]
    return text


CONVERT: dict[str, Callable[[Writer, Column, object], object]] = {
    "text": Writer.text,
    "note": Writer.text,
    "number": Writer.number,
    "currency": Writer.number,
    "boolean": Writer.boolean,
    "choice": Writer.choice,
    "multichoice": Writer.choices,
    "dateTime": Writer.instant,
    "url": Writer.hyperlink,
}
