"""The change feed of Dataverse over https, with our client, through every fault of the wire."""

import itertools
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from connectors.auth import Secret, TokenSource
from connectors.http import Http, Policy, new_session
from connectors.odata import Query
from dataverse.client import SERVICE, DataverseClient
from dataverse.definitions import Schema
from dataverse.feed import TableFeed
from dataverse.operations import create, delete, update
from dataverse.provisioning.applying import apply
from dataverse.provisioning.planning import plan
from dataverse.schema import load_schema
from sandbox.tenant import Tenant
from sync.feeds import Feed
from tests.stateful.machine import WIRE, Hasty, run, without_limits

SET, COLUMNS = "plb_counters", ("plb_key", "plb_name", "plb_next")


class DataverseWorld:
    """One table of a tenant of its own. Rows of earlier histories are deleted first."""

    faults: ClassVar[tuple[str, ...]] = (*WIRE, "null-etag", "clock-skew")

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.writer = self.client(Policy())
        schema = Schema(tables={"plb_counter": load_schema().table("plb_counter")}, choices={})
        assert not apply(self.writer, plan(self.writer, schema)).faults
        self.numbers = itertools.count(1)

    def client(self, policy: Policy) -> DataverseClient:
        said = self.tenant.description()
        session = new_session(Path(said["caBundle"]))
        credential = Secret(said["clientId"], said["clientSecret"])
        tokens = TokenSource(credential, authority=said["authority"], session=session)
        http = Http(
            session,
            tokens,
            base_url=said["dataverseUrl"],
            service=SERVICE,
            policy=policy,
            timing=Hasty().timing,
        )
        return DataverseClient(http, said["dataverseUrl"])

    @property
    def clock(self) -> "DataverseWorld":
        return self

    def now(self) -> datetime:
        return self.tenant.clock.now().replace(microsecond=0)

    def begin(self) -> None:
        self.heal()
        self.writer.batch([delete(SET, uuid.UUID(key)) for key in self.truth()])
        self.reader = self.client(Policy(attempts=2))

    def create(self) -> str:
        key, number = uuid.uuid4(), next(self.numbers)
        row = {"plb_key": f"k-{number}", "plb_name": "new", "plb_next": number}
        self.writer.send(create(SET, row, row_id=key))
        return str(key)

    def change(self, key: str) -> None:
        self.writer.send(update(SET, uuid.UUID(key), {"plb_name": f"name {next(self.numbers)}"}))

    def disturb(self, key: str) -> None:
        """A write that changes nothing but the version."""
        [row] = [row for id_, row in self.truth().items() if id_ == key]
        self.writer.send(update(SET, uuid.UUID(key), {"plb_next": row["plb_next"]}))

    def delete(self, key: str) -> None:
        self.writer.send(delete(SET, uuid.UUID(key)))

    def truth(self) -> dict[str, Any]:
        return {
            str(row["plb_counterid"]): shown(row)
            for row in self.writer.rows(Query(SET, COLUMNS, orderby="plb_counterid"))
        }

    def feed(self) -> Feed[Any]:
        return Shown(TableFeed(self.reader, SET, "plb_counterid", select=COLUMNS, page_size=2))

    def break_calls(self, kind: str, nth: int, seed: int) -> None:
        match = {"service": "dataverse", "method": "GET", "path": "(track|delta|skip)token|select=plb_key"}
        more = {"link": "both"} if kind == "drop-link" else {}
        rule = {"match": {**match, "nth": nth, "seed": seed}, "do": {"kind": kind, **more}}
        self.tenant.faults.add([rule])

    def heal(self) -> None:
        self.tenant.faults.clear()

    def pass_time(self, by: timedelta) -> None:
        self.tenant.clock.advance(by)


def shown(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("@odata.etag", *COLUMNS)}


class Shown:
    """The feed with the columns that are compared."""

    def __init__(self, feed: TableFeed) -> None:
        self.feed = feed
        self.retention = feed.retention

    def page(self, link: str | None) -> Any:
        page = self.feed.page(link)
        return type(page)(
            {key: shown(row) for key, row in page.changed.items()}, page.removed, page.link, page.last
        )


@pytest.fixture(scope="module")
def world() -> Iterator[DataverseWorld]:
    with Tenant() as tenant:
        without_limits(tenant)
        yield DataverseWorld(tenant)


def test_a_reader_ends_with_what_the_table_holds(world: DataverseWorld) -> None:
    run(world, 25)


@pytest.mark.slow
def test_a_reader_ends_with_what_the_table_holds_in_hundreds_of_histories(world: DataverseWorld) -> None:
    run(world, 250)
