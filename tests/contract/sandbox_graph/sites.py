"""A site of the tenant as tests use it."""

import uuid
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.contract.sandbox_graph.conftest import Client

STRINGS = "Collection(Edm.String)"


@dataclass
class Site:
    """One site, the calls below it, and the control routes."""

    graph: Client
    control: str
    name: str = field(default_factory=lambda: f"desk-{uuid.uuid4().hex[:8]}")
    zone: str = "Europe/London"
    path: str = ""
    id: str = ""

    def __post_init__(self) -> None:
        self.id = self.put(displayName="Desk", timeZone=self.zone, access="fullcontrol")["id"]
        self.path = f"/sites/{self.id}"

    def steer(self, method: str, path: str = "", body: Any = None) -> Any:
        url = f"{self.control}/_sandbox/sites{path}"
        said = self.graph.web.request(method, url, json={} if body is None else body, timeout=60)
        assert said.ok, said.text
        return said.json()

    def put(self, **body: Any) -> Any:
        return self.steer("PUT", f"/{self.name}", body)

    def person(self, name: str, email: str) -> int:
        return int(self.steer("POST", f"/{self.name}/people", {"displayName": name, "email": email})["id"])

    def call(self, method: str, path: str = "", body: Any = None, **headers: str) -> requests.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        more = {} if body is None else {"json": body}
        url = path if path.startswith("https:") else self.path + path
        return self.graph.call(method, url, headers=named, **more)

    def get(self, path: str = "", **headers: str) -> Any:
        said = self.call("GET", path, **headers)
        assert said.status_code == 200, said.text
        return said.json()

    def new_list(self, *columns: Any, title: str = "Articles") -> "List":
        body = {"displayName": title, "columns": list(columns), "list": {"template": "genericList"}}
        said = self.call("POST", "/lists", body)
        assert said.status_code == 201, said.text
        return List(self, said.json()["id"], title)


@dataclass
class List:
    """One list of a site."""

    site: Site
    id: str
    title: str

    @property
    def path(self) -> str:
        return f"/lists/{self.id}"

    def call(self, method: str, path: str = "", body: Any = None, **headers: str) -> requests.Response:
        return self.site.call(method, self.path + path, body, **headers)

    def get(self, path: str = "", **headers: str) -> Any:
        return self.site.get(self.path + path, **headers)

    def add(self, **fields: Any) -> Any:
        said = self.call("POST", "/items", {"fields": fields})
        assert said.status_code == 201, said.text
        return said.json()

    def seed(self, entries: list[Any], **more: Any) -> list[str]:
        """Many items in one call."""
        path = f"/{self.site.name}/lists/{self.id}"
        made: list[str] = self.site.steer("POST", f"{path}/items", {"items": entries, **more})["ids"]
        return made

    def edit_as(self, person: int, item: str, **fields: Any) -> None:
        """What a person changes in the browser."""
        path = f"/{self.site.name}/lists/{self.id}/items/{item}"
        self.site.steer("PATCH", path, {"fields": fields, "by": person})

    def touch(self, *ids: str) -> None:
        self.site.steer("POST", f"/{self.site.name}/lists/{self.id}/touch", {"ids": list(ids)})

    def change(self, item: str, body: Any, **headers: str) -> requests.Response:
        return self.call("PATCH", f"/items/{item}/fields", body, **headers)

    def fields(self, item: str, select: str = "") -> Any:
        inner = f"($select={select})" if select else ""
        return self.get(f"/items/{item}?$expand=fields{inner}")["fields"]

    def query(self, query: str, **headers: str) -> list[str]:
        """The ids that a query finds."""
        return [item["id"] for item in self.get(f"/items?{query}", **headers)["value"]]

    def refused(self, query: str, **headers: str) -> tuple[int, str, str]:
        said = self.call("GET", f"/items?{query}", **headers)
        return problem(said)

    def follow(self, start: str) -> tuple[list[Any], str]:
        """All entries of a feed from a path or a link on, and the deltaLink."""
        found, page = [], self.site.get(start if start.startswith("https:") else self.path + start)
        found += page["value"]
        while "@odata.nextLink" in page:
            page = self.site.get(page["@odata.nextLink"])
            found += page["value"]
        return found, page["@odata.deltaLink"]


def problem(said: requests.Response) -> tuple[int, str, str]:
    """Status, code and words of a refusal."""
    error = said.json()["error"]
    return said.status_code, error["code"], error["message"]
