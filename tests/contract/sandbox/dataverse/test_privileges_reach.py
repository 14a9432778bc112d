"""Which rows and columns a role reaches: depth, lookups and pairs, owners, secured columns."""

import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.tenant import Tenant
from tests.contract.sandbox.dataverse.conftest import column
from tests.contract.sandbox.dataverse.securing import EVERYTHING, Desk, Person

MISSING = "0x80040220"


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with Tenant() as tenant:
        made = Desk(tenant)
        with made.app.session:
            yield made


def person(desk: Desk, **privileges: Any) -> Person:
    return Person(desk, desk.user(desk.role(f"role {uuid.uuid4().hex[:6]}", **privileges)))


@pytest.mark.covers("dv.security.depth")
def test_with_user_depth_only_rows_of_ones_own_are_seen_and_changed(desk: Desk) -> None:
    someone = person(desk, plt_item=dict.fromkeys(("create", "read", "write", "delete"), "user"))
    mine, other = someone.row(plt_name="mine", plt_count=1), desk.app.row(plt_name="other", plt_count=2)
    assert [row["plt_name"] for row in someone.get("plt_items?$select=plt_name")["value"]] == ["mine"]
    assert someone.call("GET", "plt_items/$count").text.strip("\ufeff") == "1"
    assert someone.get("plt_items?$apply=aggregate(plt_count with sum as total)")["value"] == [{"total": 1}]
    assert someone.get(f"plt_items({mine})")["plt_name"] == "mine"
    for method, body in (("GET", None), ("PATCH", {"plt_count": 3}), ("DELETE", None)):
        status, code, words = someone.refused(method, f"plt_items({other})", body)
        assert (status, code) == (403, "0x80048306")
        assert other in words
    assert someone.refused("GET", f"plt_items({uuid.uuid4()})")[0] == 404
    assert someone.call("DELETE", f"plt_items({mine})").status_code == 204
    assert desk.app.get(f"plt_items({other})")["plt_count"] == 2


@pytest.mark.covers("dv.security.depth")
def test_with_business_unit_depth_the_rows_of_the_unit_are_seen(desk: Desk) -> None:
    rights = dict.fromkeys(("create", "read"), "businessunit")
    desk.role("Unit", plt_item=rights)
    unit = str(uuid.uuid4())
    desk.app.made("businessunits", {"businessunitid": unit, "name": "North"})
    ada, bob, eve = (
        Person(desk, desk.user("Unit", **more))
        for more in ({"businessUnit": unit}, {"businessUnit": unit}, {})
    )
    row = ada.row(plt_name="of the north")
    assert desk.app.get(f"plt_items({row})")["_owningbusinessunit_value"] == unit
    assert [each["plt_itemid"] for each in bob.get("plt_items")["value"]] == [row]
    assert row not in {each["plt_itemid"] for each in eve.get("plt_items")["value"]}


@pytest.mark.covers("dv.security.append")
def test_a_lookup_needs_append_here_and_append_to_there(desk: Desk) -> None:
    item = desk.app.row(plt_name="parent")
    bound = {"plt_name": "child", "plt_Item@odata.bind": f"/plt_items({item})"}
    rights = {"plt_note": {"create": "user", "read": "user"}, "plt_item": {"read": "organization"}}
    for table, right, name in (
        ("plt_note", "append", "prvAppendplt_Note"),
        ("plt_item", "appendto", "prvAppendToplt_Item"),
    ):
        someone = person(desk, **rights)
        status, code, words = someone.refused("POST", "plt_notes", bound)
        assert (status, code) == (403, MISSING)
        assert f"is missing {name} " in words
        rights[table] = rights[table] | {right: "organization"}
    assert person(desk, **rights).call("POST", "plt_notes", bound).status_code == 204


