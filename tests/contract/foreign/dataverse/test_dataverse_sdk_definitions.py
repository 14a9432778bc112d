"""Microsoft's Dataverse client for Python defines tables, columns and relationships, and takes them away again."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.sandbox.dataverse.conftest import Api

pytestmark = [pytest.mark.usefixtures("trusted", "pauses"), pytest.mark.covers("dv.client.sdk")]


@pytest.fixture
def parent(sdk: Any) -> Iterator[str]:
    name = f"sdk_Room{uuid.uuid4().hex[:6]}"
    sdk.tables.create(name, {"sdk_Floor": "int"})
    yield name
    if sdk.tables.get(name):
        sdk.tables.delete(name)


@pytest.fixture
def child(sdk: Any) -> Iterator[str]:
    name = f"sdk_Chair{uuid.uuid4().hex[:6]}"
    sdk.tables.create(name, {"sdk_Colour": "string"})
    yield name
    if sdk.tables.get(name):
        sdk.tables.delete(name)


def columns(raw: Api, table: str) -> dict[str, Any]:
    path = f"EntityDefinitions(LogicalName='{table.lower()}')/Attributes?$select=LogicalName,AttributeType"
    return {each["LogicalName"]: each["AttributeType"] for each in raw.get(path)["value"]}


def test_columns_come_and_go(sdk: Any, raw: Api, parent: str) -> None:
    sdk.tables.add_columns(parent, {"sdk_Area": "decimal", "sdk_Locked": "bool"})
    assert {"sdk_area", "sdk_locked", "sdk_floor"} <= columns(raw, parent).keys()
    row_id = sdk.records.create(parent, {"sdk_area": 12.5, "sdk_locked": True})
    sdk.tables.update_column(parent, "sdk_floor", {"min_value": -2, "max_value": 9, "display_name": "Storey"})
    sdk.records.update(parent, row_id, {"sdk_floor": -1})

    sdk.tables.remove_columns(parent, ["sdk_Area"])
    assert "sdk_area" not in columns(raw, parent)
    kept = raw.get(f"{parent.lower()}s({row_id})")
    assert "sdk_area" not in kept
    assert (kept["sdk_floor"], kept["sdk_locked"]) == (-1, True)


def test_a_table_goes_with_its_rows(sdk: Any, raw: Api, parent: str) -> None:
    sdk.records.create(parent, [{"sdk_floor": number} for number in range(3)])
    sdk.tables.delete(parent)
    assert sdk.tables.get(parent) is None
    assert raw.call("GET", f"{parent.lower()}s").status_code == 404
    assert raw.call("GET", f"EntityDefinitions(LogicalName='{parent.lower()}')").status_code == 404


def test_a_lookup_field_binds_rows_and_is_found_among_the_relationships(
    sdk: Any, raw: Api, parent: str, child: str
) -> None:
    made = sdk.tables.create_lookup_field(child.lower(), "sdk_RoomId", parent.lower(), display_name="Room")
    assert made.lookup_schema_name == "sdk_RoomId"
    room = sdk.records.create(parent, {"sdk_floor": 2})
    chair = sdk.records.create(
        child, {"sdk_colour": "red", "sdk_RoomId@odata.bind": f"/{parent.lower()}s({room})"}
    )
    kept = raw.get(f"{child.lower()}s({chair})?$expand=sdk_RoomId($select=sdk_floor)")
    assert kept["_sdk_roomid_value"] == room
    assert kept["sdk_RoomId"]["sdk_floor"] == 2

    found = sdk.tables.get_relationship(made.relationship_schema_name)
    assert found.relationship_id == made.relationship_id
    assert (found.referenced_entity, found.referencing_entity) == (parent.lower(), child.lower())
    listed = sdk.tables.list_table_relationships(child)
    assert made.relationship_schema_name in {each["SchemaName"] for each in listed}
    assert "sdk_RoomId" in {each["nav_property"] for each in sdk.query.odata_expands(child)}

    sdk.tables.delete_relationship(made.relationship_id)
    assert "sdk_roomid" not in columns(raw, child)
    assert sdk.tables.get_relationship(made.relationship_schema_name) is None


def test_a_one_to_many_relationship_removes_the_children_when_it_cascades(
    sdk: Any, raw: Api, parent: str, child: str
) -> None:
    from PowerPlatform.Dataverse.models import (
        CascadeConfiguration,
        Label,
        LocalizedLabel,
        LookupAttributeMetadata,
        OneToManyRelationshipMetadata,
    )

    words = Label(localized_labels=[LocalizedLabel(label="Room", language_code=1033)])
    made = sdk.tables.create_one_to_many_relationship(
        LookupAttributeMetadata(schema_name="sdk_Place", display_name=words),
        OneToManyRelationshipMetadata(
            schema_name=f"sdk_place_{uuid.uuid4().hex[:6]}",
            referenced_entity=parent.lower(),
            referencing_entity=child.lower(),
            referenced_attribute=f"{parent.lower()}id",
            cascade_configuration=CascadeConfiguration(delete="Cascade"),
        ),
    )
    assert made.relationship_id
    room = sdk.records.create(parent, {"sdk_floor": 1})
    chair = sdk.records.create(child, {"sdk_Place@odata.bind": f"/{parent.lower()}s({room})"})
    sdk.records.delete(parent, room)
    assert raw.call("GET", f"{child.lower()}s({chair})").status_code == 404


def test_a_many_to_many_relationship_is_made_read_and_deleted(
    sdk: Any, raw: Api, parent: str, child: str
) -> None:
    from PowerPlatform.Dataverse.models import ManyToManyRelationshipMetadata

    name = f"sdk_room_chair_{uuid.uuid4().hex[:6]}"
    made = sdk.tables.create_many_to_many_relationship(
        ManyToManyRelationshipMetadata(
            schema_name=name, entity1_logical_name=parent.lower(), entity2_logical_name=child.lower()
        )
    )
    found = sdk.tables.get_relationship(name)
    assert found.relationship_type == "many_to_many"
    assert {found.entity1_logical_name, found.entity2_logical_name} == {parent.lower(), child.lower()}
    room, chair = (
        sdk.records.create(parent, {"sdk_floor": 1}),
        sdk.records.create(child, {"sdk_colour": "red"}),
    )
    link = {"@odata.id": f"{raw.root}{child.lower()}s({chair})"}
    assert raw.call("POST", f"{parent.lower()}s({room})/{name}/$ref", link).status_code == 204
    seen = sdk.records.retrieve(parent, room, expand=[name])
    assert [row["sdk_colour"] for row in seen[name]] == ["red"]

    sdk.tables.delete_relationship(made.relationship_id)
    assert sdk.tables.get_relationship(name) is None
    assert raw.call("GET", f"{parent.lower()}s({room})?$expand={name}").status_code == 400


def test_a_key_is_taken_away(sdk: Any, raw: Api, child: str) -> None:
    sdk.tables.create_alternate_key(child, f"sdk_Key{uuid.uuid4().hex[:6]}", ["sdk_colour"])
    [made] = sdk.tables.get_alternate_keys(child)
    sdk.tables.delete_alternate_key(child, made.metadata_id)
    assert sdk.tables.get_alternate_keys(child) == []
    sdk.records.create(child, [{"sdk_colour": "red"}, {"sdk_colour": "red"}])


def test_definitions_that_exist_or_lack_are_told(sdk: Any, parent: str) -> None:
    from PowerPlatform.Dataverse.core.errors import MetadataError

    with pytest.raises(MetadataError, match="already exists"):
        sdk.tables.create(parent, {"sdk_Floor": "int"})
    with pytest.raises(MetadataError, match="not found"):
        sdk.tables.delete("sdk_NoSuchTable")
    with pytest.raises(MetadataError, match="not found"):
        sdk.tables.remove_columns(parent, ["sdk_Nothing"])
