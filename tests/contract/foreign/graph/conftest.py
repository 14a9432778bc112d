"""Clients of Graph that nobody here wrote, pointed at the tenant by their own settings."""

import asyncio
import itertools
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from sandbox.tenant import Tenant

NUMBERS = itertools.count(1)
MAIL = "From: Ada Quist <ada@outside.example>\r\nTo: {to}\r\nSubject: {subject}\r\n\r\n{body}\r\n"


@dataclass
class Mailbox:
    """A new shared mailbox; mail comes in from outside through the control route."""

    web: requests.Session
    control: str
    address: str

    def deliver(self, subject: str = "Help", body: str = "Hello") -> str:
        """The immutable id of the new mail."""
        mail = MAIL.format(to=self.address, subject=subject, body=body)
        answer = self.web.post(f"{self.control}/{self.address}/deliver", data=mail.encode(), timeout=60)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])


@pytest.fixture
def mailbox(tenant: Tenant, web: requests.Session) -> Mailbox:
    control = tenant.base + "/_sandbox/mailboxes"
    address = f"strangers{next(NUMBERS)}@contoso.example"
    made = web.put(f"{control}/{address}", json={"displayName": "Desk", "kind": "shared"}, timeout=10)
    assert made.ok, made.text
    return Mailbox(web, control, address)


def asked(builder: Any, headers: dict[str, str] | None = None, **query: Any) -> Any:
    """What the SDK calls a request configuration: headers and query options."""
    from kiota_abstractions.base_request_configuration import RequestConfiguration

    made = next(
        (getattr(builder, name) for name in dir(builder) if name.endswith("GetQueryParameters")), None
    )
    configuration = RequestConfiguration(query_parameters=made(**query) if made and query else None)
    for name, value in (headers or {}).items():
        configuration.headers.add(name, value)
    return configuration


@pytest.fixture(scope="session")
def run() -> Iterator[Callable[[Any], Any]]:
    """Runs coroutines of the SDK, all on one loop: its connections belong to it."""
    with asyncio.Runner() as runner:
        yield runner.run


@pytest.fixture(scope="session")
def sdk(tenant: Tenant, run: Callable[[Any], Any]) -> Iterator[Any]:
    """Microsoft's client, with its own sign-in, retries and middleware."""
    import httpx
    from azure.identity import ClientSecretCredential
    from kiota_authentication_azure.azure_identity_authentication_provider import (
        AzureIdentityAuthenticationProvider,
    )
    from msgraph import GraphRequestAdapter, GraphServiceClient
    from msgraph_core import GraphClientFactory

    said = tenant.description()
    credential = ClientSecretCredential(
        said["tenantId"],
        said["clientId"],
        said["clientSecret"],
        authority=said["dataverseUrl"],
        disable_instance_discovery=True,
        connection_verify=said["caBundle"],
    )
    scope = said["graphUrl"].removesuffix("/v1.0") + "/.default"
    signing = AzureIdentityAuthenticationProvider(credential, scopes=[scope], allowed_hosts=["localhost"])
    wire = httpx.AsyncHTTPTransport(verify=ssl.create_default_context(cafile=said["caBundle"]))
    plain = httpx.AsyncClient(transport=wire, trust_env=False)
    adapter = GraphRequestAdapter(signing, GraphClientFactory.create_with_default_middleware(client=plain))
    adapter.base_url = said["graphUrl"]
    yield GraphServiceClient(request_adapter=adapter)
    run(wire.aclose())  # the SDK's middleware closes nothing
    credential.close()
