"""Definitions: publishers, solutions, tables, columns, choices, relationships, keys (dataverse.md section 8)."""

import uuid

import pytest

from sandbox.tenant import Tenant
from tests.contract.sandbox.dataverse.conftest import PRIORITIES, Api, await_key, column, label, table

ITEM = "EntityDefinitions(LogicalName='plt_item')"


@pytest.mark.covers("dv.definitions.read")
def test_a_table_shows_what_it_was_made_with(api: Api) -> None:
    query = f"{ITEM}?$select=LogicalName,EntitySetName,PrimaryIdAttribute,PrimaryNameAttribute,ChangeTrackingEnabled"
    said = api.get(
        query + "&$expand=Keys($select=LogicalName,KeyAttributes),Attributes($select=LogicalName,AttributeOf)"
    )
    assert (said["EntitySetName"], said["PrimaryIdAttribute"]) == ("plt_items", "plt_itemid")
    assert (said["PrimaryNameAttribute"], said["ChangeTrackingEnabled"]) == ("plt_name", True)
    assert said["Keys"][0]["KeyAttributes"] == ["plt_key"]
    names = {one["LogicalName"]: one["AttributeOf"] for one in said["Attributes"]}
    assert {"plt_title", "createdon", "ownerid", "statecode", "versionnumber"} <= set(names)
    assert names["plt_priorityname"] == "plt_priority"
    assert "SchemaName" not in said


@pytest.mark.covers("dv.definitions.read")
def test_an_unknown_table_is_not_in_the_cache(api: Api) -> None:
    assert api.refused("GET", "EntityDefinitions(LogicalName='plt_none')")[:2] == (404, "0x80041102")


@pytest.mark.covers("dv.definitions.casts")
def test_columns_are_read_by_type_with_their_options(api: Api) -> None:
    path = f"{ITEM}/Attributes/Microsoft.Dynamics.CRM.PicklistAttributeMetadata"
    rows = api.get(path + "?$select=LogicalName&$expand=OptionSet,GlobalOptionSet")["value"]
    assert [row["LogicalName"] for row in rows] == ["plt_priority"]
    options = rows[0]["GlobalOptionSet"]["Options"]
    assert {one["Value"]: one["Label"]["UserLocalizedLabel"]["Label"] for one in options} == PRIORITIES
    texts = api.get(
        f"{ITEM}/Attributes/Microsoft.Dynamics.CRM.StringAttributeMetadata?$select=LogicalName,MaxLength"
    )
    assert {row["LogicalName"]: row["MaxLength"] for row in texts["value"]}["plt_title"] == 20
    one = api.get(f"{ITEM}/Attributes(LogicalName='plt_title')?$select=RequiredLevel")
    assert one["RequiredLevel"]["Value"] == "ApplicationRequired"


@pytest.mark.covers("dv.definitions.filter")
def test_tables_are_listed_by_a_simple_filter(api: Api) -> None:
    rows = api.get("EntityDefinitions?$select=LogicalName&$filter=LogicalName eq 'plt_item'")["value"]
    assert [row["LogicalName"] for row in rows] == ["plt_item"]
    assert api.refused("GET", "EntityDefinitions?$top=1")[:2] == (400, "0x80060888")


def test_a_relationship_names_its_navigation_property(api: Api) -> None:
    said = api.get("RelationshipDefinitions(SchemaName='plt_item_note')")
    assert said["ReferencingEntityNavigationPropertyName"] == "plt_Item"
    assert said["ReferencingAttribute"] == "plt_item"
    rows = api.get("EntityDefinitions(LogicalName='plt_note')/ManyToOneRelationships")["value"]
    assert "plt_item_note" in {row["SchemaName"] for row in rows}


