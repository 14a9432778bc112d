"""Query options and the `Prefer` header of one call."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import parse_qsl

from werkzeug import Request

from sandbox.dataverse.address import ROOT
from sandbox.dataverse.errors import bad_query, not_offered
from sandbox.dataverse.projection import Notes
from sandbox.wire import raw_target

KNOWN = (
    "$select", "$filter", "$orderby", "$top", "$count", "$expand", "$skiptoken", "$deltatoken", "$apply",
)  # fmt: skip
NOT_OFFERED = ("sql", "savedQuery", "userQuery")
PREFERENCE = re.compile(r'\s*([\w.\-]+)(?:\s*=\s*("[^"]*"|[^,;\s]*))?\s*(?:[,;]|$)')
NUMBER = re.compile(r"[0-9]{1,20}")
NEVER_EMPTY = ("$apply", "fetchXml", "$filter", "$orderby", "$top", "$count")
LARGEST_PAGE = 5000
LONGEST_TARGET, LONGEST_IN_BATCH = 32_768, 65_536


@dataclass(frozen=True)
class Options:
    """The options of a query and the preferences of the caller."""

    query: dict[str, str]
    preferences: dict[str, str] = field(default_factory=dict)
    base: str = ""
    path: str = ""
    """What was addressed, below the root."""

    @classmethod
    def of(cls, request: Request) -> "Options":
        """Read them from a request; refuses options that the Web API or the sandbox does not know."""
        target = raw_target(request)
        limit = LONGEST_IN_BATCH if "sandbox.in_batch" in request.environ else LONGEST_TARGET
        if len(target) > limit:
            raise bad_query(f"The length of the URL exceeds {limit} characters.")
        pairs = parse_qsl(target.partition("?")[2], keep_blank_values=True)
        query = dict(pairs)
        _check(query)
        _check_once([name for name, _ in pairs if name.startswith("$")])
        base = f"https://{request.host}{ROOT}"
        path = target.partition("?")[0].removeprefix(ROOT)
        return cls(query, preferences(request.headers.get("Prefer", "")), base, path)

    def get(self, name: str) -> str | None:
        return self.query.get(name)

    @cached_property
    def select(self) -> list[str] | None:
        text = self.query.get("$select")
        if text is None or text.strip() == "*":
            return None
        return [name.strip() for name in text.split(",") if name.strip()]

    @cached_property
    def notes(self) -> Notes:
        return Notes(self.preferences.get("odata.include-annotations"))

    @property
    def page_size(self) -> int:
        """Rows on a page: the preference, never more than 5,000."""
        wanted = self.preferences.get("odata.maxpagesize", "")
        return (
            min(int(wanted), LARGEST_PAGE) if NUMBER.fullmatch(wanted) and int(wanted) > 0 else LARGEST_PAGE
        )

    @property
    def representation(self) -> bool:
        return self.preferences.get("return") == "representation"

    @property
    def applied(self) -> dict[str, str]:
        """Give the header that tells which preferences were followed."""
        known = ("return", "odata.maxpagesize", "odata.include-annotations", "odata.track-changes")
        parts = [_spelled(name, value) for name, value in self.preferences.items() if name in known]
        return {"Preference-Applied": ", ".join(parts)} if parts else {}


def _spelled(name: str, value: str) -> str:
    if not value:
        return name
    return f'{name}="{value}"' if name == "odata.include-annotations" else f"{name}={value}"


def preferences(header: str) -> dict[str, str]:
    """Give the preferences by name; a quoted value may hold commas."""
    return {
        match[1].lower(): (match[2] or "").strip('"') for match in PREFERENCE.finditer(header) if match[1]
    }


def _check(query: dict[str, str]) -> None:
    for name, value in query.items():
        if name in NOT_OFFERED:
            raise not_offered(f"the query option '{name}'")
        if name.startswith("$") and name not in KNOWN:
            raise bad_query(f"The query parameter {name} is not supported")
        if name in NEVER_EMPTY and not value.strip():
            raise bad_query(f"The value for OData query '{name}' cannot be empty.")
    if query.get("$count", "true") not in ("true", "false"):
        raise bad_query(f"Invalid value '{query['$count']}' for $count query option: 'true' or 'false'.")


def _check_once(names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            words = f"Query option '{name}' was specified more than once"
            raise bad_query(f"{words}, but it must be specified at most once.")
