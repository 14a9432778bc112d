"""Control routes of the SharePoint service: sites, people, many items at once, switches. They need no token."""

from sqlite3 import Connection
from typing import cast
from urllib.parse import unquote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from werkzeug import Request, Response

from sandbox.control import Control, ControlError, read_json
from sandbox.graph.errors import GraphError
from sandbox.graph.sites import changes, grants, items, people, sites
from sandbox.graph.sites.item_routes import writer
from sandbox.graph.sites.schema import set_setting, setting
from sandbox.graph.sites.templates import GENERIC
from sandbox.graph.sites.visits import HOST
from sandbox.graph.values import Clock, Database, Json, Row, row, rows, stamp
from sandbox.wire import json_response

ROOT = "/_sandbox/sites"
SWITCHES = {
    "deltaMinutes": int,
    "emptyPages": bool,
    "repeatSeed": int,
    "rewrite": bool,
    "resync": ("applyDifferences", "uploadDifferences"),
    "resyncBody": ("inner", "outer"),
}
ACCESS = ("none", "read", "write", "fullcontrol")
USAGE = (
    "Use GET or PUT /sites, PUT /sites/{name}, POST /sites/expire-delta, POST /sites/{name}/people,"
    " POST /sites/{name}/lists/{list}/items, PATCH /sites/{name}/lists/{list}/items/{id},"
    " POST /sites/{name}/lists/{list}/touch."
)


