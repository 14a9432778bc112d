"""Whatever is sent, the tenant answers in the words of the service: never 500, never nothing.

The calls come from a seed: sensible ones of which parts are left out, doubled or replaced by odd values."""

import http.client
import json
import random
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from sandbox.tenant import Tenant
from tests.contract.conftest import UNCOUNTED
from tests.contract.sandbox.dataverse.conftest import Api, provision

ROW, BOX = "0c0ffee0-0000-4000-8000-000000000001", "desk@contoso.example"
ODD = (
    None,
    True,
    0,
    -1,
    2**31,
    2**63,
    10**30,
    1.5,
    1e308,
    "",
    "x",
    "\x00",
    "\ud800",
    "é",
    "a" * 3000,
    "'",
    "%",
)
ODD += ("..", ";", "\r\n", "2026-02-30", "9999-12-31T23:59:59-14:00", [], {}, [[[]]], ["x"], {"x": "y"})
LABEL = {"LocalizedLabels": [{"Label": "a", "LanguageCode": 1033}]}
TO = [{"emailAddress": {"address": "a@b.example", "name": "A"}}]
PART = {
    "id": "1",
    "method": "GET",
    "url": f"/users/{BOX}/messages",
    "headers": {"Content-Type": "application/json"},
}
WEB_PART = {"@odata.type": "#microsoft.graph.textWebPart", "innerHtml": "<p>"}
SECTION = {"layout": "oneColumn", "columns": [{"id": "1", "width": 12, "webparts": [WEB_PART]}]}
FETCH = (
    "<fetch count='2'><entity name='plt_item'><filter>"
    "<condition attribute='plt_dueon' operator='last-x-hours' value='3'/></filter></entity></fetch>"
)
BODIES: dict[str, Any] = {
    "row": {"plt_name": "a", "plt_count": 1, "plt_share": 1.5, "plt_dueon": "2026-01-01T00:00:00Z", "plt_day": "x"},
    "note": {"plt_name": "a", "plt_Item@odata.bind": f"/plt_items({ROW})"},
    "targets": {"Targets": [{"@odata.type": "Microsoft.Dynamics.CRM.plt_item", "plt_name": "a", "plt_itemid": ROW}]},
    "column": {
        "@odata.type": "Microsoft.Dynamics.CRM.PicklistAttributeMetadata",
        "SchemaName": "plt_Zp",
        "DisplayName": LABEL,
        "OptionSet": {"IsGlobal": False, "OptionSetType": "Picklist", "Options": [{"Value": 1, "Label": LABEL}]},
    },
    "option": {"OptionSetName": "plt_priority", "Value": 727000009, "Label": LABEL},
    "mail": {"subject": "s", "body": {"contentType": "text", "content": "c"}, "toRecipients": TO, "categories": ["a"]},
    "send": {"message": {"subject": "s", "toRecipients": TO}, "saveToSentItems": False},
    "upload": {"AttachmentItem": {"attachmentType": "file", "name": "n", "size": 4000000, "contentType": "a/b"}},
    "ids": {"inputIds": ["a"], "sourceIdType": "restId", "targetIdType": "restImmutableEntryId"},
    "item": {"fields": {"Title": "x", "N": 1}},
    "list": {"displayName": "Z", "columns": [{"name": "T", "text": {}}], "list": {"template": "genericList"}},
    "grant": {"roles": ["write"], "grantedToIdentities": [{"application": {"id": "1"}}]},
    "page": {
        "@odata.type": "#microsoft.graph.sitePage",
        "name": "b.aspx",
        "title": "t",
        "canvasLayout": {"horizontalSections": [SECTION]},
    },
    "subscription": {
        "changeType": "created",
        "resource": f"users/{BOX}/messages",
        "notificationUrl": "http://127.0.0.1:9/n",
        "expirationDateTime": "2026-03-05T06:00:00Z",
    },
    "batch": {"requests": [PART, {**PART, "id": "2", "method": "POST", "body": {}, "dependsOn": ["1"]}]},
}  # fmt: skip
# Method, service, path and body of calls that programs make.
CALLS = """
    POST d plt_items row
    PATCH d plt_items({row}) row
    GET d plt_items
    GET d plt_items({row})
    POST d plt_notes note
    PATCH d plt_items(plt_key='k') row
    POST d plt_items/Microsoft.Dynamics.CRM.UpsertMultiple targets
    POST d EntityDefinitions(LogicalName='plt_item')/Attributes column
    GET d EntityDefinitions
    POST d InsertOptionValue option
    POST d sdkmessagefilters note
    POST d serviceendpoints note
    POST d BulkDelete note
    POST d $batch note
    GET d RetrieveTotalRecordCount(EntityNames=['plt_item'])
    GET g users/{box}/messages
    POST g users/{box}/messages mail
    PATCH g users/{box}/messages/{mail} mail
    GET g users/{box}/mailFolders/inbox/messages/delta
    POST g users/{box}/sendMail send
    POST g users/{box}/messages/{mail}/createReply send
    POST g users/{box}/messages/{mail}/attachments/createUploadSession upload
    POST g users/{box}/translateExchangeIds ids
    POST g sites/{site}/lists list
    GET g sites/{site}/lists/Site%20Pages/items
    GET g sites/{site}/lists/Site%20Pages/items/delta
    POST g sites/{site}/permissions grant
    POST g sites/{site}/pages page
    POST g subscriptions subscription
    POST g $batch batch
"""
OPTIONS = {
    "$select": ("plt_name", "subject", "id,fields"),
    "$filter": ("plt_count gt 1", "contains(plt_name,'%')", "isRead eq false", "fields/Title eq 1", "not " * 300 + "a"),
    "$orderby": ("plt_name desc", "receivedDateTime desc", "fields/Title"),
    "$expand": ("plt_item_note($top=1)", "fields($select=Title)", "attachments", "a(" * 100),
    "$top": ("1", "0", "x", "9" * 30, "9" * 5000),
    "$apply": ("aggregate($count as c)", "groupby((plt_name),aggregate(plt_count with sum as t))"),
    "fetchXml": (FETCH, FETCH[:-9], "<!DOCTYPE x [<!ENTITY a 'b'>]><fetch/>"),
    "$deltatoken": ("x", "1001!01/01/2026 00:00:00"),
    "$skiptoken": ("x", "<cookie pagenumber='2'/>"),
    "$count": ("true", "x"),
    "$search": ('"a"', "from:("),
}  # fmt: skip
PREFER = (
    "return=representation",
    "odata.maxpagesize=" + "9" * 25,
    "odata.track-changes",
    'odata.include-annotations="*"',
    ',,="',
)
RAW = (
    b"",
    b"null",
    b"[]",
    b"{",
    b"\xff\xfe",
    b'{"a":NaN}',
    b"[" * 50_000,
    b'{"plt_name":"\\ud800"}',
    b'{"plt_count":1e999}',
)


