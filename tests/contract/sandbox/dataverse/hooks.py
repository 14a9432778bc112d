"""A tenant with tables and a receiver, and how webhooks are registered on it: what the tests of webhooks work with."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sandbox.tenant import Tenant
from tests.contract.receiver import Got, Receiver, listening, trust
from tests.contract.sandbox.dataverse.conftest import Api, provision

Json = Any
KEY, HEADERS, QUERY = 4, 5, 6
SETTINGS = '<settings><setting name="x-desk" value="s&amp;cret"/><setting name="part" value="2"/></settings>'


@dataclass
class Hooks:
    """Registers webhooks as a client does, and reads what they were sent."""

    tenant: Tenant
    api: Api
    receiver: Receiver

    def endpoint(self, **more: Json) -> str:
        body = {"name": "desk", "contract": 8, "authtype": KEY, "authvalue": "k/ey", "messageformat": 2}
        url = self.api.made("serviceendpoints", body | {"url": f"{self.receiver.url}/hook"} | more)
        return url.rpartition("(")[2].rstrip(")")

    def message(self, name: str) -> str:
        return str(self.api.get(f"sdkmessages?$filter=name eq '{name}'")["value"][0]["sdkmessageid"])

    def filter_of(self, message: str, table: str) -> str:
        wanted = f"sdkmessageid/name eq '{message}' and primaryobjecttypecode eq '{table}'"
        return str(self.api.get(f"sdkmessagefilters?$filter={wanted}")["value"][0]["sdkmessagefilterid"])

    def step(self, message: str, table: str = "plt_item", endpoint: str | None = None, **more: Json) -> Json:
        return {
            "name": f"desk: {message} of {table}",
            "stage": 40,
            "mode": 1,
            "asyncautodelete": True,
            "eventhandler_serviceendpoint@odata.bind": f"/serviceendpoints({endpoint or self.endpoint()})",
            "sdkmessageid@odata.bind": f"/sdkmessages({self.message(message)})",
            "sdkmessagefilterid@odata.bind": f"/sdkmessagefilters({self.filter_of(message, table)})",
        } | more

    def register(self, message: str, **more: Json) -> str:
        return self.api.made("sdkmessageprocessingsteps", self.step(message, **more)).rpartition("(")[2][:-1]

    def image(self, step: str, kind: int, **more: Json) -> str:
        body = {"name": "image", "entityalias": "copy", "imagetype": kind, "messagepropertyname": "Target"}
        bound = {"sdkmessageprocessingstepid@odata.bind": f"/sdkmessageprocessingsteps({step})"}
        return self.api.made("sdkmessageprocessingstepimages", body | bound | more)

    def row(self, **values: Json) -> str:
        row_id = str(uuid.uuid4())
        self.api.made("plt_items", {"plt_itemid": row_id, **values})
        return row_id

    def patch(self, row_id: str, query: str = "", **values: Json) -> None:
        said = self.api.call("PATCH", f"plt_items({row_id}){query}", values, If_Match="*")
        assert said.status_code == 204, said.text

    def calls(self) -> list[Got]:
        assert self.tenant.outgoing.rest(10)
        return self.receiver.got

    def sent(self) -> list[Json]:
        return [json.loads(got.body) for got in self.calls()]

    def failures(self) -> list[Json]:
        assert self.tenant.outgoing.rest(10)
        return list(self.api.get("asyncoperations?$filter=statuscode eq 31&$orderby=createdon")["value"])


def target(context: Json) -> Json:
    return context["InputParameters"][0]["value"]


def listed(pairs: list[Json]) -> Json:
    """A list of keys and values as a dictionary."""
    return {pair["key"]: pair["value"] for pair in pairs}


@contextmanager
def hooks() -> Iterator[Hooks]:
    with Tenant() as tenant, listening(tls=True) as receiver:
        trust(tenant, receiver)
        api = Api(tenant)
        with api.session:
            api.session.put(tenant.base + "/_sandbox/dataverse", json={"keyDelaySeconds": 0.02})
            provision(api)
            yield Hooks(tenant, api, receiver)


def clear(made: Hooks) -> None:
    """Take back every registration."""
    for one in made.api.get("serviceendpoints")["value"]:
        made.api.call("DELETE", f"serviceendpoints({one['serviceendpointid']})")
    made.tenant.outgoing.rest(10)
    for one in made.api.get("asyncoperations")["value"]:
        made.api.call("DELETE", f"asyncoperations({one['asyncoperationid']})")
    made.receiver.got.clear()
    made.receiver.statuses.clear()
    made.receiver.pause = 0.0
