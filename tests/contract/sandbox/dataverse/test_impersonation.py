"""Acting for somebody else: who may, with which rights, and what the rows say about it."""

import uuid
from collections.abc import Iterator

import pytest

from sandbox.tenant import Tenant
from tests.contract.sandbox.dataverse.securing import EVERYTHING, Desk, Person

pytestmark = pytest.mark.covers("dv.impersonation")


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with Tenant() as tenant:
        made = Desk(tenant)
        with made.app.session:
            yield made


def test_rows_tell_for_whom_and_by_whom_they_were_written(desk: Desk) -> None:
    ada = Person(desk, desk.user(desk.role("Worker", plt_item=EVERYTHING)))
    user, app = desk.id_of(ada.object_id), desk.app.get("WhoAmI()")["UserId"]
    assert ada.get("WhoAmI()")["UserId"] == user
    kept = desk.app.get(f"plt_items({ada.row(plt_name='x')})")
    assert [kept[f"_{name}_value"] for name in ("createdby", "modifiedby", "ownerid")] == [user, user, user]
    assert [kept[f"_{name}onbehalfby_value"] for name in ("created", "modified")] == [app, app]

    desk.app.call("PATCH", f"plt_items({kept['plt_itemid']})", {"plt_name": "y"})
    kept = desk.app.get(f"plt_items({kept['plt_itemid']})")
    assert (kept["_modifiedby_value"], kept["_modifiedonbehalfby_value"]) == (app, None)
    assert kept["_createdonbehalfby_value"] == app


def test_the_older_header_names_the_user_by_its_row(desk: Desk) -> None:
    ada = desk.id_of(desk.user(desk.role("Worker", plt_item=EVERYTHING)))
    assert desk.app.get("WhoAmI()", MSCRMCallerID=ada)["UserId"] == ada
    assert desk.app.get("WhoAmI()", MSCRMCallerID=f"{{{ada.upper()}}}")["UserId"] == ada


def test_only_who_has_the_privilege_acts_for_others(desk: Desk) -> None:
    ada = desk.user(desk.role("Worker", plt_item=EVERYTHING))
    with desk.app_as(desk.role("Modest", plt_item=EVERYTHING)) as app:
        status, code, words = app.refused("GET", "plt_items", CallerObjectId=ada)
        assert (status, code) == (403, "0x8004a110")
        assert words == "User does not have the privilege to act on behalf another user."
    desk.role("Delegate", misc=["prvActOnBehalfOfAnotherUser"])
    with desk.app_as("Modest", "Delegate") as app:
        assert app.get("WhoAmI()", CallerObjectId=ada)["UserId"]


def test_the_rights_are_those_that_both_have(desk: Desk) -> None:
    ada = desk.user(desk.role("Reads", plt_item={"read": "organization", "create": "user"}))
    desk.role("Delegate", misc=["prvActOnBehalfOfAnotherUser"])
    other = desk.app.row(plt_name="other")
    with desk.app_as(
        "Delegate", desk.role("Writes", plt_item={"read": "user", "write": "organization"})
    ) as app:
        assert "prvWriteplt_Item" in app.refused("PATCH", f"plt_items({other})", {}, CallerObjectId=ada)[2]
        assert "prvCreateplt_Item" in app.refused("POST", "plt_items", {}, CallerObjectId=ada)[2]
        assert app.get("plt_items", CallerObjectId=ada)["value"] == []


def test_a_user_that_is_unknown_or_has_no_role_is_refused(desk: Desk) -> None:
    assert desk.app.refused("GET", "WhoAmI()", CallerObjectId=str(uuid.uuid4()))[:2] == (403, "0x80072560")
    assert desk.app.refused("GET", "WhoAmI()", CallerObjectId=desk.user())[:2] == (403, "0x80042f09")


def test_a_batch_runs_for_the_user_that_it_names_and_a_part_for_its_own(desk: Desk) -> None:
    ada, bob = (desk.user(desk.role("Worker", plt_item=EVERYTHING)) for _ in range(2))
    calls = "".join(
        f"--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        f"GET /api/data/v9.2/WhoAmI() HTTP/1.1\r\n{header}\r\n"
        for header in ("", f"CallerObjectId: {bob}\r\n")
    )
    headers = {**desk.app.headers, "CallerObjectId": ada, "Content-Type": "multipart/mixed; boundary=b"}
    said = desk.app.session.post(
        f"{desk.app.root}$batch", data=f"{calls}--b--\r\n", headers=headers, timeout=30
    )
    assert said.status_code == 200, said.text
    first, second = (part.partition('"UserId": "')[2][:36] for part in said.text.split("HTTP/1.1 ")[1:])
    assert (first, second) == (desk.id_of(ada), desk.id_of(bob))