@pytest.mark.covers("dv.definitions.names")
def test_names_that_exist_are_refused(api: Api) -> None:
    choice = {"Name": "PLT_priority", "Options": []}
    relationship = api.get("RelationshipDefinitions(SchemaName='plt_item_note')")
    posted = relationship | {"Lookup": column("Lookup", "plt_Other")}
    posted["@odata.type"] = "Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata"
    assert api.refused("POST", "EntityDefinitions", table("plt_Item"))[1] == "0x8004700b"
    assert api.refused("POST", f"{ITEM}/Attributes", column("String", "plt_Title"))[1] == "0x80047013"
    assert api.refused("POST", "GlobalOptionSetDefinitions", choice)[1] == "0x80044345"
    assert api.refused("POST", "RelationshipDefinitions", posted)[1] == "0x8004432b"
    assert api.refused("POST", f"{ITEM}/Keys", {"SchemaName": "plt_ItemKey", "KeyAttributes": ["plt_title"]})[
        1
    ] == ("0x80060893")
    assert (
        api.refused("POST", f"{ITEM}/Keys", {"SchemaName": "plt_More", "KeyAttributes": ["plt_key"]})[1]
        == "0x80060894"
    )


@pytest.mark.covers("dv.definitions.replace")
def test_definitions_are_replaced_never_patched(api: Api) -> None:
    assert api.refused("PATCH", ITEM, {})[0] == 405
    path = f"{ITEM}/Attributes(LogicalName='plt_name')"
    body = api.get(path) | {"MaxLength": 300, "DisplayName": label("Name of it")}
    assert api.call("PUT", path, body, **{"MSCRM.MergeLabels": "true"}).status_code == 204
    said = api.get(path)
    assert (said["MaxLength"], said["DisplayName"]["UserLocalizedLabel"]["Label"]) == (300, "Name of it")
    api.row(plt_name="x" * 300)
    off = api.get(ITEM) | {"ChangeTrackingEnabled": False}
    assert api.call("PUT", ITEM, off).status_code == 400


@pytest.mark.covers("dv.keys.index")
def test_a_key_works_when_its_index_is_active(api: Api) -> None:
    api.made("EntityDefinitions", table("plt_Keyed"))
    path = "EntityDefinitions(LogicalName='plt_keyed')/Keys"
    api.session.put(api.root.partition("/api")[0] + "/_sandbox/dataverse", json={"keyDelaySeconds": 600})
    api.made(path, {"SchemaName": "plt_Slow", "KeyAttributes": ["plt_name"]})
    api.session.put(api.root.partition("/api")[0] + "/_sandbox/dataverse", json={"keyDelaySeconds": 0.05})
    assert api.get(path)["value"][0]["EntityKeyIndexStatus"] == "Pending"
    assert api.refused("GET", "plt_keyeds(plt_name='a')")[:2] == (400, "0x80060890")


@pytest.mark.covers("dv.keys.index")
def test_a_key_over_doubles_fails_and_is_built_again(api: Api) -> None:
    api.made("EntityDefinitions", table("plt_Doubled"))
    urls = [api.made("plt_doubleds", {"plt_name": "same"}) for _ in range(2)]
    key = {"SchemaName": "plt_DoubledKey", "KeyAttributes": ["plt_name"]}
    api.made("EntityDefinitions(LogicalName='plt_doubled')/Keys", key)
    assert await_key(api, "plt_doubled", "plt_doubledkey") == "Failed"
    api.call("DELETE", urls[0])
    named = {"EntityLogicalName": "plt_doubled", "EntityKeyLogicalName": "plt_doubledkey"}
    assert api.call("POST", "ReactivateEntityKey", named).status_code == 204
    assert await_key(api, "plt_doubled", "plt_doubledkey") == "Active"
    assert api.refused("POST", "ReactivateEntityKey", named)[1] == "0x80060897"


