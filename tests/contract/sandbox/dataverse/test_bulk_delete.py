"""The action `BulkDelete` and the job that it starts (dataverse.md section 6)."""

import time
import uuid
from typing import Any

import pytest

from sandbox.tenant import Tenant
from tests.contract.sandbox.dataverse.conftest import Api, table
from tests.contract.sandbox.dataverse.test_metadata_relations import one_to_many


def condition(name: str, operator: str, *values: str) -> Any:
    return {
        "AttributeName": name,
        "Operator": operator,
        "Values": [{"Value": one, "Type": "System.String"} for one in values],
    }


def body(*conditions: Any, entity: str = "plt_item", word: str = "And", **more: Any) -> Any:
    criteria = {"FilterOperator": word, "Conditions": list(conditions)}
    kind = "Microsoft.Dynamics.CRM.QueryExpression"
    return {
        "JobName": "clean",
        "SendEmailNotification": False,
        "ToRecipients": [],
        "CCRecipients": [],
        "RecurrencePattern": "",
        "StartDateTime": "2026-01-01T00:00:00Z",
        "QuerySet": [{"@odata.type": kind, "EntityName": entity, "Criteria": criteria}],
        **more,
    }


def ended(api: Api, job: str) -> Any:
    for _ in range(100):
        found = api.get(f"asyncoperations({job})")
        if found["statecode"] == 3:
            return found
        time.sleep(0.02)
    raise AssertionError("the job did not end")


@pytest.mark.covers("dv.bulk.delete_job")
def test_a_job_deletes_later_what_its_query_means(api: Api) -> None:
    mark = uuid.uuid4().hex
    kept, *gone = (api.row(plt_name=mark, plt_count=n) for n in (1, 2, 3))
    said = api.call(
        "POST",
        "BulkDelete",
        body(condition("plt_name", "Equal", mark), condition("plt_count", "GreaterThan", "1")),
    )
    assert said.status_code == 200
    job = said.json()["JobId"]
    waiting = api.get(f"asyncoperations({job})")
    assert (waiting["name"], waiting["statecode"], waiting["completedon"]) == ("clean", 0, None)
    assert api.get(f"plt_items({gone[0]})")["plt_count"] == 2
    done = ended(api, job)
    assert (done["statuscode"], done["message"]) == (30, None)
    assert [api.call("GET", f"plt_items({one})").status_code for one in (kept, *gone)] == [200, 404, 404]


@pytest.mark.covers("dv.bulk.delete_job")
def test_ids_and_filters_within_filters_are_understood(api: Api) -> None:
    first, second, third = (api.row(plt_title=f"t{n}") for n in range(3))
    asked = body(condition("plt_itemid", "In", first, second, third))
    inner = {
        "FilterOperator": "Or",
        "Conditions": [condition("plt_title", "Like", "t0"), condition("plt_title", "Equal", "t2")],
    }
    asked["QuerySet"][0]["Criteria"]["Filters"] = [inner]
    ended(api, api.call("POST", "BulkDelete", asked).json()["JobId"])
    assert [api.call("GET", f"plt_items({one})").status_code for one in (first, second, third)] == [
        404,
        200,
        404,
    ]


@pytest.mark.covers("dv.bulk.delete_job")
def test_rows_that_others_hold_on_to_stay_and_the_job_says_why(api: Api) -> None:
    api.made("EntityDefinitions", table("plt_Held"))
    api.made("EntityDefinitions", table("plt_Holder"))
    relation = one_to_many("plt_held_holder", "plt_held", "plt_holder", "plt_Held")
    api.made("RelationshipDefinitions", relation | {"CascadeConfiguration": {"Delete": "Restrict"}})
    held, free = (api.made("plt_helds", {"plt_name": "x"}) for _ in range(2))
    api.made("plt_holders", {"plt_Held@odata.bind": held})
    asked = body(condition("plt_name", "Equal", "x"), entity="plt_held")
    done = ended(api, api.call("POST", "BulkDelete", asked).json()["JobId"])
    assert "associated with another object" in done["message"]
    assert (api.call("GET", held).status_code, api.call("GET", free).status_code) == (200, 404)


@pytest.mark.covers("dv.bulk.delete_start")
def test_a_job_waits_for_its_start_on_the_clock_of_the_tenant_and_survives_a_new_start(tmp_path) -> None:
    with Tenant(tmp_path) as tenant:
        api = Api(tenant)
        clock = tenant.base + "/_sandbox/clock"
        api.session.put(clock, json={"now": "2026-02-01T00:00:00Z", "frozen": True})
        api.session.put(tenant.base + "/_sandbox/dataverse", json={"bulkDeleteSeconds": 0})
        api.made("EntityDefinitions", table("plt_Old"))
        row = api.made("plt_olds", {"plt_name": "x"})
        asked = body(condition("plt_name", "NotNull"), entity="plt_old", StartDateTime="2026-02-02T00:00:00Z")
        job = api.call("POST", "BulkDelete", asked).json()["JobId"]
        assert api.call("GET", row).status_code == 200
        api.session.close()
    with Tenant(tmp_path) as tenant:
        api = Api(tenant)
        path = "plt_olds(" + row.rpartition("(")[2]
        assert api.call("GET", path).status_code == 200
        api.session.post(tenant.base + "/_sandbox/clock/advance", json={"seconds": 86400})
        fresh = Api(tenant)
        assert fresh.call("GET", path).status_code == 404
        assert fresh.get(f"asyncoperations({job})")["statuscode"] == 30
        for one in (api, fresh):
            one.session.close()


@pytest.mark.covers("dv.bulk.delete_careless")
@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 400),
        (body(Query=[]), 400),
        (body(QuerySet=[]), 400),
        (body(QuerySet=["x"]), 400),
        (body(ToRecipients="x"), 400),
        (body(StartDateTime="tomorrow"), 400),
        (body(RecurrencePattern="FREQ=DAILY;"), 501),
        (body(entity="plt_none"), 404),
        (body(condition("plt_none", "Equal", "x")), 400),
        (body(condition("plt_count", "Equal", "x")), 400),
        (body(condition("plt_count", "Perhaps", "1")), 400),
        (body(condition("plt_count", "Equal", "1"), word="Nor"), 400),
        (body(QuerySet=[{"EntityName": "plt_item", "Where": 1}]), 400),
        (body(QuerySet=[{"EntityName": "plt_item", "LinkEntities": [{}]}]), 501),
    ],
)
def test_jobs_that_cannot_be_are_refused(api: Api, asked: Any, status: int) -> None:
    assert api.refused("POST", "BulkDelete", asked)[0] == status
