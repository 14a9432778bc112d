import logging
from datetime import UTC, datetime

import pytest
import requests
import urllib3

from connectors.http import Call, Http, Policy, Reply
from sync.errors import (
    ConfigurationError,
    Forbidden,
    NotFound,
    NotSent,
    OutcomeUnknown,
    PreconditionFailed,
    Rejected,
    Throttled,
)
from tests.unit.connectors.wire import Passes, Time, Wire, answer

BASE = "https://service.example/v1"
READ = Call("GET", "/things", replayable=True)
CREATE = Call("POST", "/things", body=b"{}")
LOST = requests.exceptions.ReadTimeout("lost")


def refused() -> requests.ConnectionError:
    pool = urllib3.HTTPSConnectionPool("service.example")
    reason = urllib3.exceptions.NewConnectionError(pool.ConnectionCls("service.example"), "refused")
    return requests.ConnectionError(urllib3.exceptions.MaxRetryError(pool, "/v1/things?secret=1", reason))


def http(wire: Wire, time: Time | None = None, tokens: Passes | None = None, **more: object) -> Http:
    return Http(wire.session, tokens, base_url=BASE, timing=(time or Time()).timing, **more)


def test_a_success_comes_back_with_status_headers_and_body() -> None:
    reply = http(Wire(answer(200, b'{"a": 1.10}', X_Thing="yes"))).request(READ)
    assert (reply.status, reply.headers["x-thing"], str(reply.json["a"])) == (200, "yes", "1.10")


@pytest.mark.parametrize("asked", ["7", "7.5", "Mon, 02 Mar 2026 10:00:07 GMT"])
def test_the_wait_that_the_service_asks_for_is_kept(asked: str) -> None:
    time = Time()
    busy = answer(429, b"", Retry_After=asked, Date="Mon, 02 Mar 2026 10:00:00 GMT")
    http(Wire(busy, answer(204)), time).request(CREATE)
    assert time.slept[0] >= 7


@pytest.mark.parametrize("asked", ["", "soon", "nan", "inf", "-4"])
def test_an_unreadable_wait_falls_back_to_our_own(asked: str) -> None:
    time = Time()
    http(Wire(answer(429, b"", Retry_After=asked), answer(204)), time).request(CREATE)
    assert time.slept == [0.5]


def test_own_waits_grow() -> None:
    time = Time()
    http(Wire(answer(429), answer(429), answer(429), answer(204)), time).request(CREATE)
    assert time.slept == [0.5, 1.0, 2.0]


def test_a_wait_beyond_the_budget_is_handed_back_unslept() -> None:
    time = Time()
    with pytest.raises(Throttled) as caught:
        http(Wire(answer(429, b"", Retry_After="117")), time).request(READ)
    assert (caught.value.retry_after, time.slept) == (117, [])


def test_a_wait_handed_back_is_named_even_when_the_service_named_none() -> None:
    wire = Wire(*[answer(429) for _ in range(6)])
    with pytest.raises(Throttled) as caught:
        http(wire, policy=Policy(budget=2.0)).request(READ)
    assert caught.value.retry_after == 2.0


def test_a_lost_answer_to_a_create_is_not_repeated() -> None:
    wire = Wire(LOST)
    with pytest.raises(OutcomeUnknown):
        http(wire).request(CREATE)
    assert len(wire.sent) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_a_failure_inside_the_service_is_not_repeated_for_a_create(status: int) -> None:
    wire = Wire(answer(status, b"<html>gateway</html>"))
    with pytest.raises(OutcomeUnknown):
        http(wire).request(CREATE)
    assert len(wire.sent) == 1


def test_a_503_that_names_a_wait_was_refused_unread_and_is_repeated() -> None:
    wire = Wire(answer(503, b"", Retry_After="1"), answer(204))
    assert http(wire).request(CREATE).status == 204


def test_a_lost_answer_to_a_read_is_repeated() -> None:
    wire = Wire(LOST, answer(502), answer(200))
    assert http(wire).request(READ).status == 200


def test_a_call_that_never_left_is_repeated_even_when_it_creates() -> None:
    assert http(Wire(refused(), answer(201))).request(CREATE).status == 201


def test_a_service_that_is_down_is_named_without_its_address() -> None:
    wire = Wire(*[refused() for _ in range(9)])
    with pytest.raises(NotSent) as caught:
        http(wire).request(Call("GET", "/users/mia@northgate.example/messages?$filter=x", replayable=True))
    assert "mia" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert len(wire.sent) == 6


def test_an_untrusted_certificate_asks_for_the_bundle_and_is_not_repeated() -> None:
    with pytest.raises(ConfigurationError, match="CA bundle"):
        http(Wire(requests.exceptions.SSLError("CERTIFICATE_VERIFY_FAILED certificate"))).request(READ)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, Rejected), (403, Forbidden), (404, NotFound), (409, Rejected), (412, PreconditionFailed)],
)
def test_refusals_are_sorted_and_never_repeated(status: int, kind: type[Exception]) -> None:
    wire = Wire(answer(status, b""))
    with pytest.raises(kind) as caught:
        http(wire).request(READ)
    assert len(wire.sent) == 1
    assert caught.value.request_id


