"""Every sample of Dataverse replayed: the request is sent, the answer has the shape of the recorded one."""

import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.tenant import Tenant
from tests.contract.samples.shapes import FOLDER, differences, fragment, sample
from tests.contract.sandbox.dataverse.conftest import Api, await_key, column, label, table

pytestmark = pytest.mark.covers("dv.samples")

SELECT = "svc_reference,svc_title,svc_priority,statuscode,_ownerid_value,createdon"
NO_ANSWERS = {"LICENSE-captured.txt", "README.md", "facts-incident-columns.json"}
SHOWN_BY = {
    "captured-entitydefinition-account-top-level.json": "test_whole_definitions.py",
    "constructed-metadata-csdl.xml": "test_csdl.py",
    "constructed-webhook-remoteexecutioncontext.json": "test_webhook_contexts.py",
}


@pytest.fixture(scope="module")
def desk() -> Iterator[Api]:
    """A tenant of its own with the tables of the samples."""
    with Tenant() as tenant:
        api = Api(tenant)
        with api.session:
            api.session.put(f"{tenant.base}/_sandbox/dataverse", json={"keyDelaySeconds": 0.05})
            provision(api)
            yield api


def provision(api: Api) -> None:
    words = {"Description": label("A column"), "DisplayName": label("Column")}
    options = [{"Value": 727000001, "Label": label("High")}, {"Value": 727000002, "Label": label("Normal")}]
    choice = {
        "OptionSetType": "Picklist",
        "Options": options,
        "Name": "svc_case_svc_priority",
        "IsGlobal": False,
    }
    choice |= {"Description": label("How urgent"), "DisplayName": label("Priority")}
    for name in ("svc_Case", "svc_CaseNote"):
        parts = [column("String", "svc_Title", IsPrimaryName=True, MaxLength=200)]
        api.made("EntityDefinitions", table(name, ChangeTrackingEnabled=True, Attributes=parts))
    cases = "EntityDefinitions(LogicalName='svc_case')/Attributes"
    api.made(cases, column("String", "svc_Reference", MaxLength=100, **words))
    api.made(cases, column("Picklist", "svc_Priority", OptionSet=choice, **words))
    api.made(cases, column("Boolean", "svc_Breached", **words))
    api.made("EntityDefinitions(LogicalName='svc_casenote')/Attributes", column("Memo", "svc_Text"))
    key = {"SchemaName": "svc_reference_key", "KeyAttributes": ["svc_reference"], "DisplayName": label("Key")}
    api.made("EntityDefinitions(LogicalName='svc_case')/Keys", key)
    relationship = {"@odata.type": "Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata"}
    relationship |= {"SchemaName": "svc_case_note", "ReferencedEntity": "svc_case"}
    relationship |= {"ReferencingEntity": "svc_casenote", "Lookup": column("Lookup", "svc_CaseId", **words)}
    api.made("RelationshipDefinitions", relationship)
    assert await_key(api, "svc_case", "svc_reference_key") == "Active"


def case(api: Api, **values: Any) -> str:
    row = {"svc_caseid": str(uuid.uuid4()), "svc_title": "Laptop", "svc_priority": 727000001, **values}
    api.made("svc_cases", row)
    return str(row["svc_caseid"])


def replay(api: Api, name: str) -> requests.Response:
    """Send a recorded request as it was written, only to this tenant."""
    text = (FOLDER / name).read_bytes()
    head, _, body = text.partition(b"\r\n\r\n")
    kind = re.search(rb"Content-Type: (.+)\r\n", head)
    assert kind is not None
    headers = {**api.headers, "Content-Type": kind[1].decode()}
    return api.session.post(f"{api.root}$batch", data=body, headers=headers)


def parts(text: bytes) -> list[tuple[str, list[str]]]:
    """Kind or status of every part with the names of its headers, in order."""
    found = re.findall(rb"(?:^|\r\n)--\w+_[\w-]*\w\r\n(.*?)(?=\r\n--|\Z)", text, re.DOTALL)
    outline = []
    for part in found:
        lines = part.decode().split("\r\n")
        status = next((line for line in lines if line.startswith("HTTP/1.1")), lines[0].partition(";")[0])
        names = [match[1] for line in lines if (match := re.match(r"([A-Za-z-]+): ", line))]
        outline.append((status, names))
    return outline


