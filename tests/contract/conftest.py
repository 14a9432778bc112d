"""One tenant for all contract tests: https on loopback, started once."""

from collections.abc import Iterator

import pytest
import requests

from sandbox.tenant import Tenant
from tests.fixtures.faults import faults

__all__ = ["faults"]


@pytest.fixture(scope="session")
def tenant() -> Iterator[Tenant]:
    with Tenant() as running:
        yield running


@pytest.fixture(scope="session")
def web(tenant: Tenant) -> Iterator[requests.Session]:
    """A session that trusts the tenant and nobody else."""
    with requests.Session() as session:
        session.trust_env = False
        session.verify = tenant.description()["caBundle"]
        yield session
