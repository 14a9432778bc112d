"""Roles, privileges and their depth: what a caller without a right is told, on every route."""

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.tenant import Tenant
from tests.contract.sandbox.dataverse.conftest import Api
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


@pytest.mark.covers("dv.security.rows")
def test_users_roles_and_privileges_are_rows(desk: Desk) -> None:
    desk.role("Reader", plt_item={"read": "user"})
    object_id = desk.user("Reader", name="Ada")
    user = desk.app.get(
        f"systemusers({desk.id_of(object_id)})?$expand=systemuserroles_association($select=name)"
    )
    assert (user["fullname"], [each["name"] for each in user["systemuserroles_association"]]) == (
        "Ada",
        ["Reader"],
    )
    role = desk.app.get("roles?$filter=name eq 'Reader'&$expand=roleprivileges_association($select=name)")[
        "value"
    ][0]
    assert [each["name"] for each in role["roleprivileges_association"]] == ["prvReadplt_Item"]
    [pair] = desk.app.get(f"roleprivilegescollection?$filter=roleid eq {role['roleid']}")["value"]
    assert pair["privilegedepthmask"] == 1
    shown = desk.app.get("EntityDefinitions(LogicalName='plt_item')?$select=Privileges")["Privileges"]
    assert pair["privilegeid"] in {each["PrivilegeId"] for each in shown}
    assert desk.app.get("privileges?$filter=name eq 'prvActOnBehalfOfAnotherUser'")["value"]
    assert desk.app.get("teams?$expand=teamroles_association($select=name)")["value"][0][
        "teamroles_association"
    ]


@pytest.mark.covers("dv.security.associate")
def test_a_role_is_given_and_taken_by_reference(desk: Desk) -> None:
    desk.role("Creator", plt_item={"create": "user"})
    object_id = desk.user(desk.role("Nothing much", plt_note={"read": "user"}))
    someone, path = (
        Person(desk, object_id),
        f"systemusers({desk.id_of(object_id)})/systemuserroles_association",
    )
    assert someone.refused("POST", "plt_items", {"plt_name": "x"})[:2] == (403, MISSING)
    role = desk.app.get("roles?$filter=name eq 'Creator'")["value"][0]["roleid"]
    given = desk.app.call("POST", f"{path}/$ref", {"@odata.id": f"{desk.app.root}roles({role})"})
    assert given.status_code == 204
    someone.row(plt_name="x")
    assert desk.app.call("DELETE", f"{path}({role})/$ref").status_code == 204
    assert someone.refused("POST", "plt_items", {"plt_name": "x"})[:2] == (403, MISSING)


@pytest.mark.covers("dv.security.missing")
def test_a_missing_privilege_is_named_as_the_cloud_does(desk: Desk) -> None:
    someone = person(desk, plt_note={"read": "user"})
    status, code, words = someone.refused("GET", "plt_items")
    assert (status, code) == (403, MISSING)
    user, guid = desk.id_of(someone.object_id), "[0-9a-f-]{36}"
    assert re.fullmatch(
        rf"Principal user \(Id={user}, type=8, roleCount=1, privilegeCount=1, accessMode=4\), is missing "
        rf"prvReadplt_Item privilege \(Id={guid}\) on OTC=\d+ for entity 'plt_item'\. context\.Caller={user}",
        words,
    )


