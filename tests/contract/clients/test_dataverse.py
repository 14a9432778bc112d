"""The Dataverse client against a tenant over https: what single calls, batches and the feed promise."""

import uuid
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from connectors.auth import Secret, TokenSource
from connectors.http import Http, new_session
from connectors.odata import In, Query, both, compare, eq
from dataverse.client import SERVICE, ChangePage, DataverseClient
from dataverse.clock import ServiceClock
from dataverse.definitions import Schema
from dataverse.operations import (
    ChangeSet,
    ChangeSetResult,
    Operation,
    Result,
    create,
    delete,
    read,
    update,
    upsert,
)
from dataverse.provisioning.applying import apply
from dataverse.provisioning.planning import plan
from dataverse.schema import load_schema
from sandbox.tenant import Tenant
from sync.errors import FeedExpired, Forbidden, NotFound, NotSent, PreconditionFailed, Rejected

SET = "plb_counters"
COLUMNS = ["plb_key", "plb_name", "plb_next"]


def connect(tenant: Tenant) -> tuple[DataverseClient, ServiceClock]:
    facts = tenant.description()
    session = new_session(Path(facts["caBundle"]))
    credential = Secret(facts["clientId"], facts["clientSecret"])
    tokens = TokenSource(credential, authority=facts["authority"], session=session)
    clock = ServiceClock(lambda: client.who_am_i())  # noqa: PLW0108 - each needs the other
    http = Http(session, tokens, base_url=facts["dataverseUrl"], service=SERVICE, on_date=clock.heard)
    client = DataverseClient(http, facts["dataverseUrl"])
    return client, clock


@pytest.fixture(scope="module")
def dataverse(tenant: Tenant) -> DataverseClient:
    return prepared(tenant)


def prepared(tenant: Tenant) -> DataverseClient:
    """A client of a tenant that has the table."""
    client, _ = connect(tenant)
    schema = Schema(tables={"plb_counter": load_schema().table("plb_counter")}, choices={})
    assert not apply(client, plan(client, schema)).faults
    return client


@pytest.fixture
def prefix() -> str:
    """Keys of one test, apart from those of any other."""
    return uuid.uuid4().hex[:12]


def counter(prefix: str, number: int, row_id: UUID | None = None) -> Operation:
    row = {"plb_key": f"{prefix}-{number}", "plb_name": f"O'Brien & co {number} ä#%", "plb_next": number}
    return create(SET, row, row_id=row_id or uuid.uuid4())


def numbers(client: DataverseClient, prefix: str, **options: int) -> list[object]:
    query = Query(SET, COLUMNS, filter=f"startswith(plb_key,'{prefix}')", orderby="plb_next")
    return [row["plb_next"] for row in client.rows(query, **options)]


def feed(client: DataverseClient, link: str | None, **options: int) -> list[ChangePage]:
    return list(client.changes(SET, select=COLUMNS, link=link, **options))


def test_the_identity_is_known(dataverse: DataverseClient) -> None:
    assert {"UserId", "OrganizationId", "BusinessUnitId"} <= dataverse.who_am_i().keys()


def test_the_clock_is_that_of_the_tenant(tenant: Tenant) -> None:
    _, clock = connect(tenant)
    assert abs((clock.now() - tenant.clock.now()).total_seconds()) <= 2


def test_a_row_comes_back_as_it_was_written(dataverse: DataverseClient, prefix: str) -> None:
    row_id = uuid.uuid4()
    dataverse.send(counter(prefix, 7, row_id))
    by_key = dataverse.row(SET, {"plb_key": f"{prefix}-7"}, select=COLUMNS)
    by_id = dataverse.row(SET, row_id, select=COLUMNS)
    assert by_key == by_id
    assert by_id is not None
    assert (by_id["plb_name"], by_id["plb_next"]) == ("O'Brien & co 7 ä#%", 7)
    assert by_id["@odata.etag"]


def test_a_second_create_of_the_same_row_is_refused(dataverse: DataverseClient, prefix: str) -> None:
    row_id = uuid.uuid4()
    dataverse.send(counter(prefix, 1, row_id))
    with pytest.raises(PreconditionFailed):
        dataverse.send(counter(prefix, 1, row_id))


def test_a_keyed_upsert_creates_once_and_then_changes(dataverse: DataverseClient, prefix: str) -> None:
    key = {"plb_key": f"{prefix}-u"}
    for number in (1, 2):
        dataverse.send(upsert(SET, key, {"plb_name": "u", "plb_next": number}))
    assert numbers(dataverse, prefix) == [2]


def test_an_update_over_an_old_version_is_refused(dataverse: DataverseClient, prefix: str) -> None:
    row_id = uuid.uuid4()
    dataverse.send(counter(prefix, 1, row_id))
    row = dataverse.row(SET, row_id, select=COLUMNS)
    assert row is not None
    etag = str(row["@odata.etag"])
    dataverse.send(update(SET, row_id, {"plb_next": 2}, if_match=etag))
    with pytest.raises(PreconditionFailed, match="changed"):
        dataverse.send(update(SET, row_id, {"plb_next": 3}, if_match=etag))
    assert numbers(dataverse, prefix) == [2]


