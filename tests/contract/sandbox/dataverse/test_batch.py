"""`$batch` and the bulk actions (dataverse.md sections 5 and 6)."""

import json
import uuid
from typing import Any

import pytest
import requests

from tests.contract.sandbox.dataverse.conftest import Api

PATH = "/api/data/v9.2/"


def operation(method: str, target: str, body: object = None, content_id: str | None = None) -> str:
    number = f"Content-ID: {content_id}\r\n" if content_id else ""
    head = f"Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n{number}\r\n"
    line = f"{method} {target} HTTP/1.1\r\nContent-Type: application/json; type=entry\r\n\r\n"
    return head + line + ("" if body is None else json.dumps(body))


def change_set(*operations: str) -> str:
    parts = "".join(f"--cs\r\n{one}\r\n" for one in operations)
    return f'Content-Type: multipart/mixed; boundary="cs"\r\n\r\n{parts}--cs--\r\n'


def send(
    api: Api, *parts: str, go_on: bool = False, end: str = "\r\n", between: str = "\r\n"
) -> requests.Response:
    body = "".join(f"--b{between}{part}{between}" for part in parts) + f"--b--{end}"
    headers = {**api.headers, "Content-Type": 'multipart/mixed; boundary="b"'}
    if go_on:
        headers["Prefer"] = "odata.continue-on-error"
    return api.session.post(api.root + "$batch", data=body.encode(), headers=headers)


def statuses(said: requests.Response) -> list[int]:
    return [int(line.split()[1]) for line in said.text.split("\r\n") if line.startswith("HTTP/1.1 ")]


def item(**values: Any) -> str:
    return operation("POST", PATH + "plt_items", {"plt_itemid": str(uuid.uuid4()), **values})


@pytest.mark.covers("dv.batch.order")
def test_parts_answer_in_order(api: Api) -> None:
    row_id = str(uuid.uuid4())
    said = send(
        api,
        operation("PATCH", f"{PATH}plt_items({row_id})", {"plt_title": "a"}),
        operation("GET", f"{PATH}plt_items({row_id})?$select=plt_title"),
        operation("GET", f"plt_items({row_id})?$select=plt_title"),
    )
    assert said.status_code == 200
    assert said.headers["Content-Type"].startswith("multipart/mixed; boundary=batchresponse_")
    assert statuses(said) == [204, 200, 200]
    assert said.text.count('"plt_title": "a"') == 2


@pytest.mark.covers("dv.batch.references")
def test_a_change_set_refers_to_its_own_rows(api: Api) -> None:
    row_id = str(uuid.uuid4())
    said = send(
        api,
        change_set(
            operation("POST", PATH + "plt_items", {"plt_itemid": row_id, "plt_title": "parent"}, "1"),
            operation("POST", PATH + "plt_notes", {"plt_name": "child", "plt_Item@odata.bind": "$1"}, "2"),
            operation("PATCH", "/$1", {"plt_count": 5}, "3"),
        ),
    )
    assert said.status_code == 200
    assert statuses(said) == [204, 204, 204]
    assert said.text.count("Content-ID: ") == 3
    assert api.get(f"plt_items({row_id})")["plt_count"] == 5
    assert len(api.get(f"plt_notes?$filter=_plt_item_value eq {row_id}")["value"]) == 1


@pytest.mark.covers("dv.batch.rollback")
def test_a_failed_change_set_leaves_nothing_and_answers_with_one_error(api: Api) -> None:
    first, last = str(uuid.uuid4()), str(uuid.uuid4())
    said = send(
        api,
        change_set(
            operation("PATCH", f"{PATH}plt_items({first})", {"plt_title": "a"}, "1"),
            operation("POST", PATH + "plt_items", {"plt_count": 101}, "2"),
        ),
        operation("PATCH", f"{PATH}plt_items({last})", {"plt_title": "b"}),
        go_on=True,
    )
    assert said.status_code == 200
    assert statuses(said) == [400, 204]
    assert "changesetresponse" not in said.text
    assert api.refused("GET", f"plt_items({first})")[0] == 404
    assert api.get(f"plt_items({last})")["plt_title"] == "b"


@pytest.mark.covers("dv.batch.rollback")
def test_a_rolled_back_row_never_shows_in_the_feed(api: Api) -> None:
    link = api.get("plt_items?$select=plt_title", Prefer="odata.track-changes")["@odata.deltaLink"]
    send(
        api,
        change_set(
            operation("POST", PATH + "plt_items", {"plt_title": "a"}, "1"), operation("POST", "x", {}, "2")
        ),
    )
    assert api.get(link)["value"] == []


