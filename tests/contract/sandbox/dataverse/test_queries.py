"""Queries: options, filters, paging, expand, annotations (dataverse.md section 3)."""

import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from sandbox.tenant import Tenant
from tests.contract.sandbox.dataverse.conftest import Api, fill, provision

ANNOTATED = 'odata.include-annotations="*"'
type Find = Callable[[str], list[str]]
ROWS: list[dict[str, Any]] = [
    {"plt_title": "Laptop", "plt_count": 1, "plt_priority": 727000000, "plt_dueon": "2026-02-09T09:00:00Z"},
    {"plt_title": "laptop bag", "plt_count": 2, "plt_priority": 727000001, "plt_urgent": True},
    {"plt_title": "O'Brien 50%", "plt_count": 3, "plt_priority": 727000001, "plt_day": "2026-03-02"},
    {"plt_title": None, "plt_count": 4, "plt_share": 1.5},
]


@pytest.fixture(scope="module")
def mark(api: Api) -> str:
    """What the rows of this module have in common."""
    mark = uuid.uuid4().hex
    for row in ROWS:
        api.row(plt_text=mark, **row)
    return mark


@pytest.fixture
def find(api: Api, mark: str) -> Find:
    def found(condition: str) -> list[str]:
        text = quote(f"plt_text eq '{mark}' and ({condition})", safe="")
        rows = api.get(f"plt_items?$select=plt_count&$orderby=plt_count&$filter={text}")["value"]
        return [row["plt_count"] for row in rows]

    return found


@pytest.mark.covers("dv.query.filter")
@pytest.mark.parametrize(
    ("condition", "counts"),
    [
        ("plt_title eq 'LAPTOP'", [1]),
        ("plt_title ne 'laptop'", [2, 3, 4]),
        ("plt_title eq 'O''Brien 50%'", [3]),
        ("plt_title eq null", [4]),
        ("plt_title ne null", [1, 2, 3]),
        ("contains(plt_title,'TOP')", [1, 2]),
        ("startswith(plt_title,'laptop ')", [2]),
        ("endswith(plt_title,'[%]')", [3]),
        ("contains(plt_title,'l%t')", [1, 2]),
        ("not contains(plt_title,'laptop')", [3, 4]),
        ("plt_count gt 1 and plt_count le 3", [2, 3]),
        ("plt_count eq 1 or (plt_count eq 4 and plt_share lt 2.5)", [1, 4]),
        ("plt_priority eq 727000001", [2, 3]),
        ("plt_urgent eq true", [2]),
        ("plt_dueon le 2026-02-09T09:00:00Z", [1]),
        ("plt_dueon lt 2026-02-09T10:00:00+01:00", []),
        ("plt_day eq 2026-03-02", [3]),
        ('Microsoft.Dynamics.CRM.In(PropertyName=\'plt_count\',PropertyValues=["1","3"])', [1, 3]),
        ("Microsoft.Dynamics.CRM.In(PropertyName='plt_title',PropertyValues=[\"o'brien 50%\"])", [3]),
        ("ownerid/fullname eq '# application'", [1, 2, 3, 4]),
    ],
)
def test_a_filter_finds(find: Find, condition: str, counts: list[int]) -> None:
    assert find(condition) == counts


@pytest.mark.covers("dv.query.alias")
def test_in_takes_its_parameters_by_alias(api: Api, mark: str) -> None:
    query = (
        f"plt_items?$select=plt_count&$filter=plt_text eq @p3 and "
        f"Microsoft.Dynamics.CRM.In(PropertyName=@p1,PropertyValues=@p2)"
        f"&@p1='plt_priority'&@p2=[\"727000000\",\"727000001\"]&@p3='{mark}'&$orderby=plt_count desc"
    )
    assert [row["plt_count"] for row in api.get(query)["value"]] == [3, 2, 1]


