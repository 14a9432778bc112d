"""Rows created together: nested objects, lists, and existing rows bound to a collection (dataverse.md section 2)."""

import uuid
from collections.abc import Iterator

import pytest

from tests.contract.sandbox.dataverse.conftest import Api, Json, table
from tests.contract.sandbox.dataverse.test_metadata_relations import guid, many_to_many

TAGS = "plt_note_tag"


@pytest.fixture(scope="module", autouse=True)
def tags(api: Api) -> Iterator[None]:
    api.made("EntityDefinitions", table("plt_Tag"))
    api.made("RelationshipDefinitions", many_to_many(TAGS, "plt_note", "plt_tag"))
    yield
    api.call("DELETE", f"RelationshipDefinitions(SchemaName='{TAGS}')")


def count(api: Api, name: str) -> int:
    return api.get(f"{name}?$count=true&$top=1")["@odata.count"]


@pytest.mark.covers("dv.deep.insert")
def test_a_parent_and_its_rows_come_in_one_call(api: Api) -> None:
    notes = [{"plt_name": "a", TAGS: [{"plt_name": "t1"}]}, {"plt_name": "b"}]
    item = api.made("plt_items", {"plt_title": "deep", "plt_item_note": notes})
    found = api.get(f"{item}?$expand=plt_item_note($select=plt_name;$orderby=plt_name)")["plt_item_note"]
    assert [one["plt_name"] for one in found] == ["a", "b"]
    tagged = [api.get(f"plt_notes({one['plt_noteid']})/{TAGS}")["value"] for one in found]
    assert [[tag["plt_name"] for tag in each] for each in tagged] == [["t1"], []]


@pytest.mark.covers("dv.deep.insert")
def test_a_row_brings_the_row_that_it_refers_to(api: Api) -> None:
    body = {"plt_name": "below", "plt_Item": {"plt_title": "above"}}
    said = api.call(
        "POST",
        "plt_notes?$select=plt_name&$expand=plt_Item($select=plt_title)",
        body,
        Prefer="return=representation",
    )
    assert said.status_code == 201
    assert said.json()["plt_Item"]["plt_title"] == "above"


@pytest.mark.covers("dv.deep.bind")
def test_rows_that_exist_are_bound_to_a_collection_when_creating(api: Api) -> None:
    note, tag = api.made("plt_notes", {}), api.made("plt_tags", {})
    item = api.made("plt_items", {"plt_item_note@odata.bind": [f"/plt_notes({guid(note)})"]})
    assert api.get(note)["_plt_item_value"] == guid(item)
    other = api.made("plt_notes", {f"{TAGS}@odata.bind": [tag]})
    assert len(api.get(f"{other}/{TAGS}")["value"]) == 1


@pytest.mark.covers("dv.deep.atomic")
@pytest.mark.parametrize(
    ("nested", "status", "code"),
    [
        ({"plt_item_note": [{"plt_name": "a"}, {"plt_name": 5}]}, 400, "0x80048d19"),
        ({"plt_item_note": [{"plt_none": "a"}]}, 400, "0x80048d19"),
        ({"plt_item_note": {"plt_name": "a"}}, 400, "0x80048d19"),
        ({"plt_item_note": ["a"]}, 400, "0x80048d19"),
        ({"plt_item_note@odata.bind": [f"/plt_notes({uuid.uuid4()})"]}, 404, "0x80040217"),
        ({"plt_item_note@odata.bind": ["/plt_items(x)"]}, 400, "0x80060888"),
        ({"plt_item_note@odata.bind": [{"plt_name": "a"}]}, 400, "0x80048d19"),
        (
            {"plt_item_note": [{"plt_name": "a", "@odata.type": "Microsoft.Dynamics.CRM.plt_item"}]},
            400,
            "0x80048d19",
        ),
    ],
)
def test_one_row_that_does_not_fit_leaves_none(api: Api, nested: Json, status: int, code: str) -> None:
    before = count(api, "plt_items"), count(api, "plt_notes")
    assert api.refused("POST", "plt_items", {"plt_title": "x", **nested})[:2] == (status, code)
    assert (count(api, "plt_items"), count(api, "plt_notes")) == before


@pytest.mark.covers("dv.deep.create_only")
def test_rows_are_not_nested_in_an_update(api: Api) -> None:
    item, note = f"plt_items({api.row()})", api.made("plt_notes", {})
    assert api.refused("PATCH", item, {"plt_item_note": [{"plt_name": "a"}]})[:2] == (400, "0x80048d19")
    assert api.refused("PATCH", note, {"plt_Item": {"plt_title": "a"}})[:2] == (400, "0x80048d19")
    assert api.refused("PATCH", f"plt_items({uuid.uuid4()})", {"plt_item_note": []})[0] == 400
