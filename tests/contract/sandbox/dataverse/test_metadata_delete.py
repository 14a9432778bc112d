"""Deleting definitions: what others need is kept, what only served them goes (dataverse.md section 8)."""

import pytest

from sandbox.tenant import Tenant
from tests.contract.sandbox.dataverse.conftest import Api, await_key, column, label, table
from tests.contract.sandbox.dataverse.test_metadata_relations import many_to_many, one_to_many


@pytest.fixture(scope="module", autouse=True)
def tables(api: Api) -> None:
    for name in ("plt_Gone", "plt_Kid", "plt_Pal"):
        api.made("EntityDefinitions", table(name))
    api.made("RelationshipDefinitions", one_to_many("plt_gone_kid", "plt_gone", "plt_kid", "plt_Gone"))
    api.made("RelationshipDefinitions", many_to_many("plt_gone_pal", "plt_gone", "plt_pal"))


@pytest.mark.covers("dv.delete.table")
def test_a_table_goes_with_its_rows_and_relationships_and_its_name_is_free_again(api: Api) -> None:
    path = "EntityDefinitions(LogicalName='plt_gone')"
    api.made("plt_gones", {"plt_name": "a"})
    status, code, words = api.refused("DELETE", path)
    assert (status, code) == (400, "0x8004f01f")
    assert "referenced by 1 other components" in words
    relationship = api.get("RelationshipDefinitions(SchemaName='plt_gone_kid')")["MetadataId"]
    assert api.call("DELETE", f"RelationshipDefinitions({relationship})", If_Match="*").status_code == 204
    assert api.refused("POST", "plt_kids", {"plt_Gone@odata.bind": "/plt_gones(x)"})[1] == "0x80048d19"
    assert api.call("DELETE", path).status_code == 204
    assert api.refused("GET", path)[0] == 404
    assert api.refused("GET", "plt_gones")[0] == 404
    assert api.refused("GET", "plt_gone_palset")[0] == 404
    assert api.get("EntityDefinitions(LogicalName='plt_pal')/ManyToManyRelationships")["value"] == []
    api.made("EntityDefinitions", table("plt_Gone"))
    assert api.get("plt_gones")["value"] == []


@pytest.mark.covers("dv.delete.column")
def test_a_column_goes_with_its_values_unless_a_key_needs_it(api: Api) -> None:
    attributes = "EntityDefinitions(LogicalName='plt_kid')/Attributes"
    api.made(attributes, column("String", "plt_Code", MaxLength=50))
    key = {"SchemaName": "plt_KidKey", "KeyAttributes": ["plt_code"]}
    url = api.made("EntityDefinitions(LogicalName='plt_kid')/Keys", key)
    await_key(api, "plt_kid", "plt_kidkey")
    row = api.made("plt_kids", {"plt_code": "a"})
    assert api.refused("DELETE", f"{attributes}(LogicalName='plt_code')")[:2] == (400, "0x8004f01f")
    assert api.call("DELETE", url).status_code == 204
    api.made("plt_kids", {"plt_code": "a"})
    assert api.call("DELETE", f"{attributes}(LogicalName='plt_code')").status_code == 204
    assert "plt_code" not in api.get(row)
    assert api.refused("GET", "plt_kids?$select=plt_code")[0] == 400


@pytest.mark.covers("dv.delete.relationship")
def test_a_lookup_column_takes_its_relationship_along(api: Api) -> None:
    api.made("RelationshipDefinitions", one_to_many("plt_pal_kid", "plt_pal", "plt_kid", "plt_Pal"))
    pal = api.made("plt_pals", {})
    bound = {"plt_Pal@odata.bind": "/" + pal.rpartition("/")[2]}
    api.made("plt_kids", bound)
    assert api.call("DELETE", "EntityDefinitions(LogicalName='plt_kid')/Attributes(LogicalName='plt_pal')").ok
    assert api.refused("GET", "RelationshipDefinitions(SchemaName='plt_pal_kid')")[0] == 404
    assert api.refused("POST", "plt_kids", bound)[1] == "0x80048d19"
    assert api.call("DELETE", pal).status_code == 204


@pytest.mark.covers("dv.delete.choice")
def test_a_global_choice_goes_when_no_column_uses_it(api: Api) -> None:
    path = "GlobalOptionSetDefinitions(Name='plt_colour')"
    api.made(
        "GlobalOptionSetDefinitions", {"Name": "plt_colour", "Options": [{"Value": 1, "Label": label("x")}]}
    )
    attributes = "EntityDefinitions(LogicalName='plt_kid')/Attributes"
    api.made(attributes, column("Picklist", "plt_Colour") | {"GlobalOptionSet@odata.bind": f"/{path}"})
    assert api.refused("DELETE", path)[:2] == (400, "0x8004f01f")
    api.call("DELETE", f"{attributes}(LogicalName='plt_colour')")
    assert api.call("DELETE", path).status_code == 204
    assert api.refused("GET", path)[0] == 404


@pytest.mark.covers("dv.delete.system")
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("EntityDefinitions(LogicalName='systemuser')", 400),
        ("EntityDefinitions(LogicalName='plt_kid')/Attributes(LogicalName='createdon')", 400),
        ("EntityDefinitions(LogicalName='plt_kid')/Attributes(LogicalName='plt_name')", 400),
        ("EntityDefinitions(LogicalName='plt_kid')/Attributes", 405),
        ("EntityDefinitions(LogicalName='plt_none')", 404),
        ("RelationshipDefinitions(SchemaName='plt_none')", 404),
    ],
)
def test_what_the_service_made_or_what_is_not_there_is_not_deleted(api: Api, path: str, status: int) -> None:
    assert api.refused("DELETE", path)[0] == status


def test_versions_go_on_after_the_table_of_the_newest_row_was_deleted(tmp_path) -> None:
    with Tenant(tmp_path) as first:
        api = Api(first)
        api.made("EntityDefinitions", table("plt_Last"))
        api.made("EntityDefinitions", table("plt_Left"))
        newest = api.get(api.made("plt_lasts", {}))["versionnumber"]
        api.call("DELETE", "EntityDefinitions(LogicalName='plt_last')")
        api.session.close()
    with Tenant(tmp_path) as second:
        again = Api(second)
        assert again.get(again.made("plt_lefts", {}))["versionnumber"] > newest
        again.session.close()
