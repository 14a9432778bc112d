"""JSON batches of Microsoft Graph as pure functions (reference: graph.md section 6)."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connectors.graph_errors import failure
from sync.errors import OutcomeUnknown, RemoteError

LARGEST = 20  # parts of one batch

type Row = dict[str, object]


@dataclass(frozen=True)
class Request:
    """One call, alone or as a part of a batch. The path is below the version root and already encoded."""

    method: str
    path: str
    body: Mapping[str, object] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def replayable(self) -> bool:
        """Whether sending it twice does no more than once: never a POST."""
        return self.method != "POST"


@dataclass(frozen=True)
class Answer:
    """What came back: a JSON value, or bytes where the service sent something else."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: object = None

    @property
    def row(self) -> Row:
        """The JSON object of the answer; empty when it is none."""
        return self.body if isinstance(self.body, dict) else {}

    @property
    def rows(self) -> list[Row]:
        """The entries of a collection."""
        value = self.row.get("value")
        return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []

    @property
    def data(self) -> bytes:
        """The bytes of an answer that is not JSON; inside a batch they travel as base64."""
        if isinstance(self.body, bytes):
            return self.body
        if not isinstance(self.body, str):
            return b""
        try:
            return base64.b64decode(self.body, validate=True)
        except (binascii.Error, ValueError):
            return self.body.encode("utf-8")


def encode(requests: Sequence[Request], common: Mapping[str, str]) -> Row:
    """The body of a batch. Parts are numbered from 1; `common` headers go into each."""
    parts: list[Row] = []
    for number, request in enumerate(requests, 1):
        part: Row = {"id": str(number), "method": request.method, "url": request.path}
        headers = {**common, **request.headers}
        if request.body is not None:
            headers["Content-Type"] = "application/json"
            part["body"] = dict(request.body)
        if headers:
            part["headers"] = headers
        parts.append(part)
    return {"requests": parts}


def decode(body: object, requests: Sequence[Request]) -> list[Answer | RemoteError]:
    """One answer or error per request, in the order of the requests; the service answers in any order."""
    found: dict[str, Answer] = {}
    responses = body.get("responses") if isinstance(body, dict) else None
    for entry in responses if isinstance(responses, list) else []:
        if isinstance(entry, dict):
            found[str(entry.get("id"))] = _answer(entry)
    return [_result(found.get(str(number)), request) for number, request in enumerate(requests, 1)]


def _answer(entry: Row) -> Answer:
    status = entry.get("status")
    headers = entry.get("headers")
    return Answer(
        status=status if isinstance(status, int) else 0,
        headers={str(k).lower(): str(v) for k, v in headers.items()} if isinstance(headers, dict) else {},
        body=entry.get("body"),
    )


def _result(answer: Answer | None, request: Request) -> Answer | RemoteError:
    if answer is None or not answer.status:
        return OutcomeUnknown(f"the batch came back without an answer to {request.method}")
    return failure(request.method, request.path, answer.status, answer.body, answer.headers) or answer