@pytest.mark.covers("dv.definitions.solution")
def test_components_are_recorded_in_the_solution_of_the_header(api: Api) -> None:
    publisher = {"uniquename": "plt", "friendlyname": "P", "customizationprefix": "plt"}
    url = api.made("publishers", publisher | {"customizationoptionvalueprefix": 72700})
    bound = {"publisherid@odata.bind": "/" + url.rpartition("/")[2], "version": "1.0.0.0"}
    solution = api.made("solutions", {"uniquename": "plt_solution", "friendlyname": "S", **bound})
    assert (
        api.refused("POST", "solutions", {"uniquename": "PLT_solution", "friendlyname": "S", **bound})[0]
        == 412
    )
    api.made("EntityDefinitions", table("plt_Recorded"), **{"MSCRM.SolutionUniqueName": "plt_solution"})
    solution_id = solution.rpartition("(")[2].rstrip(")")
    rows = api.get(f"solutioncomponents?$filter=_solutionid_value eq {solution_id}")["value"]
    assert [(row["componenttype"], row["rootcomponentname"]) for row in rows] == [(1, "plt_recorded")]
    api.call("DELETE", "EntityDefinitions(LogicalName='plt_recorded')")
    assert api.get(f"solutioncomponents?$filter=_solutionid_value eq {solution_id}")["value"] == []
    assert (
        api.refused("POST", "EntityDefinitions", table("plt_Lost"), **{"MSCRM.SolutionUniqueName": "none"})[0]
        == 404
    )
    assert api.refused("GET", "EntityDefinitions(LogicalName='plt_lost')")[0] == 404


def test_a_publisher_has_a_lawful_prefix(api: Api) -> None:
    wrong = {"uniquename": uuid.uuid4().hex, "customizationprefix": "a"}
    assert api.refused("POST", "publishers", wrong)[0] == 400
    assert api.refused("POST", "publishers", {"customizationoptionvalueprefix": 5})[1] == "0x80044330"


def test_an_option_is_added_and_accepted_at_once(api: Api) -> None:
    api.made(
        "GlobalOptionSetDefinitions", {"Name": "plt_grow", "Options": [{"Value": 1, "Label": label("one")}]}
    )
    bound = {"GlobalOptionSet@odata.bind": "/GlobalOptionSetDefinitions(Name='plt_grow')"}
    api.made("EntityDefinitions", table("plt_Grown"))
    api.made("EntityDefinitions(LogicalName='plt_grown')/Attributes", column("Picklist", "plt_Grow") | bound)
    assert api.refused("POST", "plt_growns", {"plt_grow": 2})[1] == "0x8004431a"
    added = {"OptionSetName": "plt_grow", "Value": 2, "Label": label("two")}
    assert api.call("POST", "InsertOptionValue", added).json()["NewOptionValue"] == 2
    api.made("plt_growns", {"plt_grow": 2})
    assert api.refused("POST", "InsertOptionValue", added)[1] == "0x80044310"


@pytest.mark.covers("dv.definitions.publish")
def test_publishing_is_accepted(api: Api) -> None:
    xml = "<importexportxml><entities><entity>plt_item</entity></entities></importexportxml>"
    assert api.call("POST", "PublishXml", {"ParameterXml": xml}).status_code == 204
    assert api.call("POST", "PublishAllXml").status_code == 204


@pytest.mark.covers("dv.definitions.restart")
def test_definitions_and_rows_outlive_a_restart(tmp_path) -> None:
    with Tenant(tmp_path) as first:
        api = Api(first)
        api.made("EntityDefinitions", table("plt_Kept", ChangeTrackingEnabled=True))
        url = api.made("plt_kepts", {"plt_name": "a"})
        etag = api.get(url)["@odata.etag"]
        api.session.close()
    with Tenant(tmp_path) as second:
        again = Api(second)
        path = "plt_kepts(" + url.rpartition("(")[2]
        assert again.get(path)["@odata.etag"] == etag
        again.call("PATCH", path, {"plt_name": "b"}, If_Match="*")
        assert again.get(path)["@odata.etag"] > etag
        again.session.close()
