"""A site with one list of articles, and our client for it."""

import itertools
import uuid
from pathlib import Path
from typing import Any

import requests

from connectors.auth import Secret, TokenSource
from connectors.graph import GraphClient
from connectors.graph_errors import GRAPH
from connectors.http import Http, Policy, Timing, new_session
from connectors.sharepoint import SharePointList
from sandbox.tenant import Tenant

NUMBERS = itertools.count(1)
FIELDS = ("Title", "SyncKey", "Views")
COLUMNS = [
    {"name": "SyncKey", "text": {}, "indexed": True, "enforceUniqueValues": True},
    {"name": "Views", "number": {}},
]


class Articles:
    """The list, its raw address and the control routes beside it."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.said = tenant.description()
        self.web = requests.Session()
        self.web.trust_env, self.web.verify = False, self.said["caBundle"]
        self.tokens = TokenSource(
            Secret(self.said["clientId"], self.said["clientSecret"]),
            authority=self.said["authority"],
            session=new_session(Path(self.said["caBundle"])),
        )
        self.name = f"articles{next(NUMBERS)}"
        made = self.control("PUT", f"/{self.name}", {"displayName": "Articles", "access": "fullcontrol"})
        self.site_id = made["id"]
        body = {"displayName": "Articles", "columns": COLUMNS, "list": {"template": "genericList"}}
        self.list_id = self.raw("POST", f"/sites/{self.site_id}/lists", body).json()["id"]
        self.path = f"/sites/{self.site_id}/lists/{self.list_id}/items"

    def control(self, method: str, path: str, body: Any = None) -> Any:
        said = self.web.request(
            method, f"{self.tenant.base}/_sandbox/sites{path}", json=body or {}, timeout=60
        )
        assert said.ok, said.text
        return said.json()

    def raw(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        token = self.tokens.token(self.said["graphUrl"].removesuffix("/v1.0") + "/.default")
        signed = {"Authorization": f"Bearer {token}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        url = self.said["graphUrl"] + path
        answer = self.web.request(method, url, json=body, headers=signed, timeout=60)
        assert answer.ok, answer.text
        return answer

    def client(self, policy: Policy | None = None, timing: Timing | None = None) -> SharePointList:
        """Our client, with connections of its own."""
        session = new_session(Path(self.said["caBundle"]))
        base = self.said["graphUrl"]
        http = Http(session, self.tokens, base_url=base, service=GRAPH, policy=policy, timing=timing)
        return SharePointList(GraphClient(http, base), self.site_id, self.list_id, fields=FIELDS)


def article(**fields: Any) -> dict[str, Any]:
    return {"Title": "How to order a badge", "SyncKey": uuid.uuid4().hex, "Views": 1, **fields}
