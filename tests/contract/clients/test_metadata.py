"""What a table is like, read once and kept."""

import pytest

from dataverse.client import DataverseClient
from dataverse.metadata import LIFETIME, Metadata
from sandbox.tenant import Tenant
from sync.errors import ConfigurationError
from tests.contract.clients.test_bulk import last
from tests.contract.clients.test_dataverse import prepared


@pytest.fixture(scope="module")
def dataverse(tenant: Tenant) -> DataverseClient:
    return prepared(tenant)


class Now:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_a_table_is_described_with_its_names_columns_and_keys(dataverse: DataverseClient) -> None:
    table = Metadata(dataverse).table("plb_counter")
    assert (table.entity_set, table.primary_id, table.primary_name) == (
        "plb_counters",
        "plb_counterid",
        "plb_name",
    )
    assert (table.columns["plb_next"].kind, table.columns["createdon"].on_update) == ("Integer", False)
    key = table.key_on(frozenset({"plb_key"}))
    assert key is not None
    assert key.columns == ("plb_key",)
    assert table.key_on(frozenset({"plb_name"})) is None


def test_it_is_read_once_an_hour_or_when_it_is_asked_for(tenant: Tenant, dataverse: DataverseClient) -> None:
    now = Now()
    metadata = Metadata(dataverse, monotonic=now)
    before = last(tenant)
    for _ in range(5):
        metadata.table("plb_counter")
    assert last(tenant) == before + 1
    metadata.forget("plb_counter")
    metadata.table("plb_counter")
    now.seconds += LIFETIME + 1
    metadata.table("plb_counter")
    metadata.fresh("plb_counter")
    assert last(tenant) == before + 4


def test_a_table_that_is_not_there_asks_for_the_provisioning(dataverse: DataverseClient) -> None:
    with pytest.raises(ConfigurationError, match=r"no table 'plb_counted'.*provisioning"):
        Metadata(dataverse).table("plb_counted")
