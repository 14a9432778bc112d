"""One call and its answer as values, and what can be read from them without I/O."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from functools import cached_property
from urllib.parse import unquote, urlsplit

_KEY = re.compile(r"\([^)]*\)")
_PRIVATE = re.compile(r".*@.*|[0-9A-Za-z_=,:!~-]{24,}|.*[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-.*")
_CLAIMS = re.compile(r'claims="([^"]+)"')


@dataclass(frozen=True)
class Call:
    """One HTTP call.

    `url` is absolute, or a path below the base address of the service. `replayable` says that sending it
    twice does no more than sending it once. Calls of one `lane` (a mailbox) share its own limit.
    `budget` in seconds replaces the budget of the policy.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    replayable: bool = False
    lane: str | None = None
    budget: float | None = None

    @property
    def path(self) -> str:
        """The path without query, ids and addresses: fit for logs and error texts."""
        return path_template(self.url)


@dataclass(frozen=True)
class Reply:
    """What came back. Header names are in lower case.

    `doubtful` says that an earlier try of the same call may have been carried out.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    doubtful: bool = False

    @cached_property
    def json(self) -> object:
        """The JSON value, decimals exact; None when the body is empty, HTML or damaged."""
        try:
            return json.loads(self.body, parse_float=Decimal)
        except ValueError:
            return None

    @property
    def date(self) -> datetime | None:
        """The service's own time."""
        return http_date(self.headers.get("date"))

    @property
    def retry_after(self) -> float | None:
        """The wait that the service asks for, in seconds; None when it names none that can be read."""
        return retry_after(self.headers.get("retry-after"), self.date)

    @property
    def claims(self) -> str | None:
        """The claims challenge of a 401 (reference: graph.md 1.1)."""
        found = _CLAIMS.search(self.headers.get("www-authenticate", ""))
        return found.group(1) if found else None


def path_template(url: str) -> str:
    """A path with `{}` where keys, ids and addresses stood."""
    path = _KEY.sub("({})", unquote(urlsplit(url).path))
    return "/".join("{}" if _PRIVATE.fullmatch(part) else part for part in path.split("/"))


def http_date(text: str | None) -> datetime | None:
    """An HTTP date as an instant in UTC; None when absent or unreadable."""
    try:
        read = parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
    return read.astimezone(UTC) if read and read.tzinfo else None


def retry_after(text: str | None, now: datetime | None) -> float | None:
    """Seconds, also fractions, or an HTTP date against the service's own `now` (reference: graph.md 7)."""
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        until = http_date(text)
        return max(0.0, (until - (now or datetime.now(UTC))).total_seconds()) if until else None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def origin(url: str) -> str:
    """Scheme, host and port."""
    parts = urlsplit(url)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    return f"{parts.scheme.lower()}://{(parts.hostname or '').lower()}:{port}"
