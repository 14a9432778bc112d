"""Provisioning through the real client on the sandbox tenant (SYN-9)."""

import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import requests

from connectors.auth import Secret, TokenSource
from connectors.http import Http, new_session
from dataverse.client import SERVICE, DataverseClient
from dataverse.definitions import Schema
from dataverse.operations import Operation, Result, create
from dataverse.provisioning import Outcome, apply, plan
from dataverse.schema import load_schema
from sandbox.tenant import Tenant

SCHEMA = load_schema()
COLUMN = "EntityDefinitions(LogicalName='plb_case')/Attributes(LogicalName='plb_queue')"


def client_of(tenant: Tenant) -> DataverseClient:
    where = tenant.description()
    session = new_session(Path(where["caBundle"]))
    tokens = TokenSource(
        Secret(where["clientId"], where["clientSecret"]), authority=where["authority"], session=session
    )
    http = Http(session, tokens, base_url=where["dataverseUrl"], service=SERVICE)
    return DataverseClient(http, where["dataverseUrl"])


@pytest.fixture(scope="module")
def tenant() -> Iterator[Tenant]:
    with Tenant() as running:
        yield running


@pytest.fixture(scope="module")
def client(tenant: Tenant) -> DataverseClient:
    return client_of(tenant)


@pytest.fixture(scope="module")
def first(client: DataverseClient) -> Outcome:
    started = time.monotonic()
    outcome = apply(client, plan(client, SCHEMA))
    assert time.monotonic() - started < 30, "a demo must not wait for its tables"
    return outcome


def test_the_first_apply_makes_everything(first: Outcome) -> None:
    assert first.faults == ()
    assert first.already_there == ()
    assert {step.kind for step in first.done} == {
        "publisher",
        "solution",
        "choice",
        "table",
        "column",
        "relationship",
        "key",
        "index",
        "visible",
    }


@pytest.mark.usefixtures("first")
def test_the_second_plan_is_empty(client: DataverseClient) -> None:
    second = plan(client, SCHEMA)
    assert (second.steps, second.drift) == ((), ())


@pytest.mark.usefixtures("first")
def test_rows_can_be_written_under_the_names_of_the_definitions(client: DataverseClient) -> None:
    case, event = SCHEMA.table("plb_case"), SCHEMA.table("plb_event")
    row = {
        "plb_name": "A case",
        "plb_reference": "NC-1",
        "plb_status": SCHEMA.choice("plb_casestatus").value("received"),
    }
    client.send(Operation("PATCH", f"{case.entity_set}(plb_key='abc')", row))
    bound = {event.column("plb_case").bind_name: f"/{case.entity_set}(plb_reference='NC-1')"}
    client.send(Operation("PATCH", f"{event.entity_set}(plb_key='e1')", {"plb_name": "An event", **bound}))
    read = client.row("plb_events", {"plb_key": "e1"}, select=[event.column("plb_case").read_name])
    assert read is not None
    assert read["_plb_case_value"]


@pytest.mark.usefixtures("first")
def test_a_column_made_longer_by_hand_is_reported_and_left_alone(client: DataverseClient) -> None:
    change(client, 400)
    found = plan(client, SCHEMA)
    assert found.is_empty
    assert "plb_case.plb_queue: holds 400" in found.drift[0]
    change(client, 100)


@pytest.mark.usefixtures("first")
def test_a_column_that_is_too_short_grows(client: DataverseClient) -> None:
    change(client, 50)
    outcome = apply(client, plan(client, SCHEMA))
    assert [step.kind for step in outcome.done] == ["change", "publish"]
    assert plan(client, SCHEMA).is_empty
    assert client.get(COLUMN)["MaxLength"] == 100


class CutLine:
    """A client whose line is cut after some writes."""

    def __init__(self, client: DataverseClient, writes: int) -> None:
        self._client, self._left = client, writes

    def get(self, path: str, *, consistency_strong: bool = False) -> dict[str, object]:
        return self._client.get(path, consistency_strong=consistency_strong)

    def send(self, operation: Operation) -> Result:
        if self._left == 0:
            raise ConnectionResetError
        self._left -= 1
        return self._client.send(operation)


def test_killed_half_way_a_new_plan_does_the_rest() -> None:
    with Tenant() as tenant:
        client = client_of(tenant)
        wanted = plan(client, SCHEMA)
        with pytest.raises(ConnectionResetError):
            apply(CutLine(client, len(wanted.steps) // 3), wanted)
        outcome = apply(client, plan(client, SCHEMA))
        assert (outcome.already_there, outcome.faults) == ((), ())
        assert plan(client, SCHEMA).is_empty


def test_two_rows_of_one_value_fail_the_key_until_one_of_them_is_gone() -> None:
    with Tenant() as tenant:
        client = client_of(tenant)
        wanted = plan(client, SCHEMA)
        before_keys = [step.kind for step in wanted.steps].index("key")
        with pytest.raises(ConnectionResetError):
            apply(CutLine(client, before_keys), wanted)
        rows = [create("plb_cases", {"plb_reference": "NC-1"}, row_id=uuid4()) for _ in range(2)]
        for row in rows:
            client.send(row)
        (fault,) = apply(client, plan(client, SCHEMA)).faults
        assert "plb_case_reference" in fault
        client.send(Operation("DELETE", rows[0].path))
        assert apply(client, plan(client, SCHEMA)).faults == ()
        assert plan(client, SCHEMA).is_empty


def change(client: DataverseClient, length: int) -> None:
    """Set a column's length as an administrator does by hand."""
    whole = {name: value for name, value in client.get(COLUMN).items() if "@odata.context" not in name}
    client.send(Operation("PUT", COLUMN, {**whole, "MaxLength": length}, {"MSCRM.MergeLabels": "true"}))


def test_apply_ends_only_when_the_data_routes_know_the_tables() -> None:
    """The service caches definitions for about 30 seconds (dataverse.md section 8)."""
    with Tenant() as slow:
        slept: list[float] = []

        def sleep(seconds: float) -> None:
            slept.append(seconds)
            time.sleep(min(seconds, 0.5))

        client = client_of(slow)
        switch = {"metadataCacheSeconds": 0.6}
        answer = requests.put(
            f"{slow.base}/_sandbox/dataverse",
            json=switch,
            verify=slow.description()["caBundle"],
            timeout=30,
        )
        assert answer.ok
        schema = Schema(tables={"plb_counter": SCHEMA.table("plb_counter")}, choices={})
        assert apply(client, plan(client, schema), sleep=sleep).faults == ()
        client.send(create("plb_counters", {"plb_key": "k", "plb_name": "n", "plb_next": 1}, row_id=uuid4()))
        assert slept
