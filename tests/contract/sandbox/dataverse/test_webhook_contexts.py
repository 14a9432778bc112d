"""The body and the headers of a webhook call: what changed, in the contract of .NET."""

import json
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.contract.sandbox.dataverse.hooks import HEADERS, Hooks, clear, hooks, listed, target

Json = Any
SAMPLE = Path("tests/data/samples/dataverse/constructed-webhook-remoteexecutioncontext.json")
CONTRACTS = "http://schemas.microsoft.com/xrm/2011/Contracts"


@pytest.fixture(scope="module")
def shared() -> Iterator[Hooks]:
    with hooks() as made:
        yield made


@pytest.fixture
def own(shared: Hooks) -> Iterator[Hooks]:
    yield shared
    clear(shared)


@pytest.mark.covers("hook.context")
def test_an_update_looks_like_the_documented_context(own: Hooks) -> None:
    sample = json.loads(SAMPLE.read_text())
    row = own.row(plt_title="before", plt_text="kept")
    own.register("Update")
    own.patch(row, plt_title="after", plt_priority=727000001)
    (sent,) = own.sent()
    assert sent.keys() == sample.keys()
    assert target(sent).keys() == target(sample).keys()
    for name in (
        "MessageName",
        "Mode",
        "Stage",
        "Depth",
        "IsInTransaction",
        "SecondaryEntityName",
        "IsolationMode",
    ):
        assert sent[name] == sample[name]
    assert {name: type(value) for name, value in sent.items() if name != "RequestId"} == {
        name: type(value) for name, value in sample.items() if name != "RequestId"
    }
    assert (sent["PrimaryEntityName"], sent["PrimaryEntityId"]) == ("plt_item", row)


@pytest.mark.covers("hook.context")
def test_the_target_of_an_update_holds_only_what_was_written(own: Hooks) -> None:
    row = own.row(plt_title="before", plt_text="kept", plt_count=1)
    own.register("Update")
    own.patch(row, plt_title="after", plt_count=None)
    (sent,) = own.sent()
    attributes = listed(target(sent)["Attributes"])
    assert attributes.keys() == {"plt_title", "plt_count", "modifiedon", "modifiedby", "plt_itemid"}
    assert (attributes["plt_title"], attributes["plt_count"], attributes["plt_itemid"]) == (
        "after",
        None,
        row,
    )
    read = own.api.get(f"plt_items({row})?$select=modifiedon")
    milliseconds = int(datetime.fromisoformat(read["modifiedon"]).timestamp() * 1000)
    assert attributes["modifiedon"] == f"/Date({milliseconds})/"
    assert f'W/"{target(sent)["RowVersion"]}"' == read["@odata.etag"]


@pytest.mark.covers("hook.context")
def test_values_are_spelled_as_their_types_are(own: Hooks) -> None:
    own.register("Create")
    own.register("Create", table="plt_note")
    item = own.row(
        plt_priority=727000000,
        plt_urgent=True,
        plt_share=1.25,
        plt_dueon="2026-03-02T08:14:05Z",
        plt_day="2026-03-02",
    )
    own.api.made("plt_notes", {"plt_name": "n", "plt_Item@odata.bind": f"/plt_items({item})"})
    by_table = {one["PrimaryEntityName"]: one for one in own.sent()}
    entity = target(by_table["plt_item"])
    values = listed(entity["Attributes"])
    assert values["plt_priority"] == {"__type": f"OptionSetValue:{CONTRACTS}", "Value": 727000000}
    assert listed(entity["FormattedValues"])["plt_priority"] == "High"
    assert (values["plt_urgent"], values["plt_share"]) == (True, 1.25)
    assert values["plt_dueon"] == "/Date(1772439245000)/"
    assert values["plt_day"] == "/Date(1772409600000)/"
    assert values["ownerid"]["LogicalName"] == "systemuser"
    lookup = listed(target(by_table["plt_note"])["Attributes"])["plt_item"]
    assert lookup == {
        "__type": f"EntityReference:{CONTRACTS}",
        "Id": item,
        "KeyAttributes": [],
        "LogicalName": "plt_item",
        "Name": None,
        "RowVersion": None,
    }
    assert by_table["plt_item"]["OutputParameters"] == [{"key": "id", "value": item}]


@pytest.mark.covers("hook.context")
def test_a_deletion_names_the_row_only(own: Hooks) -> None:
    row = own.row(plt_title="gone")
    own.register("Delete")
    own.api.call("DELETE", f"plt_items({row})")
    (sent,) = own.sent()
    assert (sent["MessageName"], sent["PrimaryEntityId"]) == ("Delete", row)
    assert target(sent)["__type"] == f"EntityReference:{CONTRACTS}"
    assert (target(sent)["Id"], target(sent)["LogicalName"]) == (row, "plt_item")


@pytest.mark.covers("hook.images")
def test_images_show_the_row_before_and_after(own: Hooks) -> None:
    step = own.register("Update")
    own.image(step, 2, attributes="plt_title,plt_count")
    own.image(step, 0, entityalias="whole")
    row = own.row(plt_title="before", plt_text="kept")
    own.patch(row, plt_title="after")
    (sent,) = own.sent()
    before, after = listed(sent["PreEntityImages"]), listed(sent["PostEntityImages"])
    assert listed(before["copy"]["Attributes"]) == {"plt_title": "before", "plt_itemid": row}
    assert listed(after["copy"]["Attributes"])["plt_title"] == "after"
    assert (listed(before["whole"]["Attributes"])["plt_text"], list(after)) == ("kept", ["copy"])