def test_every_sample_is_replayed() -> None:
    tests = FOLDER.parents[2] / "contract"
    for name in {path.name for path in FOLDER.iterdir()} - NO_ANSWERS:
        where = tests / "sandbox" / "dataverse" / SHOWN_BY[name] if name in SHOWN_BY else Path(__file__)
        assert f'{name}"' in where.read_text("utf-8"), name


def test_a_page_of_a_query_with_annotations(desk: Api) -> None:
    for number in range(3):
        case(desk, svc_reference=f"NC-{number}")
    prefer = 'odata.maxpagesize=2,odata.include-annotations="*"'
    got = desk.get(f"svc_cases?$select={SELECT}", Prefer=prefer)
    wanted = sample("constructed-query-page-1.json")
    assert differences(wanted, got) == []
    assert fragment(got) == fragment(wanted)
    head = "$skiptoken=%3Ccookie%20pagenumber=%222%22%20pagingcookie=%22%253ccookie%2520page%253d%25221%2522"
    for link in (wanted["@odata.nextLink"], got["@odata.nextLink"]):
        assert head in link
        assert link.endswith("%22%20istracking=%22False%22%20/%3E")


def test_a_query_of_rows_with_their_ids(desk: Api) -> None:
    got = desk.get("svc_cases?$select=svc_caseid,svc_title,svc_priority")
    wanted = sample("captured-query-views.json")
    assert list(got["value"][0]) == ["@odata.etag", "svc_caseid", "svc_title", "svc_priority"]
    assert list(wanted["value"][0]) == ["@odata.etag", "savedqueryid", "name", "querytype"]
    assert fragment(wanted).partition("(")[2] == "savedqueryid,name,querytype)"
    assert fragment(got) == "svc_cases(svc_caseid,svc_title,svc_priority)"


def test_an_initial_load_its_changes_and_no_changes(desk: Api) -> None:
    gone = case(desk, svc_reference="NC-000105")
    case(desk, svc_reference="NC-000106")
    first = desk.get(f"svc_cases?$select={SELECT}", Prefer="odata.track-changes")
    wanted = sample("constructed-delta-initial-last-page.json")
    assert differences(wanted, first) == []
    assert fragment(first) == fragment(wanted)

    case(desk, svc_reference="NC-000107")
    desk.call("DELETE", f"svc_cases({gone})")
    changes = desk.get(first["@odata.deltaLink"])
    wanted = sample("constructed-delta-changes.json")
    assert differences(wanted, changes) == []
    assert fragment(changes) == fragment(wanted)
    assert changes["value"][-1].keys() == wanted["value"][-1].keys()
    assert fragment(changes["value"][-1]) == fragment(wanted["value"][-1])
    token = re.compile(r"\$deltatoken=\d+%21\d\d%2f\d\d%2f\d{4}%20\d\d%3a\d\d%3a\d\d$", re.IGNORECASE)
    assert token.search(wanted["@odata.deltaLink"])
    assert token.search(changes["@odata.deltaLink"])

    nothing = desk.get(changes["@odata.deltaLink"])
    wanted = sample("constructed-delta-no-changes.json")
    assert (nothing.keys(), fragment(nothing)) == (wanted.keys(), fragment(wanted))
    assert nothing["value"] == []


def test_a_batch_with_a_change_set_and_a_read(desk: Api) -> None:
    said = replay(desk, "constructed-batch-request.http")
    assert said.status_code == 200
    wanted = (FOLDER / "constructed-batch-response.http").read_bytes().partition(b"\r\n\r\n")[2]
    kinds = [status for status, _ in parts(wanted)]
    assert [status for status, _ in parts(said.content)] == kinds
    assert kinds[1:] == ["HTTP/1.1 204 No Content", "HTTP/1.1 204 No Content", "HTTP/1.1 200 OK"]
    for (_, here), (_, there) in zip(parts(said.content), parts(wanted), strict=True):
        assert set(there) <= set(here)
    [note] = desk.get("svc_casenotes?$filter=svc_text eq 'Created with its case'&$expand=svc_CaseId")["value"]
    assert note["svc_CaseId"]["svc_reference"] == "NC-000104"


