import json
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest
import requests

from connectors.http import Http
from connectors.odata import Query
from dataverse.client import SERVICE, DataverseClient
from dataverse.clock import ServiceClock
from dataverse.operations import ChangeSet, ChangeSetResult, Operation, Result, create, read, update
from sync.errors import (
    FeedExpired,
    NotSent,
    OutcomeUnknown,
    PreconditionFailed,
    Rejected,
    RemoteError,
    Throttled,
)
from tests.unit.connectors.wire import Time, Wire, answer, spelled

URL = "https://northgate.example"
ROOT = f"{URL}/api/data/v9.2/"
ROW = UUID("5b8f2c10-6c1e-4011-b4cb-000d3a1a0001")
WRITE = update("plb_cases", ROW, {"plb_name": "x"})


def client(wire: Wire, time: Time | None = None) -> DataverseClient:
    http = Http(wire.session, None, base_url=URL, service=SERVICE, timing=(time or Time()).timing)
    return DataverseClient(http, URL)


def page(*rows: object, **links: str) -> requests.Response:
    body = {"value": list(rows), **{f"@odata.{name}": link for name, link in links.items()}}
    return answer(200, json.dumps(body).encode())


def parts(*statuses: int | tuple[int, ...], outer: int = 200, headers: str = "") -> requests.Response:
    """A batch answer; a tuple is a change set that went through."""
    lines = []
    for index, status in enumerate(statuses):
        lines.append("--r")
        if isinstance(status, tuple):
            lines += [f"Content-Type: multipart/mixed; boundary=s{index}", ""]
            for inner in status:
                lines += [f"--s{index}", "Content-Type: application/http", ""]
                lines += [f"HTTP/1.1 {inner} Word", 'ETag: W/"7"', "", ""]
            lines.append(f"--s{index}--")
        else:
            lines += [
                "Content-Type: application/http",
                "",
                f"HTTP/1.1 {status} Word",
                f"X-A: b{headers}",
                "",
                "",
            ]
    body = "\r\n".join([*lines, "--r--", ""]).encode()
    return spelled(outer, body, {"Content-Type": "multipart/mixed; boundary=r"})


def kinds(entries: list[object]) -> list[type]:
    return [type(each) for each in entries]


def test_a_read_sends_the_headers_that_dataverse_wants() -> None:
    wire = Wire(answer(200, b'{"UserId":"1"}'))
    assert client(wire).who_am_i() == {"UserId": "1"}
    sent = wire.sent[0]
    assert sent.url == ROOT + "WhoAmI()"
    assert (sent.headers["OData-Version"], sent.headers["If-None-Match"]) == ("4.0", "null")
    assert sent.headers["x-ms-client-request-id"] == sent.headers["x-ms-correlation-request-id"]


def test_metadata_can_be_read_past_the_cache_and_with_annotations() -> None:
    wire = Wire(answer(200, b"{}"))
    client(wire).get("EntityDefinitions", consistency_strong=True, annotations="*")
    assert wire.sent[0].headers["Consistency"] == "Strong"
    assert wire.sent[0].headers["Prefer"] == 'odata.include-annotations="*"'


def test_a_create_keeps_its_own_condition() -> None:
    wire = Wire(answer(204, b"", OData_EntityId=f"{ROOT}plb_cases({ROW})", ETag='W/"5"'))
    made = client(wire).send(create("plb_cases", {"plb_name": "ä"}, row_id=ROW))
    assert made == Result(204, None, 'W/"5"', f"{ROOT}plb_cases({ROW})")
    assert wire.sent[0].headers["If-None-Match"] == "*"
    assert json.loads(wire.sent[0].body) == {"plb_name": "ä"}


def test_a_keyed_write_with_a_lost_answer_is_sent_again_and_a_post_is_not() -> None:
    lost = requests.exceptions.ReadTimeout("x")
    assert client(Wire(lost, answer(204))).send(WRITE).status == 204
    with pytest.raises(OutcomeUnknown):
        client(Wire(lost)).send(Operation("POST", "plb_cases", {}))


def test_decimals_stay_exact() -> None:
    row = client(Wire(answer(200, b'{"a":0.1000000000000000055}'))).get("x")
    assert str(row["a"]) == "0.1000000000000000055"


