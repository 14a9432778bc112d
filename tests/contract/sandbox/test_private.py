"""What is private stays where it belongs: not in log lines, journals, or what others are answered."""

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests

from connectors.calls import Call
from connectors.graph_errors import GRAPH
from connectors.http import Http, Policy
from connectors.http import Service as Remote
from dataverse.errors import failure
from sandbox.clock import stamp
from sync.errors import RemoteError
from tests.contract.sandbox.dataverse.hooks import Hooks, hooks

SECRET = "Zebra"  # stands in every subject, text, state, key, token and address of a receiver of this file
BOX = "desk@contoso.example"
TO = [{"emailAddress": {"address": "away@outside.example"}}]


class Desk:
    """A tenant on which secrets are written in all places where programs write them."""

    def __init__(self, made: Hooks) -> None:
        self.made, self.tenant, self.api = made, made.tenant, made.api
        self.control = f"{made.tenant.base}/_sandbox"
        self.api.session.put(f"{self.control}/mailboxes/{BOX}", json={"displayName": "Desk"})

    def graph(
        self, method: str, path: str, body: Any = None, app: str = "app", **rest: Any
    ) -> requests.Response:
        token = self.tenant.issuer.issue(app, "graph")
        url = path if path.startswith("https:") else self.tenant.description()["graphUrl"] + path
        headers = {"Authorization": f"Bearer {token}"} | rest.pop("headers", {})
        return self.api.session.request(method, url, json=body, headers=headers, timeout=20, **rest)

    def subscribe(self, **more: Any) -> requests.Response:
        body = {
            "changeType": "created",
            "resource": f"users/{BOX}/messages",
            "notificationUrl": f"{self.made.receiver.url}/notify?sig={SECRET}",
            "expirationDateTime": stamp(self.tenant.clock.now() + timedelta(hours=2)),
            "clientState": SECRET,
        }
        return self.graph("POST", "/subscriptions", body | more)

    def work(self) -> None:
        """Write, fail to write, and be told of it by receivers that fail."""
        self.made.receiver.statuses = [500, 404, 200, 500]
        assert self.subscribe().status_code == 201
        self.subscribe(resource=f"users/{SECRET}@contoso.example/messages")
        endpoint = self.made.endpoint(authvalue=SECRET, url=f"{self.made.receiver.url}/hook?sig={SECRET}")
        self.made.register("Create", endpoint=endpoint)
        self.made.row(plt_name=SECRET, plt_text=SECRET)
        self.api.call("POST", "plt_items", {"plt_title": SECRET * 9, "plt_count": SECRET})
        mail = f"From: a@b.example\r\nTo: {BOX}\r\nSubject: {SECRET}\r\n\r\n{SECRET}\r\n"
        self.api.session.post(f"{self.control}/mailboxes/{BOX}/deliver", data=mail)
        message = {"subject": SECRET, "body": {"contentType": "text", "content": SECRET}, "toRecipients": TO}
        self.graph("POST", f"/users/{BOX}/sendMail", {"message": message})
        self.graph("POST", f"/users/{BOX}/sendMail", {"message": message | {"toRecipients": [SECRET]}})
        self.graph("GET", f"/users/{BOX}/messages?$filter=subject eq '{SECRET}'")
        self.graph("GET", f"/users/{BOX}/messages", headers={"Authorization": f"Bearer {SECRET}"})
        assert self.tenant.outgoing.rest(10)


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with hooks() as made:
        yield Desk(made)


def records(caplog: pytest.LogCaptureFixture) -> str:
    """All that was logged, with what a formatter could add."""
    ours = [record for record in caplog.records if not record.name.startswith(("urllib3", "msal"))]
    return "\n".join(f"{vars(record)}" for record in ours)


