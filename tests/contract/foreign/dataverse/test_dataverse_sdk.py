"""Microsoft's Dataverse client for Python at work on the tenant; the store is read raw afterwards."""

import uuid
from enum import IntEnum
from typing import Any

import pytest
import requests

from sandbox.tenant import Tenant
from tests.contract.foreign.dataverse.conftest import sdk_of
from tests.contract.sandbox.dataverse.conftest import Api, await_key

pytestmark = [pytest.mark.usefixtures("trusted", "pauses"), pytest.mark.covers("dv.client.sdk")]


class Mood(IntEnum):
    CALM = 727000000
    CROSS = 727000001


@pytest.fixture(scope="module")
def desk(sdk: Any, raw: Api) -> Any:
    """A table with a column of each kind and a key, made by the client."""
    made = sdk.tables.create(
        "sdk_Desk",
        {
            "sdk_Reference": {"type": "string", "max_length": 60},
            "sdk_Text": "memo",
            "sdk_Count": {"type": "int", "min_value": 0, "max_value": 100},
            "sdk_Share": "decimal",
            "sdk_Weight": "float",
            "sdk_Due": "datetime",
            "sdk_Urgent": "bool",
            "sdk_Mood": Mood,
        },
        primary_column="sdk_Title",
        display_name="Desk",
    )
    sdk.tables.create_alternate_key("sdk_Desk", "sdk_DeskKey", ["sdk_reference"])
    assert await_key(raw, "sdk_desk", "sdk_deskkey") == "Active"
    return made


def new(count: int = 1) -> list[dict[str, Any]]:
    mark = uuid.uuid4().hex[:8]
    return [
        {"sdk_title": f"Lamp {number}", "sdk_reference": f"{mark}-{number}", "sdk_count": number}
        for number in range(count)
    ]


def references(raw: Api, mark: str) -> dict[str, Any]:
    """The rows whose reference begins with a mark, by what follows it."""
    found = raw.get(f"sdk_desks?$filter=startswith(sdk_reference,'{mark}')")["value"]
    return {row["sdk_reference"].removeprefix(mark): row for row in found}


def test_its_tables_have_the_columns_and_the_key_it_asked_for(sdk: Any, desk: Any, raw: Api) -> None:
    assert desk.entity_set_name == "sdk_desks"
    kept = raw.get(
        "EntityDefinitions(LogicalName='sdk_desk')?$select=SchemaName,PrimaryNameAttribute"
        "&$expand=Attributes($select=LogicalName,AttributeType),Keys($select=KeyAttributes)"
    )
    assert kept["PrimaryNameAttribute"] == "sdk_title"
    kinds = {each["LogicalName"]: each["AttributeType"] for each in kept["Attributes"]}
    own = {name: kind for name, kind in kinds.items() if name.startswith("sdk_") and kind != "Virtual"}
    assert own == {
        "sdk_deskid": "Uniqueidentifier",
        "sdk_title": "String",
        "sdk_reference": "String",
        "sdk_text": "Memo",
        "sdk_count": "Integer",
        "sdk_share": "Decimal",
        "sdk_weight": "Double",
        "sdk_due": "DateTime",
        "sdk_urgent": "Boolean",
        "sdk_mood": "Picklist",
    }
    assert sdk.tables.get_alternate_keys("sdk_Desk")[0].key_attributes == ["sdk_reference"]
    assert sdk.tables.get("sdk_Desk")["table_logical_name"] == "sdk_desk"
    assert "sdk_Desk" in {each["SchemaName"] for each in sdk.tables.list()}


@pytest.mark.usefixtures("desk")
def test_a_row_is_created_read_changed_and_removed(sdk: Any, raw: Api) -> None:
    values = {"sdk_title": "Lamp", "sdk_mood": "CROSS", "sdk_urgent": True, "sdk_due": "2026-03-02T08:14:05Z"}
    row_id = sdk.records.create("sdk_Desk", values)
    kept = raw.get(f"sdk_desks({row_id})")
    assert (kept["sdk_mood"], kept["sdk_urgent"]) == (Mood.CROSS, True)
    assert kept["sdk_due"] == "2026-03-02T08:14:05Z"

    sdk.records.update("sdk_Desk", row_id, {"sdk_title": "Lamp, dark", "sdk_count": 3})
    seen = sdk.records.retrieve("sdk_Desk", row_id, select=["sdk_title", "sdk_count"])
    assert (seen["sdk_title"], seen["sdk_count"]) == ("Lamp, dark", 3)

    sdk.records.delete("sdk_Desk", row_id)
    assert raw.call("GET", f"sdk_desks({row_id})").status_code == 404
    assert sdk.records.retrieve("sdk_Desk", row_id) is None


