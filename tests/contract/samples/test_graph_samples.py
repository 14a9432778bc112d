"""Every sample of Graph: requests are sent, answers are compared with those of the tenant in the same situation."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox.clock import stamp
from tests.contract.receiver import Receiver, receiver
from tests.contract.samples.shapes import differences
from tests.contract.sandbox_graph.conftest import box, graph, new_box, new_site, own_box, site, visit
from tests.contract.sandbox_graph.sites import Site

__all__ = ["box", "graph", "new_box", "new_site", "own_box", "receiver", "site", "visit"]

FOLDER = Path(__file__).parents[2] / "data" / "samples"
STAMP = "String {8f6d2a3e-5b1c-4c57-9a44-0d4b7f0a9c11} Name CaseNumber"


def sample(name: str) -> Any:
    path = FOLDER / f"graph-{name}.json"
    return json.loads((path if path.exists() else FOLDER / "graph" / path.name).read_text("utf-8"))


def each_alike(wanted: Any, got: Any) -> list[str]:
    """Differences of pages entry by entry, and of what stands around them."""
    entries = zip(wanted["value"], got["value"], strict=True)
    around = [{name: value for name, value in page.items() if name != "value"} for page in (wanted, got)]
    return differences(*around) + [words for pair in entries for words in differences(*pair)]


def query_of(link: str) -> str:
    return link.partition("?")[2].partition("=")[0]


@pytest.fixture
def departments(site: Site) -> Any:
    """The list that the samples speak of."""
    kinds = [
        {"name": "Department", "choice": {"choices": ["HR", "IT"]}},
        {"name": "Tags", "choice": {"choices": ["leave", "forms"], "displayAs": "checkBoxes"}},
        {"name": "Owner", "personOrGroup": {}},
        {"name": "ReviewDate", "dateTime": {"format": "dateOnly"}},
    ]
    return site.new_list(*kinds)


@pytest.mark.covers("gc.samples.mail")
def test_a_round_of_mail_has_pages_and_one_without_news_is_empty(box: Any) -> None:
    sent = "Message-ID: <CAF001@outside.example>\r\nDate: Mon, 2 Mar 2026 08:14:01 +0000\r\n"
    for _ in range(2):
        box.deliver(body="Hello, which form do I need?", more="Cc: Bo <bo@outside.example>\r\n" + sent)
    prefer = {"Prefer": 'odata.maxpagesize=1, outlook.body-content-type="text"'}
    page = box.graph.get(f"{box.path}/mailFolders('inbox')/messages/delta", headers=prefer).json()
    wanted = sample("message-delta-page1")
    assert each_alike(wanted, page) == []
    assert query_of(page["@odata.nextLink"]) == query_of(wanted["@odata.nextLink"])

    while "@odata.nextLink" in page:
        page = box.graph.get(page["@odata.nextLink"], headers=prefer).json()
    last = box.graph.get(page["@odata.deltaLink"], headers=prefer).json()
    wanted = sample("message-delta-page2-final")
    assert (each_alike(wanted, last), last["value"]) == ([], [])
    assert query_of(last["@odata.deltaLink"]) == query_of(wanted["@odata.deltaLink"])


@pytest.mark.covers("gc.samples.mail")
def test_a_later_round_brings_parts_of_messages_and_what_is_gone(own_box: Any) -> None:
    read, gone = own_box.deliver(), own_box.deliver()
    delta = f"{own_box.path}/mailFolders('inbox')/messages/delta"
    link = own_box.graph.get(delta).json()["@odata.deltaLink"]
    own_box.switch(quirks={"partial": 1})
    own_box.graph.call("PATCH", f"{own_box.path}/messages/{read}", json={"isRead": True})
    own_box.graph.call("DELETE", f"{own_box.path}/messages/{gone}")
    page = own_box.graph.get(link).json()
    page["value"].sort(key=lambda entry: "@removed" in entry)
    wanted = sample("message-delta-changes")
    assert each_alike(wanted, page) == []
    assert page["value"][0].keys() - {"@odata.etag"} == wanted["value"][0].keys()
    assert page["value"][1] == wanted["value"][1] | {"id": gone}


@pytest.mark.covers("gc.samples.mail")
def test_a_message_shows_its_headers_and_the_stamp_of_its_case(box: Any) -> None:
    wanted = sample("message-headers-and-stamp")
    headers = [f"{each['name']}: {each['value']}" for each in wanted["internetMessageHeaders"]]
    message = box.deliver(more="\r\n".join(headers) + "\r\n")
    stamped = {"singleValueExtendedProperties": wanted["singleValueExtendedProperties"]}
    assert box.graph.call("PATCH", f"{box.path}/messages/{message}", json=stamped).status_code == 200
    expand = f"$expand=singleValueExtendedProperties($filter=id eq '{STAMP}')"
    got = box.read(message, f"?$select=internetMessageId,internetMessageHeaders&{expand}")
    assert differences(wanted, got) == []
    assert got["singleValueExtendedProperties"] == wanted["singleValueExtendedProperties"]
    assert all(each in got["internetMessageHeaders"] for each in wanted["internetMessageHeaders"])
    assert set(got) == set(wanted)


@pytest.mark.covers("gc.samples.mail")
def test_the_mail_of_the_sample_is_sent(box: Any) -> None:
    wanted = sample("sendmail-request")
    assert box.graph.post(f"{box.path}/sendMail", wanted).status_code == 202
    (kept,) = box.listed("sentitems", "?$select=subject,toRecipients")
    assert kept["subject"] == wanted["message"]["subject"]
    expand = f"?$expand=singleValueExtendedProperties($filter=id eq '{STAMP}')"
    stamped = box.read(kept["id"], expand)["singleValueExtendedProperties"]
    assert stamped == wanted["message"]["singleValueExtendedProperties"]


@pytest.mark.covers("gc.samples.mail", "gc.samples.lists")
def test_lapsed_tokens_are_refused_as_in_the_samples(own_box: Any, site: Site) -> None:
    path = f"{own_box.path}/mailFolders('inbox')/messages/delta"
    link = own_box.graph.get(path).json()["@odata.deltaLink"]
    own_box.graph.web.post(f"{own_box.sandbox}/graph/expire-delta", timeout=10)
    alike(own_box.graph.get(link), 410, sample("error-410-mail-delta"), words=False)

    link = site.get(f"{site.new_list().path}/items/delta")["@odata.deltaLink"]
    site.steer("POST", "/expire-delta")
    alike(site.call("GET", link), 410, sample("error-410-list-delta"), words=True)


def alike(answer: Any, status: int, wanted: Any, *, words: bool) -> None:
    """The error of an answer has the form and the code of a sample; `words`: its text too."""
    got = answer.json()
    assert answer.status_code == status
    assert differences(wanted, got) == []
    assert got["error"]["code"] == wanted["error"]["code"]
    assert got["error"]["innerError"].get("code") == wanted["error"]["innerError"].get("code")
    assert not words or got["error"]["message"] == wanted["error"]["message"]


@pytest.mark.covers("gc.samples.mail")
def test_too_many_calls_to_a_mailbox_are_refused_as_in_the_sample(box: Any, faults: Any) -> None:
    faults.add(do="throttle", service="graph", times=1, code="ApplicationThrottled")
    alike(box.graph.get(f"{box.path}/messages"), 429, sample("error-429-mailbox"), words=True)


@pytest.mark.covers("gc.samples.batch")
def test_a_batch_with_a_throttled_part_answers_as_in_the_sample(box: Any, faults: Any) -> None:
    gone, other = box.deliver(), box.deliver()
    faults.add(do="throttle", service="graph", part=True, nth=2, retryAfter=3, code="ApplicationThrottled")
    message = f"{box.path}/messages/{other}"
    parts = [
        {"id": "1", "method": "DELETE", "url": f"{box.path}/messages/{gone}"},
        {"id": "2", "method": "GET", "url": message},
        {"id": "3", "method": "GET", "url": message, "dependsOn": ["2"]},
    ]
    got = box.graph.post("/$batch", {"requests": parts}).json()["responses"]
    wanted = sample("batch-response")["responses"]
    by_id = {entry["id"]: entry for entry in got}
    for entry in wanted:
        found = by_id[entry["id"]]
        assert differences(entry, found) == []
        assert (found["status"], "body" in found) == (entry["status"], "body" in entry)
        assert found["headers"].get("Retry-After") == entry["headers"].get("Retry-After")
        if "body" in entry:
            assert found["body"]["error"]["code"] == entry["body"]["error"]["code"]


@pytest.mark.covers("gc.samples.lists")
def test_an_item_is_made_of_the_sample_and_comes_in_the_feed(site: Site, departments: Any) -> None:
    made = sample("listitem-create-request")
    ben = site.person("Ben Ode", "ben@contoso.example")
    made["fields"]["OwnerLookupId"] = str(ben)
    said = departments.call("POST", "/items", made)
    assert said.status_code == 201, said.text
    item, gone = said.json()["id"], departments.add(Title="Old")["id"]
    departments.edit_as(ben, item, ReviewDate="2026-06-30")
    link = departments.get("/items/delta?$expand=fields")["@odata.deltaLink"]
    departments.edit_as(ben, item, Department="HR")
    departments.call("DELETE", f"/items/{gone}")
    page = site.get(link)
    page["value"].sort(key=lambda entry: "deleted" in entry)
    wanted = sample("listitem-delta-final")
    wanted["value"][0]["fields"].pop("MoreInfo")  # a hyperlink cannot be written by the API
    wanted["value"][0]["createdBy"] = {"application": {"displayName": "", "id": ""}}  # made by the app
    assert each_alike(wanted, page) == []
    assert query_of(page["@odata.deltaLink"]) == query_of(wanted["@odata.deltaLink"])


@pytest.mark.covers("gc.samples.lists")
def test_the_page_of_the_sample_is_made(site: Site) -> None:
    wanted = sample("sitepage-create-request")
    said = site.call("POST", "/pages", wanted)
    assert said.status_code == 201, said.text
    read = site.get(f"/pages/{said.json()['id']}/microsoft.graph.sitePage?$expand=canvasLayout")
    assert differences(wanted, read | {"@odata.type": wanted["@odata.type"]}) == []
    section = read["canvasLayout"]["horizontalSections"][0]["columns"][0]["webparts"][0]
    assert "Use form P-12." in section["innerHtml"]


@pytest.mark.covers("gc.samples.notifications")
def test_a_subscription_and_its_notifications_look_like_the_samples(
    box: Any, tenant: Any, receiver: Receiver
) -> None:
    wanted = sample("subscription-created")
    asked = {
        "changeType": wanted["changeType"],
        "resource": f"users/{box.address}/mailFolders('inbox')/messages",
        "notificationUrl": f"{receiver.url}/notify",
        "lifecycleNotificationUrl": f"{receiver.url}/lifecycle",
        "clientState": wanted["clientState"],
        "expirationDateTime": stamp(tenant.clock.now() + timedelta(days=2)),
    }
    said = box.graph.post("/subscriptions", asked)
    assert (said.status_code, differences(wanted, said.json())) == (201, [])
    box.deliver()
    steer = f"{tenant.base}/_sandbox/subscriptions/{said.json()['id']}/lifecycle"
    box.graph.web.post(steer, json={"event": "reauthorizationRequired"}, timeout=10).raise_for_status()
    got = {call.path: json.loads(call.body) for call in receiver.await_calls(2)}
    box.graph.call("DELETE", f"/subscriptions/{said.json()['id']}")
    assert each_alike(sample("notification-message"), got["/notify"]) == []
    assert each_alike(sample("notification-lifecycle"), got["/lifecycle"]) == []


@pytest.mark.covers("gc.search")
def test_search_is_not_offered(graph: Any) -> None:
    assert graph.post("/search/query", sample("search-request")).status_code == 501


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(
            "/users/ada@contoso.example/teamwork/sendActivityNotification",
            marks=pytest.mark.covers("gc.teams"),
        ),
        pytest.param("/drives/x/items/y/createUploadSession", marks=pytest.mark.covers("gc.drives")),
    ],
)
def test_what_is_described_and_not_offered_says_so(graph: Any, path: str) -> None:
    assert graph.post(path, {}).status_code == 501


@pytest.mark.covers("gc.beta", "gc.version")
def test_the_version_is_in_the_path_once_and_is_the_first(graph: Any) -> None:
    assert graph.get("/v1.0/users").status_code == 400
    assert graph.get(graph.root.removesuffix("v1.0") + "beta/users").status_code == 501


def test_no_sample_is_forgotten() -> None:
    kept = {path.stem.removeprefix("graph-") for path in FOLDER.rglob("graph-*.json")}
    source = Path(__file__).read_text("utf-8")
    assert [name for name in kept if f'sample("{name}")' not in source] == []