def test_an_update_can_give_the_row_back(dataverse: DataverseClient, prefix: str) -> None:
    row_id = uuid.uuid4()
    dataverse.send(counter(prefix, 1, row_id))
    given = dataverse.send(update(SET, row_id, {"plb_next": 9}, returning=["plb_next"]))
    assert given.row is not None
    assert given.row["plb_next"] == 9
    assert given.etag


def test_an_update_never_creates(dataverse: DataverseClient) -> None:
    with pytest.raises(NotFound):
        dataverse.send(update(SET, uuid.uuid4(), {"plb_next": 1}))


def test_a_deleted_row_is_gone(dataverse: DataverseClient, prefix: str) -> None:
    row_id = uuid.uuid4()
    dataverse.send(counter(prefix, 1, row_id))
    dataverse.send(delete(SET, row_id))
    assert dataverse.row(SET, row_id, select=COLUMNS) is None
    with pytest.raises(NotFound):
        dataverse.send(delete(SET, row_id))


def test_a_missing_table_and_a_missing_column_are_named(dataverse: DataverseClient) -> None:
    with pytest.raises(Rejected, match="provisioning"):
        dataverse.row("plb_nothings", uuid.uuid4(), select=["plb_key"])
    with pytest.raises(Rejected, match="plb_nothing"):
        list(dataverse.rows(Query(SET, ["plb_nothing"])))


def test_rows_come_whole_over_many_pages(dataverse: DataverseClient, prefix: str) -> None:
    entries = dataverse.batch([counter(prefix, number) for number in range(23)])
    assert all(isinstance(each, Result) for each in entries)
    assert numbers(dataverse, prefix, page_size=5) == list(range(23))


def test_filters_find_by_value_and_by_list(dataverse: DataverseClient, prefix: str) -> None:
    dataverse.batch([counter(prefix, number) for number in range(4)])
    name = eq("plb_name", "O'Brien & co 2 ä#%")
    listed, parameters = In("plb_key", [f"{prefix}-1", f"{prefix}-2", f"{prefix}-none"])
    condition = both(name, listed, compare("plb_next", "ge", 0))
    found = dataverse.rows(Query(SET, COLUMNS, filter=condition, parameters=parameters))
    assert [row["plb_key"] for row in found] == [f"{prefix}-2"]


def test_a_change_set_happens_whole_or_not_at_all(dataverse: DataverseClient, prefix: str) -> None:
    taken = uuid.uuid4()
    dataverse.send(counter(prefix, 1, taken))
    torn = ChangeSet((counter(prefix, 2), counter(prefix, 3, taken)))
    whole = ChangeSet((counter(prefix, 4), counter(prefix, 5)))
    first, second, third = dataverse.batch([torn, whole, read("WhoAmI()")])
    assert isinstance(first, PreconditionFailed)
    assert isinstance(second, ChangeSetResult)
    assert len(second.results) == 2
    assert isinstance(third, Result)
    assert numbers(dataverse, prefix) == [1, 4, 5]


def test_a_batch_that_stops_does_nothing_after_the_failure(dataverse: DataverseClient, prefix: str) -> None:
    parts = [counter(prefix, 1), update(SET, uuid.uuid4(), {"plb_next": 1}), counter(prefix, 3)]
    found = dataverse.batch(parts, continue_on_error=False)
    assert [type(each) for each in found] == [Result, NotFound, NotSent]
    assert numbers(dataverse, prefix) == [1]


def test_the_feed_tells_changes_and_deletions_once(dataverse: DataverseClient, prefix: str) -> None:
    kept, gone = uuid.uuid4(), uuid.uuid4()
    dataverse.batch([counter(prefix, 1, kept), counter(prefix, 2, gone)])
    start = feed(dataverse, None, page_size=3)
    keys = [row["plb_key"] for page in start for row in page.rows]
    assert {f"{prefix}-1", f"{prefix}-2"} <= set(keys)
    assert [page.delta_link is None for page in start] == [True] * (len(start) - 1) + [False]
    dataverse.batch([update(SET, kept, {"plb_next": 8}), delete(SET, gone)])
    after = feed(dataverse, start[-1].delta_link)
    assert [row["plb_next"] for page in after for row in page.rows] == [8]
    assert [each for page in after for each in page.deleted] == [gone]
    quiet = feed(dataverse, after[-1].delta_link)
    assert [(page.rows, page.deleted) for page in quiet] == [((), ())]


def test_a_feed_whose_token_is_too_old_asks_for_a_new_start() -> None:
    with Tenant() as tenant:  # its own: the others keep their time
        client = prepared(tenant)
        link = feed(client, None)[-1].delta_link
        tenant.clock.advance(timedelta(days=8))
        with pytest.raises(FeedExpired):
            feed(client, link)


def test_a_token_for_another_service_is_refused(tenant: Tenant) -> None:
    class Stray:
        def __init__(self, tokens: TokenSource) -> None:
            self._tokens = tokens

        def token(self, scope: str, **more: str | None) -> str:
            return self._tokens.token(scope.replace("127.0.0.1", "localhost"), **more)

    facts = tenant.description()
    session = new_session(Path(facts["caBundle"]))
    credential = Secret(facts["clientId"], facts["clientSecret"])
    tokens = Stray(TokenSource(credential, authority=facts["authority"], session=session))
    http = Http(session, tokens, base_url=facts["dataverseUrl"], service=SERVICE)
    with pytest.raises(Forbidden):
        DataverseClient(http, facts["dataverseUrl"]).who_am_i()
