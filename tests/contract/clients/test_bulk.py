"""Writing in bulk over https: few calls, every bad row named, nothing lost or doubled by lost answers."""

import uuid
from collections import Counter
from collections.abc import Sequence

import pytest

from connectors.odata import Query
from dataverse.batches import BatchEntry
from dataverse.bulk import Bulk
from dataverse.client import DataverseClient
from dataverse.metadata import Metadata, TableFacts
from dataverse.operations import Part
from sandbox.tenant import Tenant
from sync.errors import NotFound, OutcomeUnknown, PreconditionFailed, Rejected, RemoteError
from tests.contract.clients.test_dataverse import COLUMNS, SET, prepared
from tests.fixtures.faults import FaultRules

type Row = dict[str, object]


@pytest.fixture(scope="module")
def dataverse(tenant: Tenant) -> DataverseClient:
    return prepared(tenant)


@pytest.fixture(scope="module")
def counters(dataverse: DataverseClient) -> TableFacts:
    return Metadata(dataverse).table("plb_counter")


@pytest.fixture
def prefix() -> str:
    return uuid.uuid4().hex[:12]


def rows(prefix: str, count: int, **values: object) -> list[Row]:
    return [
        {"plb_key": f"{prefix}-{n}", "plb_name": f"row {n}", "plb_next": n, **values} for n in range(count)
    ]


def with_ids(given: list[Row]) -> list[Row]:
    return [{"plb_counterid": str(uuid.uuid4()), **row} for row in given]


def stored(client: DataverseClient, prefix: str) -> list[int]:
    query = Query(SET, COLUMNS, filter=f"startswith(plb_key,'{prefix}')", orderby="plb_next,plb_key")
    return [int(str(row["plb_next"])) for row in client.rows(query, page_size=5000)]


def calls(tenant: Tenant, since: int) -> Counter[str]:
    made = tenant.requests.since(since)["requests"]
    return Counter(str(call["path"]).rpartition("/")[2] for call in made)  # type: ignore[index,union-attr]


def last(tenant: Tenant) -> int:
    return int(str(tenant.requests.counts()["last"]))


def test_thousands_of_rows_go_in_a_few_calls_and_a_second_time_change_nothing(
    tenant: Tenant, dataverse: DataverseClient, counters: TableFacts, prefix: str
) -> None:
    given, before = rows(prefix, 2500), last(tenant)
    for _ in range(2):
        written = Bulk(dataverse).upsert(counters, given, key=["plb_key"])
        assert (written.rows, written.bad) == (2500, ())
    assert stored(dataverse, prefix) == list(range(2500))
    assert calls(tenant, before)["Microsoft.Dynamics.CRM.UpsertMultiple"] == 6


def test_bad_rows_are_named_with_their_reason_and_the_others_are_written(
    tenant: Tenant, dataverse: DataverseClient, counters: TableFacts, prefix: str
) -> None:
    given, before = rows(prefix, 1000), last(tenant)
    given[17]["plb_name"] = "x" * 5000
    given[808]["plb_unheard"] = 1
    written = Bulk(dataverse).upsert(counters, given, key=["plb_key"])
    assert written.rows == 998
    assert [(each.index, type(each.error)) for each in written.bad] == [(17, Rejected), (808, Rejected)]
    assert "too long" in str(written.bad[0].error)
    assert "plb_unheard" in str(written.bad[1].error)
    assert len(stored(dataverse, prefix)) == 998
    assert calls(tenant, before).total() < 35


def test_the_same_row_twice_is_written_twice_in_the_order_given(
    dataverse: DataverseClient, counters: TableFacts, prefix: str
) -> None:
    given = [{"plb_key": f"{prefix}-1", "plb_name": "n", "plb_next": number} for number in (1, 2, 3)]
    assert Bulk(dataverse).upsert(counters, given, key=["plb_key"]).rows == 3
    assert stored(dataverse, prefix) == [3]


