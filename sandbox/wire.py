"""Requests and responses as the services of the tenant see them: werkzeug values, whether they come from the
socket or out of a `$batch` body, so that a part of a batch behaves like a single call."""

import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import unquote

from werkzeug import Request, Response


class Service(Protocol):
    """One of the APIs of the tenant."""

    name: str

    def handle(self, request: Request) -> Response:
        """Give the answer of the service, failures of the caller included."""
        ...

    def unavailable(self, words: str) -> Response:
        """Give a 503 in the error shape of the service."""
        ...


ON_THE_WIRE = "sandbox.on_the_wire"  # where a request carries what befalls its answer
HELD = "sandbox.held"  # for how many seconds its answer is on its way
FAULT = "sandbox.fault"  # where it carries the name of the rule that did it
SKEW = "sandbox.skew"  # by how many seconds the clock of the answer is off
PARTS = "sandbox.parts"  # where a batch carries how many calls it held
SERVICE = "sandbox.service"  # where a call carries the name of its service
PART = "sandbox.part"  # set on a call out of a batch

type Serve = Callable[[Request], Response]
type Observer = Callable[[Request, Response], None]


@dataclass(frozen=True)
class OnTheWire:
    """What happens to an answer below HTTP: it never comes, breaks off after a share of its body, or trickles."""

    reset: bool = False
    share: float = 1.0
    seconds: float = 0.0


def _latin(text: str) -> str:
    """Spell text as WSGI wants it (PEP 3333: bytes as latin-1)."""
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def make_request(
    method: str, target: str, headers: Iterable[tuple[str, str]], body: bytes, host: str
) -> Request:
    """Give the request for a target as written on the request line (path and query, percent-encoded)."""
    path, _, query = target.partition("?")
    environ: dict[str, object] = {
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(body),
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": _latin(unquote(path, errors="surrogateescape")),
        "QUERY_STRING": _latin(query),
        "RAW_URI": _latin(target),
        "REQUEST_URI": _latin(target),
        "SERVER_NAME": host.partition(":")[0],
        "SERVER_PORT": host.partition(":")[2] or "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": host,
    }
    for name, value in headers:
        _add_header(environ, name, value)
    environ["CONTENT_LENGTH"] = str(len(body))
    return Request(environ)


def _add_header(environ: dict[str, object], name: str, value: str) -> None:
    key = name.upper().replace("-", "_")
    if key == "HOST":
        return
    if key != "CONTENT_TYPE":
        key = f"HTTP_{key}"
    environ[key] = f"{environ[key]},{value}" if key in environ else value


def is_number(text: str) -> bool:
    """Whether a text is a whole number of at most 18 digits: what a store holds, and Python reads."""
    return text.isascii() and text.isdigit() and len(text) <= 18


def raw_target(request: Request) -> str:
    """Give path and query as the caller wrote them, percent-encoding untouched."""
    return str(request.environ["RAW_URI"])


def strict_json(raw: bytes, fraction: Callable[[str], object] = float) -> object:
    """Read JSON as the cloud's readers do: UTF-8, no NaN, no name twice in an object, no half characters.

    `fraction` reads numbers with a fraction; `decimal.Decimal` keeps every digit.

    Raises `ValueError` for anything else, too deep nesting included."""
    try:
        text = raw.decode("utf-8-sig")
        value: object = json.loads(
            text, parse_constant=_no_number, object_pairs_hook=_object, parse_float=fraction
        )
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False, default=str).encode()
    except RecursionError as exc:
        raise ValueError("it is nested too deep") from exc
    return value


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name occurs twice in an object")
    return found


def json_response(status: int, body: object, headers: dict[str, str] | None = None) -> Response:
    """Give a JSON answer."""
    response = Response(json.dumps(body, ensure_ascii=False), status, headers)
    response.headers["Content-Type"] = "application/json; charset=utf-8"
    return response