@pytest.mark.covers("dv.security.missing")
@pytest.mark.parametrize(
    ("right", "method", "path", "body"),
    [
        ("Read", "GET", "plt_items({row})", None),
        ("Read", "GET", "plt_items/$count", None),
        ("Read", "GET", "plt_items({row})/plt_name", None),
        ("Read", "GET", "plt_items?$apply=aggregate($count as c)", None),
        ("Read", "GET", "plt_notes?$expand=plt_Item", None),
        ("Read", "GET", "plt_notes?$filter=plt_Item/plt_name eq 'x'", None),
        ("Create", "POST", "plt_items", {"plt_name": "x"}),
        ("Write", "PATCH", "plt_items({row})", {"plt_name": "x"}),
        ("Write", "PUT", "plt_items({row})/plt_name", {"value": "x"}),
        ("Write", "DELETE", "plt_items({row})/plt_name", None),
        ("Delete", "DELETE", "plt_items({row})", None),
        (
            "Create",
            "POST",
            "plt_items/Microsoft.Dynamics.CRM.CreateMultiple",
            {"Targets": [{"@odata.type": "Microsoft.Dynamics.CRM.plt_item", "plt_name": "x"}]},
        ),
    ],
)
def test_every_route_asks_for_its_privilege(
    desk: Desk, right: str, method: str, path: str, body: Any
) -> None:
    allowed = {name: depth for name, depth in EVERYTHING.items() if name != right.lower()}
    someone = person(desk, plt_item=allowed, plt_note=EVERYTHING)
    asked = path.replace("{row}", desk.app.row(plt_name="x"))
    status, code, words = someone.refused(method, asked, body)
    assert (status, code) == (403, MISSING)
    assert f"is missing prv{right}plt_Item privilege" in words


@pytest.mark.covers("dv.security.batch")
def test_a_part_of_a_change_set_without_the_right_undoes_the_others(desk: Desk) -> None:
    someone = person(desk, plt_item={"create": "user"})
    name = uuid.uuid4().hex
    parts = "".join(
        f"--c\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: {number}\r\n\r\n"
        f"POST /api/data/v9.2/{entity_set} HTTP/1.1\r\nContent-Type: application/json\r\n\r\n"
        f'{{"plt_name": "{name}"}}\r\n'
        for number, entity_set in ((1, "plt_items"), (2, "plt_notes"))
    )
    body = f"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n{parts}--c--\r\n--b--\r\n"
    headers = {**desk.app.headers, "CallerObjectId": someone.object_id}
    headers["Content-Type"] = "multipart/mixed; boundary=b"
    said = desk.app.session.post(f"{desk.app.root}$batch", data=body, headers=headers, timeout=30)
    assert said.status_code == 400
    assert "prvCreateplt_Note" in said.text
    assert desk.app.get(f"plt_items?$filter=plt_name eq '{name}'")["value"] == []


@pytest.mark.covers("dv.security.delta")
@pytest.mark.parametrize("depth", ["user", "businessunit"])
def test_changes_need_read_on_the_whole_organisation(desk: Desk, depth: str) -> None:
    someone = person(desk, plt_item={"read": depth})
    assert someone.call("GET", "plt_items").status_code == 200
    status, code, words = someone.refused("GET", "plt_items", Prefer="odata.track-changes")
    assert (status, code) == (403, MISSING)
    assert "prvReadplt_Item" in words
    everywhere = person(desk, plt_item={"read": "organization"})
    assert "@odata.deltaLink" in everywhere.get("plt_items?$select=plt_name", Prefer="odata.track-changes")


@pytest.mark.covers("dv.security.metadata")
@pytest.mark.parametrize(
    ("name", "method", "path", "body"),
    [
        ("prvCreateEntity", "POST", "EntityDefinitions", {}),
        ("prvDeleteEntity", "DELETE", "EntityDefinitions(LogicalName='plt_item')", None),
        ("prvCreateAttribute", "POST", "EntityDefinitions(LogicalName='plt_item')/Attributes", {}),
        ("prvCreateRelationship", "POST", "RelationshipDefinitions", {}),
        ("prvCreateOptionSet", "POST", "GlobalOptionSetDefinitions", {}),
        ("prvPublishCustomization", "POST", "PublishAllXml", {}),
    ],
)
def test_definitions_are_changed_with_privileges_only(
    desk: Desk, name: str, method: str, path: str, body: Any
) -> None:
    someone = person(desk, plt_item=EVERYTHING)
    status, code, words = someone.refused(method, path, body)
    assert (status, code) == (403, MISSING)
    assert f"is missing {name} privilege" in words
    assert someone.get("EntityDefinitions(LogicalName='plt_item')?$select=LogicalName")
    desk.role("Customizer", misc=[name])
    can = Person(desk, desk.user("Customizer"))
    assert f"is missing {name}" not in can.call("PUT" if method == "DELETE" else method, path, body).text