@pytest.mark.covers("dv.security.assign")
def test_an_owner_must_be_able_to_read_what_he_is_given(desk: Desk) -> None:
    row = desk.app.row(plt_name="x")
    stranger = desk.id_of(desk.user(desk.role("Notes only", plt_note={"read": "user"})))
    give = {"ownerid@odata.bind": f"/systemusers({stranger})"}
    status, code, words = desk.app.refused("PATCH", f"plt_items({row})", give)
    assert (status, code) == (403, "0x80040231")
    assert words == "Target user or team does not hold required privileges."
    desk.role("Notes only", plt_item={"read": "user"})
    assert desk.app.call("PATCH", f"plt_items({row})", give).status_code == 204
    someone = person(desk, plt_item={"read": "organization", "write": "organization"})
    assert "prvAssignplt_Item" in someone.refused("PATCH", f"plt_items({desk.app.row()})", give)[2]


@pytest.mark.covers("dv.security.columns")
def test_a_secured_column_is_read_as_null_and_not_written(desk: Desk) -> None:
    secret = column("String", "plt_Secret", MaxLength=50, IsSecured=True)
    desk.app.made("EntityDefinitions(LogicalName='plt_item')/Attributes", secret)
    row = desk.app.row(plt_name="x", plt_secret="hidden")
    someone = person(desk, plt_item=EVERYTHING)
    assert someone.get(f"plt_items({row})?$select=plt_name,plt_secret")["plt_secret"] is None
    assert someone.get("plt_items?$filter=plt_secret eq 'hidden'")["value"] == []
    status, code, words = someone.refused("PATCH", f"plt_items({row})", {"plt_secret": "y"})
    assert (status, code) == (403, "0x8004f507")
    assert "plt_secret secured field on entity plt_item" in words
    assert someone.refused("POST", "plt_items", {"plt_secret": "y"})[:2] == (403, "0x8004f502")
    assert someone.call("PATCH", f"plt_items({row})", {"plt_name": "y"}).status_code == 204
    assert desk.app.get(f"plt_items({row})")["plt_secret"] == "hidden"

    columns = {"plt_item.plt_secret": {"read": True, "update": True}}
    said = desk.control("PUT", "/profiles/Secrets", users=[someone.object_id], columns=columns)
    assert said.status_code == 200, said.text
    assert someone.get(f"plt_items({row})")["plt_secret"] == "hidden"
    assert someone.call("PATCH", f"plt_items({row})", {"plt_secret": "known"}).status_code == 204
    assert someone.refused("POST", "plt_items", {"plt_secret": "y"})[:2] == (403, "0x8004f502")


@pytest.mark.covers("dv.security.depth")
def test_fetchxml_and_lambdas_see_no_more_than_the_caller_may(desk: Desk) -> None:
    someone = person(desk, plt_item={"create": "user", "read": "user"}, plt_note={"read": "user"})
    someone.row(plt_name="mine")
    other = desk.app.row(plt_name="other")
    desk.app.made("plt_notes", {"plt_name": "hidden", "plt_Item@odata.bind": f"/plt_items({other})"})
    found = "<fetch><entity name='plt_item'><attribute name='plt_name'/></entity></fetch>"
    assert [row["plt_name"] for row in someone.get(f"plt_items?fetchXml={found}")["value"]] == ["mine"]
    assert someone.get("plt_items?$filter=plt_item_note/any(n:n/plt_name eq 'hidden')")["value"] == []
    count = "<fetch aggregate='true'><entity name='plt_item'><attribute name='plt_itemid' alias='n' aggregate='count'/>"
    assert someone.get(f"plt_items?fetchXml={count}</entity></fetch>")["value"] == [{"n": 1}]


