"""Actions on options, of global choices and of one column, and of states (dataverse.md section 8)."""

import pytest

from tests.contract.sandbox.dataverse.conftest import Api, Json, column, label, table

NOW = {"EntityLogicalName": "plt_opt"}
STATUS = {**NOW, "AttributeLogicalName": "statuscode"}
STATE = {**NOW, "AttributeLogicalName": "statecode"}


@pytest.fixture(scope="module", autouse=True)
def choices(api: Api) -> None:
    """A table with a choice of its own and a global one, each with the options 1 and 2."""
    options = [{"Value": 1, "Label": label("one")}, {"Value": 2, "Label": label("two")}]
    api.made("GlobalOptionSetDefinitions", {"Name": "plt_shared", "Options": options})
    api.made("EntityDefinitions", table("plt_Opt"))
    attributes = "EntityDefinitions(LogicalName='plt_opt')/Attributes"
    api.made(attributes, column("Picklist", "plt_Own", OptionSet={"Options": options}))
    bound = {"GlobalOptionSet@odata.bind": "/GlobalOptionSetDefinitions(Name='plt_shared')"}
    api.made(attributes, column("Picklist", "plt_Shared") | bound)


def place(which: str) -> Json:
    return (
        {"OptionSetName": "plt_shared"}
        if which == "plt_shared"
        else {**NOW, "AttributeLogicalName": "plt_own"}
    )


def options(api: Api, name: str, kind: str = "Picklist") -> list[tuple[int, str]]:
    path = f"EntityDefinitions(LogicalName='plt_opt')/Attributes(LogicalName='{name}')"
    found = api.get(f"{path}/Microsoft.Dynamics.CRM.{kind}AttributeMetadata?$expand=OptionSet")
    return [
        (one["Value"], one["Label"]["UserLocalizedLabel"]["Label"]) for one in found["OptionSet"]["Options"]
    ]


@pytest.mark.covers("dv.options.edit")
@pytest.mark.parametrize("name", ["plt_own", "plt_shared"])
def test_options_are_inserted_renamed_ordered_and_deleted(api: Api, name: str) -> None:
    where = place(name)
    added = api.call("POST", "InsertOptionValue", {**where, "Value": 7, "Label": label("seven")})
    assert (added.status_code, added.json()["NewOptionValue"]) == (200, 7)
    row = api.made("plt_opts", {name: 7})
    new = {**where, "Value": 7, "Label": label("Seven"), "MergeLabels": True}
    assert api.call("POST", "UpdateOptionValue", new).status_code == 204
    formatted = 'odata.include-annotations="*"'
    assert api.get(row, Prefer=formatted)[f"{name}@OData.Community.Display.V1.FormattedValue"] == "Seven"
    assert api.call("POST", "OrderOption", {**where, "Values": [7, 2, 1]}).status_code == 204
    assert options(api, name) == [(7, "Seven"), (2, "two"), (1, "one")]
    assert api.call("POST", "DeleteOptionValue", {**where, "Value": 7}).status_code == 204
    assert api.refused("POST", "plt_opts", {name: 7})[1] == "0x8004431a"
    assert api.get(row)[name] == 7


@pytest.mark.covers("dv.options.edit")
def test_a_value_is_chosen_by_the_service_when_the_caller_leaves_it_open(api: Api) -> None:
    said = api.call("POST", "InsertOptionValue", {**place("plt_own"), "Label": label("new")})
    assert said.json()["NewOptionValue"] == 100_000_000