def test_a_batch_that_stops_at_its_first_error(desk: Api) -> None:
    wanted = (FOLDER / "constructed-batch-response-stopped-at-error.http").read_bytes()
    body = json.dumps({"svc_title": "x" * 201})
    mark = "batch_1"
    request = (
        f"--{mark}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        f"POST /api/data/v9.2/svc_cases HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{body}\r\n--{mark}--\r\n"
    )
    headers = {**desk.headers, "Content-Type": f"multipart/mixed; boundary={mark}"}
    said = desk.session.post(f"{desk.root}$batch", data=request, headers=headers)
    assert said.status_code == 400
    inner = wanted.partition(b"\r\n\r\n")[2]
    assert [status for status, _ in parts(said.content)] == [status for status, _ in parts(inner)]
    recorded, answered = (re.search(rb'\{"error".*\}', text) for text in (inner, said.content))
    assert recorded is not None
    assert answered is not None
    assert json.loads(answered[0]) == json.loads(recorded[0])


@pytest.mark.parametrize(
    ("name", "calls"),
    [
        ("captured-batch-toplevel-duplicate-content-id.json", [("POST", "1"), ("POST", "1")]),
        ("captured-batch-toplevel-get-in-changeset.json", [("GET", "1")]),
    ],
)
def test_a_malformed_batch(desk: Api, name: str, calls: list[tuple[str, str]]) -> None:
    kind = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: "
    inner = "".join(
        f"--c\r\n{kind}{number}\r\n\r\n{method} /api/data/v9.2/svc_cases HTTP/1.1\r\n"
        f"Content-Type: application/json\r\n\r\n{{}}\r\n"
        for method, number in calls
    )
    body = f"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n{inner}--c--\r\n--b--\r\n"
    headers = {**desk.headers, "Content-Type": "multipart/mixed; boundary=b"}
    said = desk.session.post(f"{desk.root}$batch", data=body, headers=headers)
    wanted = sample(name)
    assert (said.status_code, said.json().keys()) == (400, wanted.keys())
    assert {**said.json(), "StackTrace": ""} == {**wanted, "StackTrace": ""}


def test_bulk_messages(desk: Api) -> None:
    bulk = "svc_cases/Microsoft.Dynamics.CRM."
    kind = {"@odata.type": "Microsoft.Dynamics.CRM.svc_case"}
    targets = [{**kind, "svc_reference": f"NC-{number}"} for number in (201, 202)]
    got = desk.call("POST", f"{bulk}CreateMultiple", {"Targets": targets}).json()
    wanted = sample("constructed-createmultiple-response.json")
    assert (got.keys(), fragment(got), len(got["Ids"])) == (wanted.keys(), fragment(wanted), 2)

    request = sample("constructed-upsertmultiple-request.json")
    team = desk.get("teams?$select=teamid")["value"][0]["teamid"]
    request["Targets"][-1]["ownerid@odata.bind"] = f"/teams({team})"
    assert desk.call("POST", f"{bulk}UpsertMultiple", request).status_code == 204
    assert desk.get("svc_cases(svc_reference='O''Brien-1')")["svc_title"] == "Key with a quote"
    assert desk.get("svc_cases(5b8f2c10-6c1e-f011-b4cb-000d3a1a0003)")["_ownerid_value"] == team


def test_a_page_of_fetchxml(desk: Api) -> None:
    for number in range(3):
        case(desk, svc_reference=f"NC-3{number}")
    query = '<fetch count="2"><entity name="svc_case"><attribute name="svc_reference"/><attribute name="svc_caseid"/>'
    query += '<filter><condition attribute="svc_reference" operator="not-null"/></filter></entity></fetch>'
    got = desk.call("GET", f"svc_cases?fetchXml={query}", Prefer='odata.include-annotations="*"').json()
    wanted = sample("constructed-fetchxml-page.json")
    assert differences(wanted, got) == []
    mark = "@Microsoft.Dynamics.CRM.fetchxmlpagingcookie"
    shape = re.compile(
        r'<cookie pagenumber="2" pagingcookie="%253ccookie%2520page%253d%25221%2522.*" istracking='
    )
    assert shape.match(wanted[mark])
    assert shape.match(got[mark])


