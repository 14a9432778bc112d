"""A client with a Graph token, and a fresh mailbox for every test."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.tenant import Tenant

NUMBERS = itertools.count(1)
MAIL = "From: Ada Quist <ada@outside.example>\r\nTo: {to}\r\nSubject: {subject}\r\n{more}\r\n{body}\r\n"


@dataclass
class Client:
    """The calls a test makes, below the version or at an absolute link."""

    web: requests.Session
    root: str
    token: str

    def call(self, method: str, path: str, **rest: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}", "Prefer": 'IdType="ImmutableId"'}
        url = path if path.startswith("https:") else self.root + path
        return self.web.request(method, url, headers=headers | rest.pop("headers", {}), timeout=60, **rest)

    def get(self, path: str, **rest: Any) -> requests.Response:
        return self.call("GET", path, **rest)

    def post(self, path: str, body: object = None, **rest: Any) -> requests.Response:
        return (
            self.call("POST", path, json=body, **rest)
            if body is not None
            else self.call("POST", path, **rest)
        )


@pytest.fixture(scope="session")
def graph(tenant: Tenant, web: requests.Session) -> Client:
    said = tenant.description()
    form = {
        "grant_type": "client_credentials",
        "client_id": said["clientId"],
        "client_secret": said["clientSecret"],
    }
    form["scope"] = said["graphUrl"].removesuffix("/v1.0") + "/.default"
    answer = web.post(said["authority"] + "/oauth2/v2.0/token", data=form, timeout=10)
    return Client(web, said["graphUrl"], answer.json()["access_token"])


@dataclass
class Box:
    """One mailbox."""

    graph: Client
    control: str
    address: str

    def switch(self, **values: Any) -> None:
        """Turn switches of the mail service."""
        self.graph.web.put(f"{self.sandbox}/graph", json=values, timeout=10).raise_for_status()

    def advance(self, seconds: float) -> None:
        """Move the clock of the tenant on."""
        url = f"{self.sandbox}/clock/advance"
        self.graph.web.post(url, json={"seconds": seconds}, timeout=10).raise_for_status()

    @property
    def sandbox(self) -> str:
        return self.control.removesuffix("/mailboxes")

    @property
    def path(self) -> str:
        return f"/users/{self.address}"

    def deliver(
        self, raw: bytes | None = None, subject: str = "Help", body: str = "Hello", more: str = ""
    ) -> str:
        """The immutable id of a delivered mail; `more` are further header lines."""
        text = MAIL.format(to=self.address, subject=subject, body=body, more=more)
        data = text.encode() if raw is None else raw
        answer = self.graph.web.post(f"{self.control}/{self.address}/deliver", data=data, timeout=60)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def read(self, message: str, query: str = "", **rest: Any) -> Any:
        return self.graph.get(f"{self.path}/messages/{message}{query}", **rest).json()

    def listed(self, folder: str = "inbox", query: str = "") -> Any:
        answer = self.graph.get(f"{self.path}/mailFolders/{folder}/messages{query}")
        assert answer.status_code == 200, answer.text
        return answer.json()["value"]


@pytest.fixture
def new_box(tenant: Tenant, graph: Client) -> Callable[[], Box]:
    def make() -> Box:
        control = tenant.description()["dataverseUrl"] + "/_sandbox/mailboxes"
        address = f"desk{next(NUMBERS)}@contoso.example"
        graph.web.put(f"{control}/{address}", json={"displayName": "Desk", "kind": "shared"}, timeout=10)
        return Box(graph, control, address)

    return make


@pytest.fixture
def box(new_box: Callable[[], Box]) -> Box:
    return new_box()


@pytest.fixture
def visit() -> Callable[[Tenant, requests.Session], Box]:
    """A mailbox of another tenant than the shared one."""

    def open_box(running: Tenant, session: requests.Session) -> Box:
        session.verify, session.trust_env = running.description()["caBundle"], False
        client = Client(session, running.description()["graphUrl"], running.issuer.issue("x", "graph"))
        return Box(client, running.base + "/_sandbox/mailboxes", "desk@contoso.example")

    return open_box


@pytest.fixture
def new_site(tenant: Tenant, graph: Client) -> Callable[[], Any]:
    def make(**rest: Any) -> Any:
        from tests.contract.sandbox_graph.sites import Site  # noqa: PLC0415 - it needs Client of this file

        return Site(graph, tenant.base, **rest)

    return make


@pytest.fixture
def site(new_site: Callable[[], Any]) -> Any:
    return new_site()


@pytest.fixture
def own_box(visit: Callable[[Tenant, requests.Session], Box]) -> Iterator[Box]:
    """A mailbox in a tenant of its own, for tests that turn tenant-wide switches or the clock."""
    with Tenant() as running, requests.Session() as session:
        box = visit(running, session)
        session.put(f"{box.control}/{box.address}", json={"displayName": "Desk"}, timeout=10)
        yield box


def visitor(running: Tenant, session: requests.Session) -> Client:
    """A client of another tenant than the shared one."""
    said = running.description()
    session.verify, session.trust_env = said["caBundle"], False
    return Client(session, said["graphUrl"], running.issuer.issue(said["clientId"], "graph"))


@pytest.fixture
def own_site(tmp_path: Path) -> Iterator[Any]:
    """A site of a tenant of its own, for tests that turn switches."""
    from tests.contract.sandbox_graph.sites import Site  # noqa: PLC0415

    with Tenant(tmp_path) as running, requests.Session() as session:
        site = Site(visitor(running, session), running.base)
        site.tenant = running
        yield site
