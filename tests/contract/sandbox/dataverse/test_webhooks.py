"""Registering webhooks, and what becomes of their calls."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.receiver import trust
from tests.contract.sandbox.dataverse.hooks import (
    HEADERS,
    QUERY,
    SETTINGS,
    Hooks,
    clear,
    hooks,
    listed,
    target,
)

Json = Any


@pytest.fixture(scope="module")
def shared() -> Iterator[Hooks]:
    with hooks() as made:
        yield made


@pytest.fixture
def own(shared: Hooks) -> Iterator[Hooks]:
    yield shared
    clear(shared)


@pytest.mark.covers("hook.register")
def test_a_registered_webhook_can_be_read_but_not_its_key(own: Hooks) -> None:
    endpoint = own.endpoint(authvalue="hidden")
    step = own.register("Create", endpoint=endpoint)
    row = own.api.get(f"serviceendpoints({endpoint})")
    assert (row["contract"], row["authtype"], row["authvalue"]) == (8, 4, None)
    assert (
        "hidden"
        not in own.api.call("GET", "serviceendpoints?$filter=contract eq 8&$select=name,authvalue").text
    )
    read = own.api.get(
        f"sdkmessageprocessingsteps({step})?$expand=sdkmessageid($select=name)",
        Prefer='odata.include-annotations="*"',
    )
    assert (read["rank"], read["statecode"], read["sdkmessageid"]["name"]) == (1, 0, "Create")
    assert read["_eventhandler_value"] == endpoint


@pytest.mark.covers("hook.key")
def test_a_webhook_key_comes_as_code_in_the_query(own: Hooks) -> None:
    own.register("Create", endpoint=own.endpoint(url=f"{own.receiver.url}/hook?part=1"))
    own.row()
    (got,) = own.calls()
    assert (got.path, got.query) == ("/hook", {"part": ["1"], "code": ["k/ey"]})


@pytest.mark.covers("hook.headers-query")
def test_headers_and_query_come_from_the_settings_of_the_endpoint(own: Hooks) -> None:
    own.register("Create", endpoint=own.endpoint(authtype=HEADERS, authvalue=SETTINGS))
    own.register("Create", endpoint=own.endpoint(authtype=QUERY, authvalue=SETTINGS))
    own.row()
    by_query = sorted(own.calls(), key=lambda got: len(got.query))
    assert (by_query[0].headers["x-desk"], by_query[0].query) == ("s&cret", {})
    assert by_query[1].query == {"x-desk": ["s&cret"], "part": ["2"]}


@pytest.mark.covers("hook.headers-query")
@pytest.mark.parametrize(("kind", "number"), [(HEADERS, -2147155453), (QUERY, -2147155452)])
def test_settings_nobody_can_read_fail_as_a_job(own: Hooks, kind: int, number: int) -> None:
    own.register("Create", endpoint=own.endpoint(authtype=kind, authvalue="x-desk: secret"))
    own.row()
    (job,) = own.failures()
    assert (job["errorcode"], own.receiver.got) == (number, [])


@pytest.mark.covers("hook.rules")
@pytest.mark.parametrize(
    ("more", "status", "says"),
    [
        ({"contract": 7}, 501, "webhooks"),
        ({"contract": 99}, 400, "contract"),
        ({"authtype": 2}, 400, "authtype"),
        ({"authvalue": None}, 400, "authvalue"),
        ({"url": "desk.example/hook"}, 400, "url"),
        ({"url": "https://desk.example:8443/hook"}, 400, "443"),
        ({"url": None}, 400, "url"),
        ({"name": None}, 400, "name"),
    ],
)
def test_endpoints_that_cannot_be_called_are_refused(own: Hooks, more: Json, status: int, says: str) -> None:
    body = {"name": "d", "contract": 8, "authtype": 4, "authvalue": "k", "url": "https://desk.example/hook"}
    refused = own.api.refused("POST", "serviceendpoints", body | more)
    assert refused[0] == status
    assert says in refused[2]
    assert own.api.get("serviceendpoints")["value"] == []


@pytest.mark.covers("hook.rules", "hook.other-stages")
@pytest.mark.parametrize(
    ("more", "status", "says"),
    [
        ({"stage": 20}, 501, "40"),
        ({"stage": 41}, 400, "stage"),
        ({"mode": 2}, 400, "mode"),
        ({"name": None}, 400, "name"),
        ({"filteringattributes": "plt_title,plt_none"}, 400, "plt_none"),
        ({"sdkmessagefilterid@odata.bind": None}, 501, "one table"),
        ({"eventhandler_serviceendpoint@odata.bind": None}, 400, "eventhandler"),
    ],
)
def test_steps_that_would_never_run_are_refused(own: Hooks, more: Json, status: int, says: str) -> None:
    refused = own.api.refused("POST", "sdkmessageprocessingsteps", own.step("Update") | more)
    assert refused[0] == status
    assert says in refused[2]
    own.patch(own.row(), plt_title="x")
    assert own.calls() == []


@pytest.mark.covers("hook.rules")
def test_the_filter_must_be_one_of_the_message(own: Hooks) -> None:
    other = {"sdkmessagefilterid@odata.bind": f"/sdkmessagefilters({own.filter_of('Delete', 'plt_item')})"}
    assert "Update" in own.api.refused("POST", "sdkmessageprocessingsteps", own.step("Update") | other)[2]
    retrieve = own.step("Retrieve")
    assert own.api.refused("POST", "sdkmessageprocessingsteps", retrieve)[0] == 501


@pytest.mark.covers("hook.rules", "hook.images")
@pytest.mark.parametrize(
    ("message", "kind", "more", "says"),
    [
        ("Create", 0, {"messagepropertyname": "Id"}, "Create"),
        ("Delete", 1, {}, "Delete"),
        ("Create", 1, {}, "Id"),
        ("Update", 0, {"attributes": "plt_none"}, "plt_none"),
        ("Update", 0, {"entityalias": None}, "entityalias"),
    ],
)
def test_images_that_cannot_be_are_refused(
    own: Hooks, message: str, kind: int, more: Json, says: str
) -> None:
    body = {"name": "i", "entityalias": "copy", "imagetype": kind, "messagepropertyname": "Target"} | more
    bound = {"sdkmessageprocessingstepid@odata.bind": f"/sdkmessageprocessingsteps({own.register(message)})"}
    assert says in own.api.refused("POST", "sdkmessageprocessingstepimages", body | bound)[2]


@pytest.mark.covers("hook.off")
def test_a_step_that_is_disabled_or_gone_is_not_called(own: Hooks) -> None:
    step = own.register("Create")
    own.api.call("PATCH", f"sdkmessageprocessingsteps({step})", {"statecode": 1, "statuscode": 2})
    own.row()
    assert own.calls() == []
    own.api.call("PATCH", f"sdkmessageprocessingsteps({step})", {"statecode": 0, "statuscode": 1})
    own.row()
    assert len(own.calls()) == 1
    own.api.call("DELETE", f"sdkmessageprocessingsteps({step})")
    own.row()
    assert len(own.calls()) == 1


@pytest.mark.covers("hook.off")
def test_steps_go_with_their_endpoint(own: Hooks) -> None:
    endpoint = own.endpoint()
    own.image(own.register("Update", endpoint=endpoint), 0)
    own.api.call("DELETE", f"serviceendpoints({endpoint})")
    assert own.api.get("sdkmessageprocessingsteps")["value"] == []
    assert own.api.get("sdkmessageprocessingstepimages")["value"] == []


@pytest.mark.covers("hook.filtering")
def test_an_update_of_other_columns_does_not_set_off_a_step_with_filtering(own: Hooks) -> None:
    own.register("Update", filteringattributes="plt_title, plt_count")
    row = own.row(plt_title="a")
    own.patch(row, plt_text="long")
    own.patch(row, plt_count=3)
    own.patch(row, plt_title="b", plt_text="x")
    written = [set(listed(target(one)["Attributes"])) & {"plt_title", "plt_count"} for one in own.sent()]
    assert sorted(map(sorted, written)) == [["plt_count"], ["plt_title"]]


@pytest.mark.covers("hook.after-commit")
def test_a_write_that_is_rolled_back_calls_nobody(own: Hooks) -> None:
    own.register("Create")
    same = [{"@odata.type": "Microsoft.Dynamics.CRM.plt_item", "plt_key": "one"} for _ in range(2)]
    said = own.api.call("POST", "plt_items/Microsoft.Dynamics.CRM.CreateMultiple", {"Targets": same})
    assert said.status_code >= 400
    assert own.calls() == []


@pytest.mark.covers("hook.after-commit")
def test_a_registration_that_is_rolled_back_is_none(own: Hooks) -> None:
    own.api.refused(
        "POST", "sdkmessageprocessingsteps", own.step("Create", filteringattributes="") | {"stage": 20}
    )
    own.row()
    own.register("Create")
    own.row()
    assert len(own.calls()) == 1


@pytest.mark.covers("hook.bulk")
def test_each_row_of_a_bulk_message_and_of_a_change_set_is_told(own: Hooks) -> None:
    own.register("Create")
    rows = [{"@odata.type": "Microsoft.Dynamics.CRM.plt_item", "plt_title": str(n)} for n in range(5)]
    made = own.api.call("POST", "plt_items/Microsoft.Dynamics.CRM.CreateMultiple", {"Targets": rows})
    assert sorted(one["PrimaryEntityId"] for one in own.sent()) == sorted(made.json()["Ids"])
    operation = (
        "--s\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: {}\r\n\r\n"
        'POST plt_items HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{{"plt_title": "{}"}}\r\n'
    )
    both = operation.format(1, "a") + operation.format(2, "b")
    body = f"--b\r\nContent-Type: multipart/mixed; boundary=s\r\n\r\n{both}--s--\r\n--b--\r\n"
    headers = {**own.api.headers, "Content-Type": "multipart/mixed; boundary=b"}
    said = own.api.session.post(own.api.root + "$batch", data=body.encode(), headers=headers)
    assert said.status_code == 200, said.text
    assert len(own.calls()) == 7


@pytest.mark.covers("hook.failed")
def test_a_failed_call_leaves_a_job_and_is_not_repeated(own: Hooks) -> None:
    own.register("Create", asyncautodelete=False)
    own.receiver.statuses = [500, 200]
    own.row()
    own.calls()
    own.row()
    (job,) = own.failures()
    assert (job["statecode"], job["errorcode"], job["retrycount"]) == (3, -2147155455, 0)
    assert "non-success" in job["message"]
    done = own.api.get("asyncoperations?$filter=statuscode eq 30")["value"]
    assert [one["messagename"] for one in done] == ["Create"]
    assert len(own.calls()) == 2


@pytest.mark.covers("hook.retry")
@pytest.mark.parametrize(("statuses", "calls", "failed"), [([503], 2, 0), ([502, 504], 2, 1), ([429], 1, 1)])
def test_only_a_gateway_failure_is_tried_once_more(
    own: Hooks, statuses: list[int], calls: int, failed: int
) -> None:
    own.register("Create")
    own.receiver.statuses = list(statuses)
    own.row()
    assert (len(own.failures()), len(own.receiver.got)) == (failed, calls)


@pytest.mark.covers("hook.timeout")
def test_a_receiver_that_does_not_answer_in_time_has_failed(own: Hooks) -> None:
    before = own.tenant.outgoing.settings
    assert before.webhook_seconds == 60
    trust(own.tenant, own.receiver, webhook_seconds=0.1)
    own.receiver.pause = 0.3
    own.register("Create")
    own.row()
    (job,) = own.failures()
    own.tenant.outgoing.change(before)
    assert job["errorcode"] == -2147155454


@pytest.mark.covers("hook.faults")
def test_faults_lose_and_double_calls(own: Hooks) -> None:
    own.register("Create")
    for kind in ("lose", "double"):
        own.tenant.faults.add(
            [
                {
                    "match": {"service": "dataverse-webhook", "times": 1},
                    "do": {"kind": kind} if kind == "lose" else {"kind": kind, "seconds": 0.05},
                }
            ]
        )
        own.row()
        own.calls()
    assert len(own.receiver.await_calls(2)) == 2


@pytest.mark.covers("hook.sync")
def test_a_step_that_is_waited_for_undoes_the_write_when_it_fails(own: Hooks) -> None:
    own.register("Create", mode=0)
    own.receiver.statuses = [500]
    row = str(uuid.uuid4())
    status, code, words = own.api.refused("POST", "plt_items", {"plt_itemid": row})
    assert (status, code) == (400, "0x80050201")
    assert "webhook" in words
    assert own.api.call("GET", f"plt_items({row})").status_code == 404
    own.api.made("plt_items", {"plt_itemid": row})
    first, second = own.sent()
    assert (first["Mode"], first["IsInTransaction"], second["PrimaryEntityId"]) == (0, True, row)
    assert own.failures() == []


@pytest.mark.covers("hook.sync")
def test_a_failure_that_is_waited_for_undoes_all_rows_and_calls_of_others(own: Hooks) -> None:
    own.register("Create", mode=0, rank=2)
    own.register("Create", endpoint=own.endpoint(url=f"{own.receiver.url}/other"))
    own.receiver.statuses = [200, 500]
    rows = [{"@odata.type": "Microsoft.Dynamics.CRM.plt_item", "plt_title": "undone"} for _ in range(2)]
    said = own.api.call("POST", "plt_items/Microsoft.Dynamics.CRM.CreateMultiple", {"Targets": rows})
    assert said.json()["error"]["code"] == "0x80050201"
    assert own.api.get("plt_items?$filter=plt_title eq 'undone'")["value"] == []
    assert [got.path for got in own.calls()] == ["/hook", "/hook"]