@pytest.mark.usefixtures("desk")
def test_many_rows_are_created_updated_and_upserted_at_once(sdk: Any, raw: Api) -> None:
    rows = new(30)
    mark = rows[0]["sdk_reference"].rpartition("-")[0] + "-"
    ids = sdk.records.create("sdk_Desk", rows)
    assert [raw.get(f"sdk_desks({ids[place]})")["sdk_count"] for place in (0, 29)] == [0, 29]

    sdk.records.update("sdk_Desk", ids, {"sdk_text": "all the same"})
    sdk.records.update("sdk_Desk", ids[:2], [{"sdk_count": 50}, {"sdk_count": 51}])
    items = [
        {"alternate_key": {"sdk_reference": f"{mark}{number}"}, "record": {"sdk_title": "Upserted"}}
        for number in (1, 98, 99)
    ]
    sdk.records.upsert("sdk_Desk", items)
    sdk.records.upsert("sdk_Desk", items[:1])

    kept = references(raw, mark)
    assert len(kept) == 32
    assert {row["sdk_text"] for name, row in kept.items() if name not in ("98", "99")} == {"all the same"}
    assert [kept[name]["sdk_title"] for name in ("0", "1", "99")] == ["Lamp 0", "Upserted", "Upserted"]
    assert [kept[name]["sdk_count"] for name in ("0", "1", "2")] == [50, 51, 2]


@pytest.mark.usefixtures("desk")
def test_its_query_builder_reads_page_after_page(sdk: Any, raw: Api) -> None:
    from PowerPlatform.Dataverse.models.filters import col

    rows = new(25)
    sdk.records.create("sdk_Desk", rows)
    mark = rows[0]["sdk_reference"].rpartition("-")[0]
    query = (
        sdk.query.builder("sdk_Desk")
        .select("sdk_title", "sdk_count")
        .where(col("sdk_reference").like(f"{mark}%") & (col("sdk_count") >= 5))
        .order_by("sdk_count", descending=True)
        .page_size(6)
    )
    pages = [[row["sdk_count"] for row in page] for page in query.execute_pages()]
    assert [len(page) for page in pages] == [6, 6, 6, 2]
    assert [number for page in pages for number in page] == list(range(24, 4, -1))


@pytest.mark.usefixtures("desk")
def test_formatted_values_come_on_demand(sdk: Any) -> None:
    row_id = sdk.records.create("sdk_Desk", {"sdk_title": "Lamp", "sdk_mood": Mood.CALM})
    query = sdk.query.builder("sdk_Desk").select("sdk_mood").include_formatted_values()
    from PowerPlatform.Dataverse.models.filters import col

    [row] = query.where(col("sdk_deskid") == uuid.UUID(row_id)).execute()
    assert row["sdk_mood@OData.Community.Display.V1.FormattedValue"] == "CALM"


