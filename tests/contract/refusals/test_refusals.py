"""Requests of careless programs: refused as the cloud does, and told by our client in words that advise."""

import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from connectors.auth import Secret, TokenSource
from connectors.graph_errors import GRAPH
from connectors.http import Call, Http, Policy, new_session
from dataverse.client import SERVICE
from sandbox.tenant import Tenant
from sync import errors
from tests.contract.sandbox.dataverse.conftest import Api, provision

ROOTS = {"dataverse": "/api/data/v9.2/", "graph": "/v1.0/"}
MAIL = b"From: ada@outside.example\r\nTo: desk@contoso.example\r\nSubject: Help\r\n\r\nHello\r\n"
GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CODES = re.compile(r'"(?:code|ErrorCode)"\s*:\s*"([^"]*)"')


def listed() -> list[Any]:
    return list(_entries())


def _entries() -> Iterator[Any]:
    for path in sorted(Path(__file__).parent.glob("*.yaml")):
        document = yaml.safe_load(path.read_text("utf-8"))
        for entry in document["refusals"]:
            mark = pytest.mark.covers(*entry.get("covers", ()))
            yield pytest.param(document["service"], entry, id=f"{path.stem}: {entry['name']}", marks=mark)


class World:
    """A tenant with two tables and one mailbox, and a client of each service."""

    def __init__(self, tenant: Tenant) -> None:
        self.api = Api(tenant)
        self.web, self.base = self.api.session, tenant.base
        self.web.put(tenant.base + "/_sandbox/dataverse", json={"keyDelaySeconds": 0.05}, timeout=30)
        if self.api.call("GET", "plt_items?$top=1").status_code == 404:
            provision(self.api)
        said = tenant.description()
        tokens = TokenSource(
            Secret(said["clientId"], said["clientSecret"]),
            authority=said["authority"],
            session=new_session(Path(said["caBundle"])),
        )
        hosts = {"dataverse": said["dataverseUrl"], "graph": said["graphUrl"].removesuffix("/v1.0")}
        services = {"dataverse": SERVICE, "graph": GRAPH}
        once = Policy(attempts=1, budget=0.0)
        self.hosts = hosts
        self.tokens = {name: tokens.token(host + "/.default") for name, host in hosts.items()}
        self.clients = {
            name: Http(
                new_session(Path(said["caBundle"])),
                tokens,
                base_url=host,
                service=services[name],
                policy=once,
            )
            for name, host in hosts.items()
        }

    def names(self) -> dict[str, str]:
        """What placeholders stand for: a new mailbox with one message, a new id."""
        mailbox = f"desk-{uuid.uuid4().hex[:8]}@contoso.example"
        made = self.web.post(f"{self.base}/_sandbox/mailboxes/{mailbox}/deliver", data=MAIL, timeout=30)
        return {"uuid": str(uuid.uuid4()), "mailbox": mailbox, "message": made.json()["id"]}

    def send(self, service: str, asked: Any, names: dict[str, str]) -> requests.Response:
        call = self.call(service, asked, names)
        url = call.url if call.url.startswith("https:") else self.base + call.url
        signed = {"Authorization": f"Bearer {self.tokens[service]}", **call.headers}
        return self.web.request(call.method, url, headers=signed, data=call.body, timeout=60)

    def call(self, service: str, asked: Any, names: dict[str, str]) -> Call:
        path = filled(asked["path"], names)
        body = filled(asked.get("body"), names)
        headers = filled(asked.get("headers", {}), names)
        data = (
            asked["text"].encode()
            if "text" in asked
            else json.dumps(body).encode()
            if body is not None
            else None
        )
        if body is not None:
            headers = {"Content-Type": "application/json", **headers}
        url = path if path.startswith(("/", "https:")) else ROOTS[service] + path
        return Call(
            asked["method"],
            url if path.startswith(("/_sandbox", "https:")) else self.hosts[service] + url,
            headers,
            data,
        )


def filled(value: Any, names: dict[str, str]) -> Any:
    """The value with its placeholders replaced."""
    if isinstance(value, str):
        return re.sub(r"\{(\w+)\}", lambda found: names.get(found[1], found[0]), value)
    if isinstance(value, list):
        return [filled(each, names) for each in value]
    if isinstance(value, dict):
        return {key: filled(each, names) for key, each in value.items()}
    return value


def bound(said: requests.Response, wanted: str) -> str:
    only_id, where = wanted.startswith("guid in "), wanted.removeprefix("guid in ")
    name = where.removeprefix("header ")
    value = said.headers[name] if where.startswith("header ") else said.json()[name]
    return GUID.findall(value)[-1] if only_id else str(value)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts(each)


@pytest.fixture(scope="module")
def shared(tenant: Tenant) -> World:
    return World(tenant)


@pytest.fixture
def world(request: pytest.FixtureRequest, entry: Any) -> Iterator[World]:
    if not entry.get("own_tenant"):
        yield request.getfixturevalue("shared")
        return
    with Tenant() as own:
        yield World(own)


@pytest.mark.parametrize(("service", "entry"), listed())
def test_a_careless_request_is_refused_and_our_client_says_what_to_do(
    world: World, service: str, entry: Any
) -> None:
    names = world.names()
    for prior in entry.get("given", ()):
        said = world.send(service, prior, names)
        assert said.ok, said.text
        names |= {name: bound(said, wanted) for name, wanted in prior.get("bind", {}).items()}

    said = world.send(service, entry["request"], names)
    wanted = entry["answer"]
    assert said.status_code == wanted["status"], said.text
    if "code" in wanted:
        assert wanted["code"] in CODES.findall(said.text) or wanted["code"] is None, said.text
    assert wanted.get("says", "") in said.text

    kind = getattr(errors, entry["client"]["error"])
    with pytest.raises(kind) as failed:
        world.clients[service].request(world.call(service, entry["request"], names))
    words = str(failed.value)
    assert entry["client"]["advice"], "every refusal has advice"
    assert entry["client"]["advice"] in words
    private = [text for text in texts(filled(entry["request"].get("body"), names)) if len(text) > 12]
    assert not [text for text in private if text in words]
