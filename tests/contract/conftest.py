"""One tenant for all contract tests: https on loopback, started once."""

from collections.abc import Iterator

import pytest
import requests

from sandbox.limits.settings import Settings
from sandbox.tenant import Tenant
from tests.fixtures.faults import faults

__all__ = ["faults"]

# All tests together may call more often than one program may; four at once to a mailbox stays the law.
UNCOUNTED = Settings().changed(
    {
        "dataverse": {"requests": None, "executionSeconds": None},
        "mail": {"requests": None},
        "sharepoint": {"units": None},
    },
    "The limits",
)


@pytest.fixture(scope="session")
def tenant() -> Iterator[Tenant]:
    with Tenant() as running:
        running.limits.set(UNCOUNTED)
        yield running


@pytest.fixture(scope="session")
def web(tenant: Tenant) -> Iterator[requests.Session]:
    """A session that trusts the tenant and nobody else."""
    with requests.Session() as session:
        session.trust_env = False
        session.verify = tenant.description()["caBundle"]
        yield session
