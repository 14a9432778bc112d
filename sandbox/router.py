"""The way of a call to its service, by the beginning of its path; what it took is written to the log."""

import logging
import sqlite3
import time
from datetime import timedelta
from email.utils import format_datetime

from werkzeug import Request, Response

from sandbox.clock import VirtualClock
from sandbox.gate import Gate
from sandbox.requests_log import Entry, RequestLog
from sandbox.traces import log_failure
from sandbox.wire import (
    FAULT,
    HELD,
    ON_THE_WIRE,
    PARTS,
    SKEW,
    OnTheWire,
    Service,
    json_response,
    raw_target,
)

LOG = logging.getLogger("sandbox.server")
UNTOUCHED = OnTheWire()


class Router:
    """Finds the service of a path, measures and logs the call, and survives a full disk."""

    def __init__(self, clock: VirtualClock, log: RequestLog, gate: Gate) -> None:
        self._clock, self._log, self._gate = clock, log, gate
        self._services: list[tuple[str, Service, bool]] = []

    def mount(self, prefix: str, service: Service, *, logged: bool = True) -> None:
        """Give every path that begins with the prefix to a service. The longest prefix wins."""
        self._services.append((prefix, service, logged))
        self._services.sort(key=lambda entry: -len(entry[0]))

    def handle(self, request: Request) -> Response:
        """Give the answer of the tenant, with the `Date` of its virtual clock."""
        started = time.perf_counter()
        entry = next((entry for entry in self._services if request.path.startswith(entry[0])), None)
        if entry is None:
            response = json_response(404, {"error": "The tenant has no service at this address."})
        else:
            response = self._served(entry[1], request, guarded=entry[2])
        moment = self._clock.now() + timedelta(seconds=request.environ.get(SKEW, 0.0))
        response.headers.set("Date", format_datetime(moment, usegmt=True))
        if entry is not None and entry[2]:
            self._record(request, response, entry[1].name, started)
            request.environ[HELD] = self._gate.limits.latency
        return response

    def _served(self, service: Service, request: Request, *, guarded: bool) -> Response:
        def serve(asked: Request) -> Response:
            return _survive(service, asked)

        return self._gate.answer(service.name, request, serve) if guarded else serve(request)

    def _record(self, request: Request, response: Response, service: str, started: float) -> None:
        effect = request.environ.get(ON_THE_WIRE, UNTOUCHED)
        self._log.add(
            Entry(
                method=request.method,
                path=raw_target(request).partition("?")[0],
                status=0 if effect.reset else response.status_code,
                request_bytes=request.content_length or 0,
                response_bytes=int((response.calculate_content_length() or 0) * effect.share),
                milliseconds=round((time.perf_counter() - started) * 1000, 2),
                service=service,
                at=self._clock.now(),
                parts=request.environ.get(PARTS),
                fault=request.environ.get(FAULT),
            )
        )


def _survive(service: Service, request: Request) -> Response:
    try:
        return service.handle(request)
    except sqlite3.OperationalError as exc:
        LOG.warning("the store of the tenant failed: %s", exc)
        return service.unavailable(f"The tenant cannot store anything at the moment: {exc}.")
    except Exception as exc:
        log_failure(LOG, "a service of the tenant failed", exc)
        return json_response(
            500, {"error": "The tenant failed on this request. This is a fault of the sandbox."}
        )
