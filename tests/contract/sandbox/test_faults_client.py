"""Each fault as our own client takes it: what it repeats, and which error it raises where it must not."""

import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.auth import Secret, TokenSource
from connectors.graph_errors import GRAPH
from connectors.http import Call, Http, Policy, Reply, Service, new_session
from dataverse.client import SERVICE, DataverseClient
from dataverse.operations import Operation
from sandbox.tenant import Tenant
from sync import errors
from tests.contract.sandbox.dataverse.conftest import Api, provision
from tests.fixtures.faults import FaultRules

ROOT = "/api/data/v9.2/"
JSON = {"Content-Type": "application/json"}
BEFORE = ["throttle", "unavailable", "status", "html", "reset", "unauthorized", "expired-token"]
AFTER = ["lost-answer", "reset-after", "truncate"]
FAST = Policy(attempts=10, budget=5.0, shortest_wait=0.01, longest_wait=0.05, read=5.0)


@pytest.fixture(scope="module")
def tenant() -> Iterator[Tenant]:
    with Tenant() as running:
        caller = Api(running)
        with caller.session:
            provision(caller)
        yield running


@pytest.fixture
def http(tenant: Tenant) -> Http:
    said = tenant.description()
    bundle = Path(said["caBundle"])
    secret = Secret(said["clientId"], said["clientSecret"])
    tokens = TokenSource(secret, authority=said["authority"], session=new_session(bundle))
    return Http(new_session(bundle), tokens, base_url=said["dataverseUrl"], service=SERVICE, policy=FAST)


def hit(faults: FaultRules, kind: str, method: str) -> str:
    wait = {"retryAfter": 0.02} if kind == "throttle" else {}
    return faults.add(do=kind, service="dataverse", method=method, path="plt_items", times=1, **wait)


def create(http: Http, *, replayable: bool) -> str:
    """Send a row whose id is ours; gives the id."""
    row_id = str(uuid.uuid4())
    body = json.dumps({"plt_name": row_id}).encode()
    if replayable:
        http.request(Call("PATCH", f"{ROOT}plt_items({row_id})", JSON, body, replayable=True))
    else:
        body = json.dumps({"plt_itemid": row_id, "plt_name": row_id}).encode()
        http.request(Call("POST", f"{ROOT}plt_items", JSON, body))
    return row_id


def rows(http: Http) -> list[str]:
    reply: Reply = http.request(Call("GET", f"{ROOT}plt_items?$select=plt_name", replayable=True))
    assert isinstance(reply.json, dict)
    return [row["plt_name"] for row in reply.json["value"]]


@pytest.mark.covers("faults.client")
@pytest.mark.parametrize("kind", [*BEFORE, *AFTER, "slow", "trickle"])
def test_a_read_gets_over_every_fault(http: Http, faults: FaultRules, kind: str) -> None:
    wait = {"seconds": 0.05} if kind in ("slow", "trickle") else {}
    rule = hit(faults, kind, "GET") if not wait else faults.add(do=kind, method="GET", times=1, **wait)
    rows(http)
    assert faults.fired(rule) == 1


@pytest.mark.covers("faults.client")
@pytest.mark.parametrize("kind", [*BEFORE, *AFTER])
def test_a_write_by_key_gets_over_every_fault_and_leaves_one_row(
    http: Http, faults: FaultRules, kind: str
) -> None:
    rule = hit(faults, kind, "PATCH")
    row_id = create(http, replayable=True)
    assert rows(http).count(row_id) == 1
    assert faults.fired(rule) == 1 or kind == "truncate"


@pytest.mark.covers("faults.client")
@pytest.mark.parametrize("kind", ["status", "html", "reset", *AFTER[:2]])
def test_a_plain_create_is_not_repeated_when_nobody_knows(
    http: Http, tenant: Tenant, faults: FaultRules, kind: str
) -> None:
    hit(faults, kind, "POST")
    before = len(rows(http))
    with pytest.raises(errors.OutcomeUnknown):
        create(http, replayable=False)
    assert len(rows(http)) - before == (kind in AFTER)


