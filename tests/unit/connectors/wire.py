"""A service on a wire that the test holds: a scripted transport, and time that only sleeping moves."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPHeaderDict
from urllib3.response import HTTPResponse

from connectors.http import Timing, new_session

type Step = requests.Response | Exception


@dataclass
class Time:
    """Time that passes by sleeping."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    @property
    def timing(self) -> Timing:
        return Timing(monotonic=lambda: self.now, sleep=self.sleep, dice=lambda: 0.0)


def answer(status: int, body: bytes = b"", **headers: str) -> requests.Response:
    """An answer; underscores in header names stand for hyphens."""
    return spelled(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


def spelled(status: int, body: bytes, headers: Mapping[str, str]) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response.headers.update(headers)
    response._content = body
    response.raw = HTTPResponse(io.BytesIO(b""), headers=HTTPHeaderDict(headers), status=status)
    return response


class Wire(BaseAdapter):
    """Answers by a script, in order; keeps what was sent."""

    def __init__(self, *steps: Step | Callable[[requests.PreparedRequest], Step]) -> None:
        super().__init__()
        self.steps = list(steps)
        self.sent: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, **_: object) -> requests.Response:
        self.sent.append(request)
        step = self.steps.pop(0)
        found = step(request) if callable(step) else step
        if isinstance(found, Exception):
            raise found
        found.request = request
        return found

    def close(self) -> None:
        pass

    @property
    def session(self) -> requests.Session:
        session = new_session()
        session.mount("https://", self)
        return session


class Passes:
    """A token source that counts."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None, str | None]] = []

    def token(self, scope: str, *, refused: str | None = None, claims: str | None = None) -> str:
        self.asked.append((scope, refused, claims))
        return "fresh" if refused or claims else "old"
