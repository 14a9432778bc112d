"""The npm package `dynamics-web-api` at work on the tenant: one program, its answers and the store looked at here."""

import json
import os
import subprocess
import uuid
from pathlib import Path
from typing import Any

import pytest

from sandbox.tenant import Tenant
from tests.contract.sandbox.dataverse.conftest import Api
from tests.npm import installed

pytestmark = pytest.mark.covers("dv.client.npm")

VERSION = "2.5.0"
PROGRAM = Path(__file__).parent / "dynamics_web_api.mjs"


@pytest.fixture(scope="module")
def answers(tenant: Tenant, raw: Api) -> Any:
    """What the program got from the client, by piece of work."""
    home = installed("dynamics-web-api", VERSION)
    settings = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    colleague = str(uuid.uuid4())
    control = f"{tenant.base}/_sandbox/dataverse/users/{colleague}"
    raw.session.put(control, json={"roles": ["System Administrator"], "name": "Colleague"})
    settings |= {
        "COLLEAGUE": colleague,
        "CLIENT_HOME": str(home),
        "DATAVERSE_URL": tenant.base,
        "DATAVERSE_TOKEN": raw.headers["Authorization"].removeprefix("Bearer "),
        "NODE_EXTRA_CA_CERTS": tenant.description()["caBundle"],
    }
    done = subprocess.run(
        ["node", str(PROGRAM)], env=settings, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def value(answers: Any, name: str) -> Any:
    assert "error" not in answers[name], answers[name]["error"]
    return answers[name]["value"]


def test_it_defines_tables_columns_and_relationships(answers: Any, raw: Api) -> None:
    said = value(answers, "definitions")
    assert (said["read"]["EntitySetName"], said["read"]["PrimaryIdAttribute"]) == ("dwa_lamps", "dwa_lampid")
    assert {each["LogicalName"]: each["MaxLength"] for each in said["columns"]} == {
        "dwa_name": 100,
        "dwa_colour": 100,
    }
    kept = raw.get("EntityDefinitions(LogicalName='dwa_bulb')/ManyToOneRelationships?$select=SchemaName")
    assert "dwa_lamp_bulb" in {each["SchemaName"] for each in kept["value"]}
    assert (
        raw.get("RelationshipDefinitions(SchemaName='dwa_lamps_bulbs')")["Entity2LogicalName"] == "dwa_bulb"
    )


def test_it_puts_a_changed_definition_back(answers: Any, raw: Api) -> None:
    assert value(answers, "change_a_definition") == 100
    path = "EntityDefinitions(LogicalName='dwa_lamp')/Attributes(LogicalName='dwa_colour')"
    assert raw.get(f"{path}/Microsoft.Dynamics.CRM.StringAttributeMetadata")["MaxLength"] == 200


def test_rows_come_change_and_go(answers: Any, raw: Api) -> None:
    said = value(answers, "rows")
    assert said["made"]["dwa_name"] == "Wall"
    assert [said["read"][name] for name in ("dwa_name", "dwa_watt", "dwa_colour")] == ["Desk", 7, "red"]
    kept = raw.call("GET", f"dwa_lamps({said['id']})")
    if kept.status_code == 200:  # the work on changes may have removed it
        assert (kept.json()["dwa_watt"], kept.json()["dwa_colour"]) == (8, None)
    assert said["stale"] is False  # what the client makes of 412
    assert (said["gone"]["status"], said["gone"]["code"]) == (404, "0x80040217")
    assert said["absent"] == {"status": 404, "code": "0x80040217", "message": said["gone"]["message"]}


def test_an_upsert_tells_whether_it_made_the_row(answers: Any, raw: Api) -> None:
    said = value(answers, "upsert")
    assert said["first"]["dwa_name"] == said["again"]["dwa_name"] == "Upserted"
    assert (said["twice"], said["missing"]) == (None, None)
    assert raw.get("dwa_lamps(11111111-1111-4111-8111-111111111111)")["dwa_watt"] == 3
    assert raw.call("GET", "dwa_lamps(11111111-1111-4111-8111-111111111112)").status_code == 404


def test_a_change_set_binds_rows_by_content_id_and_leaves_nothing_when_it_fails(
    answers: Any, raw: Api
) -> None:
    said = value(answers, "batch")
    assert said["bound"]["_dwa_lamp_value"] == said["lamp"]
    assert raw.get(f"dwa_bulbs({said['bulb']})")["_dwa_lamp_value"] == said["lamp"]
    assert [(each["status"], each["code"]) for each in said["failed"]] == [(400, "0x80048d19")]
    assert raw.get("dwa_lamps?$filter=dwa_name eq 'Never kept'")["value"] == []
    one, many = said["reads"]
    assert one["dwa_name"] == "Batch lamp"
    assert many["oDataCount"] == 1


def test_it_reads_page_after_page_and_counts(answers: Any) -> None:
    assert value(answers, "pages") == {"sizes": [3, 3, 1], "all": list(range(7)), "counted": 7}


def test_it_aggregates(answers: Any) -> None:
    assert value(answers, "aggregate") == [{"dwa_name": "Page", "total": 21, "lamps": 7}]


def test_it_follows_changes(answers: Any) -> None:
    said = value(answers, "delta")
    changed, removed = said["changed"]
    assert (changed["dwa_lampid"], changed["dwa_name"]) == (said["id"], "Changed")
    assert (removed["id"], removed["reason"]) == (said["other"], "deleted")
    assert said["again"]


def test_it_associates_rows_of_both_kinds(answers: Any, raw: Api) -> None:
    said = value(answers, "associate")
    assert [row["dwa_name"] for row in said["linked"]["dwa_lamps_bulbs"]] == ["First"]
    assert said["cut"]["dwa_lamps_bulbs"] == []
    assert said["bound"]["_dwa_lamp_value"] == said["lamp"]
    assert raw.get(f"dwa_bulbs({said['bulb']})")["_dwa_lamp_value"] is None


def test_it_calls_functions(answers: Any, raw: Api) -> None:
    assert value(answers, "functions")["who"]["UserId"] == raw.get("WhoAmI()")["UserId"]


def test_it_acts_for_somebody_else(answers: Any, raw: Api) -> None:
    kept = raw.get(f"dwa_lamps({value(answers, 'functions')['lent']})?$expand=createdby($select=fullname)")
    assert kept["createdby"]["fullname"] == "Colleague"
    assert kept["_createdonbehalfby_value"] == raw.get("WhoAmI()")["UserId"]


def test_it_asks_in_fetchxml_and_pages_by_cookie(answers: Any) -> None:
    said = value(answers, "fetchxml")
    assert (said["first"], said["second"]) == ([6, 5, 4], [3, 2, 1])
    assert said["all"] == [6, 5, 4, 3, 2, 1, 0]
    assert said["more"] == 2


def test_it_reads_the_csdl(answers: Any) -> None:
    assert "<edmx:Edmx" in value(answers, "csdl")
