"""Service protection of Dataverse, per user and web server (reference dataverse.md 7)."""

import math
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from werkzeug import Request, Response

from sandbox import shapes
from sandbox.limits.settings import DataverseLimits
from sandbox.limits.window import Window
from sandbox.wire import Serve

COOKIE = "ARRAffinity"
REQUESTS, TIME, CONCURRENT = shapes.THROTTLES["dataverse"]
GRACE = 1.0  # real seconds in which calls that were under way still arrive and cost nothing
LONGEST = 300


@dataclass
class _User:
    """What one user has used, and until when it is refused."""

    requests: Window = field(default_factory=Window)
    seconds: Window = field(default_factory=Window)
    running: int = 0
    refused_at: float = -math.inf
    until: float = -math.inf
    code: str = REQUESTS


class ServiceProtection:
    """Admits calls of the Web API, or answers 429. A caller that goes on while it should wait waits longer."""

    def __init__(self, settings: DataverseLimits, refuse: Callable[[Request, str, int], Response]) -> None:
        self._settings, self._refuse = settings, refuse
        self._guard = threading.Lock()
        self._users: dict[str, _User] = {}
        self._server = secrets.token_hex(32)

    def answer(self, user_id: str, request: Request, serve: Serve) -> Response:
        """Give the answer of `serve` with the headers of the limits, or a refusal."""
        pinned = self._settings.affinity and COOKIE in request.cookies
        started = monotonic()
        with self._guard:
            user = self._users.setdefault(user_id, _User())
            refusal = self._refusal(user, started, 0.5 if pinned else 1.0)
            if refusal is None:
                user.running += 1
                user.requests.spend(started, 1)
        if refusal is not None:
            response = self._refuse(request, *refusal)
        else:
            try:
                response = serve(request)
            finally:
                self._leave(user, started)
        self._describe(user, response)
        if self._settings.affinity and not pinned:
            response.headers.add("Set-Cookie", f"{COOKIE}={self._server}; Path=/; Secure; HttpOnly")
        return response

    def _leave(self, user: _User, started: float) -> None:
        ended = monotonic()
        with self._guard:
            user.running -= 1
            user.seconds.spend(ended, ended - started)

    def _refusal(self, user: _User, now: float, share: float) -> tuple[str, int] | None:
        """Give code and seconds of a refusal."""
        window = self._settings.window_seconds
        user.requests.slide(now, window)
        user.seconds.slide(now, window)
        if now < user.until:
            if now > user.refused_at + GRACE:
                user.until = min(user.until + 1, now + LONGEST)
            return user.code, math.ceil(user.until - now)
        found = self._exceeded(user, now, share)
        if found is None:
            return None
        code, wait = found
        seconds = max(1, math.ceil(wait))
        if code != CONCURRENT:  # which is over as soon as another call is
            user.code, user.refused_at, user.until = code, now, now + seconds
        return code, seconds

    def _exceeded(self, user: _User, now: float, share: float) -> tuple[str, float] | None:
        limits = self._settings
        window = limits.window_seconds
        if limits.concurrent is not None and user.running >= limits.concurrent * share:
            return CONCURRENT, 1.0
        if limits.requests is not None and user.requests.total >= (most := limits.requests * share):
            return REQUESTS, user.requests.wait(now, window, most - 1)
        if limits.execution_seconds is None or user.seconds.total < (
            most := limits.execution_seconds * share
        ):
            return None
        return TIME, user.seconds.wait(now, window, most)

    def _describe(self, user: _User, response: Response) -> None:
        limits = self._settings
        headers = response.headers
        headers["x-ms-dop-hint"] = str(limits.dop_hint)
        if limits.requests is not None:
            left = max(0, limits.requests - int(user.requests.total))
            headers["x-ms-ratelimit-burst-remaining-xrm-requests"] = str(left)
        if limits.execution_seconds is not None:
            seconds = max(0.0, limits.execution_seconds - user.seconds.total)
            headers["x-ms-ratelimit-time-remaining-xrm-requests"] = f"{seconds:,.2f}"
