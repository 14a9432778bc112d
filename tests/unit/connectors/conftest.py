"""A Graph client whose wire ends in a stand-in that keeps mails, and can refuse, lose and fail."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote

import pytest
import requests
import responses

from connectors.graph import GraphClient
from connectors.graph_errors import GRAPH
from connectors.http import Http, Policy
from tests.unit.connectors.wire import Time

ROOT = "https://graph.test/v1.0"


class Service:
    """Mails by id. `trouble` may answer a part before the service does; `lost` answers get lost."""

    def __init__(self) -> None:
        self.mails: dict[str, dict] = {}
        self.sources: dict[str, bytes] = {}
        self.trouble: Callable[[dict], dict | None] = lambda part: None
        self.lost = 0
        self.largest: int | None = None  # batches of more parts end in a gateway timeout
        self.batches: list[list[dict]] = []

    def batch(self, body: bytes) -> bytes:
        parts = json.loads(body)["requests"]
        self.batches.append(parts)
        answers = [
            {"id": part["id"], "headers": {}, **(self.trouble(part) or self._part(part))} for part in parts
        ]
        return json.dumps({"responses": answers[::-1]}).encode()

    def single(self, url: str) -> tuple[int, dict, bytes]:
        """One source outside of a batch."""
        source = self.sources.get(url.split("/")[-2])
        return (500, {}, b"") if source is None else (200, {"Content-Type": "text/plain"}, source)

    def _part(self, part: dict) -> dict:
        place, _, query = part["url"].partition("?")
        segments = [unquote(each) for each in place.split("/")[3:]]  # below /users/{address}
        return {
            "GET": self._read,
            "POST": self._write,
            "PATCH": self._change,
        }[part["method"]](segments, unquote(query), part.get("body", {}))

    def _read(self, segments: list[str], query: str, body: dict) -> dict:
        if len(segments) == 1:
            found = [each for each in self.mails.values() if f"'{_stamp(each)}'".lower() in query.lower()]
            return {"status": 200, "body": {"value": found}}
        mail = self.mails.get(segments[1])
        if mail is None:
            return {"status": 404, "body": {"error": {"code": "ErrorItemNotFound"}}}
        if segments[-1] == "$value":
            return {"status": 200, "body": base64.b64encode(self.sources[segments[1]]).decode()}
        return {"status": 200, "body": mail}

    def _write(self, segments: list[str], query: str, body: dict) -> dict:
        if segments[-1] == "send":
            self.mails[segments[1]]["isDraft"] = False
            return {"status": 202}
        number = f"D{len(self.mails)}"
        self.mails[number] = {**body.get("message", body), "id": number, "isDraft": True}
        shown = {k: v for k, v in self.mails[number].items() if k != "singleValueExtendedProperties"}
        return {"status": 201, "body": shown}

    def _change(self, segments: list[str], query: str, body: dict) -> dict:
        self.mails[segments[1]].update(body)
        return {"status": 200, "body": {"id": segments[1]}}


def _stamp(mail: dict) -> str:
    return "".join(each["value"] for each in mail.get("singleValueExtendedProperties", []))


@pytest.fixture
def service() -> Iterator[Service]:
    found = Service()

    def answer(request):
        if found.largest is not None and len(json.loads(request.body)["requests"]) > found.largest:
            return 504, {}, b""
        body = found.batch(request.body)
        if found.lost:
            found.lost -= 1
            raise requests.ConnectionError("the answer got lost")
        return 200, {"Content-Type": "application/json"}, body

    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        wire.add_callback("POST", f"{ROOT}/$batch", answer)
        wire.add_callback(
            "GET", re.compile(re.escape(ROOT) + "/users/.*/\\$value$"), lambda asked: found.single(asked.url)
        )
        yield found


@pytest.fixture
def graph(service: Service) -> GraphClient:
    timing = Time().timing
    policy = Policy(attempts=1)
    return GraphClient(
        Http(requests.Session(), None, base_url=ROOT, service=GRAPH, policy=policy, timing=timing), ROOT
    )
