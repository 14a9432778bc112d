"""Throttling of Graph: mail per app and mailbox, SharePoint in resource units (reference graph.md 7)."""

import math
import re
import threading
from collections import Counter, defaultdict
from collections.abc import Callable
from time import monotonic
from urllib.parse import unquote

from werkzeug import Request, Response

from sandbox.limits.settings import MailLimits, SharePointLimits
from sandbox.limits.window import Window
from sandbox.store import Store
from sandbox.wire import Serve, raw_target

type Refuse = Callable[[Request, str, float | str | None], Response]

MAILBOX = re.compile(r"^(?:/v1\.0)+/users/(?P<user>[^/]+)/.")
SITE = re.compile(r"^(?:/v1\.0)+/sites\b")
# Resource units by method and target; the first row that fits counts.
UNITS = (
    (None, re.compile(r"/permissions\b|/invite\b|/createLink\b|[$]expand=[^&]*permissions"), 5),
    ("GET", re.compile(r"/delta\b[^?]*[?].*token="), 1),
    ("GET", re.compile(r"/(delta|items|lists|columns|pages|children|contentTypes|sites)(\(\))?/?([?]|$)"), 2),
    ("GET", re.compile(""), 1),
    (None, re.compile(""), 2),
)
MOST = 5  # units of one call
NEAR = 0.8  # from this share of the budget on the headers show


class Mail:
    """Admits calls to a mailbox, four at once; parts of a batch wait for each other and are only counted."""

    def __init__(self, settings: MailLimits, refuse: Refuse) -> None:
        self._settings, self._refuse = settings, refuse
        self._guard = threading.Lock()
        self._running: Counter[tuple[str, str]] = Counter()
        self._windows: defaultdict[tuple[str, str], Window] = defaultdict(Window)

    def answer(self, key: tuple[str, str], request: Request, serve: Serve, *, part: bool) -> Response:
        """Give the answer of `serve`, or a refusal. The key is app and mailbox."""
        limits, now = self._settings, monotonic()
        with self._guard:
            window = self._windows[key]
            window.slide(now, limits.window_seconds)
            if limits.requests is not None and window.total >= limits.requests:
                wait = window.wait(now, limits.window_seconds, limits.requests - 1)
                return self._refuse(request, "TooManyRequests", max(1, math.ceil(wait)))
            if not part and limits.concurrent is not None and self._running[key] >= limits.concurrent:
                return self._refuse(request, "ApplicationThrottled", limits.retry_after)
            window.spend(now, 1)
            self._running[key] += not part
        try:
            return serve(request)
        finally:
            with self._guard:
                self._running[key] -= not part


class SharePoint:
    """Admits calls to sites while the app has resource units left."""

    def __init__(self, settings: SharePointLimits, refuse: Refuse) -> None:
        self._settings, self._refuse = settings, refuse
        self._guard = threading.Lock()
        self._windows: defaultdict[str, Window] = defaultdict(Window)

    def answer(self, app: str, request: Request, serve: Serve) -> Response:
        """Give the answer of `serve`, or a refusal; from 80 % on with the headers that tell of it."""
        limits, now = self._settings, monotonic()
        if limits.units is None:
            return serve(request)
        with self._guard:
            window = self._windows[app]
            window.slide(now, limits.window_seconds)
            window.spend(now, units(request.method, raw_target(request)))
            used = window.total
            reset = max(1, math.ceil(window.wait(now, limits.window_seconds, limits.units - MOST)))
        over = used > limits.units
        response = self._refuse(request, "activityLimitReached", reset) if over else serve(request)
        if used >= NEAR * limits.units:
            response.headers["RateLimit-Limit"] = str(limits.units)
            response.headers["RateLimit-Remaining"] = str(max(0, int(limits.units - used)))
            response.headers["RateLimit-Reset"] = str(reset)
        return response


class MailboxNames:
    """One name for all spellings of a mailbox: its address."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, str] = {}

    def of(self, user: str) -> str:
        """Give the address for an address or an object id; what is neither stays as it is."""
        user = unquote(user).lower()
        if "@" in user or user in self._known:
            return self._known.get(user, user)
        with self._store.read() as db:
            found = db.execute("SELECT address FROM graph_mailbox WHERE user_id = ?", (user,)).fetchone()
        if found is not None:
            self._known[user] = str(found[0])
        return self._known.get(user, user)


def units(method: str, target: str) -> int:
    """Give the resource units of a call."""
    return next(
        cost for wanted, pattern, cost in UNITS if wanted in (None, method) and pattern.search(target)
    )