class Careless:
    """A caller that makes sensible calls badly, always the same ones for a seed."""

    def __init__(self, seed: int, names: dict[str, str]) -> None:
        self._random, self._names = random.Random(seed), names

    def call(self) -> tuple[str, str, str, dict[str, str], bytes]:
        method, service, path, *kind = self._random.choice(CALLS.strip().splitlines()).split()
        if self._random.random() < 0.1:
            method = self._random.choice(("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
        path = path.replace("{row}", ROW).replace("{box}", BOX)
        for name, value in self._names.items():
            path = path.replace(f"{{{name}}}", value)
        if self._random.random() < 0.1:
            at = self._random.randrange(len(path))
            path = (
                path[:at]
                + self._random.choice(("//", "/", "%00", "..", "%2F", "a" * 3000, "%ff", "('", "("))
                + path[at:]
            )
        headers = {
            "Content-Type": self._random.choice(
                ("application/json",) * 8 + ("text/plain", "multipart/mixed; boundary=b", "")
            )
        }
        if self._random.random() < 0.2:
            headers["Prefer"] = self._random.choice(PREFER)
        if self._random.random() < 0.1:
            headers["If-Match"] = self._random.choice(("*", 'W/"1"', '"'))
        body = b"" if method in ("GET", "DELETE") else self._body(kind)
        return method, service, path + self._query(), headers, body

    def _query(self) -> str:
        names = self._random.sample(list(OPTIONS), self._random.choice((0, 0, 0, 1, 1, 2)))
        texts = [(name, self._random.choice(OPTIONS[name])) for name in names]
        return "?" * bool(texts) + "&".join(f"{name}={quote(self._cut(text))}" for name, text in texts)

    def _cut(self, text: str) -> str:
        at = self._random.randrange(len(text))
        return (
            text[:at] + self._random.choice(("'", "(", "\x00", "é")) + text[at:]
            if self._random.random() < 0.2
            else text
        )

    def _body(self, kind: list[str]) -> bytes:
        if not kind:
            return b""
        if self._random.random() < 0.1:
            return self._random.choice(RAW)
        return json.dumps(self._bent(BODIES[kind[0]])).encode()

    def _bent(self, value: Any) -> Any:
        if self._random.random() < 0.08:
            return self._random.choice(ODD)
        if isinstance(value, dict):
            return {name: self._bent(one) for name, one in value.items() if self._random.random() > 0.04}
        if isinstance(value, list):
            return [self._bent(one) for one in value] * self._random.choice((1, 1, 1, 0, 2))
        return value


@pytest.fixture(scope="module")
def own() -> Iterator[tuple[Tenant, dict[str, str], dict[str, str]]]:
    """A tenant with a little of everything, the names in it, and a token for each service."""
    with Tenant() as running:
        running.limits.set(UNCOUNTED)
        caller = Api(running)
        with caller.session as session:
            provision(caller)
            caller.made("plt_items", {"plt_itemid": ROW, "plt_name": "a"})
            session.put(f"{running.base}/_sandbox/mailboxes/{BOX}", json={"displayName": "Desk"})
            mail = f"From: a@b.example\r\nTo: {BOX}\r\nSubject: s\r\n\r\nHello\r\n"
            session.post(f"{running.base}/_sandbox/mailboxes/{BOX}/deliver", data=mail)
            session.put(f"{running.base}/_sandbox/sites/team", json={"access": "fullcontrol"})
            token = "Bearer " + running.issuer.issue(running.description()["clientId"], "graph")
            root, headers = running.description()["graphUrl"], {"Authorization": token}
            names = {
                "mail": session.get(f"{root}/users/{BOX}/messages", headers=headers).json()["value"][0]["id"],
                "site": session.get(f"{root}/sites/contoso.example:/sites/team", headers=headers).json()[
                    "id"
                ],
            }
        yield running, names, {"d": caller.headers["Authorization"], "g": token}


def connection(running: Tenant) -> http.client.HTTPSConnection:
    address = urlsplit(running.base)
    trust = ssl.create_default_context(cafile=running.description()["caBundle"])
    return http.client.HTTPSConnection(str(address.hostname), address.port, context=trust, timeout=10)


@pytest.mark.parametrize("seed", range(3))
def test_no_call_makes_the_tenant_fail(own: tuple[Tenant, dict[str, str], dict[str, str]], seed: int) -> None:
    running, names, tokens = own
    careless, line = Careless(seed, names), connection(running)
    statuses = set()
    for _ in range(500):
        method, service, path, headers, body = careless.call()
        target = ("/api/data/v9.2/" if service == "d" else "/v1.0/") + path
        line.request(method, target, body, headers | {"Authorization": tokens[service]})
        answer = line.getresponse()
        words = answer.read()
        assert answer.status < 500 or answer.status == 501, (method, target, headers, body, words)
        statuses.add(answer.status)
    line.close()
    assert {200, 201, 204, 400, 404, 501} <= statuses, "the calls were not such that anything could fail"


@pytest.mark.parametrize("length", ["-5", "x", "9" * 18, "9" * 30, "9" * 5000])
def test_a_length_that_nobody_can_send_is_refused(tenant: Tenant, length: str) -> None:
    line = connection(tenant)
    line.putrequest("POST", "/v1.0/users")
    line.putheader("Content-Length", length)
    line.endheaders()
    assert line.getresponse().status == 400
    line.close()


def test_a_piece_of_a_body_that_nobody_can_send_is_refused(tenant: Tenant) -> None:
    line = connection(tenant)
    line.putrequest("POST", "/v1.0/users")
    line.putheader("Transfer-Encoding", "chunked")
    line.endheaders(b"f" * 16 + b"\r\n")
    assert line.getresponse().status == 400
    line.close()


def test_what_is_no_http_leaves_the_tenant_alone(tenant: Tenant) -> None:
    address = urlsplit(tenant.base)
    with socket.create_connection((str(address.hostname), address.port), 5) as plain:
        plain.sendall(b"\x00\x01\x02 no TLS\r\n\r\n")
        with suppress(OSError):  # the tenant may have hung up already
            plain.shutdown(socket.SHUT_WR)
            while plain.recv(1000):
                pass
    line = connection(tenant)
    line.request("GET", "/v1.0/users")
    assert line.getresponse().status == 401
    line.close()
