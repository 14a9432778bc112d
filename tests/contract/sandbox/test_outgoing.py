"""What the tenant sends: when, how often, to whom, and that nobody waits for it."""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.outgoing.model import Channel, Outcome, Parcel
from sandbox.tenant import Tenant
from tests.contract.receiver import Receiver, listening, trust

GAPS = (10.0, 100.0)


@pytest.fixture
def own() -> Iterator[Tenant]:
    """A tenant of its own with a clock that stands still, and one channel."""
    with Tenant() as running:
        opened(running)
        yield running


@pytest.fixture
def target(own: Tenant) -> Iterator[Receiver]:
    with listening(tls=True) as running:
        trust(own, running)
        yield running


def opened(tenant: Tenant, **more: Any) -> None:
    channel = Channel("graph-notification", lambda: 5.0, **({"gaps": GAPS, "together": 10} | more))
    tenant.outgoing.open(channel)
    tenant.clock.set_frozen(True)


def put(tenant: Tenant, url: str, *names: str) -> None:
    with tenant.store.write() as db:
        for name in names:
            tenant.outgoing.put(db, Parcel("graph-notification", url, json.dumps({"name": name})))


def names(receiver: Receiver) -> list[str]:
    return [item["name"] for got in receiver.got for item in json.loads(got.body)["value"]]


def control(tenant: Tenant, method: str, path: str = "", **more: Any) -> requests.Response:
    url = f"{tenant.base}/_sandbox/notifications{path}"
    return requests.request(method, url, verify=tenant.description()["caBundle"], timeout=20, **more)


@pytest.mark.covers("out.batched")
def test_parcels_of_one_write_travel_in_one_call(own: Tenant, target: Receiver) -> None:
    put(own, target.url + "/n", "a", "b", "c")
    target.await_calls(1)
    assert own.outgoing.rest(5)
    assert (names(target), len(target.got)) == (["a", "b", "c"], 1)
    assert target.got[0].headers["Content-Type"] == "application/json; charset=utf-8"


