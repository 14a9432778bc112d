"""The action `CreateEntities` as Microsoft's Python client sends it (dataverse.md section 8)."""

from typing import Any

import pytest

from tests.contract.sandbox.dataverse.conftest import Api, label

CRM = "Microsoft.Dynamics.CRM."


def column(kind: str, name: str, **more: Any) -> Any:
    return {"@odata.type": f"{CRM}Complex{kind}AttributeMetadata", "SchemaName": name, **more}


def entity(name: str, *columns: Any) -> Any:
    return {
        "@odata.type": f"{CRM}ComplexEntityMetadata",
        "SchemaName": name,
        "DisplayName": label(name),
        "DisplayCollectionName": label(name + "s"),
        "OwnershipType": "UserOwned",
        "HasActivities": False,
        "HasNotes": True,
        "IsActivity": False,
        "Attributes": [column("String", "ce_Name", MaxLength=200, IsPrimaryName=True), *columns],
    }


@pytest.mark.covers("dv.definitions.create_entities")
def test_a_table_comes_with_all_its_columns_in_one_call(api: Api) -> None:
    option = {"@odata.type": f"{CRM}OptionMetadata", "Value": 727000000, "Label": label("High")}
    choice = {"@odata.type": f"{CRM}ComplexOptionSetMetadata", "IsGlobal": False, "Options": [option]}
    columns = (
        column("Integer", "ce_Count"),
        column("Picklist", "ce_Level", OptionSet={**choice, "OptionSetType": "Picklist"}),
    )
    said = api.call("POST", "CreateEntities", {"Entities": [entity("ce_Whole", *columns)]})
    assert said.status_code == 204
    url = api.made("ce_wholes", {"ce_name": "one", "ce_count": 3, "ce_level": 727000000})
    assert api.get(url)["ce_level"] == 727000000


@pytest.mark.covers("dv.definitions.create_entities")
def test_one_table_that_cannot_be_made_leaves_none(api: Api) -> None:
    tables = [entity("ce_First"), entity("plt_Item")]
    assert api.refused("POST", "CreateEntities", {"Entities": tables})[:2] == (400, "0x8004700b")
    assert api.refused("GET", "ce_firsts")[0] == 404
    assert api.call("POST", "CreateEntities", {"Entities": [entity("ce_First")]}).status_code == 204


def test_what_is_no_table_is_refused(api: Api) -> None:
    for body in ({}, {"Entities": {}}, {"Entities": []}, {"Entities": ["x"]}, {"Entities": [{}]}):
        assert api.refused("POST", "CreateEntities", body)[:2] == (400, "0x80048d19")
    assert api.call("GET", "CreateEntities").status_code == 404
