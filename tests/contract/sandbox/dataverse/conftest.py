"""A caller of the Web API and one table to work with, provisioned once as a client would do it."""

import time
import uuid
from collections.abc import Iterator
from typing import Any

import msal
import pytest
import requests

from sandbox.tenant import Tenant

PRIORITIES = {727000000: "High", 727000001: "Normal", 727000002: "Low"}
Json = Any


def label(text: str) -> Json:
    return {"LocalizedLabels": [{"Label": text, "LanguageCode": 1033}]}


class Api:
    """Calls below the root of the Web API with a token that MSAL got."""

    def __init__(self, tenant: Tenant) -> None:
        said = tenant.description()
        self.root = said["dataverseUrl"] + "/api/data/v9.2/"
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = said["caBundle"]
        app = msal.ConfidentialClientApplication(
            said["clientId"],
            client_credential=said["clientSecret"],
            authority=said["authority"],
            instance_discovery=False,
            http_client=self.session,
        )
        token = app.acquire_token_for_client([said["dataverseUrl"] + "/.default"])["access_token"]
        self.headers = {"Authorization": f"Bearer {token}", "If-None-Match": "null"}

    def call(self, method: str, path: str, body: Json = None, **headers: str) -> requests.Response:
        url = path if path.startswith("https:") else self.root + path
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.session.request(method, url, json=body, headers={**self.headers, **named})

    def get(self, path: str, **headers: str) -> Json:
        said = self.call("GET", path, **headers)
        assert said.status_code == 200, said.text
        return said.json()

    def made(self, path: str, body: Json, **headers: str) -> str:
        said = self.call("POST", path, body, **headers)
        assert said.status_code == 204, said.text
        return said.headers["OData-EntityId"]

    def refused(self, method: str, path: str, body: Json = None, **headers: str) -> tuple[int, str, str]:
        said = self.call(method, path, body, **headers)
        error = said.json()["error"]
        return said.status_code, error["code"], error["message"]

    def row(self, **values: Json) -> str:
        """Create a row of `plt_items` and give its id."""
        row_id = str(uuid.uuid4())
        self.made("plt_items", {"plt_itemid": row_id, **values})
        return row_id


def column(kind: str, name: str, **more: Json) -> Json:
    return {"@odata.type": f"Microsoft.Dynamics.CRM.{kind}AttributeMetadata", "SchemaName": name, **more}


def table(schema_name: str, **more: Json) -> Json:
    return {
        "@odata.type": "Microsoft.Dynamics.CRM.EntityMetadata",
        "SchemaName": schema_name,
        "DisplayName": label(schema_name),
        "DisplayCollectionName": label(schema_name + "s"),
        "OwnershipType": "UserOwned",
        "Attributes": [column("String", "plt_name", IsPrimaryName=True, MaxLength=200)],
        **more,
    }


def provision(api: Api) -> None:
    options = [{"Value": value, "Label": label(text)} for value, text in PRIORITIES.items()]
    choice = {"@odata.type": "Microsoft.Dynamics.CRM.OptionSetMetadata", "Name": "plt_priority"}
    url = api.made("GlobalOptionSetDefinitions", {**choice, "OptionSetType": "Picklist", "Options": options})
    bound = "/" + url.rpartition("/")[2]
    api.made("EntityDefinitions", table("plt_Item", ChangeTrackingEnabled=True))
    api.made("EntityDefinitions", table("plt_Note", ChangeTrackingEnabled=True))
    attributes = "EntityDefinitions(LogicalName='plt_item')/Attributes"
    required = {"Value": "ApplicationRequired"}
    for posted in (
        column("String", "plt_Key", MaxLength=100),
        column("String", "plt_Title", MaxLength=20, RequiredLevel=required),
        column("Memo", "plt_Text", MaxLength=1000000),
        column("Integer", "plt_Count", MinValue=0, MaxValue=100),
        column("Decimal", "plt_Share", Precision=2),
        column("Boolean", "plt_Urgent"),
        column("DateTime", "plt_DueOn"),
        column("DateTime", "plt_Day", Format="DateOnly", DateTimeBehavior={"Value": "DateOnly"}),
        column("Picklist", "plt_Priority") | {"GlobalOptionSet@odata.bind": bound},
    ):
        api.made(attributes, posted)
    relationship = {
        "@odata.type": "Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata",
        "SchemaName": "plt_item_note",
        "ReferencedEntity": "plt_item",
        "ReferencingEntity": "plt_note",
        "Lookup": column("Lookup", "plt_Item", DisplayName=label("Item")),
    }
    api.made("RelationshipDefinitions", relationship)
    api.made(
        "EntityDefinitions(LogicalName='plt_item')/Keys",
        {"SchemaName": "plt_ItemKey", "KeyAttributes": ["plt_key"]},
    )
    await_key(api, "plt_item", "plt_itemkey")


def fill(own: Tenant, number: int) -> None:
    """Rows as they come to a table in years, put straight into the store."""
    with own.store.write() as connection:
        connection.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
            "INSERT INTO row_plt_item (plt_itemid, plt_count, plt_urgent, versionnumber) "
            "SELECT printf('00000000-0000-0000-0000-%012d', i), 0, 0, 2000 FROM n",
            (number,),
        )


def await_key(api: Api, logical: str, key: str) -> str:
    path = (
        f"EntityDefinitions(LogicalName='{logical}')/Keys(LogicalName='{key}')?$select=EntityKeyIndexStatus"
    )
    for _ in range(100):
        status = api.get(path)["EntityKeyIndexStatus"]
        if status != "Pending":
            return str(status)
        time.sleep(0.02)
    raise AssertionError("the key stayed pending")


@pytest.fixture(scope="session")
def api(tenant: Tenant) -> Iterator[Api]:
    caller = Api(tenant)
    with caller.session:
        caller.session.put(tenant.base + "/_sandbox/dataverse", json={"keyDelaySeconds": 0.05})
        if caller.call("GET", "plt_items?$top=1").status_code == 404:
            provision(caller)
        yield caller
