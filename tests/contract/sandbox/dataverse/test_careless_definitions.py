"""Definitions that a table could not live with: each refused in words, none of them kept."""

import uuid

import pytest

from tests.contract.sandbox.dataverse.conftest import Api, Json, column, label, table

ATTRIBUTES = "EntityDefinitions(LogicalName='plt_item')/Attributes"
KEYS = "EntityDefinitions(LogicalName='plt_item')/Keys"


def fresh() -> str:
    return f"plt_C{uuid.uuid4().hex[:8]}"


@pytest.mark.parametrize(
    "change",
    [
        {"Attributes": "x"},
        {"Attributes": ["x"]},
        {"Attributes": [column("String", "plt_A", IsPrimaryName=True), column("Integer", "plt_a")]},
        {"Attributes": [column("String", "plt_A", IsPrimaryName=True), column("Integer", "createdon")]},
        {"SchemaName": "NoPrefix"},
        {"SchemaName": "1st_name"},
        {"SchemaName": "plt_" + "x" * 300},
        {"EntitySetName": 5},
        {"EntitySetName": "EntityDefinitions"},
        {"OwnershipType": "Somebody"},
        {"DisplayName": "x"},
        {"DisplayName": {"LocalizedLabels": ["x"]}},
        {"DisplayName": {"LocalizedLabels": [{"Label": "x", "LanguageCode": "en"}]}},
        {"ChangeTrackingEnabled": "yes"},
    ],
    ids=range(14),
)
@pytest.mark.covers("dv.definitions.shapes")
def test_a_table_that_cannot_be_is_refused(api: Api, change: Json) -> None:
    status, code, words = api.refused("POST", "EntityDefinitions", {**table(fresh()), **change})
    assert status == 400
    assert code != "0x0"
    assert words


def test_what_the_service_decides_is_not_taken_from_the_caller(api: Api) -> None:
    name = fresh()
    own = {"ObjectTypeCode": "x", "PrimaryIdAttribute": "other", "MetadataId": "mine", "IsManaged": True}
    api.made("EntityDefinitions", table(name, **own))
    found = api.get(f"EntityDefinitions(LogicalName='{name.lower()}')")
    assert found["PrimaryIdAttribute"] == name.lower() + "id"
    assert (type(found["ObjectTypeCode"]), found["IsManaged"]) == (int, False)
    api.made("EntityDefinitions", table(fresh()))


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("String", {"MaxLength": "x"}),
        ("String", {"MaxLength": 1.5}),
        ("String", {"RequiredLevel": "x"}),
        ("String", {"RequiredLevel": {"Value": "Always"}}),
        ("Integer", {"MinValue": "x"}),
        ("Integer", {"MinValue": 5, "MaxValue": 1}),
        ("Decimal", {"Precision": 99}),
        ("DateTime", {"DateTimeBehavior": "x"}),
        ("DateTime", {"DateTimeBehavior": {"Value": "Sometimes"}}),
        ("Picklist", {}),
        ("Picklist", {"OptionSet": "x"}),
        ("Picklist", {"OptionSet": {"Options": "x"}}),
        ("Picklist", {"OptionSet": {"Options": 5}}),
        ("Picklist", {"OptionSet": {"Options": [{"Value": 2**70}]}}),
        ("Boolean", {"OptionSet": {"TrueOption": {"Value": 1}}}),
    ],
)
@pytest.mark.covers("dv.definitions.shapes")
def test_a_column_that_cannot_be_is_refused(api: Api, kind: str, more: Json) -> None:
    assert api.refused("POST", ATTRIBUTES, column(kind, fresh(), **more))[0] == 400


@pytest.mark.covers("dv.definitions.prefix")
def test_names_need_a_prefix_everywhere(api: Api) -> None:
    for path, body in (
        (ATTRIBUTES, column("String", "Title")),
        (ATTRIBUTES, column("String", "plt_item__type")),
        (KEYS, {"SchemaName": "Key", "KeyAttributes": ["plt_count"]}),
        ("GlobalOptionSetDefinitions", {"Name": "Choice", "Options": []}),
    ):
        assert api.refused("POST", path, body)[:2] == (400, "0x80040203")


def test_keys_choices_and_relationships_that_cannot_be_are_refused(api: Api) -> None:
    lookup = column("Lookup", fresh())
    relation = {"@odata.type": "Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata", "SchemaName": fresh()}
    relation |= {"ReferencedEntity": "plt_item", "ReferencingEntity": "plt_note", "Lookup": lookup}
    for path, body in (
        (KEYS, {"SchemaName": fresh(), "KeyAttributes": "plt_key"}),
        (KEYS, {"SchemaName": fresh(), "KeyAttributes": [["plt_key"]]}),
        ("GlobalOptionSetDefinitions", {"Name": fresh(), "Options": "x"}),
        ("GlobalOptionSetDefinitions", {"Name": fresh(), "Options": [{"Value": 1, "Label": "x"}]}),
        ("RelationshipDefinitions", {**relation, "CascadeConfiguration": "x"}),
        ("RelationshipDefinitions", {**relation, "CascadeConfiguration": {"Delete": "Perhaps"}}),
        ("InsertOptionValue", {"OptionSetName": "plt_priority", "Value": 5, "Label": "x"}),
    ):
        assert api.refused("POST", path, body)[0] == 400