@pytest.mark.covers("dv.batch.stop")
def test_a_batch_stops_at_the_first_failure(api: Api) -> None:
    row_id = str(uuid.uuid4())
    said = send(
        api,
        operation("GET", f"{PATH}WhoAmI()"),
        operation("GET", f"{PATH}plt_items({row_id})"),
        operation("PATCH", f"{PATH}plt_items({row_id})", {"plt_title": "never"}),
    )
    assert said.status_code == 400
    assert statuses(said) == [200, 404]
    assert api.refused("GET", f"plt_items({row_id})")[0] == 404


@pytest.mark.covers("dv.batch.crlf")
def test_line_feeds_alone_are_not_readable(api: Api) -> None:
    for said in (
        send(api, operation("GET", f"{PATH}WhoAmI()").replace("\r\n", "\n"), between="\n", end="\n"),
        send(api, operation("GET", f"{PATH}WhoAmI()"), end=""),
    ):
        assert said.status_code == 400
        assert said.json()["error"]["code"] == "0x80048d19"
        assert "Stream was not readable" in said.json()["error"]["message"]


@pytest.mark.covers("dv.batch.malformed")
def test_a_malformed_change_set_refuses_the_whole_batch(api: Api) -> None:
    row_id = str(uuid.uuid4())
    good = operation("PATCH", f"{PATH}plt_items({row_id})", {"plt_title": "a"})
    double = change_set(operation("POST", "plt_items", {}, "1"), operation("POST", "plt_items", {}, "1"))
    said = send(api, good, double).json()
    assert said["Message"].startswith("The content ID '1' was found more than once")
    assert said["ErrorCode"] == "0x0"
    got = send(api, good, change_set(operation("GET", "plt_items", None, "1"))).json()
    assert got["Message"].startswith("An invalid HTTP method 'GET'")
    missing = send(api, good, change_set(operation("POST", "plt_items", {}))).json()
    assert missing["error"] == {"code": "0x80060888", "message": "Content-ID header not present"}
    assert api.refused("GET", f"plt_items({row_id})")[0] == 404


@pytest.mark.covers("dv.batch.references")
def test_a_forward_reference_does_not_exist(api: Api) -> None:
    said = send(
        api,
        change_set(
            operation("POST", PATH + "plt_notes", {"plt_Item@odata.bind": "$2"}, "1"),
            operation("POST", PATH + "plt_items", {}, "2"),
        ),
    )
    assert said.status_code == 400
    assert "Content-ID Reference: '$2' does not exist in the batch context." in said.text


@pytest.mark.covers("dv.batch.most")
def test_a_batch_holds_a_thousand_requests_at_most(api: Api) -> None:
    said = send(api, *[operation("GET", f"{PATH}WhoAmI()")] * 1001)
    assert (said.status_code, said.json()["error"]["code"]) == (400, "0x80060888")


def test_a_batch_is_one_call_in_the_log(api: Api) -> None:
    control = api.root.partition("/api")[0] + "/_sandbox/requests"
    before = api.session.get(control + "?count=1").json()["last"]
    send(api, *[operation("GET", f"{PATH}WhoAmI()")] * 5)
    entries = api.session.get(f"{control}?since={before}").json()["requests"]
    assert [(entry["method"], entry["path"]) for entry in entries] == [("POST", "/api/data/v9.2/$batch")]


def target(**values: Any) -> dict[str, Any]:
    return {"@odata.type": "Microsoft.Dynamics.CRM.plt_item", **values}


@pytest.mark.covers("dv.bulk.three")
def test_many_rows_are_created_updated_and_upserted_at_once(api: Api) -> None:
    action = "plt_items/Microsoft.Dynamics.CRM."
    said = api.call(
        "POST", action + "CreateMultiple", {"Targets": [target(plt_title=f"m{n}") for n in range(3)]}
    )
    ids = said.json()["Ids"]
    assert said.status_code == 200
    updates = [target(plt_itemid=one, plt_count=9) for one in ids]
    assert api.call("POST", action + "UpdateMultiple", {"Targets": updates}).status_code == 204
    key = uuid.uuid4().hex
    upserts = [
        {**target(plt_title="k"), "@odata.id": f"plt_items(plt_key='{key}')"},
        target(plt_itemid=ids[0], plt_title="u"),
    ]
    assert api.call("POST", action + "UpsertMultiple", {"Targets": upserts}).status_code == 204
    assert api.get(f"plt_items(plt_key='{key}')")["plt_title"] == "k"
    row = api.get(f"plt_items({ids[0]})")
    assert (row["plt_title"], row["plt_count"]) == ("u", 9)