@pytest.mark.covers("out.after-commit")
def test_a_write_that_is_rolled_back_notifies_nobody(own: Tenant, target: Receiver) -> None:
    def fails() -> None:
        with own.store.write() as db:
            own.outgoing.put(db, Parcel("graph-notification", target.url, "{}"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    put(own, target.url, "after")
    assert own.outgoing.rest(5)
    assert names(target) == ["after"]


@pytest.mark.covers("out.retry")
def test_a_failed_call_is_repeated_when_the_virtual_gap_is_over(own: Tenant, target: Receiver) -> None:
    target.statuses = [503, 404]
    put(own, target.url, "x")
    target.await_calls(1)
    assert own.outgoing.rest(5)
    own.clock.advance(timedelta(seconds=GAPS[0] - 1))
    assert own.outgoing.rest(5)
    assert len(target.got) == 1
    own.clock.advance(timedelta(seconds=1))
    target.await_calls(2)
    assert own.outgoing.rest(5)
    own.clock.advance(timedelta(seconds=GAPS[1]))
    target.await_calls(3)
    assert own.outgoing.rest(5)
    assert own.outgoing.waiting() == 0


def test_after_the_last_gap_a_parcel_is_given_up_and_its_service_told(own: Tenant, target: Receiver) -> None:
    ends: list[tuple[int, int | None]] = []
    opened(own, gaps=(), finished=lambda _, found, outcome: ends.append((len(found), outcome.status)))
    target.statuses = [500]
    put(own, target.url, "a", "b")
    target.await_calls(1)
    assert own.outgoing.rest(5)
    assert (ends, own.outgoing.waiting()) == ([(2, 500)], 0)


@pytest.mark.covers("out.faults")
def test_faults_lose_double_and_delay_what_is_sent(own: Tenant, target: Receiver) -> None:
    for kind in ("lose", "double", {"kind": "late", "seconds": 30.0}):
        name = kind["kind"] if isinstance(kind, dict) else kind
        own.faults.add([{"match": {"service": "graph-notification", "path": f"/{name}"}, "do": kind}])
        put(own, f"{target.url}/{name}", name)
    assert own.outgoing.rest(5)
    assert names(target) == ["double"]
    own.clock.advance(timedelta(seconds=30))
    target.await_calls(3)
    assert own.outgoing.rest(5)
    assert sorted(names(target)) == ["double", "double", "late"]


@pytest.mark.covers("out.dead-receiver")
def test_a_receiver_that_hangs_slows_neither_the_tenant_nor_the_others(own: Tenant, target: Receiver) -> None:
    with listening(tls=False) as dead:
        trust(own, target, local_http=True)
        dead.pause = 1.0
        put(own, dead.url, *(str(n) for n in range(200)))
        put(own, target.url, "alive")
        target.await_calls(1)
        assert control(own, "GET").json()["waiting"] > 180
        assert len(dead.got) <= 4


@pytest.mark.covers("out.faults")
def test_a_parcel_that_waits_for_its_turn_is_put_before_the_faults_once(
    own: Tenant, target: Receiver
) -> None:
    opened(own, together=1)
    match = {"service": "graph-notification", "probability": 0.5, "seed": 7}
    (rule,) = own.faults.add([{"match": match, "do": "lose"}])
    target.pause = 0.01
    put(own, target.url, *(str(n) for n in range(40)))
    assert own.outgoing.rest(10)
    said = rule.shown()
    assert (said["seen"], len(target.got)) == (40, 40 - said["fired"])


@pytest.mark.covers("out.dead-receiver")
def test_a_tenant_stops_while_a_receiver_hangs() -> None:
    with listening(tls=False) as dead:
        dead.pause = 20.0
        with Tenant() as running:
            opened(running)
            trust(running, dead, local_http=True)
            put(running, dead.url, "x")
            dead.await_calls(1)
            began = time.monotonic()
        assert time.monotonic() - began < 10


@pytest.mark.covers("out.journal")
def test_every_attempt_can_be_read_back_without_the_query(own: Tenant, target: Receiver) -> None:
    target.statuses = [500]
    put(own, f"{target.url}/hook?code=secret", "x")
    target.await_calls(1)
    assert control(own, "POST", "/rest").json() == {"atRest": True, "waiting": 1}
    own.clock.advance(timedelta(seconds=GAPS[0]))
    target.await_calls(2)
    control(own, "POST", "/rest")
    said = control(own, "GET")
    assert "secret" not in said.text
    lines = said.json()["attempts"]
    assert [(one["path"], one["status"], one["attempt"], one["channel"]) for one in lines] == [
        ("/hook", 500, 1, "graph-notification"),
        ("/hook", 202, 2, "graph-notification"),
    ]
    assert control(own, "GET", f"?since={said.json()['last']}").json()["attempts"] == []


@pytest.mark.covers("out.tls")
def test_a_certificate_nobody_vouches_for_is_a_failed_attempt(own: Tenant) -> None:
    with listening(tls=True) as stranger:
        put(own, stranger.url, "x")
        assert own.outgoing.rest(5)
        assert [one["failure"] for one in control(own, "GET").json()["attempts"]] == ["SSLError"]
        control(own, "PUT", json={"caBundle": stranger.ca})
        own.clock.advance(timedelta(seconds=GAPS[0]))
        stranger.await_calls(1)


@pytest.mark.covers("out.tls")
def test_the_tenant_trusts_its_own_certificate(own: Tenant) -> None:
    put(own, own.base + "/_sandbox/clock", "x")
    assert own.outgoing.rest(5)
    assert [one["status"] for one in control(own, "GET").json()["attempts"]] == [405]


@pytest.mark.covers("out.local-http")
def test_plain_http_needs_the_switch_and_this_machine(own: Tenant) -> None:
    with listening(tls=False) as plain:
        put(own, plain.url, "x")
        assert own.outgoing.rest(5)
        assert plain.got == []
        assert control(own, "PUT", json={"localHttp": True}).json()["settings"]["localHttp"] is True
        own.clock.advance(timedelta(seconds=GAPS[0]))
        plain.await_calls(1)


@pytest.mark.covers("out.restart")
def test_what_waits_is_sent_after_a_new_start(tmp_path: Path) -> None:
    with listening(tls=True) as target:
        with Tenant(tmp_path) as first:
            opened(first)
            target.statuses = [500]
            trust(first, target)
            put(first, target.url, "x")
            target.await_calls(1)
            assert first.outgoing.rest(5)
        second = Tenant(tmp_path)
        opened(second)
        second.clock.advance(timedelta(seconds=GAPS[0]))
        with second:
            target.await_calls(2)
            assert second.outgoing.rest(5)
            assert names(target) == ["x", "x"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"localHttps": True}, "localHttp"),
        ({"caBundle": "nonsense"}, "PEM"),
        ({"slowSeconds": "3"}, "slowSeconds"),
    ],
)
def test_settings_nobody_can_use_are_refused(own: Tenant, body: Any, says: str) -> None:
    said = control(own, "PUT", json=body)
    assert said.status_code == 400
    assert says in said.json()["error"]


def test_an_answer_that_never_comes_is_a_timeout(own: Tenant, target: Receiver) -> None:
    ends: list[Outcome] = []
    own.outgoing.open(
        Channel("graph-notification", lambda: 0.1, together=2, finished=lambda *said: ends.append(said[2]))
    )
    target.pause = 0.4
    put(own, target.url, "x")
    assert own.outgoing.rest(5)
    assert [(end.status, end.failure) for end in ends] == [(None, "timeout")]
