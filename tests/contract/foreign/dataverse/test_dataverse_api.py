"""The package `dataverse-api` (PyPI) at work on the tenant, on a `requests` session that MSAL's token signs."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.tenant import Tenant
from tests.contract.sandbox.dataverse.conftest import Api, await_key

pytestmark = pytest.mark.covers("dv.client.api")


@pytest.fixture(scope="module")
def client(tenant: Tenant, raw: Api) -> Iterator[Any]:
    from dataverse_api import DataverseClient

    with requests.Session() as session:
        session.trust_env = False
        session.verify = tenant.description()["caBundle"]
        session.headers["Authorization"] = raw.headers["Authorization"]
        yield DataverseClient(session, tenant.base)


@pytest.fixture(scope="module")
def shelf(client: Any, raw: Api) -> Any:
    """A table that the client defined; its key is made raw, because the client asks another address for it."""
    from dataverse_api.metadata import attributes, entity
    from dataverse_api.metadata.enums import OwnershipType
    from dataverse_api.utils.labels import define_label

    words = {"description": define_label("A shelf"), "display_name": define_label("Shelf")}
    name = attributes.StringAttributeMetadata(schema_name="dva_Name", is_primary_name=True, **words)
    definition = entity.define_entity("dva_Shelf", [name], "Shelves", ownership_type=OwnershipType.USER_OWNED)
    assert client.create_entity(definition).status_code == 204
    table = client.entity("dva_shelf")
    table.add_attribute(
        attributes.IntegerAttributeMetadata(schema_name="dva_Level", min_value=0, max_value=9, **words)
    )
    table.add_attribute(attributes.StringAttributeMetadata(schema_name="dva_Code", max_length=40, **words))
    key = {"SchemaName": "dva_ShelfKey", "KeyAttributes": ["dva_code"]}
    raw.made("EntityDefinitions(LogicalName='dva_shelf')/Keys", key)
    assert await_key(raw, "dva_shelf", "dva_shelfkey") == "Active"
    table.update_schema("altkeys")
    return table


def shelves(count: int) -> list[dict[str, Any]]:
    mark = uuid.uuid4().hex[:8]
    return [
        {"dva_name": f"Shelf {level}", "dva_level": level, "dva_code": f"{mark}-{level}"}
        for level in range(count)
    ]


def kept(raw: Api, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    mark = rows[0]["dva_code"].partition("-")[0]
    path = f"dva_shelfs?$filter=startswith(dva_code,'{mark}')&$orderby=dva_code"
    found: list[dict[str, Any]] = raw.get(path)["value"]
    return found


def test_it_reads_the_properties_the_keys_and_the_definition_of_a_table(client: Any, shelf: Any) -> None:
    assert (shelf.entity_set_name, shelf.primary_id_attr) == ("dva_shelfs", "dva_shelfid")
    assert shelf.alternate_keys == {"dva_ShelfKey": ["dva_code"]}
    definition = client.get_entity_definition("dva_shelf")
    assert (definition.schema_name, definition.has_notes) == ("dva_Shelf", False)


def test_rows_are_created_one_by_one_and_read_page_after_page(shelf: Any, raw: Api) -> None:
    rows = shelves(7)
    said = shelf.create(rows)
    assert {each.status_code for each in said} == {204}
    mark = rows[0]["dva_code"].partition("-")[0]
    seen = shelf.read(
        select=["dva_level"],
        filter=f"startswith(dva_code,'{mark}') and dva_level ge 1",
        order_by="dva_level desc",
        page_size=2,
    )
    assert [row["dva_level"] for row in seen] == [6, 5, 4, 3, 2, 1]
    assert len(kept(raw, rows)) == 7


def test_rows_are_upserted_by_key_and_by_id_and_columns_emptied(shelf: Any, raw: Api) -> None:
    rows = shelves(3)
    assert [each.status_code for each in shelf.upsert(rows, altkey_name="dva_ShelfKey")] == [204, 204, 204]
    [changed] = shelf.upsert([{**rows[1], "dva_level": 9}], altkey_name="dva_ShelfKey")
    assert changed.status_code == 204
    ids = [row["dva_shelfid"] for row in kept(raw, rows)]
    shelf.upsert([{"dva_shelfid": ids[0], "dva_name": "By its id"}])
    shelf.delete_columns(columns=["dva_level"], ids=[ids[2]])

    assert [row["dva_level"] for row in kept(raw, rows)] == [0, 9, None]
    assert [row["dva_name"] for row in kept(raw, rows)] == ["By its id", "Shelf 1", "Shelf 2"]


def test_rows_are_removed_by_a_filter(shelf: Any, raw: Api) -> None:
    rows = shelves(4)
    shelf.create(rows)
    mark = rows[0]["dva_code"].partition("-")[0]
    said = shelf.delete(filter=f"startswith(dva_code,'{mark}') and dva_level lt 3")
    assert {each.status_code for each in said} == {204}
    assert [row["dva_level"] for row in kept(raw, rows)] == [3]


def test_its_errors_hold_the_words_and_the_code_of_the_service(shelf: Any) -> None:
    from dataverse_api.errors import DataverseAPIError

    with pytest.raises(DataverseAPIError, match="Could not find a property named 'dva_Level'") as refused:
        shelf.read(select=["dva_Level"])
    assert refused.value.response.json()["error"]["code"] == "0x0"
    [said] = shelf.create([{"dva_level": 10}])
    assert said.json()["error"]["code"] == "0x80044330"


def test_its_batches_with_bare_line_feeds_are_refused_as_a_whole(shelf: Any, raw: Api) -> None:
    rows = shelves(2)
    [said] = shelf.create(rows, mode="batch")
    assert (said.status_code, said.json()["error"]["code"]) == (400, "0x80048d19")
    assert "Stream was not readable" in said.json()["error"]["message"]
    assert kept(raw, rows) == []


def test_it_relates_tables_and_reads_the_relationships_of_both(client: Any, shelf: Any, raw: Api) -> None:
    from dataverse_api.metadata import attributes, relationships
    from dataverse_api.utils.labels import define_label

    words = {"description": define_label("The shelf above"), "display_name": define_label("Above")}
    lookup = attributes.LookupAttributeMetadata(schema_name="dva_Above", **words)
    wanted = relationships.define_relationship("dva_shelf_above", "dva_shelf", "dva_shelf", lookup)
    assert client.create_relationship(wanted).status_code == 204
    above = shelf.create([{"dva_name": "Above"}], return_created=True)[0].json()["dva_shelfid"]
    below = {"dva_name": "Below", "dva_Above@odata.bind": f"/dva_shelfs({above})"}
    [made] = shelf.create([below], return_created=True)
    assert raw.get(f"dva_shelfs({made.json()['dva_shelfid']})")["_dva_above_value"] == above

    shelf.update_schema("relationships")
    assert "dva_Above" in shelf.relationships.single_valued
    assert "dva_shelf_above" in shelf.relationships.collection_valued


def test_rows_are_created_in_one_call_when_the_service_says_it_can(shelf: Any, raw: Api) -> None:
    rows = shelves(5)
    assert shelf.supports_create_multiple
    [said] = shelf.create(rows, mode="multiple")
    assert len(said.json()["Ids"]) == 5
    assert len(kept(raw, rows)) == 5


def test_it_takes_a_column_and_a_table_away(client: Any, raw: Api) -> None:
    from dataverse_api.metadata import attributes, entity
    from dataverse_api.metadata.enums import OwnershipType
    from dataverse_api.utils.labels import define_label

    words = {"description": define_label("A box"), "display_name": define_label("Box")}
    name = attributes.StringAttributeMetadata(schema_name="dva_Name", is_primary_name=True, **words)
    client.create_entity(entity.define_entity("dva_Box", [name], ownership_type=OwnershipType.USER_OWNED))
    box = client.entity("dva_box")
    box.add_attribute(attributes.StringAttributeMetadata(schema_name="dva_Colour", **words))
    box.remove_attribute(logical_name="dva_colour")
    assert raw.call("GET", "dva_boxs?$select=dva_colour").status_code == 400
    client.delete_entity("dva_box")
    assert raw.call("GET", "dva_boxs").status_code == 404