@pytest.mark.covers("dv.security.append")
def test_rows_are_paired_with_append_and_append_to(desk: Desk) -> None:
    desk.app.made(
        "RelationshipDefinitions",
        {
            "@odata.type": "Microsoft.Dynamics.CRM.ManyToManyRelationshipMetadata",
            "SchemaName": "plt_items_notes",
            "Entity1LogicalName": "plt_item",
            "Entity2LogicalName": "plt_note",
        },
    )
    item, note = desk.app.row(plt_name="x"), str(uuid.uuid4())
    desk.app.made("plt_notes", {"plt_noteid": note, "plt_name": "y"})
    path, body = f"plt_items({item})/plt_items_notes/$ref", {"@odata.id": f"{desk.app.root}plt_notes({note})"}
    without = person(desk, plt_item={"read": "organization"}, plt_note={"read": "organization"})
    assert "prvAppendplt_Item" in without.refused("POST", path, body)[2]
    half = person(desk, plt_item={"append": "organization"}, plt_note={"read": "organization"})
    assert "prvAppendToplt_Note" in half.refused("POST", path, body)[2]
    both = person(desk, plt_item={"append": "organization"}, plt_note={"appendto": "organization"})
    assert both.call("POST", path, body).status_code == 204


@pytest.mark.covers("dv.security.rows", "dv.security.depth")
def test_a_bulk_deletion_takes_only_what_its_owner_may_delete(desk: Desk) -> None:
    rights = dict.fromkeys(("create", "read", "delete"), "user")
    mark, job = uuid.uuid4().hex, {"JobName": "clean", "SendEmailNotification": False, "ToRecipients": []}
    job |= {"CCRecipients": [], "RecurrencePattern": "", "StartDateTime": "2020-01-01T00:00:00Z"}
    condition = {"AttributeName": "plt_name", "Operator": "Equal"}
    condition |= {"Values": [{"Value": mark, "Type": "System.String"}]}
    criteria = {"FilterOperator": "And", "Conditions": [condition]}
    job["QuerySet"] = [{"EntityName": "plt_item", "Criteria": criteria}]
    assert "prvBulkDelete" in person(desk, plt_item=rights).refused("POST", "BulkDelete", job)[2]

    desk.role("Cleaner", misc=["prvBulkDelete"], plt_item=rights)
    someone = Person(desk, desk.user("Cleaner"))
    mine, other = someone.row(plt_name=mark), desk.app.row(plt_name=mark)
    started = someone.call("POST", "BulkDelete", job)
    assert started.status_code == 200, started.text
    deadline = time.monotonic() + 10
    path = f"asyncoperations({started.json()['JobId']})"
    while (done := desk.app.get(path))["statecode"] != 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert other in done["message"]
    assert desk.app.call("GET", f"plt_items({mine})").status_code == 404
    assert desk.app.call("GET", f"plt_items({other})").status_code == 200


@pytest.mark.covers("dv.security.depth")
def test_a_member_has_the_roles_and_the_rows_of_the_team(desk: Desk) -> None:
    member = Person(desk, desk.user(desk.role("Notes of one's own", plt_note={"read": "user"})))
    desk.role("Desk", plt_item={"read": "user"})
    role = desk.app.get("roles?$filter=name eq 'Desk'")["value"][0]["roleid"]
    team = str(uuid.uuid4())
    unit = desk.app.get("WhoAmI()")["BusinessUnitId"]
    desk.app.made(
        "teams", {"teamid": team, "name": "IT", "businessunitid@odata.bind": f"/businessunits({unit})"}
    )
    row = desk.app.row(plt_name="of the team")
    give = {"ownerid@odata.bind": f"/teams({team})"}
    assert desk.app.refused("PATCH", f"plt_items({row})", give)[:2] == (403, "0x80040231")

    for path, url in (
        ("teamroles", f"roles({role})"),
        ("teammembership", f"systemusers({desk.id_of(member.object_id)})"),
    ):
        said = desk.app.call(
            "POST", f"teams({team})/{path}_association/$ref", {"@odata.id": desk.app.root + url}
        )
        assert said.status_code == 204
    assert desk.app.call("PATCH", f"plt_items({row})", give).status_code == 204
    assert [each["plt_itemid"] for each in member.get("plt_items")["value"]] == [row]
    assert member.refused("GET", f"plt_items({desk.app.row()})")[0] == 403