@pytest.mark.covers("faults.client")
@pytest.mark.parametrize("kind", ["throttle", "unauthorized", "expired-token"])
def test_a_plain_create_is_repeated_when_it_was_refused_unread(
    http: Http, faults: FaultRules, kind: str
) -> None:
    hit(faults, kind, "POST")
    row_id = create(http, replayable=False)
    assert rows(http).count(row_id) == 1


@pytest.mark.covers("faults.client")
def test_a_page_of_a_portal_is_no_answer_even_with_200(
    http: Http, tenant: Tenant, faults: FaultRules
) -> None:
    faults.add(do="html", status=200, method="GET", path="WhoAmI")
    with pytest.raises(errors.RemoteError, match="not JSON"):
        DataverseClient(http, tenant.base).who_am_i()


@pytest.mark.covers("faults.client", "faults.precondition", "faults.expired-feed")
def test_a_true_race_and_a_lapsed_feed_have_errors_of_their_own(http: Http, faults: FaultRules) -> None:
    path = f"{ROOT}plt_items({create(http, replayable=True)})"
    reply = http.request(Call("GET", path, replayable=True))
    assert isinstance(reply.json, dict)
    faults.add(do="precondition", times=1)
    tag = {**JSON, "If-Match": reply.json["@odata.etag"]}
    with pytest.raises(errors.PreconditionFailed):
        http.request(Call("PATCH", path, tag, b'{"plt_name": "x"}', replayable=True))
    faults.add(do="expired-feed", times=1)
    with pytest.raises(errors.FeedExpired):
        http.request(Call("GET", f"{ROOT}plt_items?$deltatoken=1", replayable=True))


@pytest.mark.covers("faults.client", "faults.throttle")
@pytest.mark.parametrize(("service", "root"), [(SERVICE, ROOT), (GRAPH, "/v1.0/")])
def test_a_date_to_wait_for_is_read_by_the_clock_of_the_service(
    tenant: Tenant, faults: FaultRules, service: Service, root: str
) -> None:
    tenant.clock.advance(timedelta(days=1))
    faults.add(do="throttle", retryDate=600)
    client = Http(
        new_session(Path(tenant.description()["caBundle"])), None, base_url=tenant.base, service=service
    )
    with pytest.raises(errors.Throttled) as refused:
        client.request(Call("GET", f"{root}users", replayable=True))
    assert refused.value.retry_after is not None
    assert 598 <= refused.value.retry_after <= 700


@pytest.mark.covers("faults.client")
def test_a_long_wait_is_handed_back(http: Http, faults: FaultRules) -> None:
    faults.add(do="throttle", service="dataverse", retryAfter=600)
    with pytest.raises(errors.Throttled) as refused:
        create(http, replayable=True)
    assert refused.value.retry_after is not None
    assert refused.value.retry_after >= 600


@pytest.mark.covers("faults.chaos", "faults.client")
@pytest.mark.parametrize("seed", range(4))
def test_through_chaos_a_reader_of_changes_ends_with_the_state_of_the_table(
    http: Http, tenant: Tenant, faults: FaultRules, seed: int
) -> None:
    client = DataverseClient(http, tenant.base)
    held: dict[str, str] = {}
    link: str | None = None
    for _ in range(3):
        tenant.faults.add([{"chaos": {"seed": seed, "rate": 0.3, "service": "dataverse", "retryAfter": 0}}])
        made = [create(http, replayable=True) for _ in range(8)]
        client.send(Operation("DELETE", f"plt_items({made[seed]})"))
        for page in client.changes("plt_items", select=["plt_name"], link=link, page_size=5):
            held |= {str(row["plt_itemid"]): str(row["plt_name"]) for row in page.rows}
            for gone in page.deleted:
                held.pop(str(gone), None)
            link = page.delta_link
        faults.clear()
        assert sorted(held) == sorted(rows(http))
