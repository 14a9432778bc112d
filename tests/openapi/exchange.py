"""One request and its answer, wherever they were seen: in a tenant of this process, in a recording, in a batch."""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import unquote

from werkzeug import Request, Response

ROOT = "/v1.0"


@dataclass(frozen=True)
class Exchange:
    """`target` is path and query below the version, percent-encoded; media types are without parameters."""

    method: str
    target: str
    status: int
    sent: bytes = b""
    sent_as: str = ""
    got: bytes = b""
    got_as: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return unquote(self.target.partition("?")[0])

    @classmethod
    def of(cls, request: Request, response: Response) -> Self | None:
        """What a tenant served; nothing for other services than Graph."""
        target = str(request.environ["RAW_URI"])
        if not target.startswith(ROOT + "/"):
            return None
        return cls(
            request.method,
            target.removeprefix(ROOT),
            response.status_code,
            request.get_data(),
            request.mimetype,
            response.get_data(),
            response.mimetype or "",
            dict(response.headers),
        )

    @classmethod
    def recorded(cls, line: str) -> Self | None:
        """What `plumbline sandbox --record` wrote; nothing for other services than Graph, and for parts."""
        said = json.loads(line)
        if said["part"] or not said["target"].startswith(ROOT + "/"):
            return None
        answered = dict(said["responseHeaders"])
        return cls(
            said["method"],
            said["target"].removeprefix(ROOT),
            said["status"],
            _recorded(said, "requestBody"),
            _media(dict(said["requestHeaders"])),
            _recorded(said, "responseBody"),
            _media(answered),
            answered,
        )

    def parts(self) -> Iterator["Exchange"]:
        """The calls of a batch that was read, each as if made alone."""
        if self.path != "/$batch" or self.status != 200:
            return
        answers = {entry["id"]: entry for entry in json.loads(self.got)["responses"]}
        for entry in json.loads(self.sent)["requests"]:
            if entry["id"] in answers:
                yield _part(entry, answers[entry["id"]])


def _part(asked: dict[str, Any], answer: dict[str, Any]) -> Exchange:
    url = asked["url"].partition(ROOT)[2] if "://" in asked["url"] else "/" + asked["url"].lstrip("/")
    sent_as, got_as = _media(asked.get("headers") or {}), _media(answer.get("headers") or {})
    return Exchange(
        asked["method"],
        url,
        answer["status"],
        _bytes(asked.get("body")),
        sent_as,
        _bytes(answer.get("body")),
        got_as,
        answer.get("headers") or {},
    )


def _media(headers: Mapping[str, str]) -> str:
    found = [value for name, value in headers.items() if name.lower() == "content-type"]
    return found[0].partition(";")[0].strip().lower() if found else ""


def _recorded(said: dict[str, Any], name: str) -> bytes:
    return said[name].encode() if name in said else base64.b64decode(said[f"{name}Base64"])


def _bytes(body: object) -> bytes:
    if body is None:
        return b""
    return base64.b64decode(body) if isinstance(body, str) else json.dumps(body).encode()
