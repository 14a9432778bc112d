"""A tenant of one's own whose administrator gives roles, and the callers that work in it."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from sandbox.tenant import Tenant
from tests.contract.sandbox.dataverse.conftest import Api, provision

EVERYTHING = dict.fromkeys(
    ("create", "read", "write", "delete", "append", "appendto", "assign"), "organization"
)


class Desk:
    """The tenant as its administrator sees it."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.app = Api(tenant)
        self.client_id = tenant.description()["clientId"]
        self.control("PUT", "", keyDelaySeconds=0.02)
        provision(self.app)

    def control(self, method: str, path: str, **body: Any) -> requests.Response:
        url = f"{self.tenant.base}/_sandbox/dataverse{path}"
        return self.app.session.request(method, url, json=body, timeout=30)

    def role(self, name: str, misc: list[str] | None = None, **privileges: Any) -> str:
        said = self.control("PUT", f"/roles/{name}", privileges=privileges, misc=misc or [])
        assert said.status_code == 200, said.text
        return name

    def user(self, *roles: str, **more: Any) -> str:
        """Make a user with roles and give the object id that a request names him by."""
        object_id = str(uuid.uuid4())
        said = self.control("PUT", f"/users/{object_id}", roles=roles, **more)
        assert said.status_code == 200, said.text
        return object_id

    def id_of(self, object_id: str) -> str:
        found = self.app.get(f"systemusers?$filter=azureactivedirectoryobjectid eq {object_id}")["value"]
        return str(found[0]["systemuserid"])

    @contextmanager
    def app_as(self, *roles: str) -> Iterator[Api]:
        """The application with these roles instead of the administrator's."""
        self.control("PUT", f"/users/{self.client_id}", roles=roles)
        try:
            yield self.app
        finally:
            self.control("PUT", f"/users/{self.client_id}", roles=["System Administrator"])


class Person:
    """Calls of the application in the name of somebody."""

    def __init__(self, desk: Desk, object_id: str) -> None:
        self._api, self.object_id = desk.app, object_id

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        return self._api.call(method, path, body, CallerObjectId=self.object_id, **headers)

    def get(self, path: str, **headers: str) -> Any:
        return self._api.get(path, CallerObjectId=self.object_id, **headers)

    def row(self, **values: Any) -> str:
        row_id = str(uuid.uuid4())
        self._api.made("plt_items", {"plt_itemid": row_id, **values}, CallerObjectId=self.object_id)
        return row_id

    def refused(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, str, str]:
        return self._api.refused(method, path, body, CallerObjectId=self.object_id, **headers)