@pytest.mark.covers("dv.security.nobody")
def test_an_application_without_a_user_or_without_a_role_is_turned_away(desk: Desk) -> None:
    with desk.app_as() as app:
        status, code, _ = app.refused("GET", "WhoAmI()")
        assert (status, code) == (403, "0x80042f09")
    desk.control("DELETE", f"/users/{desk.client_id}")
    status, code, _ = desk.app.refused("GET", "WhoAmI()")
    assert (status, code) == (403, "0x80072560")
    desk.control("PUT", f"/users/{desk.client_id}", roles=["System Administrator"])
    assert desk.app.get("WhoAmI()")["UserId"]


@pytest.mark.covers("dv.security.control")
@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("/roles/X", {"privileges": {"plt_nothing": {"read": "user"}}}, "no table"),
        ("/roles/X", {"privileges": {"plt_item": {"see": "user"}}}, "a right is one of create"),
        ("/roles/X", {"privileges": {"plt_item": {"read": "world"}}}, "a depth one of none"),
        ("/roles/X", {"privileges": {"publisher": {"read": "user"}}}, "no owner"),
        ("/roles/X", {"misc": ["prvNonsense"]}, "no privilege"),
        ("/roles/System Administrator", {}, "every privilege"),
        ("/users/nobody", {"roles": []}, "no id"),
        ("/users/11111111-1111-4111-8111-111111111111", {"roles": ["None such"]}, "put it first"),
        ("/profiles/P", {"columns": {"plt_item.plt_name": {"read": True}}}, "no secured column"),
    ],
)
def test_the_control_routes_say_what_is_wrong(desk: Desk, path: str, body: Any, says: str) -> None:
    said = desk.control("PUT", path, **body)
    assert said.status_code == 400
    assert says in said.json()["error"]


@pytest.mark.covers("dv.security.admin")
def test_the_application_is_an_administrator_unless_told_otherwise(api: Api) -> None:
    me = api.get("WhoAmI()")["UserId"]
    roles = api.get(f"systemusers({me})/systemuserroles_association?$select=name")["value"]
    assert [role["name"] for role in roles] == ["System Administrator"]


@pytest.mark.covers("dv.security.associate")
def test_a_role_that_a_failed_change_set_gave_is_gone_again(desk: Desk) -> None:
    object_id = desk.user(desk.role("Notes", plt_note={"read": "user"}))
    role = desk.app.get("roles?$filter=name eq 'System Administrator'")["value"][0]["roleid"]
    pair = f"systemusers({desk.id_of(object_id)})/systemuserroles_association/$ref"
    kind = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: "
    parts = "".join(
        f"--c\r\n{kind}{number}\r\n\r\nPOST /api/data/v9.2/{path} HTTP/1.1\r\nContent-Type: application/json\r\n"
        f"CallerObjectId: {object_id if number == 2 else ''}\r\n\r\n{body}\r\n".replace(
            "CallerObjectId: \r\n", ""
        )
        for number, path, body in (
            (1, pair, f'{{"@odata.id": "roles({role})"}}'),
            (2, "plt_items", "{}"),
            (3, "plt_items", '{"plt_nothing": 1}'),
        )
    )
    body = f"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n{parts}--c--\r\n--b--\r\n"
    headers = {**desk.app.headers, "Content-Type": "multipart/mixed; boundary=b"}
    said = desk.app.session.post(f"{desk.app.root}$batch", data=body, headers=headers, timeout=30)
    assert "plt_nothing" in said.text
    assert Person(desk, object_id).refused("GET", "plt_items")[:2] == (403, MISSING)
