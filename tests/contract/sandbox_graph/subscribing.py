"""A tenant of its own with a mailbox and a receiver: what the tests of subscriptions work with."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import requests

from sandbox.clock import stamp
from sandbox.tenant import Tenant
from tests.contract.receiver import Receiver, listening, trust

MAIL = "From: Ada <ada@outside.example>\r\nTo: desk@contoso.example\r\nSubject: {}\r\n\r\nHello\r\n"
ADDRESS = "desk@contoso.example"


@dataclass
class Desk:
    """Calls of one application, and what its receiver got."""

    tenant: Tenant
    receiver: Receiver
    web: requests.Session

    def call(self, method: str, path: str, body: Any = None, app: str = "app", **headers: str) -> Any:
        token = self.tenant.issuer.issue(app, "graph")
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        url = self.tenant.description()["graphUrl"] + path
        return self.web.request(
            method, url, json=body, headers={"Authorization": f"Bearer {token}"} | named, timeout=20
        )

    def control(self, method: str, path: str, body: Any = None) -> Any:
        said = self.web.request(method, f"{self.tenant.base}/_sandbox/{path}", json=body, timeout=20)
        assert said.status_code < 300, said.text
        return said.json()

    def deliver(self, subject: str = "Help", to: str = ADDRESS) -> str:
        url = f"{self.tenant.base}/_sandbox/mailboxes/{to}/deliver"
        return str(self.web.post(url, data=MAIL.format(subject).encode(), timeout=20).json()["id"])

    def wanted(self, **more: Any) -> dict[str, Any]:
        ends = self.tenant.clock.now() + timedelta(hours=10)
        return {
            "changeType": "created,updated,deleted",
            "resource": f"users/{ADDRESS}/mailFolders('inbox')/messages",
            "notificationUrl": f"{self.receiver.url}/notify",
            "expirationDateTime": stamp(ends),
            "clientState": "secret",
        } | more

    def subscribe(self, prefer: str = 'IdType="ImmutableId"', app: str = "app", **more: Any) -> Any:
        said = self.call("POST", "/subscriptions", self.wanted(**more), app, Prefer=prefer)
        assert said.status_code == 201, said.text
        return said.json()

    def told(self, path: str = "/notify") -> list[dict[str, Any]]:
        """Everything that arrived at a path, once nothing is on its way."""
        assert self.tenant.outgoing.rest(10)
        return [
            item for got in self.receiver.got if got.path == path for item in json.loads(got.body)["value"]
        ]

    def later(self, **by: float) -> None:
        self.tenant.clock.advance(timedelta(**by))
        assert self.tenant.outgoing.rest(10)


@contextmanager
def desk() -> Iterator[Desk]:
    """A desk whose clock stands still."""
    with Tenant() as tenant, listening(tls=True) as receiver, requests.Session() as web:
        web.trust_env, web.verify = False, tenant.description()["caBundle"]
        tenant.clock.set_frozen(True)
        trust(tenant, receiver, drop_seconds=5.0, validation_seconds=5.0)
        made = Desk(tenant, receiver, web)
        made.control("PUT", f"mailboxes/{ADDRESS}", {"displayName": "Desk"})
        yield made
