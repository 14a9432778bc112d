"""The function `RetrieveMetadataChanges` (dataverse.md section 8)."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from tests.contract.sandbox.dataverse.conftest import PRIORITIES, Api


def condition(name: str, value: Any, operator: str = "Equals") -> Any:
    typed = {"Type": "System.String", "Value": value}
    return {"Conditions": [{"PropertyName": name, "ConditionOperator": operator, "Value": typed}]}


def asked(query: Any, more: str = "") -> str:
    return f"RetrieveMetadataChanges(Query=@p1{more})?@p1={quote(json.dumps(query))}"


ITEM: Any = {
    "Properties": {"PropertyNames": ["LogicalName"]},
    "Criteria": condition("LogicalName", "plt_item"),
}


@pytest.mark.covers("dv.definitions.changes")
def test_typed_columns_come_in_one_answer(api: Api) -> None:
    columns = {"Properties": {"PropertyNames": ["MaxLength", "Precision", "OptionSet"]}}
    columns["Criteria"] = condition("LogicalName", ["plt_title", "plt_share", "plt_priority"], "In")
    query = {**ITEM, "Properties": {"PropertyNames": ["Attributes"]}, "AttributeQuery": columns}
    [found] = api.get(asked(query))["EntityMetadata"]
    shown = {one["LogicalName"]: one for one in found["Attributes"]}
    assert set(shown) == {"plt_title", "plt_share", "plt_priority"}
    assert (shown["plt_title"]["MaxLength"], shown["plt_share"]["Precision"]) == (20, 2)
    assert "Precision" not in shown["plt_title"]
    assert [one["Value"] for one in shown["plt_priority"]["OptionSet"]["Options"]] == list(PRIORITIES)


@pytest.mark.covers("dv.definitions.changes")
def test_keys_and_relationships_come_when_they_are_named(api: Api) -> None:
    names = ["Keys", "OneToManyRelationships"]
    query = {
        **ITEM,
        "Properties": {"PropertyNames": names},
        "KeyQuery": {"Properties": {"AllProperties": True}},
    }
    [found] = api.get(asked(query))["EntityMetadata"]
    assert found["Keys"][0]["KeyAttributes"] == ["plt_key"]
    assert found["OneToManyRelationships"]
    assert "Attributes" not in found
    either = {
        "FilterOperator": "Or",
        "Filters": [condition("LogicalName", one) for one in ("plt_item", "plt_note")],
    }
    assert len(api.get(asked({**ITEM, "Criteria": either}))["EntityMetadata"]) == 2


@pytest.mark.covers("dv.definitions.changes")
def test_a_stamp_holds_until_the_definitions_change(api: Api) -> None:
    stamp = api.get(asked(ITEM))["ServerVersionStamp"]
    later = asked(ITEM, f",ClientVersionStamp='{stamp}'")
    assert api.get(later)["EntityMetadata"] == []
    api.made("GlobalOptionSetDefinitions", {"Name": "plt_stamped", "Options": []})
    assert api.refused("GET", later)[:2] == (400, "0x80044352")
    assert api.get(asked(ITEM))["ServerVersionStamp"] != stamp


@pytest.mark.covers("dv.definitions.changes_careless")
@pytest.mark.parametrize(
    ("path", "status"),
    [
        (asked({"Property": {}}), 400),
        (asked({**ITEM, "Criteria": []}), 400),
        (asked({**ITEM, "Criteria": condition("LogicalName", "x", "Like")}), 501),
        (asked({"Properties": {"PropertyNames": "LogicalName"}}), 400),
        ("RetrieveMetadataChanges(Query=@p1)", 400),
        ("RetrieveMetadataChanges(Query=@p1)?@p1={x", 400),
        (asked(ITEM, ",DeletedMetadataFilters=@p2") + "&@p2=x", 501),
    ],
)
def test_queries_that_cannot_be_read_are_refused(api: Api, path: str, status: int) -> None:
    assert api.refused("GET", path)[0] == status
