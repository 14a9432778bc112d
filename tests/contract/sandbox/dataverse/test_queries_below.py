"""Reading what lies below a row (dataverse.md sections 2 and 3)."""

import pytest

from tests.contract.sandbox.dataverse.conftest import Api


@pytest.fixture(scope="module")
def item(api: Api) -> str:
    return api.row(plt_title="Below", plt_count=7, plt_urgent=True, plt_key="below-1")


@pytest.fixture(scope="module")
def note(api: Api, item: str) -> str:
    bind = {"plt_Item@odata.bind": f"/plt_items({item})"}
    for name in ("x", "y"):
        url = api.made("plt_notes", {"plt_name": name, **bind})
    return url.removeprefix(api.root)


@pytest.mark.covers("dv.below.column")
def test_one_column_is_read_alone(api: Api, item: str) -> None:
    said = api.get(f"plt_items({item})/plt_title")
    assert said["value"] == "Below"
    assert said["@odata.context"].endswith(f"$metadata#plt_items({item})/plt_title")
    assert api.get("plt_items(plt_key='below-1')/plt_count")["value"] == 7
    assert api.get(f"plt_items({item})/plt_urgent")["value"] is True


@pytest.mark.covers("dv.below.value")
def test_the_bare_value_of_a_column_is_text(api: Api, item: str) -> None:
    said = api.call("GET", f"plt_items({item})/plt_urgent/$value")
    assert (said.text, said.headers["Content-Type"]) == ("true", "text/plain; charset=utf-8")


@pytest.mark.covers("dv.below.empty")
def test_an_empty_column_and_an_empty_lookup_answer_204(api: Api, item: str) -> None:
    alone = api.made("plt_notes", {"plt_name": "alone"})
    for path in (f"plt_items({item})/plt_text", f"plt_items({item})/plt_text/$value", f"{alone}/plt_Item"):
        said = api.call("GET", path)
        assert (said.status_code, said.content) == (204, b"")
    assert api.call("GET", f"{alone}/plt_Item/$ref").status_code == 204


@pytest.mark.covers("dv.below.lookup")
def test_the_row_behind_a_lookup_is_read_with_its_columns(api: Api, item: str, note: str) -> None:
    said = api.call("GET", f"{note}/plt_Item?$select=plt_title")
    row = said.json()
    assert (row["plt_title"], row["plt_itemid"]) == ("Below", item)
    assert row["@odata.context"].endswith("$metadata#plt_items(plt_title)/$entity")
    assert said.headers["ETag"] == row["@odata.etag"]
    assert api.get(f"plt_items({item})/ownerid?$select=fullname")["fullname"] == "# Application"


@pytest.mark.covers("dv.below.collection")
def test_the_rows_of_a_collection_are_queried_like_a_table(api: Api, item: str, note: str) -> None:
    path = f"plt_items({item})/plt_item_note"
    page = api.get(f"{path}?$select=plt_name&$orderby=plt_name desc&$count=true")
    assert [row["plt_name"] for row in page["value"]] == ["y", "x"]
    assert page["@odata.count"] == 2
    assert [row["plt_name"] for row in api.get(f"{path}?$filter=plt_name eq 'X'")["value"]] == ["x"]
    first = api.get(f"{path}?$select=plt_name", Prefer="odata.maxpagesize=1")
    second = api.get(first["@odata.nextLink"], Prefer="odata.maxpagesize=1")
    assert {page["value"][0]["plt_name"] for page in (first, second)} == {"x", "y"}
    assert "@odata.nextLink" not in second


@pytest.mark.covers("dv.below.reference", "dv.below.count")
def test_references_and_counts_are_read_below_a_row(api: Api, item: str, note: str) -> None:
    assert api.get(f"{note}/plt_Item/$ref")["@odata.id"] == f"{api.root}plt_items({item})"
    listed = api.get(f"plt_items({item})/plt_item_note/$ref")
    assert listed["@odata.context"].endswith("$metadata#Collection($ref)")
    assert api.root + note in [entry["@odata.id"] for entry in listed["value"]]
    assert api.call("GET", f"plt_items({item})/plt_item_note/$count").text == "2"
    assert api.call("GET", f"plt_items({item})/plt_item_note/$count?$filter=plt_name eq 'x'").text == "1"


@pytest.mark.covers("dv.below.deeper")
@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("plt_items(00000000-0000-0000-0000-00000000beef)/plt_title", 404, "0x80040217"),
        ("plt_items(00000000-0000-0000-0000-00000000beef)/plt_item_note", 404, "0x80040217"),
        ("plt_items({item})/plt_missing", 404, "0x8006088a"),
        ("plt_items({item})/plt_item_note/$value", 404, "0x8006088a"),
        ("plt_items({item})/plt_title/$ref", 404, "0x8006088a"),
        ("plt_items/plt_title", 404, "0x8006088a"),
        ("plt_items({item})/ownerid?$filter=fullname eq 'a'", 400, "0x80060888"),
        ("plt_items({item})/plt_item_note/$ref?$select=plt_name", 400, "0x80060888"),
        ("plt_items({item})/plt_item_note?$deltatoken=1", 400, "0x80060888"),
        ("plt_items({item})/ownerid/createdby", 501, "0x80040800"),
        ("plt_items({item})/plt_item_note({item})", 501, "0x80040800"),
    ],
)
def test_other_addresses_below_a_row_are_refused(
    api: Api, item: str, path: str, status: int, code: str
) -> None:
    assert api.refused("GET", path.format(item=item))[:2] == (status, code)
