"""Clients of Dataverse that others wrote, pointed at the tenant by their own settings only."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from sandbox.tenant import Tenant
from tests.contract.sandbox.dataverse.conftest import Api


@pytest.fixture(scope="session")
def raw(tenant: Tenant) -> Iterator[Api]:
    """A caller without any client library: what is in the store is read with it."""
    caller = Api(tenant)
    with caller.session:
        caller.session.put(f"{tenant.base}/_sandbox/dataverse", json={"keyDelaySeconds": 0.05})
        yield caller


def credential_of(tenant: Tenant) -> Any:
    """The sign-in of azure-identity with the app's secret, the tenant's authority instead of the public one."""
    from azure.identity import ClientSecretCredential

    said = tenant.description()
    return ClientSecretCredential(
        said["tenantId"],
        said["clientId"],
        said["clientSecret"],
        authority=tenant.base,
        disable_instance_discovery=True,
        connection_verify=said["caBundle"],
    )


@pytest.fixture(scope="session")
def sdk(tenant: Tenant) -> Iterator[Any]:
    with sdk_of(tenant) as client:
        yield client


@contextmanager
def sdk_of(tenant: Tenant) -> Iterator[Any]:
    """Microsoft's client, on one connection as its documents advise."""
    from PowerPlatform.Dataverse.client import DataverseClient

    bundle = tenant.description()["caBundle"]
    with pytest.MonkeyPatch.context() as patch, DataverseClient(tenant.base, credential_of(tenant)) as client:
        patch.setenv("REQUESTS_CA_BUNDLE", bundle)
        yield client


@pytest.fixture
def trusted(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let libraries on `requests` and on node trust the tenant: the way their documents give."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    bundle = tenant.description()["caBundle"]
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", bundle)
    monkeypatch.setenv("NODE_EXTRA_CA_CERTS", bundle)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits a client asked for, cut short: what it repeats is still sent, but sooner."""
    asked: list[float] = []
    sleep = time.sleep

    def shorter(seconds: float) -> None:
        asked.append(seconds)
        sleep(min(seconds, 0.05))

    monkeypatch.setattr(time, "sleep", shorter)
    return asked