def test_a_missing_row_is_none_but_a_missing_table_is_an_error() -> None:
    said = {"error": {"code": "0x8006088a", "message": "Resource not found for the segment 'plb_cases'."}}
    wire = Wire(answer(404), answer(404, json.dumps(said).encode()))
    dataverse = client(wire)
    assert dataverse.row("plb_cases", {"plb_key": "a"}, select=["plb_name"]) is None
    with pytest.raises(Rejected):
        dataverse.row("plb_cases", {"plb_key": "a"}, select=["plb_name"])


def test_rows_come_page_by_page_also_over_an_empty_page() -> None:
    link = f"{ROOT}plb_cases?$skiptoken=%253Ca"
    wire = Wire(page({"a": 1}, nextLink=link), page(nextLink=link), page({"a": 2}))
    assert list(client(wire).rows(Query("plb_cases", ["a"]), page_size=1)) == [{"a": 1}, {"a": 2}]
    assert {each.headers["Prefer"] for each in wire.sent} == {"odata.maxpagesize=1"}
    assert wire.sent[1].url == link


def test_a_page_that_fails_is_an_error_never_the_end() -> None:
    link = f"{ROOT}plb_cases?$skiptoken=1"
    for bad in (answer(200, b"<html>"), answer(200, b"{}"), answer(400)):
        rows = client(Wire(page({"a": 1}, nextLink=link), bad)).rows(Query("plb_cases", ["a"]))
        assert next(rows) == {"a": 1}
        with pytest.raises(RemoteError):
            next(rows)


def test_a_next_link_to_another_host_is_not_followed() -> None:
    wire = Wire(page({"a": 1}, nextLink="https://elsewhere.example/api/data/v9.2/plb_cases"))
    with pytest.raises(Rejected, match="leads away"):
        list(client(wire).rows(Query("plb_cases", ["a"])))


def test_top_asks_for_one_page_without_a_page_size() -> None:
    wire = Wire(page({"a": 1}))
    assert len(list(client(wire).rows(Query("plb_cases", ["a"], top=1)))) == 1
    assert "Prefer" not in wire.sent[0].headers


def test_the_feed_starts_with_tracking_and_ends_with_its_link() -> None:
    following, delta = f"{ROOT}plb_cases?$skiptoken=1", f"{ROOT}plb_cases?$deltatoken=9%21x"
    gone = {
        "@odata.context": f"{ROOT}$metadata#plb_cases/$deletedEntity",
        "id": str(ROW),
        "reason": "deleted",
    }
    one, two = ({"@odata.etag": f'W/"{n}"', "a": n} for n in (1, 2))
    wire = Wire(page(one, nextLink=following), page(gone, two, deltaLink=delta), page(deltaLink=delta))
    dataverse = client(wire)
    first, second = dataverse.changes("plb_cases", select=["a"])
    assert (first.next_link, first.delta_link) == (following, None)
    assert (second.rows, second.deleted, second.delta_link) == ((two,), (ROW,), delta)
    (third,) = dataverse.changes("plb_cases", select=["a"], link=delta)
    assert (third.rows, third.deleted) == ((), ())
    prefers = [each.headers["Prefer"] for each in wire.sent]
    assert prefers == ["odata.track-changes,odata.maxpagesize=500"] * 2 + ["odata.maxpagesize=500"]


def test_a_feed_whose_token_is_too_old_says_so() -> None:
    said = {"error": {"code": "0x80044352", "message": "Version stamp has expired."}}
    wire = Wire(answer(400, json.dumps(said).encode()))
    with pytest.raises(FeedExpired, match="anew"):
        list(client(wire).changes("plb_cases", select=["a"], link=f"{ROOT}plb_cases?$deltatoken=1"))


def test_a_feed_page_without_any_link_is_an_error() -> None:
    with pytest.raises(OutcomeUnknown):
        list(client(Wire(page({"a": 1}))).changes("plb_cases", select=["a"]))


def test_a_feed_page_whose_rows_have_no_version_is_an_error() -> None:
    wire = Wire(page({"@odata.etag": None, "a": 1}, deltaLink=f"{ROOT}plb_cases?$deltatoken=1"))
    with pytest.raises(OutcomeUnknown, match="versions"):
        list(client(wire).changes("plb_cases", select=["a"]))


