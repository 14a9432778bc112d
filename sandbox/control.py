"""The control routes below `/_sandbox`: clock, request log, certificates, and what services register."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from cryptography import x509
from werkzeug import Request, Response

from sandbox.authority import Identity
from sandbox.clock import OutOfRange, VirtualClock, WentBack, stamp
from sandbox.requests_log import RequestLog
from sandbox.store import Store
from sandbox.wire import json_response, strict_json

ROOT = "/_sandbox/"
LONGEST_WAIT = 300.0

type Handler = Callable[[Request], Response]


class ControlError(Exception):
    """A control call that cannot be done; the words go to the caller."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


class Control:
    """Routes by prefix. A handler may raise `ControlError`; all answers are JSON."""

    name = "control"

    def __init__(self, store: Store, clock: VirtualClock, identity: Identity, log: RequestLog) -> None:
        self._store, self._clock, self._identity, self._log = store, clock, identity, log
        self._routes: list[tuple[str, Handler]] = []
        self.register("clock", self._clock_routes)
        self.register("requests", self._requests)
        self.register("apps", self._apps)

    def register(self, prefix: str, handler: Handler) -> None:
        """Give `/_sandbox/{prefix}` and everything below it to a handler."""
        self._routes.append((prefix, handler))

    def handle(self, request: Request) -> Response:
        rest = request.path.removeprefix(ROOT)
        for prefix, handler in self._routes:
            if rest == prefix or rest.startswith(f"{prefix}/"):
                return _guarded(handler, request)
        return _error(404, f"There is no control route '{rest}'.")

    def unavailable(self, words: str) -> Response:
        return _error(507, words)

    def _clock_routes(self, request: Request) -> Response:
        if request.path == f"{ROOT}clock/advance" and request.method == "POST":
            self._clock.advance(timedelta(seconds=_number(read_json(request), "seconds")))
        elif request.path == f"{ROOT}clock" and request.method == "PUT":
            self._set_clock(read_json(request))
        elif request.path == f"{ROOT}clock" and request.method == "GET":
            self._wait(request)
        else:
            raise ControlError(405, "The clock takes GET and PUT, and POST on /advance.")
        now = stamp(self._clock.now())
        return json_response(200, {"now": now, "frozen": self._clock.frozen, "version": self._clock.version})

    def _set_clock(self, body: dict[str, object]) -> None:
        frozen = body.get("frozen", self._clock.frozen)
        if not isinstance(frozen, bool):
            raise ControlError(400, "'frozen' must be true or false.")
        if "now" not in body:
            self._clock.set_frozen(frozen)
            return
        self._clock.set(_instant(body["now"]), frozen=frozen)

    def _wait(self, request: Request) -> None:
        after = request.args.get("after", type=int)
        if after is not None:
            self._clock.wait_for_change(after, min(request.args.get("wait", 0.0, type=float), LONGEST_WAIT))

    def _requests(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._log.clear()
        elif request.method != "GET":
            raise ControlError(405, "The log takes GET and DELETE.")
        if request.args.get("count"):
            return json_response(200, self._log.counts())
        return json_response(200, self._log.since(request.args.get("since", 0, type=int)))

    def _apps(self, request: Request) -> Response:
        parts = request.path.removeprefix(ROOT).split("/")
        if len(parts) != 3 or parts[2] != "certificate" or request.method != "PUT":
            raise ControlError(405, "Use PUT /_sandbox/apps/{clientId}/certificate with a PEM body.")
        if parts[1] != self._identity.client_id:
            raise ControlError(404, f"The tenant has no app '{parts[1]}'.")
        pem = request.get_data()
        try:
            x509.load_pem_x509_certificate(pem)
        except ValueError as exc:
            raise ControlError(400, "The body is not a certificate in PEM form.") from exc
        self._store.set_setting(f"certificate {parts[1]}", pem.decode())
        return Response(status=204)


def read_json(request: Request) -> dict[str, object]:
    """Give the JSON object in the body, or raise `ControlError`."""
    try:
        body = strict_json(request.get_data())
    except ValueError as exc:
        raise ControlError(400, "The body is not JSON.") from exc
    if not isinstance(body, dict):
        raise ControlError(400, "The body must be a JSON object.")
    return body


def _guarded(handler: Handler, request: Request) -> Response:
    try:
        return handler(request)
    except ControlError as exc:
        return _error(exc.status, exc.words)
    except WentBack as exc:
        return _error(409, str(exc))
    except (OutOfRange, OverflowError) as exc:
        return _error(400, f"The clock cannot be set so: {exc}")
    except sqlite3.OperationalError as exc:
        return _error(507, f"The tenant cannot store anything at the moment: {exc}.")


def _error(status: int, words: str) -> Response:
    return json_response(status, {"error": words})


def _number(body: dict[str, object], name: str) -> float:
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ControlError(400, f"'{name}' must be a number.")
    return float(value)


def _instant(value: object) -> datetime:
    try:
        instant = datetime.fromisoformat(str(value))
    except ValueError as exc:
        raise ControlError(400, "'now' must be an ISO 8601 instant such as 2026-02-09T09:04:00Z.") from exc
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)
