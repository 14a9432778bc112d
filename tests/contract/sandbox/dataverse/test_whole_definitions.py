"""Definitions as real ones are: with the members that a captured definition has."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.contract.sandbox.dataverse.conftest import Api

SAMPLES = Path(__file__).parents[3] / "data" / "samples" / "dataverse"


def sample(name: str) -> Any:
    return json.loads((SAMPLES / name).read_text("utf-8"))


@pytest.mark.covers("dv.definitions.whole")
def test_a_table_has_every_member_of_a_captured_one(api: Api) -> None:
    captured = sample("captured-entitydefinition-account-top-level.json")
    shown = api.get("EntityDefinitions(LogicalName='plt_item')")
    assert captured.keys() - shown.keys() == set()
    kinds = {name: type(value) for name, value in captured.items() if value is not None}
    other = {
        name for name, kind in kinds.items() if shown[name] is not None and type(shown[name]) is not kind
    }
    assert other == set()


@pytest.mark.covers("dv.definitions.whole")
def test_the_privileges_of_a_table_are_named_after_it(api: Api) -> None:
    captured = sample("captured-entitydefinition-custom-table-excerpt.json")["Privileges"][0]
    shown = api.get("EntityDefinitions(LogicalName='plt_item')?$select=Privileges")["Privileges"]
    assert shown[0].keys() == captured.keys()
    assert [each["Name"] for each in shown][:2] == ["prvCreateplt_Item", "prvReadplt_Item"]
    assert len(shown) == 8
    organisation = api.get("EntityDefinitions(LogicalName='publisher')?$select=Privileges")["Privileges"]
    assert "Assign" not in {each["PrivilegeType"] for each in organisation}
    assert not any(each["CanBeBasic"] for each in organisation)


@pytest.mark.covers("dv.bulk.availability")
@pytest.mark.parametrize("message", ["CreateMultiple", "UpdateMultiple", "UpsertMultiple"])
def test_programs_can_ask_whether_a_table_takes_a_bulk_message(api: Api, message: str) -> None:
    asked = (
        "sdkmessagefilters?$select=sdkmessagefilterid&$expand=sdkmessageid($select=name)"
        f"&$filter=sdkmessageid/name eq '{message}' and primaryobjecttypecode eq "
    )
    [found] = api.get(f"{asked}'plt_item'")["value"]
    assert found["sdkmessageid"]["name"] == message
    assert api.get(f"{asked}'publisher'")["value"] == []
    assert api.get(f"{asked}'plt_nothing'")["value"] == []