def test_nothing_private_is_logged_or_shown_in_journals(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    desk.work()
    assert SECRET not in records(caplog)
    journal = desk.api.session.get(f"{desk.control}/notifications").text
    assert "/notify" in journal
    assert "/hook" in journal
    assert SECRET not in journal
    asked = desk.api.session.get(f"{desk.control}/requests").text
    assert "/sendMail" in asked
    assert SECRET not in asked
    jobs = desk.api.get("asyncoperations")["value"]
    assert jobs
    assert SECRET not in str(jobs)


def test_a_failure_of_the_sandbox_itself_is_logged_without_what_was_sent(
    desk: Desk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyError(SECRET)

    monkeypatch.setattr("sandbox.dataverse.reading.many", fail)
    with caplog.at_level(logging.INFO, "sandbox.server"):
        said = desk.api.call("GET", "plt_items")
    (record,) = caplog.records
    assert (said.status_code, "sandbox" in said.text, SECRET in said.text) == (500, True, False)
    assert SECRET not in f"{record.getMessage()} {record.exc_text} {record.exc_info}"


def test_other_applications_learn_nothing_of_a_subscription(desk: Desk) -> None:
    made = desk.subscribe(changeType="updated").json()
    assert made["clientState"] == SECRET
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/reauthorize")):
        said = desk.graph(method, f"/subscriptions/{made['id']}{path}", {}, app="another")
        assert (said.status_code, SECRET in said.text) in ((404, False), (400, False))
    assert SECRET not in desk.graph("GET", "/subscriptions", app="another").text
    assert SECRET not in desk.subscribe(changeType="updated").text  # the refusal of the second one


@pytest.mark.parametrize(
    "query",
    [
        f"$filter=authvalue eq '{SECRET}'&$select=name",
        f"$filter=startswith(authvalue,'{SECRET[0]}')&$select=name",
        "$apply=groupby((authvalue))",
        "fetchXml=<fetch><entity name='serviceendpoint'><attribute name='authvalue'/></entity></fetch>",
    ],
)
def test_no_query_finds_the_key_of_a_webhook(desk: Desk, query: str) -> None:
    desk.made.endpoint(authvalue=SECRET)
    said = desk.api.call("GET", f"serviceendpoints?{query}")
    assert said.status_code == 200
    assert SECRET not in said.text.replace(query, "")
    assert "name" not in str(said.json()["value"])


CALLS = (
    ("graph", "POST", f"/users/{BOX}/sendMail", {"message": {"subject": SECRET, "toRecipients": [SECRET]}}),
    ("graph", "GET", f"/users/{BOX}/messages?$filter=subject eq '{SECRET}' or nosuch eq 1", None),
    ("graph", "GET", f"/users/{SECRET}@contoso.example/messages", None),
    ("graph", "PATCH", f"/users/{BOX}/messages/{'A' * 30}{SECRET}", {"subject": SECRET}),
    (
        "graph",
        "POST",
        "/subscriptions",
        {"clientState": SECRET, "notificationUrl": f"https://a.example/?{SECRET}"},
    ),
    ("dataverse", "POST", "/plt_items", {"plt_title": SECRET * 9}),
    ("dataverse", "POST", "/plt_items", {"plt_count": SECRET}),
    ("dataverse", "GET", f"/plt_items(plt_key='{SECRET}')", None),
    ("dataverse", "GET", f"/plt_items?$filter=plt_name eq '{SECRET}' or nosuch eq 1", None),
    (
        "dataverse",
        "POST",
        "/serviceendpoints",
        {"name": "a", "contract": 8, "authvalue": SECRET, "url": f"ftp://{SECRET}"},
    ),
)


@pytest.mark.parametrize(("service", "method", "path", "body"), CALLS)
def test_our_clients_say_what_is_wrong_without_what_was_sent(
    desk: Desk, caplog: pytest.LogCaptureFixture, service: str, method: str, path: str, body: Any
) -> None:
    remote = GRAPH if service == "graph" else Remote(name="Dataverse", explain=failure)
    root = desk.tenant.description()["graphUrl"] if service == "graph" else desk.api.root.rstrip("/")
    token = "Bearer " + desk.tenant.issuer.issue(desk.tenant.description()["clientId"], service)
    client = Http(desk.api.session, None, base_url=root, service=remote, policy=Policy(attempts=1))
    headers = {"Authorization": token, "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with caplog.at_level(logging.INFO), pytest.raises(RemoteError) as caught:
        client.request(Call(method, path, headers=headers, body=data))
    assert SECRET not in f"{caught.value} {caught.value!r} {vars(caught.value)} {caught.value.__cause__}"
    assert SECRET not in records(caplog)