@pytest.mark.covers("dv.bulk.atomic", "dv.bulk.delete_multiple")
def test_one_bad_row_fails_the_whole_call(api: Api) -> None:
    action = "plt_items/Microsoft.Dynamics.CRM."
    row_id = str(uuid.uuid4())
    targets = [target(plt_itemid=row_id), target(plt_title="x" * 21)]
    assert api.refused("POST", action + "CreateMultiple", {"Targets": targets})[1] == "0x80044331"
    assert api.refused("GET", f"plt_items({row_id})")[0] == 404
    twice = [target(plt_itemid=row_id, plt_title="a"), target(plt_itemid=row_id, plt_title="b")]
    assert api.refused("POST", action + "UpsertMultiple", {"Targets": twice})[0] == 400
    both = [{**target(plt_key="k-1"), "@odata.id": "plt_items(plt_key='k-1')"}]
    assert api.refused("POST", action + "UpsertMultiple", {"Targets": both})[:2] == (400, "0x80040216")
    words = api.refused("POST", action + "DeleteMultiple", {"Targets": [target(plt_itemid=row_id)]})
    assert words == (405, "0x80040315", "DeleteMultiple has not yet been implemented.")


@pytest.mark.covers("dv.batch.definitions")
def test_definitions_do_not_change_inside_a_change_set(api: Api) -> None:
    said = send(api, change_set(operation("POST", PATH + "EntityDefinitions", {}, "1")))
    assert statuses(said) == [501]


def test_a_target_may_hold_blanks_and_headers_may_end_at_the_boundary(api: Api) -> None:
    row = api.row(plt_name="to go")
    head = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n"
    read = f"{head}\r\nGET {api.root}plt_items?$select=plt_name&$filter=plt_name eq 'to go' HTTP/1.1\r\n"
    gone = f"{head}Content-ID: 1\r\n\r\nDELETE {api.root}plt_items({row}) HTTP/1.1\r\nIf-Match: *\r\n"
    said = send(api, read, change_set(gone))
    assert (said.status_code, statuses(said)) == (200, [200, 204])
    assert '"plt_name": "to go"' in said.text
    assert api.refused("GET", f"plt_items({row})")[0] == 404


def test_a_part_says_binary_and_stays_on_the_host(api: Api) -> None:
    plain = f"Content-Type: application/http\r\n\r\nGET {PATH}WhoAmI() HTTP/1.1\r\n\r\n"
    assert send(api, plain).json()["error"]["code"] == "0x80048d19"
    said = send(api, operation("GET", f"https://elsewhere.example{PATH}WhoAmI()"))
    assert (said.status_code, statuses(said)) == (400, [400])


def test_an_unknown_reference_fails_its_part_and_tells_of_those_before(api: Api) -> None:
    row = str(uuid.uuid4())
    made = operation("POST", PATH + "plt_items", {"plt_itemid": row})
    said = send(api, made, operation("PATCH", "$9", {"plt_name": "x"}))
    assert (said.status_code, statuses(said)) == (400, [204, 400])
    assert api.get(f"plt_items({row})")["plt_itemid"] == row


@pytest.mark.covers("dv.batch.references")
def test_references_stand_in_lists_in_references_and_before_a_path(api: Api) -> None:
    item_id, other = str(uuid.uuid4()), str(uuid.uuid4())
    said = send(
        api,
        change_set(
            operation("POST", PATH + "plt_notes", {"plt_name": "first"}, "n1"),
            operation(
                "POST", PATH + "plt_items", {"plt_itemid": item_id, "plt_item_note@odata.bind": ["$n1"]}, "i1"
            ),
            operation("PUT", "/$i1/plt_title", {"value": "set"}, "p1"),
            operation("POST", PATH + "plt_notes", {"plt_name": "second"}, "n2"),
            operation("PUT", "$n2/plt_Item/$ref", {"@odata.id": "$i1"}, "r1"),
            operation("PATCH", PATH + f"plt_items({other})", {"plt_share": 1234.56, "plt_text": "$i1"}, "i2"),
        ),
    )
    assert said.status_code == 200, said.text
    row = api.get(f"plt_items({item_id})?$expand=plt_item_note($select=plt_name;$orderby=plt_name)")
    assert row["plt_title"] == "set"
    assert [one["plt_name"] for one in row["plt_item_note"]] == ["first", "second"]
    assert (api.get(f"plt_items({other})")["plt_share"], api.get(f"plt_items({other})")["plt_text"]) == (
        1234.56,
        "$i1",
    )


@pytest.mark.covers("dv.batch.references")
def test_references_do_not_reach_from_one_change_set_into_another(api: Api) -> None:
    first = change_set(operation("POST", PATH + "plt_items", {}, "1"))
    second = change_set(operation("POST", PATH + "plt_notes", {"plt_Item@odata.bind": "$1"}, "2"))
    said = send(api, first, second)
    assert (said.status_code, statuses(said)) == (400, [204, 400])
    twice = send(api, first, first)
    assert (twice.status_code, statuses(twice)) == (200, [204, 204])