def test_keys_of_a_table(desk: Api) -> None:
    got = desk.get("EntityDefinitions(LogicalName='svc_case')/Keys")
    assert differences(sample("constructed-alternate-keys.json"), got) == []


def test_columns_and_relationships_of_a_table(desk: Api) -> None:
    wanted = sample("captured-entitydefinition-custom-table-excerpt.json")
    lists = ("Attributes", "ManyToOneRelationships", "OneToManyRelationships", "ManyToManyRelationships")
    got = desk.get(f"EntityDefinitions(LogicalName='svc_case')?$expand={','.join(lists)}")
    top = {name: value for name, value in wanted.items() if name not in lists}
    assert differences(top, got) == []
    kinds = {each.get("AttributeType"): each for each in got["Attributes"]}
    for each in wanted["Attributes"]:
        if each["AttributeType"] in kinds:
            assert differences(each, kinds[each["AttributeType"]]) == [], each["LogicalName"]
    for name in ("ManyToOneRelationships", "OneToManyRelationships"):
        assert differences(wanted[name][:1], got[name]) == []


@pytest.mark.parametrize(
    ("kind", "name", "part"),
    [
        ("State", "captured-optionsets-state-status-boolean.json", "StateOptionSetAttribute"),
        ("Status", "captured-optionsets-state-status-boolean.json", "StatusOptionSetAttribute"),
        ("Boolean", "captured-optionsets-state-status-boolean.json", "BooleanOptionSetAttribute"),
        ("Picklist", "captured-optionset-picklist.json", None),
    ],
)
def test_options_of_columns(desk: Api, kind: str, name: str, part: str | None) -> None:
    select = "$select=LogicalName,SchemaName,DisplayName&$expand=OptionSet"
    got = desk.get(
        f"EntityDefinitions(LogicalName='svc_case')/Attributes/Microsoft.Dynamics.CRM.{kind}AttributeMetadata?{select}"
    )
    wanted = sample(name)[part] if part else sample(name)
    assert differences(wanted["value"], got["value"]) == []


def test_bodies_of_errors(desk: Api) -> None:
    recorded = {each["request"]: each for each in sample("constructed-error-bodies.json")}
    row = case(desk)
    calls = {
        "GET /svc_cases(5b8f2c10-6c1e-f011-b4cb-000d3a1a0002)": ("GET", None, {}),
        "GET /Svc_Cases": ("GET", None, {}),
        "GET /svc_cases?$select=Svc_Title": ("GET", None, {}),
        'PATCH with If-Match: W/"4410211" (stale)': ("PATCH", {}, {"If-Match": 'W/"4410211"'}),
        "PATCH with If-None-Match: * on an existing row": ("PATCH", {}, {"If-None-Match": "*"}),
        "POST /svc_cases, title too long": ("POST", {"svc_title": "x" * 201}, {}),
        "GET /svc_cases?$filter=... with Prefer: odata.track-changes": (
            "GET",
            None,
            {"Prefer": "odata.track-changes"},
        ),
    }
    for request, (method, body, headers) in calls.items():
        wanted = recorded[request]
        path = re.sub(r"^\w+ /|, title.*| with .*", "", request).replace("...", "svc_title eq 'x'")
        path = f"svc_cases({row})" if method == "PATCH" else path
        said = desk.session.request(method, desk.root + path, json=body, headers=desk.headers | headers)
        assert said.status_code == wanted["status"], request
        if not wanted.get("code_unverified"):
            assert said.json() == wanted["body"], request


def test_closing_a_case_of_customer_service_is_not_offered(desk: Api) -> None:
    body = sample("constructed-close-incident-request.json")
    status, code, words = desk.refused("POST", "CloseIncident", body)
    assert (status, code) == (501, "0x80040800")
    assert "CloseIncident" in words
