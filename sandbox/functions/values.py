"""Values on their way into and out of the runtime (azure-functions.md 4.1)."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from werkzeug.http import dump_cookie

from sandbox.functions.outcome import HttpReply, Outcome
from sandbox.functions.protos import PROTOS

_SAME_SITE = {1: "Lax", 2: "Strict", 3: "None"}


def http_input(
    method: str,
    url: str,
    headers: Mapping[str, str],
    params: Mapping[str, str],
    query: Mapping[str, str],
    body: bytes,
) -> Any:
    """The value of an HTTP trigger."""
    content = PROTOS.TypedData(bytes=body)
    request = PROTOS.RpcHttp(
        method=method, url=url, headers=dict(headers), params=dict(params), query=dict(query), body=content
    )
    return PROTOS.TypedData(http=request)


def json_input(value: object) -> Any:
    """A value that the runtime reads as JSON."""
    return PROTOS.TypedData(json=json.dumps(value))


def text_input(text: str) -> Any:
    """A value that the runtime reads as text."""
    return PROTOS.TypedData(string=text)


def read_outcome(answer: Any) -> Outcome:
    """Read the runtime's answer to an invocation."""
    if answer.result.status != PROTOS.StatusResult.Success:
        failure = answer.result.exception
        return Outcome(False, failure.message if failure else "the runtime gave no reason")
    texts = {item.name: _text(item.data) for item in answer.output_data or ()}
    returned = answer.return_value
    if returned is not None and returned.http is not None:
        return Outcome(True, http=_reply(returned.http), texts=texts)
    if returned is not None:
        texts["$return"] = _text(returned)
    return Outcome(True, texts=texts)


def _text(data: Any) -> str:
    raw = _bytes(data)
    return raw.decode("utf-8", errors="replace")


def _bytes(data: Any) -> bytes:
    if data is None:
        return b""
    value = next((v for v in vars(data).values()), b"")
    return value if isinstance(value, bytes) else str(value).encode()


def _reply(http: Any) -> HttpReply:
    headers = [(str(name), str(value)) for name, value in (http.headers or {}).items()]
    headers += [("Set-Cookie", _cookie(cookie)) for cookie in http.cookies or ()]
    return HttpReply(int(http.status_code or 200), tuple(headers), _bytes(http.body))


def _cookie(cookie: Any) -> str:
    expires = _plain(cookie.expires)
    seconds = getattr(expires, "seconds", None)
    return dump_cookie(
        cookie.name,
        cookie.value or "",
        max_age=_plain(cookie.max_age),
        expires=None if seconds is None else datetime.fromtimestamp(seconds, UTC),
        path=_plain(cookie.path),
        domain=_plain(cookie.domain),
        secure=bool(_plain(cookie.secure)),
        httponly=bool(_plain(cookie.http_only)),
        samesite=_SAME_SITE.get(cookie.same_site or 0),
    )


def _plain(nullable: Any) -> Any:
    return None if nullable is None else nullable.value
