"""The one way out: session, token, retry by meaning and a limit of calls at once (DESIGN.md section 6)."""

import logging
import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import requests
import tenacity
from requests.adapters import HTTPAdapter

from connectors import failures
from connectors.calls import Call, Reply, origin, path_template
from connectors.limits import Limiter, nearly_spent
from sync.errors import OutcomeUnknown, Rejected, RemoteError, Throttled

__all__ = ["Call", "Http", "Policy", "Reply", "Service", "Timing", "Tokens", "new_session"]

log = logging.getLogger(__name__)


class Tokens(Protocol):
    """Where bearer tokens come from."""

    def token(self, scope: str, *, refused: str | None = None, claims: str | None = None) -> str:
        """A token; a fresh one when the service refused the one named, or asks for claims."""
        ...


@dataclass(frozen=True)
class Policy:
    """One policy of patience for all services. Seconds."""

    connect: float = 5.0
    read: float = 110.0  # Dataverse ends a call of its own after two minutes
    budget: float = 30.0  # of the whole call with its waits; a longer wait is handed back
    attempts: int = 6
    shortest_wait: float = 0.5
    longest_wait: float = 20.0  # of our own back-off; what the service asks for counts in full


@dataclass(frozen=True)
class Timing:
    """Sleeping, its clock and its dice; tests bring their own."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    dice: Callable[[], float] = random.random


@dataclass(frozen=True)
class Service:
    """What differs between services."""

    name: str = "the service"
    explain: Callable[[Call, Reply], RemoteError | None] = failures.failure
    correlation: tuple[str, ...] = ("client-request-id",)  # request headers that carry our id
    answer_id: tuple[str, ...] = ("request-id", "x-ms-service-request-id", "req_id")
    concurrency: int = 16
    lane_width: int = 4  # graph.md 7: four at once per mailbox
    scope: str | None = None  # made from the base address when not named


def new_session(ca_bundle: Path | None = None, *, user_agent: str = "Plumbline") -> requests.Session:
    """A session that keeps connections and nothing else: no cookies, no proxy or CA from the environment."""
    session = requests.Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers["User-Agent"] = user_agent
    if ca_bundle is not None:
        session.verify = str(ca_bundle)
    session.mount("https://", HTTPAdapter(pool_connections=8, pool_maxsize=64, max_retries=0))
    return session


@dataclass(frozen=True)
class _Try:
    """One try of a call. `until` is when the budget of the whole call ends, by the clock of Timing."""

    call: Call
    url: str
    correlation: str
    number: int
    until: float


class Http:
    """Calls to one service. `request` returns successes and raises the RemoteError tree."""

    def __init__(  # noqa: PLR0913 - the composition root names each once
        self,
        session: requests.Session,
        tokens: Tokens | None,
        *,
        base_url: str,
        service: Service | None = None,
        policy: Policy | None = None,
        timing: Timing | None = None,
        on_date: Callable[[datetime], None] | None = None,
    ) -> None:
        self._session = session
        self._tokens = tokens
        self._base = base_url.rstrip("/")
        self._service = service or Service()
        self._policy = policy or Policy()
        self._timing = timing or Timing()
        self._on_date = on_date
        parts = urlsplit(base_url)
        self._scope = self._service.scope or f"{parts.scheme}://{parts.netloc}/.default"
        self.limiter = Limiter(
            self._service.concurrency,
            lane_width=self._service.lane_width,
            monotonic=self._timing.monotonic,
        )

    def request(self, call: Call) -> Reply:
        """Make the call, again where that is safe, until it succeeds or the budget is spent.

        Raises the RemoteError tree; `retry_after` then holds the wait that did not fit. ConfigurationError
        when sign-in or the certificate needs a person. An error is `doubtful` when an earlier try of the same
        call may have been carried out.
        """
        url = self._address(call.url)
        budget = self._policy.budget if call.budget is None else call.budget
        until = self._timing.monotonic() + budget
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(lambda error: failures.may_repeat(call, error)),
            wait=self._wait,
            stop=lambda state: self._spent(state, until),
            sleep=self.pause,
            reraise=True,
        )
        correlation = str(uuid.uuid4())
        doubtful = False
        for attempt in retrying:
            with attempt:
                try:
                    reply = self._attempt(
                        _Try(call, url, correlation, attempt.retry_state.attempt_number, until)
                    )
                    return replace(reply, doubtful=doubtful)
                except RemoteError as failed:
                    doubtful = doubtful or isinstance(failed, OutcomeUnknown)
                    failed.doubtful = doubtful
                    raise
        raise AssertionError("the last attempt raises")

    def pause(self, seconds: float) -> None:
        """Sleep."""
        self._timing.sleep(seconds)

    def _address(self, url: str) -> str:
        """The full address. Links of answers are followed on the configured host only."""
        if url.startswith("/"):
            return self._base + url
        if origin(url) != origin(self._base):
            raise Rejected(
                f"the link leads away from the configured host of {self._service.name}; it is not followed"
            )
        return url

    def _wait(self, state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after if isinstance(error, RemoteError) else None
        own = min(self._policy.shortest_wait * 2.0 ** (state.attempt_number - 1), self._policy.longest_wait)
        return max(asked or 0.0, own) + own * self._timing.dice()

    def _spent(self, state: tenacity.RetryCallState, until: float) -> bool:
        """Whether to stop here; then the wait is handed back in the error."""
        too_late = self._timing.monotonic() + state.upcoming_sleep > until
        if not too_late and state.attempt_number < self._policy.attempts:
            return False
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, RemoteError) and error.retry_after is None:
            error.retry_after = state.upcoming_sleep
        return True

    def _attempt(self, this: "_Try") -> Reply:
        call = this.call
        started = self._timing.monotonic()
        reply: Reply | None = None
        try:
            reply = self._signed(this)
        finally:
            self._record(this, reply, self._timing.monotonic() - started)
        failed = self._service.explain(call, reply)
        if isinstance(failed, Throttled):
            self.limiter.refused(call.lane, failed.retry_after or self._policy.shortest_wait)
        if failed is None:
            self.limiter.served(call.lane)
            return reply
        failed.request_id = failed.request_id or self._answer_id(reply) or this.correlation
        failed.add_note(f"{self._service.name} request id {failed.request_id}, ours {this.correlation}")
        raise failed

    def _signed(self, this: "_Try") -> Reply:
        """Send with a token; a refused token is renewed once. A 401 means that nothing was done."""
        headers = {**this.call.headers, **dict.fromkeys(self._service.correlation, this.correlation)}
        if self._tokens is None:
            return self._exchange(this, headers)
        token = self._tokens.token(self._scope)
        reply = self._exchange(this, {**headers, "Authorization": f"Bearer {token}"})
        if reply.status != 401:
            return reply
        token = self._tokens.token(self._scope, refused=token, claims=reply.claims)
        return self._exchange(this, {**headers, "Authorization": f"Bearer {token}"})

    def _exchange(self, this: "_Try", headers: dict[str, str]) -> Reply:
        """One request and its whole answer, when its turn has come."""
        while True:
            with self.limiter.slot(this.call.lane) as closed_for:
                if not closed_for:
                    return self._sent(this, headers)
            self._hold(this, closed_for)

    def _hold(self, this: "_Try", seconds: float) -> None:
        """Wait as long as the service asked others of this lane to; raises Throttled when that is too long."""
        if self._timing.monotonic() + seconds > this.until:
            raise Throttled(
                f"{self._service.name} asked other calls to wait; this one is held back as well",
                retry_after=seconds,
            )
        self.pause(seconds + 0.1 * self._timing.dice())

    def _sent(self, this: "_Try", headers: dict[str, str]) -> Reply:
        """One request and its whole answer. The cause is cut off: its text holds the address."""
        try:
            answer = self._session.request(
                this.call.method,
                this.url,
                headers=headers,
                data=this.call.body,
                timeout=(self._policy.connect, self._policy.read),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise failures.unanswered(this.call, error) from None
        names = {name.lower(): value for name, value in answer.headers.items()}
        reply = Reply(answer.status_code, names, answer.content)
        self._heard(this.call, reply)
        return reply

    def _heard(self, call: Call, reply: Reply) -> None:
        self.limiter.follow(reply.headers.get("x-ms-dop-hint"))
        if (seconds := nearly_spent(reply.headers)) is not None:
            self.limiter.rest(call.lane, seconds)
        if self._on_date is not None and (date := reply.date) is not None:
            self._on_date(date)

    def _record(self, this: "_Try", reply: Reply | None, seconds: float) -> None:
        """One line per hop, without content (requirements: nothing private in logs)."""
        if not log.isEnabledFor(logging.INFO):
            return
        fields = {
            "service": self._service.name,
            "method": this.call.method,
            "path": path_template(this.url),
            "status": reply.status if reply else None,
            "request_id": self._answer_id(reply) if reply else None,
            "milliseconds": round(seconds * 1000),
            "attempt": this.number,
        }
        log.info("call", extra=fields)

    def _answer_id(self, reply: Reply) -> str | None:
        return next((reply.headers[name] for name in self._service.answer_id if name in reply.headers), None)