@pytest.mark.covers("dv.options.status")
def test_a_status_belongs_to_its_state(api: Api) -> None:
    new = {**STATUS, "Value": 727000005, "Label": label("Waiting"), "StateCode": 0}
    assert api.call("POST", "InsertStatusValue", new).json()["NewOptionValue"] == 727000005
    row = api.made("plt_opts", {"statuscode": 727000005})
    assert api.get(row)["statecode"] == 0
    assert api.refused("PATCH", row, {"statecode": 1, "statuscode": 727000005})[1] == "0x80048408"
    done = {**STATE, "Value": 1, "Label": label("Done"), "MergeLabels": True}
    assert api.call("POST", "UpdateStateValue", done).status_code == 204
    assert options(api, "statecode", "State")[1] == (1, "Done")
    first = {**STATE, "Value": 0, "Label": label("Open"), "MergeLabels": True, "DefaultStatusCode": 727000005}
    assert api.call("POST", "UpdateStateValue", first).status_code == 204
    assert api.get(api.made("plt_opts", {}))["statuscode"] == 727000005
    assert api.refused("POST", "DeleteOptionValue", {**STATUS, "Value": 727000005})[0] == 400
    assert api.refused("POST", "UpdateStateValue", {**first, "DefaultStatusCode": 2})[1] == "0x80048408"


@pytest.mark.covers("dv.options.careless")
@pytest.mark.parametrize(
    ("action", "body", "status", "code"),
    [
        ("InsertOptionValue", {"Value": 5, "Label": label("x")}, 400, "0x80048d19"),
        ("InsertOptionValue", {"OptionSetName": "none", "Value": 5, "Label": label("x")}, 404, "0x80040217"),
        (
            "InsertOptionValue",
            {"OptionSetName": "plt_shared", "Value": 2, "Label": label("x")},
            400,
            "0x80044310",
        ),
        ("InsertOptionValue", {"OptionSetName": "plt_shared", "Value": "2"}, 400, "0x80048d19"),
        ("InsertOptionValue", {"OptionSetName": "plt_shared", "Colour": "red"}, 400, "0x80048d19"),
        ("InsertOptionValue", {**NOW, "AttributeLogicalName": "plt_shared", "Value": 5}, 400, "0x80040203"),
        ("InsertOptionValue", {**NOW, "AttributeLogicalName": "plt_name", "Value": 5}, 400, "0x80040203"),
        ("InsertOptionValue", {**NOW, "AttributeLogicalName": "plt_none", "Value": 5}, 404, "0x80040217"),
        ("InsertOptionValue", {**STATUS, "Value": 5, "Label": label("x")}, 400, "0x80040203"),
        ("InsertStatusValue", {**STATUS, "Value": 5, "Label": label("x")}, 400, "0x80040203"),
        ("InsertStatusValue", {**STATUS, "Value": 5, "Label": label("x"), "StateCode": 9}, 400, "0x80040203"),
        ("InsertStatusValue", {**STATE, "Value": 5, "Label": label("x"), "StateCode": 0}, 400, "0x80040203"),
        (
            "UpdateOptionValue",
            {"OptionSetName": "plt_shared", "Value": 1, "Label": label("x")},
            400,
            "0x80048d19",
        ),
        (
            "UpdateOptionValue",
            {"OptionSetName": "plt_shared", "Value": 9, "MergeLabels": True},
            400,
            "0x8004431a",
        ),
        ("UpdateStateValue", {**STATUS, "Value": 1, "MergeLabels": True}, 400, "0x80040203"),
        ("DeleteOptionValue", {"OptionSetName": "plt_shared", "Value": 9}, 400, "0x8004431a"),
        ("DeleteOptionValue", {**STATE, "Value": 1}, 400, "0x80040203"),
        ("OrderOption", {"OptionSetName": "plt_shared", "Values": [1]}, 400, "0x80048d19"),
        ("OrderOption", {"OptionSetName": "plt_shared", "Values": "1,2"}, 400, "0x80048d19"),
    ],
)
def test_wrong_options_are_refused(api: Api, action: str, body: Json, status: int, code: str) -> None:
    assert api.refused("POST", action, body)[:2] == (status, code)
    assert [value for value, _ in options(api, "plt_shared")] in ([1, 2], [2, 1])