def test_a_refused_token_is_renewed_once_and_the_claims_are_passed_on() -> None:
    tokens = Passes()
    challenge = answer(401, b"", WWW_Authenticate='Bearer error="insufficient_claims", claims="e30="')
    wire = Wire(challenge, answer(204))
    http(wire, tokens=tokens).request(CREATE)
    scope = "https://service.example/.default"
    assert tokens.asked == [(scope, None, None), (scope, "old", "e30=")]
    assert [each.headers["Authorization"] for each in wire.sent] == ["Bearer old", "Bearer fresh"]


def test_a_token_refused_twice_ends_the_call() -> None:
    wire = Wire(answer(401), answer(401))
    with pytest.raises(Forbidden):
        http(wire, tokens=Passes()).request(READ)
    assert len(wire.sent) == 2


@pytest.mark.parametrize(
    "link",
    [
        "https://elsewhere.example/v1/things",
        "http://service.example/v1/things",
        "https://service.example:444/x",
    ],
)
def test_a_link_to_another_host_is_not_followed(link: str) -> None:
    wire = Wire()
    with pytest.raises(Rejected, match="leads away"):
        http(wire, tokens=Passes()).request(Call("GET", link))
    assert not wire.sent


def test_a_link_of_the_configured_host_is_followed_as_it_is() -> None:
    link = "https://SERVICE.example:443/v1/things?$skiptoken=%253ca%2520b"
    wire = Wire(answer(200))
    http(wire).request(Call("GET", link))
    assert wire.sent[0].url.endswith("?$skiptoken=%253ca%2520b")


def test_a_redirect_is_an_error_and_the_token_goes_nowhere() -> None:
    wire = Wire(answer(302, b"", Location="https://elsewhere.example/"))
    with pytest.raises(Rejected):
        http(wire, tokens=Passes()).request(READ)
    assert len(wire.sent) == 1


def test_no_cookie_comes_back() -> None:
    wire = Wire(answer(200, b"", Set_Cookie="a=b"), answer(200))
    client = http(wire)
    client.request(READ)
    client.request(READ)
    assert "Cookie" not in wire.sent[1].headers


def test_every_try_carries_the_same_correlation_id() -> None:
    wire = Wire(answer(429), answer(200))
    http(wire).request(READ)
    first, second = (each.headers["client-request-id"] for each in wire.sent)
    assert first == second


def test_the_time_of_the_service_is_handed_on() -> None:
    heard: list[datetime] = []
    wire = Wire(answer(200, b"", Date="Mon, 02 Mar 2026 10:00:07 GMT"), answer(200, b"", Date="nonsense"))
    client = http(wire, on_date=heard.append)
    client.request(READ)
    client.request(READ)
    assert heard == [datetime(2026, 3, 2, 10, 0, 7, tzinfo=UTC)]


def test_the_limit_follows_the_hint_of_the_service() -> None:
    client = http(Wire(answer(200, b"", x_ms_dop_hint="3"), answer(200, b"", x_ms_dop_hint="lots")))
    client.request(READ)
    client.request(READ)
    assert client.limiter.width == 3


def test_the_log_names_the_hop_without_content(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "connectors.http")
    url = "/users/mia@northgate.example/rows(5b8f2c10-6c1e-f011-b4cb-000d3a1a0001)?$filter=x"
    http(Wire(answer(429), answer(200, b"secret body", request_id="r1"))).request(Call("GET", url))
    first, second = caplog.records
    assert (first.status, first.attempt, second.status, second.attempt) == (429, 1, 200, 2)
    assert (second.path, second.request_id) == ("/v1/users/{}/rows({})", "r1")


@pytest.mark.parametrize("body", [b"", b"<html>", b"{", b"\xff\xfe", b"null"])
def test_bodies_of_any_shape_are_read_without_raising(body: bytes) -> None:
    assert Reply(200, {}, body).json is None


def test_the_refusal_of_one_call_holds_the_next_one_back() -> None:
    time = Time()
    client = http(Wire(answer(429, b"", Retry_After="40"), answer(200)), time)
    with pytest.raises(Throttled):
        client.request(READ)
    with pytest.raises(Throttled, match="held back") as held:
        client.request(READ)
    assert (held.value.retry_after, time.slept) == (40, [])
    time.now = 15.0
    assert client.request(READ).status == 200
    assert time.slept == [25.0]


def test_a_refused_mailbox_does_not_hold_up_another() -> None:
    client = http(Wire(answer(429, b"", Retry_After="40"), answer(200)))
    with pytest.raises(Throttled):
        client.request(Call("GET", "/a", replayable=True, lane="hr"))
    assert client.request(Call("GET", "/b", replayable=True, lane="it")).status == 200


def test_a_refusal_after_a_lost_answer_is_doubtful() -> None:
    guarded = Call("PATCH", "/rows(1)", {"If-Match": '"1"'}, b"{}", replayable=True)
    with pytest.raises(PreconditionFailed) as caught:
        http(Wire(LOST, answer(412))).request(guarded)
    assert caught.value.doubtful
    with pytest.raises(PreconditionFailed) as sure:
        http(Wire(answer(429), answer(412))).request(guarded)
    assert not sure.value.doubtful