class SiteControl:
    """`/_sandbox/sites`. A site `{name}` has the address `/sites/{name}`; the site `root` is that of the host."""

    def __init__(self, store: Database, clock: Clock, client_id: str) -> None:
        self._store, self._clock, self._app = store, clock, client_id

    def register(self, control: Control) -> None:
        """Take the prefix."""
        control.register("sites", self.routes)

    @property
    def _now(self) -> str:
        return stamp(self._clock.now())

    def routes(self, request: Request) -> Response:
        """Every route; refusals of the service itself come with their own status."""
        rest = [unquote(p) for p in request.path.removeprefix(ROOT).strip("/").split("/") if p]
        try:
            return self._routed(request, rest)
        except GraphError as exc:
            raise ControlError(exc.status, exc.message) from exc

    def _routed(self, request: Request, rest: list[str]) -> Response:
        match (request.method, rest):
            case ("GET", []):
                return self._overview()
            case ("PUT", []):
                return self._switch(read_json(request))
            case ("POST", ["expire-delta"]):
                return self._expire()
            case ("PUT", [name]):
                return self._put(name, read_json(request))
            case ("POST", [name, "people"]):
                return self._person(name, read_json(request))
            case (_, [name, "lists", of_list, *below]):
                return self._in_list(request, (name, of_list), below)
        raise ControlError(405, USAGE)

    def _in_list(self, request: Request, place: tuple[str, str], below: list[str]) -> Response:
        match (request.method, below):
            case ("POST", ["items"]):
                return self._add(*place, read_json(request))
            case ("PATCH", ["items", item]):
                return self._edit(*place, item, read_json(request))
            case ("POST", ["touch"]):
                return self._touch(*place, read_json(request))
        raise ControlError(405, USAGE)

    def _overview(self) -> Response:
        with self._store.read() as db:
            found = rows(db, "SELECT * FROM sp_site ORDER BY path")
            body = {name: setting(db, name) for name in SWITCHES}
            return json_response(200, body | {"sites": [self._shown(site) for site in found]})

    def _shown(self, site: Row) -> Json:
        with self._store.read() as db:
            sql = "SELECT role FROM sp_grant WHERE site = ? AND app = ? AND list IS NULL"
            granted = row(db, sql, site["id"], self._app)
        return {
            "id": f"{HOST},{site['id']},{site['web']}",
            "path": f"/{site['path']}",
            "displayName": site["display_name"],
            "timeZone": site["time_zone"],
            "access": granted["role"] if granted else "none",
        }

    def _switch(self, body: dict[str, object]) -> Response:
        for name, value in body.items():
            kind = SWITCHES.get(name)
            allowed = value in kind if isinstance(kind, tuple) else kind is not None and type(value) is kind
            if not allowed or (isinstance(value, int) and value < 0):
                raise ControlError(
                    400, f"Switches are {', '.join(SWITCHES)}; they take {SWITCHES.get(name)}."
                )
        with self._store.write() as db:
            for name, value in body.items():
                set_setting(db, name, value)
        return self._overview()

    def _expire(self) -> Response:
        """Make every delta token lapse."""
        with self._store.write() as db:
            set_setting(db, "generation", cast("int", setting(db, "generation")) + 1)
        return self._overview()

    def _put(self, name: str, body: dict[str, object]) -> Response:
        path = "" if name == "root" else f"sites/{name}"
        access, zone, title = body.get("access"), body.get("timeZone"), body.get("displayName")
        if access not in (None, *ACCESS) or not isinstance(title, str | None) or "/" in name:
            raise ControlError(400, f"'access' is one of {', '.join(ACCESS)}, 'displayName' a text.")
        _check_zone(zone)
        with self._store.write() as db:
            known = row(db, "SELECT * FROM sp_site WHERE path = ?", path)
            if known is None:
                site = sites.make(db, path, title or name, str(zone or "UTC"), self._now)
                grants.put(db, site["id"], self._app, _role(access or "write"))
            else:
                values = (title or known["display_name"], zone or known["time_zone"], known["id"])
                db.execute("UPDATE sp_site SET display_name = ?, time_zone = ? WHERE id = ?", values)
                if access is not None:
                    grants.put(db, known["id"], self._app, _role(access))
            site = sites.of_path(db, path)
        return json_response(200 if known else 201, self._shown(site))

    def _person(self, name: str, body: dict[str, object]) -> Response:
        title, email = body.get("displayName"), body.get("email")
        if not isinstance(title, str) or not isinstance(email, str) or "@" not in email:
            raise ControlError(400, "A person has a displayName and an email.")
        with self._store.write() as db:
            number = people.add(db, _site(db, name)["id"], title, email, self._now)
        return json_response(201, {"id": number})

    def _add(self, name: str, of_list: str, body: dict[str, object]) -> Response:
        """Add many items in one transaction: {"items": [fields, ...], "by": number of a person, "folder": true}."""
        given, who = body.get("items"), body.get("by", people.APP)
        if not isinstance(given, list) or not isinstance(who, int):
            raise ControlError(400, "'items' is a list of fields, 'by' the number of a person.")
        with self._store.write() as db:
            site, owner = _located(db, name, of_list)
            reader = writer(db, site, owner, self._now, hyperlinks=True)
            stored = [reader.read(fields, fresh=True) for fields in given]
            folder = bool(body.get("folder"))
            made = [items.add(db, owner, each, who, self._now, folder=folder) for each in stored]
        self._tell(site, owner)
        return json_response(201, {"ids": [str(number) for number in made]})

    def _edit(self, name: str, of_list: str, item: str, body: dict[str, object]) -> Response:
        """Change an item as a person does in the browser: {"fields", "by": number of a person}."""
        who = body.get("by", people.APP)
        if not isinstance(who, int):
            raise ControlError(400, "'by' is the number of a person.")
        with self._store.write() as db:
            site, owner = _located(db, name, of_list)
            reader = writer(db, site, owner, self._now, hyperlinks=True)
            stored = reader.read(body.get("fields"), fresh=False)
            found = items.edit(db, owner, items.one(db, owner, item), stored, who, self._now)
        self._tell(site, owner)
        return json_response(200, {"eTag": items.etag(found)})

    def _touch(self, name: str, of_list: str, body: dict[str, object]) -> Response:
        """Raise the versions of items without a change of content: {"ids": ["1", ...]}."""
        wanted = body.get("ids")
        if not isinstance(wanted, list):
            raise ControlError(400, "'ids' is a list of item ids.")
        with self._store.write() as db:
            site, owner = _located(db, name, of_list)
            for each in wanted:
                items.touch(db, owner, items.one(db, owner, str(each)))
        self._tell(site, owner)
        return json_response(200, {"ids": wanted})

    def _tell(self, site: Row, owner: Row) -> None:
        site_id = f"{HOST},{site['id']},{site['web']}"
        changes.tell(self._store, changes.Changed(site_id, owner["id"], owner["title"]))


def _role(access: object) -> str | None:
    return None if access == "none" else str(access)


def _check_zone(zone: object) -> None:
    if zone is None:
        return
    try:
        ZoneInfo(str(zone))
    except (ZoneInfoNotFoundError, ValueError) as exc:
        raise ControlError(400, "'timeZone' is a name such as Europe/London.") from exc


def _site(db: Connection, name: str) -> Row:
    return sites.of_path(db, "" if name == "root" else f"sites/{name}")


def _located(db: Connection, name: str, of_list: str) -> tuple[Row, Row]:
    """A site and an ordinary list of it, by id or title."""
    site = _site(db, name)
    sql = "SELECT * FROM sp_list WHERE site = ? AND template = ? AND (id = ? OR title = ?)"
    owner = row(db, sql, site["id"], GENERIC, of_list.lower(), of_list)
    if owner is None:
        raise ControlError(404, f"The site '{name}' has no ordinary list '{of_list}'.")
    return site, owner
