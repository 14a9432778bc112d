"""Refusals in the shape of each service (reference dataverse.md 0 and 7, graph.md 2.1, 2.2 and 7)."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime

from werkzeug import Request, Response

from sandbox.authority import AuthorityError, refusal
from sandbox.clock import VirtualClock
from sandbox.dataverse.errors import DataverseError, error_response
from sandbox.graph import errors as graph
from sandbox.graph.call import answer
from sandbox.graph.values import stamp

type Codes = dict[str, str]


@dataclass(frozen=True)
class Call:
    """What a refusal has to know of a call. `part` says that it came out of a batch."""

    service: str
    request: Request
    part: bool
    clock: VirtualClock


THROTTLES: dict[str, Codes] = {
    "dataverse": {
        "0x80072322": "Number of requests exceeded the limit of 6000 over time window of 300 seconds.",
        "0x80072321": "Combined execution time of incoming requests exceeded limit of 1200000 milliseconds over "
        "time window of 300 seconds. Decrease number of concurrent requests or reduce the duration of requests "
        "and try again later.",
        "0x80072326": "Number of concurrent requests exceeded the limit of 52.",
    },
    "graph": {
        "TooManyRequests": "Too many requests.",
        "ApplicationThrottled": "Application is over its MailboxConcurrency limit.",
        "activityLimitReached": "The request has been throttled.",
    },
    "authority": {"temporarily_unavailable": "The service is temporarily overloaded."},
}
# Codes of Dataverse for 5xx are documented guesses: clients go by the status (reference dataverse-errors.json).
FAILURES: dict[str, dict[int, tuple[str, str]]] = {
    "dataverse": {
        500: ("0x80040216", "An unexpected error occurred."),
        502: ("0x80040216", "An unexpected error occurred."),
        503: ("0x80044150", "Generic SQL error."),
        504: ("0x80040216", "An unexpected error occurred."),
    },
    "graph": {
        500: ("generalException", "An internal server error occurred."),
        502: ("UnknownError", ""),
        503: ("serviceNotAvailable", "The service is unavailable."),
        504: ("UnknownError", ""),
        507: ("quotaLimitReached", "The quota limit has been reached."),
        509: ("activityLimitReached", "The app has reached its bandwidth limit."),
    },
    "authority": dict.fromkeys(
        (500, 502, 503, 504), ("temporarily_unavailable", "The service is temporarily unavailable.")
    ),
}
HTML = (
    "<!DOCTYPE html>\r\n<html><head><title>{status} {name}</title></head>\r\n<body><center><h1>{status} {name}"
    "</h1></center><hr><center>Microsoft-Azure-Application-Gateway/v2</center></body></html>\r\n"
)


def refused(asked: Call, status: int, code: str, words: str, inner: str | None = None) -> Response:
    """Give the error body of the service that was asked."""
    if asked.service == "dataverse":
        response = error_response(DataverseError(status, code, words))
        response.headers["OData-Version"] = "4.0"
        if not asked.part:
            response.headers["x-ms-service-request-id"] = str(uuid.uuid4())
        return response
    if asked.service == "graph":
        return _graph(asked, graph.GraphError(status, code, words), inner)
    return refusal(AuthorityError(status, code, 90033, words))


def _graph(asked: Call, error: graph.GraphError, inner: str | None) -> Response:
    request_id = str(uuid.uuid4())
    client_id = asked.request.headers.get("client-request-id", request_id)
    body = graph.body(error, stamp(asked.clock.now()).removesuffix("Z"), request_id, client_id)
    if inner is not None:
        body["error"]["innerError"] = {"code": inner, **body["error"]["innerError"]}
    response = answer(error.status, body)
    response.headers["request-id"] = request_id
    response.headers["client-request-id"] = client_id
    return response


def failed(asked: Call, status: int, body: str = "error") -> Response:
    """Give a 5xx: with the body of the service, with a page of its gateway, or with none at all."""
    if body == "empty":
        return Response(status=status)
    if body == "html":
        return html(status)
    code, words = FAILURES[asked.service][status]
    return refused(asked, status, code, words)


def html(status: int) -> Response:
    """Give the page of a gateway that stands before the service."""
    response = Response(status=status, content_type="text/html")
    name = response.status.partition(" ")[2].title()
    response.set_data(HTML.format(status=status, name=name))
    return response


def set_retry_after(asked: Call, response: Response, after: float | str | None, date: float | None) -> None:
    """Say when to come again: as seconds, as written, as an HTTP date so many seconds from now, or not at all."""
    if date is not None:
        moment = asked.clock.now() + timedelta(seconds=date)
        response.headers["Retry-After"] = format_datetime(moment, usegmt=True)
    elif after is not None:
        response.headers["Retry-After"] = after if isinstance(after, str) else f"{after:g}"