@pytest.mark.parametrize("kind", ["lost-answer", "reset-after", "reset", "truncate", "unauthorized"])
def test_a_lost_answer_neither_loses_nor_doubles_rows(
    dataverse: DataverseClient, counters: TableFacts, prefix: str, faults: FaultRules, kind: str
) -> None:
    bulk, given = Bulk(dataverse, most=100), with_ids(rows(prefix, 300))
    faults.add(kind, service="dataverse", path="CreateMultiple", nth=1)
    assert bulk.create(counters, given).bad == ()
    assert stored(dataverse, prefix) == list(range(300))


def test_a_create_that_was_carried_out_only_after_we_had_looked_is_no_refusal(
    tenant: Tenant, counters: TableFacts, prefix: str, faults: FaultRules
) -> None:
    """The first answer is lost while the service still works on it: by hand, with another client in between."""
    given, other = with_ids(rows(prefix, 20)), Bulk(prepared(tenant))

    class Slow(DataverseClient):
        def batch(self, parts: Sequence[Part], **more: bool) -> list[BatchEntry]:
            entries = super().batch(parts, **more)
            if not stored(self, prefix):
                other.create(counters, given)
            return entries

    client = prepared(tenant)
    slow = Slow(client._http, tenant.base)
    faults.add("status", service="dataverse", path="CreateMultiple", nth=1, status=504)
    assert Bulk(slow).create(counters, given).bad == ()
    assert stored(client, prefix) == list(range(20))


def test_when_nobody_can_look_every_row_is_in_doubt_and_none_is_called_refused(
    tenant: Tenant, counters: TableFacts, prefix: str, faults: FaultRules
) -> None:
    hasty = prepared(tenant)
    faults.add("lost-answer", service="dataverse", path="CreateMultiple", times=1)
    faults.add("unavailable", service="dataverse", path="batch", retryAfter=600)
    written = Bulk(hasty).create(counters, with_ids(rows(prefix, 3)))
    assert [type(each.error) for each in written.bad] == [OutcomeUnknown] * 3


def test_rows_that_others_made_before_are_no_echo_of_ours(
    dataverse: DataverseClient, counters: TableFacts, prefix: str, faults: FaultRules
) -> None:
    given = with_ids(rows(prefix, 5))
    taken = {**given[2], "plb_name": "somebody else's"}
    Bulk(dataverse).create(counters, [taken])
    faults.add("reset", service="dataverse", path="CreateMultiple", nth=1)
    written = Bulk(dataverse).create(counters, given)
    assert [(each.index, type(each.error)) for each in written.bad] == [(2, PreconditionFailed)]
    assert len(stored(dataverse, prefix)) == 5


def test_a_row_that_is_gone_is_named_and_not_made_again(
    dataverse: DataverseClient, counters: TableFacts, prefix: str
) -> None:
    given = with_ids(rows(prefix, 20))
    Bulk(dataverse).create(counters, given[1:])
    written = Bulk(dataverse).update(counters, [{**row, "plb_next": 7} for row in given])
    assert [(each.index, type(each.error)) for each in written.bad] == [(0, NotFound)]
    assert stored(dataverse, prefix) == [7] * 19


def test_when_the_service_refuses_for_long_every_row_says_so(
    tenant: Tenant, counters: TableFacts, prefix: str, faults: FaultRules
) -> None:
    own = prepared(tenant)  # a refusal closes the client for ten minutes
    faults.add("throttle", service="dataverse", path="UpsertMultiple", retryAfter=600)
    written = Bulk(own).upsert(counters, rows(prefix, 3), key=["plb_key"])
    assert [each.error.retry_after for each in written.bad] == [600.0] * 3
    assert all(isinstance(each.error, RemoteError) for each in written.bad)


def test_a_key_that_the_table_does_not_have_is_refused_before_any_call(
    tenant: Tenant, dataverse: DataverseClient, counters: TableFacts, prefix: str
) -> None:
    before = last(tenant)
    with pytest.raises(ValueError, match="no active alternate key over plb_name"):
        Bulk(dataverse).upsert(counters, rows(prefix, 1), key=["plb_name"])
    with pytest.raises(ValueError, match="row 1 names no plb_key"):
        Bulk(dataverse).upsert(counters, [*rows(prefix, 1), {"plb_name": "x"}], key=["plb_key"])
    assert last(tenant) == before