def test_a_replaced_definition_is_checked_as_well(api: Api) -> None:
    for path, body in (
        ("EntityDefinitions(LogicalName='plt_item')", {"DisplayName": "x"}),
        (f"{ATTRIBUTES}(LogicalName='plt_title')", {"MaxLength": "x"}),
        (f"{ATTRIBUTES}(LogicalName='plt_title')", {"MaxLength": 0}),
        (f"{ATTRIBUTES}(LogicalName='plt_count')", {"MinValue": "x"}),
    ):
        assert api.refused("PUT", path, body)[0] == 400
    assert api.call("POST", "plt_items", {"plt_title": "t", "plt_count": 1}).status_code == 204


@pytest.mark.covers("dv.definitions.other_choices")
def test_other_kinds_of_global_choices_are_not_offered(api: Api) -> None:
    body = {"@odata.type": "Microsoft.Dynamics.CRM.BooleanOptionSetMetadata", "Name": fresh()}
    assert api.refused("POST", "GlobalOptionSetDefinitions", body | {"DisplayName": label("x")})[0] == 501


RELATIONSHIP = {
    "SchemaName": "plt_misspelled",
    "ReferencedEntity": "plt_item",
    "ReferencingEntity": "plt_note",
    "@odata.type": "Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata",
}
LOOKUP = column("Lookup", "plt_M")
OPTIONS = {"Options": [{"Value": 1, "Label": label("x"), "Colour": "red"}]}


@pytest.mark.covers("dv.definitions.members")
@pytest.mark.parametrize(
    ("method", "path", "body", "name"),
    [
        ("POST", "EntityDefinitions", table("plt_Misspelled", HasNote=True), "HasNote"),
        ("POST", ATTRIBUTES, column("String", "plt_Misspelled", MaxLenght=5), "MaxLenght"),
        ("POST", ATTRIBUTES, column("Integer", "plt_Misspelled", MaxLength=5), "MaxLength"),
        ("POST", ATTRIBUTES, column("Picklist", "plt_Misspelled", OptionSet=OPTIONS), "Colour"),
        ("POST", KEYS, {"SchemaName": "plt_M", "KeyAttribute": ["plt_count"]}, "KeyAttribute"),
        ("POST", "GlobalOptionSetDefinitions", {"Name": "plt_misspelled", "Option": []}, "Option"),
        ("POST", "GlobalOptionSetDefinitions", {"Name": "plt_misspelled", **OPTIONS}, "Colour"),
        ("POST", "RelationshipDefinitions", {**RELATIONSHIP, "Cascade": {}, "Lookup": LOOKUP}, "Cascade"),
        ("POST", "RelationshipDefinitions", {**RELATIONSHIP, "Lookup": {**LOOKUP, "Target": "x"}}, "Target"),
        ("PUT", "EntityDefinitions(LogicalName='plt_item')", {"Display": label("x")}, "Display"),
        ("PUT", f"{ATTRIBUTES}(LogicalName='plt_title')", {"Maxlength": 30}, "Maxlength"),
        ("PUT", "GlobalOptionSetDefinitions(Name='plt_priority')", {"Displayname": label("x")}, "Displayname"),
    ],
)  # fmt: skip
def test_a_misspelled_member_is_refused(api: Api, method: str, path: str, body: Json, name: str) -> None:
    status, code, words = api.refused(method, path, body)
    assert (status, code) == (400, "0x80048d19")
    assert f"'{name}'" in words


@pytest.mark.covers("dv.definitions.put")
@pytest.mark.parametrize(
    "path",
    [
        "EntityDefinitions(LogicalName='plt_item')",
        *(
            f"{ATTRIBUTES}(LogicalName='{name}')"
            for name in ("plt_title", "plt_share", "plt_dueon", "plt_text")
        ),
        "GlobalOptionSetDefinitions(Name='plt_priority')",
    ],
)
def test_a_definition_is_put_back_as_it_was_read(api: Api, path: str) -> None:
    whole = api.get(path)
    assert api.call("PUT", path, whole, **{"MSCRM.MergeLabels": "true"}).status_code == 204
    assert api.get(path) == whole


@pytest.mark.covers("dv.definitions.elastic")
@pytest.mark.parametrize("kind", ["Elastic", "Virtual"])
def test_tables_of_other_types_are_not_offered(api: Api, kind: str) -> None:
    assert api.refused("POST", "EntityDefinitions", table("plt_Swift", TableType=kind))[0] == 501
    assert api.call("GET", "EntityDefinitions(LogicalName='plt_swift')").status_code == 404