def test_a_batch_gives_one_entry_per_part_in_order() -> None:
    wire = Wire(parts((204, 204), 412, 204))
    found = client(wire).batch([ChangeSet((WRITE, WRITE)), ChangeSet((WRITE, WRITE)), WRITE])
    assert kinds(found) == [ChangeSetResult, PreconditionFailed, Result]
    assert found[0].results[1].etag == 'W/"7"'
    assert wire.sent[0].headers["Prefer"] == "odata.continue-on-error"


def test_parts_refused_unread_are_sent_again_alone() -> None:
    time = Time()
    wire = Wire(parts(204, 429, 204, headers="\r\nRetry-After: 3"), parts(204))
    assert kinds(client(wire, time).batch([WRITE, read("WhoAmI()"), WRITE])) == [Result] * 3
    assert wire.sent[1].body.count(b"WhoAmI()") == 1
    assert WRITE.path.encode() not in wire.sent[1].body
    assert time.slept == [3.0]


def test_a_part_whose_wait_is_too_long_is_handed_back() -> None:
    wire = Wire(parts(204, 429, headers="\r\nRetry-After: 90"))
    found = client(wire).batch([WRITE, WRITE])
    assert kinds(found) == [Result, Throttled]
    assert found[1].retry_after == 90


def test_a_batch_without_all_answers_leaves_the_rest_unknown() -> None:
    assert kinds(client(Wire(parts(204))).batch([WRITE, WRITE])) == [Result, OutcomeUnknown]


def test_a_change_set_with_another_number_of_answers_is_unknown() -> None:
    assert kinds(client(Wire(parts((204,)))).batch([ChangeSet((WRITE, WRITE))])) == [OutcomeUnknown]


def test_a_batch_that_stops_names_what_was_not_tried() -> None:
    wire = Wire(parts(204, 400, outer=400))
    found = client(wire).batch([WRITE] * 3, continue_on_error=False)
    assert kinds(found) == [Result, Rejected, NotSent]
    assert "Prefer" not in wire.sent[0].headers


def test_a_batch_that_fails_as_a_whole_gives_its_error_to_every_part() -> None:
    busy = answer(429, b"", Retry_After="200")
    found = client(Wire(busy)).batch([WRITE] * 1500)
    assert kinds(found) == [Throttled] * 1500


@pytest.mark.parametrize("damage", [lambda b: b[:-20], lambda b: b"", lambda b: b"<html>"])
def test_a_damaged_batch_answer_is_unknown(damage: Callable[[bytes], bytes]) -> None:
    whole = parts(204, 204)
    whole._content = damage(whole.content)
    assert kinds(client(Wire(whole)).batch([WRITE, WRITE])) == [OutcomeUnknown] * 2


def test_a_batch_with_a_post_inside_is_not_repeated_after_a_lost_answer() -> None:
    wire = Wire(requests.exceptions.ReadTimeout("x"))
    assert kinds(client(wire).batch([WRITE, Operation("POST", "plb_cases", {})])) == [OutcomeUnknown] * 2
    assert len(wire.sent) == 1


def test_nothing_to_do_asks_nothing() -> None:
    assert client(Wire()).batch([]) == []


def test_the_clock_tells_the_time_of_the_last_answer_and_asks_once_when_it_knows_none() -> None:
    moments = ["Mon, 02 Mar 2026 10:00:07 GMT", "Mon, 02 Mar 2026 10:05:00 GMT"]
    wire = Wire(*[answer(200, b"{}", Date=moment) for moment in moments])
    clock = ServiceClock(lambda: dataverse.who_am_i())  # noqa: PLW0108 - each needs the other
    http = Http(wire.session, None, base_url=URL, service=SERVICE, on_date=clock.heard)
    dataverse = DataverseClient(http, URL)
    assert clock.now() == datetime(2026, 3, 2, 10, 0, 7, tzinfo=UTC)
    assert clock.now() == datetime(2026, 3, 2, 10, 0, 7, tzinfo=UTC)
    dataverse.who_am_i()
    assert clock.now() == datetime(2026, 3, 2, 10, 5, 0, tzinfo=UTC)
    assert len(wire.sent) == 2


def test_a_clock_that_hears_no_time_says_so() -> None:
    with pytest.raises(OutcomeUnknown, match="Date"):
        ServiceClock(lambda: None).now()
