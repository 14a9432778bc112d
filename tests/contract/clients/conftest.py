"""Faults of the shared tenant, gone after each test."""

from collections.abc import Callable, Iterator

import pytest

from sandbox.tenant import Tenant

type Break = Callable[..., None]


@pytest.fixture
def broken(tenant: Tenant) -> Iterator[Break]:
    """Let calls go wrong: the kind of fault, and which calls it meets."""

    def add(kind: str, **match: object) -> None:
        tenant.faults.add([{"match": {"service": "dataverse", **match}, "do": kind}])

    yield add
    tenant.faults.clear()