@pytest.mark.covers("dv.query.refused", "dv.query.sql")
@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("$select=Plt_Title", 400, "0x0"),
        ("$filter=plt_missing eq 1", 400, "0x0"),
        ("$filter=plt_count eq 'a'", 400, "0x80060888"),
        ("$filter=plt_title eq 5", 400, "0x80060888"),
        ("$filter=plt_count in (1,2)", 400, "0x80060888"),
        ("$filter=plt_count eq", 400, "0x80060888"),
        ("$orderby=plt_count down", 400, "0x80060888"),
        ("$skip=5", 400, "0x80060888"),
        ("$Select=plt_title", 400, "0x80060888"),
        ("$expand=plt_Item", 400, "0x0"),
        ("$filter=year(plt_dueon) eq 2026", 501, "0x80040800"),
        ("sql=SELECT plt_name FROM plt_item", 501, "0x80040800"),
        ("savedQuery=00000000-0000-0000-0000-000000000001", 501, "0x80040800"),
    ],
)
def test_a_wrong_query_is_refused(api: Api, query: str, status: int, code: str) -> None:
    assert api.refused("GET", f"plt_items?{query}")[:2] == (status, code)


@pytest.mark.covers("dv.query.pages")
def test_pages_hold_every_row_once_in_order(api: Api, mark: str) -> None:
    prefer = {"Prefer": "odata.maxpagesize=2"}
    for order, counts in (
        ("plt_title", [4, 1, 2, 3]),
        ("plt_title desc", [3, 2, 1, 4]),
        ("plt_count desc", [4, 3, 2, 1]),
    ):
        link = f"plt_items?$select=plt_count&$filter=plt_text eq '{mark}'&$orderby={order}"
        seen = []
        while link:
            page = api.get(link, **prefer)
            assert len(page["value"]) <= 2
            seen += [row["plt_count"] for row in page["value"]]
            link = page.get("@odata.nextLink")
        assert seen == counts


@pytest.mark.covers("dv.query.token")
def test_an_edited_skip_token_is_refused(api: Api, mark: str) -> None:
    link = api.get(f"plt_items?$filter=plt_text eq '{mark}'", Prefer="odata.maxpagesize=1")["@odata.nextLink"]
    assert "%3Ccookie%20pagenumber" in link
    for edited in (link.replace("pagenumber=%222", "pagenumber=%223"), link.replace(mark, "other")):
        assert edited != link
        assert api.refused("GET", edited)[1] == "0x8004112a"


@pytest.mark.covers("dv.query.top")
def test_top_limits_and_is_ignored_beside_a_page_size(api: Api, mark: str) -> None:
    query = f"plt_items?$select=plt_count&$filter=plt_text eq '{mark}'&$top=1&$orderby=plt_count desc"
    page = api.get(query)
    assert [row["plt_count"] for row in page["value"]] == [4]
    assert "@odata.nextLink" not in page
    assert len(api.get(query, Prefer="odata.maxpagesize=3")["value"]) == 3


@pytest.mark.covers("dv.query.count")
def test_a_count_is_told(api: Api, mark: str) -> None:
    query = f"$filter=plt_text eq '{mark}'"
    assert api.get(f"plt_items?{query}&$count=true&$top=1")["@odata.count"] == 4
    said = api.call("GET", f"plt_items/$count?{query}")
    assert (said.text, said.headers["Content-Type"].partition(";")[0]) == ("4", "text/plain")
    assert (
        api.get(f"plt_items?{query}", Prefer='odata.include-annotations="*"')[
            "@Microsoft.Dynamics.CRM.totalrecordcount"
        ]
        == -1
    )


@pytest.mark.covers("dv.query.notes", "dv.expand.lookup")
def test_a_lookup_is_filtered_expanded_and_annotated(api: Api, mark: str) -> None:
    item = api.row(plt_title="Parent", plt_name="The parent", plt_priority=727000002)
    api.made("plt_notes", {"plt_name": "child", "plt_Item@odata.bind": f"/plt_items({item})"})
    query = (
        "plt_notes?$select=plt_name,_plt_item_value&$expand=plt_Item($select=plt_title,plt_priority;"
        f"$expand=ownerid($select=fullname))&$filter=_plt_item_value eq {item} and plt_Item/plt_title eq 'PARENT'"
    )
    rows = api.get(query, Prefer='odata.include-annotations="*"')["value"]
    assert len(rows) == 1
    row = rows[0]
    assert row["plt_Item"]["plt_title"] == "Parent"
    assert row["plt_Item"]["plt_itemid"] == item
    assert row["plt_Item"]["plt_priority@OData.Community.Display.V1.FormattedValue"] == "Low"
    assert row["plt_Item"]["ownerid"]["fullname"] == "# Application"
    assert row["_plt_item_value@OData.Community.Display.V1.FormattedValue"] == "The parent"
    assert row["_plt_item_value@Microsoft.Dynamics.CRM.lookuplogicalname"] == "plt_item"
    assert row["_plt_item_value@Microsoft.Dynamics.CRM.associatednavigationproperty"] == "plt_Item"


