"""HTTP triggers: route, key, disabled, run, in this order (azure-functions.md 4.2)."""

import json
from urllib.parse import parse_qsl, urlsplit

from sandbox.functions.functions import Function
from sandbox.functions.invoker import Invoker
from sandbox.functions.keys import Keys
from sandbox.functions.outcome import HttpReply, Outcome
from sandbox.functions.routes import Routes
from sandbox.functions.serving import Request
from sandbox.functions.settings import Settings
from sandbox.functions.values import http_input

_CHUNKED = (
    b"This host does not read chunked request bodies: the cloud would hand the function an empty body. "
    b"Send the request with Content-Length."
)


def offered_key(request: Request) -> str | None:
    """The key of a request. The header alone counts when it is there, even when it is wrong."""
    if "x-functions-key" in request.headers:
        return request.headers["x-functions-key"]
    return dict(reversed(_pairs(request))).get("code")


def query_of(request: Request) -> dict[str, str]:
    """The query: repeated values joined with a comma, empty ones dropped."""
    values: dict[str, str] = {}
    for name, value in _pairs(request):
        if value:
            values[name] = f"{values[name]},{value}" if name in values else value
    return values


class Web:
    """Answers requests to HTTP functions."""

    def __init__(self, routes: Routes, keys: Keys, settings: Settings, invoker: Invoker, origin: str) -> None:
        self._routes, self._keys, self._settings = routes, keys, settings
        self._invoker, self._origin = invoker, origin

    def answer(self, request: Request) -> HttpReply:
        """Run the function behind a request."""
        found = self._routes.find(request.method, urlsplit(request.target).path)
        if found is None:
            return HttpReply(404)
        route, params = found
        name = route.function.name
        if not self._keys.admits(route.level, name, offered_key(request)):
            return HttpReply(401)
        if self._settings.is_disabled(name):
            return HttpReply(404)
        if request.chunked:
            return HttpReply(400, body=_CHUNKED)
        return self._run(route.function, request, params)

    def _run(self, function: Function, request: Request, params: dict[str, str]) -> HttpReply:
        url = self._origin + request.target
        query = query_of(request)
        value = http_input(request.method, url, request.headers, params, query, request.body)
        return reply_of(self._invoker.run(function, value))


def reply_of(outcome: Outcome) -> HttpReply:
    """The answer that a caller sees: an unhandled exception is an empty 500."""
    if not outcome.succeeded:
        return HttpReply(500)
    if outcome.http is not None:
        return outcome.http
    return _described(outcome.texts.get("$return", ""))


def _described(text: str) -> HttpReply:
    """A bare text; a JSON object with `body` describes the whole answer (azure-functions.md 3)."""
    try:
        value = json.loads(text)
    except ValueError:
        return HttpReply(200, body=text.encode())
    if not isinstance(value, dict) or "body" not in value:
        return HttpReply(200, body=text.encode())
    body = value["body"]
    headers = value.get("headers") or {}
    return HttpReply(
        int(value.get("status") or value.get("statusCode") or 200),
        tuple((str(name), str(content)) for name, content in headers.items()),
        (body if isinstance(body, str) else json.dumps(body)).encode(),
    )


def _pairs(request: Request) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(request.target).query, keep_blank_values=True)