@pytest.mark.covers("dv.batch.stop")
def test_a_batch_goes_on_after_a_failed_change_set_when_asked_to(api: Api) -> None:
    bad = change_set(operation("POST", PATH + "plt_items", {"plt_title": 5}, "1"))
    said = send(api, bad, item(), go_on=True)
    assert (said.status_code, statuses(said)) == (200, [400, 204])


@pytest.mark.covers("dv.batch.nested")
def test_a_batch_within_a_batch_is_refused(api: Api) -> None:
    said = send(api, operation("POST", PATH + "$batch", {}))
    assert (said.status_code, statuses(said)) == (400, [400])


@pytest.mark.covers("dv.batch.length")
def test_addresses_in_a_batch_may_have_65536_characters(api: Api) -> None:
    for length, status in ((65_000, 200), (66_000, 400)):
        filtered = "plt_items?$select=plt_name&$filter=plt_name eq '" + "x" * length + "'"
        said = send(api, operation("GET", PATH + filtered))
        assert statuses(said) == [status]
    alone = "plt_items?$filter=plt_name eq '" + "x" * 33_000 + "'"
    assert api.call("GET", alone).status_code in (400, 414)


@pytest.mark.covers("dv.batch.malformed")
@pytest.mark.parametrize(
    "content_type", ["application/json", "multipart/mixed", "multipart/form-data; boundary=b"]
)
def test_a_batch_needs_its_media_type_and_boundary(api: Api, content_type: str) -> None:
    body = f"--b\r\n{item()}\r\n--b--\r\n".encode()
    said = api.session.post(
        api.root + "$batch", data=body, headers={**api.headers, "Content-Type": content_type}
    )
    assert (said.status_code, said.json()["error"]["code"]) == (400, "0x80048d19")


@pytest.mark.covers("dv.bulk.unique")
def test_the_rows_of_one_call_are_unique(api: Api) -> None:
    action, row = "plt_items/Microsoft.Dynamics.CRM.", api.row()
    key = uuid.uuid4().hex
    by_key = {**target(), "@odata.id": f"plt_items(plt_key='{key}')"}
    for name, targets, status in (
        ("CreateMultiple", [target(plt_itemid=str(uuid.uuid4()))] * 2, 412),
        ("CreateMultiple", [target(plt_key=key), target(plt_key=key)], 412),
        ("UpdateMultiple", [target(plt_itemid=row), target(plt_itemid=row.upper())], 400),
        ("UpsertMultiple", [by_key, by_key], 400),
    ):
        assert api.refused("POST", action + name, {"Targets": targets})[0] == status
    assert api.refused("GET", f"plt_items(plt_key='{key}')")[0] == 404


@pytest.mark.covers("dv.bulk.key_in_body")
def test_a_key_column_in_the_body_is_refused_only_when_the_row_is_new(api: Api) -> None:
    action, key = "plt_items/Microsoft.Dynamics.CRM.UpsertMultiple", uuid.uuid4().hex
    body = {"Targets": [{**target(plt_key=key, plt_title="a"), "@odata.id": f"plt_items(plt_key='{key}')"}]}
    assert api.refused("POST", action, body)[:2] == (400, "0x80040216")
    api.row(plt_key=key)
    assert api.call("POST", action, body).status_code == 204
    assert api.get(f"plt_items(plt_key='{key}')")["plt_title"] == "a"


@pytest.mark.covers("dv.bulk.careless")
@pytest.mark.parametrize(
    ("name", "targets", "status"),
    [
        ("CreateMultiple", [], 400),
        ("CreateMultiple", {}, 400),
        ("CreateMultiple", [{"plt_title": "no type"}], 400),
        ("CreateMultiple", [{"@odata.type": "Microsoft.Dynamics.CRM.plt_note"}], 400),
        ("UpdateMultiple", [target(plt_title="no id")], 400),
        ("UpdateMultiple", [target(plt_itemid=str(uuid.uuid4()), plt_title="not there")], 404),
        ("UpsertMultiple", [target(plt_itemid="5", plt_title="no guid")], 400),
        ("UpsertMultiple", [{**target(), "@odata.id": f"plt_notes({uuid.uuid4()})"}], 400),
    ],
)
def test_targets_that_cannot_be_are_refused(api: Api, name: str, targets: Any, status: int) -> None:
    assert api.refused("POST", f"plt_items/Microsoft.Dynamics.CRM.{name}", {"Targets": targets})[0] == status


@pytest.mark.covers("dv.bulk.no_concurrency")
def test_bulk_updates_ignore_etags(api: Api) -> None:
    row = api.row(plt_title="a")
    stale = {**target(plt_itemid=row, plt_title="b"), "@odata.etag": 'W/"1"'}
    said = api.call(
        "POST", "plt_items/Microsoft.Dynamics.CRM.UpdateMultiple", {"Targets": [stale]}, If_Match='W/"1"'
    )
    assert said.status_code == 204
    assert api.get(f"plt_items({row})")["plt_title"] == "b"
