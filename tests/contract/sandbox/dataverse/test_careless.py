"""Requests of careless programs: refused in words as the cloud does, never served by luck, never a failure of ours."""

import uuid

import pytest

from tests.contract.sandbox.dataverse.conftest import Api

PAYLOAD, QUERY = "0x80048d19", "0x80060888"
NOT_OFFERED = (501, "0x80040800")


def raw(api: Api, data: bytes, content_type: str | None = "application/json") -> tuple[int, str]:
    headers = {**api.headers, "Content-Type": content_type}
    said = api.session.post(api.root + "plt_items", data=data, headers=headers)
    return said.status_code, said.json()["error"]["code"] if said.content else ""


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{x",
        b"[]",
        b"null",
        b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
        b'{"plt_text":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"plt_share": NaN}',
        b'{"plt_share": Infinity}',
        b'{"plt_name": "a", "plt_name": "b"}',
        b'{"plt_name": "\\ud800"}',
        '{"plt_name": "x"}'.encode("utf-16"),
        b'{"@odata.type": "Microsoft.Dynamics.CRM.team", "plt_name": "x"}',
    ],
    ids=range(12),
)
@pytest.mark.covers("dv.rows.json")
def test_what_is_no_row_in_json_is_refused(api: Api, body: bytes) -> None:
    assert raw(api, body) == (400, PAYLOAD)


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", None])
@pytest.mark.covers("dv.rows.json")
def test_a_body_must_say_that_it_is_json(api: Api, kind: str | None) -> None:
    assert raw(api, b'{"plt_name": "x"}', kind)[0] == 415


def test_a_body_may_name_its_charset_and_parameters(api: Api) -> None:
    for kind in ("application/json; charset=utf-8", "application/json; type=entry", "Application/JSON"):
        assert raw(api, b'\xef\xbb\xbf{"plt_name": "x"}', kind) == (204, "")


@pytest.mark.parametrize(
    "query",
    [
        "$top=%C2%B2",
        "$top=",
        "$filter=",
        "$orderby=%20",
        "$count=banana",
        "$filter=plt_count eq 1&$filter=plt_count eq 2",
        "$filter=plt_count eq 99999999999999999999",
        "$filter=plt_name gt null",
    ],
)
def test_malformed_options_are_refused(api: Api, query: str) -> None:
    assert api.refused("GET", f"plt_items?{query}")[:2] == (400, QUERY)


def test_a_page_size_that_is_no_number_is_passed_over(api: Api) -> None:
    assert api.call("GET", "plt_items?$top=1", Prefer="odata.maxpagesize=²".encode()).status_code == 200  # type: ignore[arg-type]


def test_values_of_keys_and_lists_must_fit_their_columns(api: Api) -> None:
    for key in ("plt_key=bare", "plt_key='a',plt_key='b'", f"plt_itemid='{uuid.uuid4()}'"):
        assert api.refused("GET", f"plt_items({key})")[:2] == (400, QUERY)
    items = "$filter=Microsoft.Dynamics.CRM.In(PropertyName='{}',PropertyValues=[\"{}\"])"
    for column, value in (
        ("plt_count", 10**20),
        ("plt_share", "x"),
        ("_ownerid_value", "x"),
        ("plt_urgent", "1"),
    ):
        assert api.refused("GET", "plt_items?" + items.format(column, value))[0] == 400


def test_a_day_before_1753_is_refused(api: Api) -> None:
    assert api.refused("POST", "plt_items", {"plt_day": "1700-01-01"})[:2] == (400, "0x80040239")


def test_a_property_is_set_by_value_only(api: Api) -> None:
    row = api.row(plt_name="kept")
    assert api.refused("PUT", f"plt_items({row})/plt_name", {})[:2] == (400, PAYLOAD)
    assert api.get(f"plt_items({row})")["plt_name"] == "kept"


def test_what_the_cloud_has_and_the_tenant_has_not_is_501(api: Api) -> None:
    for path in ("CloseIncident", "GrantAccess"):
        assert api.refused("POST", path, {})[:2] == NOT_OFFERED
    assert api.refused("GET", api.root.replace("v9.2", "v9.0") + "WhoAmI()")[:2] == NOT_OFFERED


def test_nothing_lies_below_functions_and_actions(api: Api) -> None:
    assert api.call("GET", "WhoAmI()/x").status_code == 404
    assert api.call("POST", "PublishAllXml/x", {}).status_code == 404
    assert api.refused("POST", "plt_items/CreateMultiple", {"Targets": []})[0] == 404


def test_a_bulk_action_has_no_other_parameters(api: Api) -> None:
    row = {"@odata.type": "Microsoft.Dynamics.CRM.plt_item"}
    body = {"Targets": [row], "Options": 1}
    path = "plt_items/Microsoft.Dynamics.CRM.CreateMultiple"
    assert api.refused("POST", path, body)[:2] == (400, PAYLOAD)
