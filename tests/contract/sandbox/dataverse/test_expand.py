"""`$expand` of lookups and collections (dataverse.md section 3)."""

import uuid
from typing import Any

import pytest

from tests.contract.sandbox.dataverse.conftest import Api

LOOKUP = "_plt_item_value"


@pytest.fixture(scope="module")
def item(api: Api) -> str:
    """An item with three notes; a second item of the same title has one."""
    title = uuid.uuid4().hex[:12]
    item = api.row(plt_title=title, plt_count=1)
    for name in ("b", "a", "c"):
        api.made("plt_notes", {"plt_name": name, "plt_Item@odata.bind": f"/plt_items({item})"})
    other = api.row(plt_title=title, plt_count=2)
    api.made("plt_notes", {"plt_name": "d", "plt_Item@odata.bind": f"/plt_items({other})"})
    api.row(plt_title=title, plt_count=3)
    return item


def names(rows: Any) -> list[str]:
    return [row["plt_name"] for row in rows]


@pytest.mark.covers("dv.expand.collection")
def test_a_collection_comes_whole_with_a_link_that_repeats_it(api: Api, item: str) -> None:
    row = api.get(
        f"plt_items({item})?$select=plt_title&$expand=plt_item_note($select=plt_name;$orderby=plt_name)"
    )
    assert names(row["plt_item_note"]) == ["a", "b", "c"]
    assert all(
        set(note) == {"@odata.etag", "plt_name", "plt_noteid", LOOKUP} for note in row["plt_item_note"]
    )
    assert row["plt_item_note"][0][LOOKUP] == item
    assert row["@odata.context"].endswith("#plt_items(plt_title,plt_item_note(plt_name))/$entity")
    again = api.get(row["plt_item_note@odata.nextLink"])
    assert names(again["value"]) == ["a", "b", "c"]
    assert "@odata.nextLink" not in again


@pytest.mark.covers("dv.expand.options")
def test_filter_order_and_top_apply_to_each_collection(api: Api, item: str) -> None:
    title = api.get(f"plt_items({item})")["plt_title"]
    query = (
        f"plt_items?$select=plt_count&$filter=plt_title eq '{title}'&$orderby=plt_count"
        "&$expand=plt_item_note($select=plt_name;$filter=plt_name ne 'c';$orderby=plt_name desc;$top=1)"
    )
    rows = api.get(query)["value"]
    assert [names(row["plt_item_note"]) for row in rows] == [["b"], ["d"], []]
    assert "$top=1" in rows[0]["plt_item_note@odata.nextLink"]


@pytest.mark.covers("dv.expand.nested")
def test_with_a_nested_expansion_collections_come_in_pages(api: Api, item: str) -> None:
    query = (
        f"plt_items({item})?$select=plt_title"
        "&$expand=plt_item_note($select=plt_name;$expand=plt_Item($select=plt_count))"
    )
    prefer = {"Prefer": "odata.maxpagesize=2"}
    row = api.get(query, **prefer)
    first = row["plt_item_note"]
    assert len(first) == 2
    assert all(set(note) == {"plt_name", "plt_noteid", "plt_Item"} for note in first)
    assert first[0]["plt_Item"] == {"plt_count": 1, "plt_itemid": item}
    assert "$skiptoken=" in row["plt_item_note@odata.nextLink"]
    rest = api.get(row["plt_item_note@odata.nextLink"], **prefer)
    assert sorted(names(first) + names(rest["value"])) == ["a", "b", "c"]
    assert rest["value"][0]["plt_Item"]["plt_count"] == 1
    assert "@odata.nextLink" not in rest


@pytest.mark.covers("dv.expand.reference")
def test_a_lookup_is_expanded_to_its_address(api: Api, item: str) -> None:
    row = api.get(f"plt_notes?$select=plt_name&$expand=plt_Item/$ref&$filter={LOOKUP} eq {item}&$top=1")[
        "value"
    ][0]
    assert row["plt_Item"] == {"@odata.id": f"{api.root}plt_items({item})"}


def test_an_owner_is_expanded_whichever_table_it_is_in(api: Api) -> None:
    team = api.get("teams?$top=1")["value"][0]
    owned = api.row(**{"ownerid@odata.bind": f"/teams({team['teamid']})"})
    query = "$expand=ownerid($select=name,fullname)&$select=plt_title"
    assert api.get(f"plt_items({owned})?{query}")["ownerid"] == {
        "name": team["name"],
        "teamid": team["teamid"],
    }
    assert api.get(f"plt_items({api.row()})?{query}")["ownerid"]["fullname"] == "# Application"


@pytest.mark.covers("dv.expand.limits")
@pytest.mark.parametrize(
    ("expand", "code", "says"),
    [
        ("plt_item_note/$ref", "0x80060888", "lookup type navigation property"),
        ("plt_item_note($top=1;$expand=plt_Item)", "0x80060888", "Only $select and $filter"),
        ("plt_item_note($expand=plt_Item;$orderby=plt_name)", "0x80060888", "Only $select and $filter"),
        ("plt_item_note($expand=plt_Item($expand=plt_item_note($top=1)))", "0x80060888", "Only $select and"),
        ("ownerid($orderby=fullname)", "0x80060888", "Only $select and $filter"),
        ("plt_item_note($skip=1)", "0x80060888", "$skip"),
        ("plt_item_note($count=true)", "0x80060888", "$count"),
        ("plt_item_note($top=x)", "0x80060888", "$top"),
        ("plt_item_note($select=plt_missing)", "0x0", "plt_missing"),
        ("plt_item_note($filter=plt_missing eq 1)", "0x0", "plt_missing"),
        ("ownerid($select=plt_missing)", "0x0", "plt_missing"),
        ("plt_nothing", "0x0", "plt_nothing"),
        ("plt_item_note,(", "0x80060888", "could not be read"),
        (",".join(["createdby"] * 16), "0x8004430d", "link entities"),
    ],
)
def test_what_the_service_does_not_expand_is_refused(api: Api, expand: str, code: str, says: str) -> None:
    status, said, words = api.refused("GET", f"plt_items?$expand={expand}")
    assert (status, said) == (400, code)
    assert says in words


def test_texts_in_a_nested_filter_may_hold_brackets_and_separators(api: Api, item: str) -> None:
    row = api.get(
        f"plt_items({item})?$expand=plt_item_note($filter=plt_name eq '(;,'' )' or plt_name eq 'a')"
    )
    assert names(row["plt_item_note"]) == ["a"]