@pytest.mark.covers("dv.expand.lookup")
def test_an_empty_lookup_expands_to_null(api: Api) -> None:
    url = api.made("plt_notes", {"plt_name": "alone"})
    assert api.get(url + "?$expand=plt_Item($select=plt_title)")["plt_Item"] is None


@pytest.mark.covers("dv.query.notes")
def test_formatted_values_come_only_when_asked_for(api: Api, mark: str) -> None:
    query = (
        f"plt_items?$select=plt_priority,plt_urgent,plt_dueon&$filter=plt_text eq '{mark}' and plt_count eq 1"
    )
    assert not any("@OData" in name for name in api.get(query)["value"][0])
    note = "OData.Community.Display.V1.FormattedValue"
    row = api.get(query, Prefer=f'odata.include-annotations="{note}"')["value"][0]
    assert row[f"plt_priority@{note}"] == "High"
    assert row[f"plt_urgent@{note}"] == "No"
    assert row[f"plt_dueon@{note}"] == "09/02/2026 09:00"


@pytest.mark.covers("dv.query.one")
def test_options_for_collections_are_refused_on_one_row(api: Api) -> None:
    path = f"plt_items({api.row()})"
    assert api.refused("GET", path + "?$filter=plt_count eq 1")[:2] == (400, "0x80060888")


@pytest.mark.covers("dv.query.cap")
def test_no_page_and_no_count_goes_beyond_5_000_rows() -> None:
    with Tenant() as own:
        api = Api(own)
        with api.session:
            provision(api)
            fill(own, 5_002)
            for prefer in ({}, {"Prefer": "odata.maxpagesize=6000"}):
                page = api.get("plt_items?$select=plt_count&$count=true", **prefer)
                assert (len(page["value"]), page["@odata.count"]) == (5_000, 5_000)
            assert len(api.get(page["@odata.nextLink"], **prefer)["value"]) == 2
            assert len(api.get("plt_items?$select=plt_count&$top=6000")["value"]) == 5_000
            assert api.call("GET", "plt_items/$count").text == "5000"
            noted = api.get("plt_items?$select=plt_count&$count=true&$top=1", Prefer=ANNOTATED)
            assert noted["@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded"] is True
            item = api.row()
            with own.store.write() as connection:
                connection.execute(
                    "INSERT INTO row_plt_note (plt_noteid, plt_item, versionnumber) "
                    "SELECT plt_itemid, ?, 2000 FROM row_plt_item LIMIT 5001",
                    (item,),
                )
            expanded = api.get(f"plt_items({item})?$expand=plt_item_note($select=plt_name)")
            assert len(expanded["plt_item_note"]) == 5_000


@pytest.mark.covers("dv.query.length")
def test_an_url_may_be_twice_as_long_in_a_batch(api: Api) -> None:
    def path(length: int) -> str:
        start = "/api/data/v9.2/plt_items?$select=plt_count&$filter=plt_title eq '".replace(" ", "%20")
        return start + "x" * (length - len(start) - 1) + "'"

    def batched(target: str) -> int:
        part = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        body = f"--b\r\n{part}GET {target} HTTP/1.1\r\n\r\n\r\n--b--\r\n"
        kind = {"Content-Type": "multipart/mixed; boundary=b"}
        said = api.session.post(api.root + "$batch", data=body, headers={**api.headers, **kind})
        return said.status_code

    root = api.root.removesuffix("/api/data/v9.2/")
    assert api.call("GET", root + path(32_768)).status_code == 200
    assert api.refused("GET", root + path(32_769))[:2] == (400, "0x80060888")
    assert batched(path(65_536)) == 200
    assert batched(path(65_537)) == 400