@pytest.mark.covers("hook.images")
def test_a_deletion_can_show_what_is_gone(own: Hooks) -> None:
    own.image(own.register("Delete"), 0)
    row = own.row(plt_title="gone")
    own.api.call("DELETE", f"plt_items({row})")
    (sent,) = own.sent()
    assert listed(listed(sent["PreEntityImages"])["copy"]["Attributes"])["plt_title"] == "gone"


@pytest.mark.covers("hook.request-headers")
def test_the_headers_name_organisation_table_message_and_correlation(own: Hooks) -> None:
    own.register("Create")
    correlation = str(uuid.uuid4())
    own.api.made("plt_items", {"plt_title": "x"}, x_ms_correlation_request_id=correlation)
    (got,) = own.calls()
    assert got.headers["x-ms-dynamics-entity-name"] == "plt_item"
    assert got.headers["x-ms-dynamics-request-name"] == "Create"
    assert got.headers["x-ms-dynamics-organization"] == own.tenant.base.removeprefix("https://")
    assert got.headers["x-ms-correlation-request-id"] == correlation
    assert got.headers["Content-Type"].startswith("application/json")
    assert json.loads(got.body)["CorrelationId"] == correlation
    assert "x-ms-dynamics-msg-size-exceeded" not in got.headers


@pytest.mark.covers("hook.size")
def test_a_body_of_more_than_256_kilobytes_comes_without_the_row(own: Hooks) -> None:
    own.image(own.register("Create"), 1, messagepropertyname="Id")
    row = own.row(plt_text="x" * 262_144)
    (long,) = own.calls()
    own.row(plt_text="x" * 100_000)
    short = own.calls()[1]
    assert long.headers["x-ms-dynamics-msg-size-exceeded"] == "true"
    sent = json.loads(long.body)
    assert not sent.keys() & {"ParentContext", "InputParameters", "PreEntityImages", "PostEntityImages"}
    assert (sent["PrimaryEntityId"], sent["MessageName"]) == (row, "Create")
    assert "InputParameters" in json.loads(short.body)
    assert "x-ms-dynamics-msg-size-exceeded" not in short.headers


@pytest.mark.covers("hook.tag")
def test_the_tag_of_a_request_comes_as_a_shared_variable(own: Hooks) -> None:
    own.register("Update")
    row = own.row()
    own.patch(row, "?tag=plumbline%20sync", plt_title="ours")
    (ours,) = own.sent()
    own.patch(row, plt_title="theirs")
    theirs = own.sent()[1]
    assert ours["SharedVariables"] == [{"key": "tag", "value": "plumbline sync"}]
    assert theirs["SharedVariables"] == []


@pytest.mark.covers("hook.context")
def test_the_user_is_the_one_who_wrote(own: Hooks) -> None:
    own.register("Create")
    own.row()
    (sent,) = own.sent()
    who = own.api.get("WhoAmI()")
    assert {sent["UserId"], sent["InitiatingUserId"]} == {who["UserId"]}
    assert (sent["OrganizationId"], sent["BusinessUnitId"]) == (who["OrganizationId"], who["BusinessUnitId"])


@pytest.mark.covers("hook.context")
def test_a_step_may_run_as_another_user(own: Hooks) -> None:
    other = own.api.made("systemusers", {"fullname": "Other"}).rpartition("(")[2][:-1]
    own.register("Create", **{"impersonatinguserid@odata.bind": f"/systemusers({other})"})
    own.row()
    (sent,) = own.sent()
    assert (sent["UserId"], sent["InitiatingUserId"]) == (other, own.api.get("WhoAmI()")["UserId"])


@pytest.mark.covers("hook.user")
def test_who_wrote_for_somebody_else_is_the_initiating_user(own: Hooks) -> None:
    app, somebody = own.api.get("WhoAmI()")["UserId"], str(uuid.uuid4())
    url = f"{own.tenant.base}/_sandbox/dataverse/"
    everything = dict.fromkeys(("create", "read", "write", "delete"), "organization")
    assert own.api.session.put(f"{url}roles/Worker", json={"privileges": {"plt_item": everything}}).ok
    assert own.api.session.put(f"{url}users/{somebody}", json={"roles": ["Worker"]}).ok
    user = own.api.get("WhoAmI()", CallerObjectId=somebody)["UserId"]
    row = own.row()
    for message in ("Create", "Update", "Delete"):
        own.register(message)
    own.register("Update", endpoint=own.endpoint(authtype=HEADERS, authvalue="nonsense"))
    own.api.made("plt_items", {"plt_title": "x"}, CallerObjectId=somebody)
    own.api.call("PATCH", f"plt_items({row})", {"plt_title": "y"}, CallerObjectId=somebody)
    own.api.call("DELETE", f"plt_items({row})", CallerObjectId=somebody)
    sent = own.sent()
    assert {one["MessageName"] for one in sent} == {"Create", "Update", "Delete"}
    assert {(one["UserId"], one["InitiatingUserId"]) for one in sent} == {(user, app)}
    assert len(own.failures()) == 1  # kept although the user has no right to jobs