@pytest.mark.usefixtures("desk")
def test_a_change_set_in_a_batch_is_done_as_a_whole_or_not_at_all(sdk: Any, raw: Api) -> None:
    first, second = new(2)
    batch = sdk.batch.new()
    with batch.changeset() as change:
        created = change.records.create("sdk_Desk", first)
        change.records.update("sdk_Desk", created, {"sdk_text": "named by its content id"})
    batch.records.list("sdk_Desk", select=["sdk_title"], top=1)
    done = batch.execute()
    assert [item.status_code for item in done.responses] == [204, 204, 200]
    kept = raw.get(f"sdk_desks({done.entity_ids[0]})")
    assert kept["sdk_text"] == "named by its content id"

    batch = sdk.batch.new()
    with batch.changeset() as change:
        change.records.create("sdk_Desk", second)
        change.records.create("sdk_Desk", first)
    batch.records.update("sdk_Desk", done.entity_ids[0], {"sdk_count": 77})
    done = batch.execute(continue_on_error=True)
    assert [item.status_code for item in done.responses] == [412, 204]
    assert done.failed[0].error_code == "0x80060892"
    assert raw.get(f"sdk_desks?$filter=sdk_reference eq '{second['sdk_reference']}'")["value"] == []


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize(
    ("values", "status", "code"),
    [
        ({"sdk_count": 1000}, 400, "0x80044330"),
        ({"sdk_reference": "x" * 61}, 400, "0x80044331"),
        ({"sdk_nonsense": 1}, 400, "0x80048d19"),
    ],
)
def test_its_errors_carry_the_codes_of_the_service(
    sdk: Any, values: dict[str, Any], status: int, code: str
) -> None:
    from PowerPlatform.Dataverse.core.errors import HttpError

    with pytest.raises(HttpError) as refused:
        sdk.records.create("sdk_Desk", {"sdk_title": "Lamp", **values})
    assert refused.value.status_code == status
    assert refused.value.details["service_error_code"] == code
    assert not refused.value.is_transient


@pytest.mark.usefixtures("desk")
def test_a_row_that_is_gone_and_a_doubled_key_are_told_by_code(sdk: Any) -> None:
    from PowerPlatform.Dataverse.core.errors import HttpError

    [row] = new()
    sdk.records.create("sdk_Desk", row)
    for call, code in (
        (lambda: sdk.records.create("sdk_Desk", row), "0x80060892"),
        (lambda: sdk.records.update("sdk_Desk", str(uuid.uuid4()), {"sdk_count": 1}), "0x80040217"),
        (lambda: sdk.records.delete("sdk_Desk", str(uuid.uuid4())), "0x80040217"),
    ):
        with pytest.raises(HttpError) as refused:
            call()
        assert refused.value.details["service_error_code"] == code


@pytest.mark.usefixtures("desk")
def test_sql_is_refused_as_not_offered(sdk: Any) -> None:
    from PowerPlatform.Dataverse.core.errors import HttpError

    with pytest.raises(HttpError) as refused:
        sdk.query.sql("SELECT sdk_title FROM sdk_desk")
    assert refused.value.status_code == 501


@pytest.mark.usefixtures("desk")
def test_it_asks_in_fetchxml_page_after_page(sdk: Any) -> None:
    rows = new(7)
    sdk.records.create("sdk_Desk", rows)
    mark = rows[0]["sdk_reference"].rpartition("-")[0]
    query = sdk.query.fetchxml(
        f"""<fetch count="3"><entity name="sdk_desk"><attribute name="sdk_count"/><order attribute="sdk_count"/>
        <filter><condition attribute="sdk_reference" operator="like" value="{mark}%"/></filter></entity></fetch>"""
    )
    pages = [[row["sdk_count"] for row in page] for page in query.execute_pages()]
    assert pages == [[0, 1, 2], [3, 4, 5], [6]]


def test_a_privilege_that_is_missing_is_named_in_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    from PowerPlatform.Dataverse.core.errors import HttpError

    with Tenant() as own, sdk_of(own) as client:
        said = own.description()
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", said["caBundle"])
        client.tables.create("sdk_Shelf", {"sdk_Level": "int"})
        privileges = {"sdk_shelf": {"read": "organization"}}
        for path, body in (
            ("roles/Reader", {"privileges": privileges}),
            (f"users/{said['clientId']}", {"roles": ["Reader"]}),
        ):
            answer = requests.put(f"{own.base}/_sandbox/dataverse/{path}", json=body, timeout=30)
            assert answer.status_code == 200, answer.text
        assert len(client.records.list("sdk_Shelf", select=["sdk_level"], top=1)) == 0
        with pytest.raises(HttpError, match="missing prvCreatesdk_Shelf privilege") as refused:
            client.records.create("sdk_Shelf", {"sdk_level": 1})
    assert (refused.value.status_code, refused.value.details["service_error_code"]) == (403, "0x80040220")
