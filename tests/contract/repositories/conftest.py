"""The stores in memory and on a tenant: one suite for both."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.auth import Secret, TokenSource
from connectors.http import Http, new_session
from dataverse.client import SERVICE, DataverseClient
from dataverse.provisioning import apply, plan
from dataverse.repositories.cases import DataverseCases
from dataverse.repositories.effects import DataverseEffects
from dataverse.schema import load_schema
from sandbox.tenant import Tenant
from sync.stores import CaseStore, EffectOutcome, EffectStore
from tests.contract.repositories.world import ample
from tests.fakes.memory import Fuse, MemoryCases, MemoryClock, MemoryEffects, Store


@dataclass
class Stores:
    """Both stores of one place; `another` gives those of a second worker."""

    cases: CaseStore
    effects: EffectStore
    clock: MemoryClock
    client: DataverseClient | None = None
    store: Store | None = None

    def another(self) -> "Stores":
        return _stores(self.client, self.store, self.clock)

    def set_next_number(self, number: int) -> None:
        if self.store is not None:
            self.store.next_number = number
        else:
            assert isinstance(self.cases, DataverseCases)
            self.cases.set_next_number(number)


def _stores(client: DataverseClient | None, store: Store | None, clock: MemoryClock) -> Stores:
    if client is not None:
        return Stores(DataverseCases(client, clock), DataverseEffects(client), clock, client=client)
    assert store is not None
    fuse = Fuse()
    return Stores(MemoryCases(store, clock, fuse), MemoryEffects(store, fuse), clock, store=store)


@pytest.fixture(scope="package")
def client() -> Iterator[DataverseClient]:
    with Tenant() as tenant:
        facts = tenant.description()
        session = new_session(Path(facts["caBundle"]))
        credential = Secret(facts["clientId"], facts["clientSecret"])
        tokens = TokenSource(credential, authority=facts["authority"], session=session)
        http = Http(session, tokens, base_url=facts["dataverseUrl"], service=SERVICE)
        client = DataverseClient(http, facts["dataverseUrl"])
        assert not apply(client, plan(client, load_schema())).faults
        yield client


@pytest.fixture(params=["memory", "dataverse"])
def stores(request: pytest.FixtureRequest) -> Stores:
    clock = MemoryClock()
    if request.param == "memory":
        return _stores(None, Store(next_number=100), clock)
    found = _stores(request.getfixturevalue("client"), None, clock)
    _emptied(found)
    found.set_next_number(ample())
    return found


@pytest.fixture
def on_dataverse(client: DataverseClient) -> Stores:
    found = _stores(client, None, MemoryClock())
    _emptied(found)
    found.set_next_number(ample())
    return found


def _emptied(stores: Stores) -> None:
    """What earlier tests left in the outbox is given up."""
    while pending := stores.effects.claim(stores.clock.now() + timedelta(days=90), 200, 60):
        stores.effects.settle([EffectOutcome(item, "failed") for item in pending])


@pytest.fixture
def name() -> str:
    """Sets the records of one test apart from those of any other."""
    return uuid.uuid4().hex[:12]
