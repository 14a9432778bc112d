"""`RetrieveTotalRecordCount` (dataverse.md section 3)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from sandbox.tenant import Tenant
from tests.contract.sandbox.dataverse.conftest import Api, provision

NAME = "RetrieveTotalRecordCount"


@pytest.fixture(scope="module")
def own() -> Iterator[tuple[Tenant, Api]]:
    with Tenant() as tenant:
        api = Api(tenant)
        with api.session:
            provision(api)
            yield tenant, api


@pytest.mark.covers("dv.totals")
def test_counts_come_from_a_snapshot_of_up_to_a_day(own: tuple[Tenant, Api]) -> None:
    tenant, api = own
    api.row()
    call = f"{NAME}(EntityNames=['plt_item','plt_note'])"
    said = api.get(call)
    assert said["@odata.context"].endswith(
        "$metadata#Microsoft.Dynamics.CRM.RetrieveTotalRecordCountResponse"
    )
    counted = said["EntityRecordCountCollection"]
    assert counted == {"Count": 2, "IsReadOnly": False, "Keys": ["plt_item", "plt_note"], "Values": [1, 0]}
    api.row()
    assert api.get(call)["EntityRecordCountCollection"]["Values"] == [1, 0]
    tenant.clock.advance(timedelta(hours=24))
    aliased = api.get(f"{NAME}(EntityNames=@p1)?@p1=['plt_item']")
    assert aliased["EntityRecordCountCollection"]["Values"] == [2]


@pytest.mark.covers("dv.totals")
@pytest.mark.parametrize(
    ("call", "code"),
    [
        (f"{NAME}(EntityNames=['plt_nothing'])", "0x80041102"),
        (f"{NAME}(EntityNames=[])", "0x80060888"),
        (f"{NAME}(EntityNames=[1])", "0x80060888"),
        (f"{NAME}(EntityNames=@p1)", "0x80060888"),
        (f"{NAME}()", "0x80060888"),
        (f"{NAME}(Names=['plt_item'])", "0x80060888"),
    ],
)
def test_a_wrong_call_is_refused(own: tuple[Tenant, Api], call: str, code: str) -> None:
    assert own[1].refused("GET", call)[:2] == (400, code)


def test_it_is_a_function_and_no_action(own: tuple[Tenant, Api]) -> None:
    said = own[1].call("POST", f"{NAME}(EntityNames=['plt_item'])", {})
    assert said.status_code == 404
    assert "No HTTP resource" in said.json()["Message"]
