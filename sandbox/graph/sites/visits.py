"""One call into a site: who comes, what it may do, which list it means."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from sqlite3 import Connection

from werkzeug import Response

from sandbox.graph.call import Call, answer
from sandbox.graph.errors import GraphError
from sandbox.graph.sites import grants
from sandbox.graph.sites.errors import changed, denied, invalid, missing
from sandbox.graph.values import Json, Row, row

HOST = "contoso.example"
PREFER = re.compile(r"\s*([A-Za-z.\-]+)\s*(?:=\s*\"?([^\s,;\"]*)\"?)?\s*(?:,|$)")


@dataclass
class Visit:
    """A call with its site. `app` is the client id of the caller."""

    call: Call
    site: Row
    app: str
    keys: Mapping[str, str] = field(default_factory=dict)

    @property
    def db(self) -> Connection:
        return self.call.db

    @property
    def now(self) -> str:
        return self.call.now.strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def site_id(self) -> str:
        """The id in three parts (reference 2)."""
        return f"{HOST},{self.site['id']},{self.site['web']}"

    @property
    def web_url(self) -> str:
        """The address of the site for people."""
        return f"https://{HOST}/{self.site['path']}".rstrip("/")

    @property
    def root(self) -> str:
        """The address of the site in Graph, for links."""
        return f"{self.call.root}/sites/{self.site_id}"

    @property
    def expand(self) -> str | None:
        """The expansions of items. The pages on list items spell the option without a dollar sign."""
        return self.call.option("$expand") or self.call.option("expand")

    def prefers(self, name: str) -> str | None:
        """The value of a preference, an empty text for one without a value, None if it is not there."""
        said = ",".join(self.call.request.headers.getlist("Prefer"))
        found = {key.lower(): value for key, value in PREFER.findall(said)}
        return found.get(name.lower())

    def list(self, db: Connection | None = None) -> Row:
        """The list of the path, by id or title; read anew from a given connection. Raises 404."""
        return self._list if db is None else self._found(db)

    @cached_property
    def _list(self) -> Row:
        return self._found(self.db)

    def _found(self, db: Connection) -> Row:
        name = self.keys["list"]
        sql = "SELECT * FROM sp_list WHERE site = ? AND (id = ? OR title = ?)"
        found = row(db, sql, self.site["id"], name.lower(), name)
        if found is None:
            raise missing("The specified list was not found")
        return found

    def allowed(self, need: int, of_list: str | None = None) -> None:
        """Raise 403 when the app's grants do not reach."""
        if grants.level(self.db, self.site["id"], self.app, of_list) < need:
            raise denied()

    def top(self, most: int) -> int | None:
        """The page size that is asked for. Raises 400 outside 1 to `most`."""
        try:
            return self.call.number("$top", 1, most)
        except GraphError as exc:
            raise invalid(exc.message) from exc

    def check_match(self, etag: str) -> None:
        """Obey `If-Match`. Raises 412 for another eTag than the present one."""
        said = self.call.request.headers.get("If-Match")
        if said is not None and said.strip() not in ("*", etag) and said.strip().removeprefix("W/") != etag:
            raise changed()

    def body(self, *known: str) -> Json:
        """The members of the payload; annotations are passed over. Raises 400 for unknown members."""
        given = {name: value for name, value in self.call.document().items() if not name.startswith("@")}
        for name in given:
            if name.partition("@")[0] not in known:
                raise invalid(f"The property '{name}' does not exist or cannot be written here.")
        return given


def respond(visit: Visit, status: int, context: str, body: Json, etag: str | None = None) -> Response:
    """A JSON answer with its context."""
    said = answer(status, {"@odata.context": f"{visit.call.root}/$metadata#{context}"} | body)
    if etag:
        said.headers["ETag"] = etag
    return said
