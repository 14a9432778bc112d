"""Sites: made by the control route, found by address or id (reference 2)."""

import uuid
from sqlite3 import Connection

from werkzeug import Response

from sandbox.graph.call import answer
from sandbox.graph.sites import expand, grants, items, lists, people
from sandbox.graph.sites.errors import invalid, missing
from sandbox.graph.sites.templates import PAGES, PEOPLE
from sandbox.graph.sites.visits import HOST, Visit, respond
from sandbox.graph.values import Json, Row, row

MEMBERS = (
    "createdDateTime",
    "description",
    "id",
    "lastModifiedDateTime",
    "name",
    "webUrl",
    "displayName",
    "siteCollection",
)
ASKED = ("root", "sharepointIds")
SITE_PAGES = "Site Pages"


def make(db: Connection, path: str, name: str, zone: str, now: str) -> Row:
    """A new site with its hidden list of people and its library of pages."""
    site = str(uuid.uuid4())
    values = (site, str(uuid.uuid4()), path, name, zone, now)
    db.execute("INSERT INTO sp_site VALUES (?, ?, ?, ?, ?, ?)", values)
    roll = lists.make(db, site, people.TITLE, PEOPLE, now, hidden=True)
    app = {"Title": people.APP_NAME, "Name": "i:0i.t|ms.sp.ext|app@sharepoint"}
    items.add(db, lists.found(db, roll), app, people.APP, now)
    lists.make(db, site, SITE_PAGES, PAGES, now)
    people.welcome(db, site, now)
    return of_path(db, path)


def of_path(db: Connection, path: str) -> Row:
    """A site by its path below the host, such as `sites/desk`. Raises 404."""
    found = row(db, "SELECT * FROM sp_site WHERE path = ?", path.strip("/"))
    if found is None:
        raise missing("Requested site could not be found")
    return found


def of_id(db: Connection, name: str) -> Row:
    """A site by its id in three parts, by `root`, or by the host, whose root it is. Raises 400 and 404."""
    host, *ids = name.split(",")
    if len(ids) == 2:
        check_host(host)
        sql = "SELECT * FROM sp_site WHERE id = ? AND web = ?"
        found = row(db, sql, ids[0].lower(), ids[1].lower())
    elif not ids and name.lower() in ("root", HOST):
        found = row(db, "SELECT * FROM sp_site WHERE path = ''")
    elif not ids and "." in host:
        check_host(host)
    else:
        raise invalid("Invalid site identifier")  # documented guess: code and words
    if found is None:
        raise missing("Requested site could not be found")
    return found


def check_host(host: str) -> None:
    """Raise 400 for the host of another tenant."""
    if host.lower() not in ("root", HOST):
        raise invalid("Invalid hostname for this tenancy")


def get(visit: Visit) -> Response:
    """The site itself."""
    visit.call.allow("$select")
    members = expand.members(visit.call.option("$select"), (*MEMBERS, *ASKED), "site")
    site = visit.site
    everything: Json = {
        "createdDateTime": site["created"],
        "description": "",
        "id": visit.site_id,
        "lastModifiedDateTime": site["created"],
        "name": site["path"].rpartition("/")[2],
        "webUrl": visit.web_url,
        "displayName": site["display_name"],
        "siteCollection": {"hostname": HOST, "dataLocationCode": "EUR"},
        "sharepointIds": {"siteId": site["id"], "webId": site["web"], "siteUrl": visit.web_url},
    }
    if not site["path"]:
        everything["root"] = {}
        everything["siteCollection"] |= {"root": {}}
    return respond(
        visit, 200, "sites/$entity", {name: everything[name] for name in members if name in everything}
    )


def permissions(visit: Visit) -> Response:
    """The grants of a site or a list."""
    visit.call.allow()
    value = [grants.shown(found) for found in grants.every(visit.db, visit.site["id"], _list(visit))]
    return respond(visit, 200, _context(visit), {"value": value})


def permission(visit: Visit) -> Response:
    """One grant."""
    visit.call.allow()
    found = grants.one(visit.db, visit.site["id"], _list(visit), visit.keys["permission"])
    if found is None:
        raise missing("The specified permission was not found")
    return respond(visit, 200, _context(visit) + "/$entity", grants.shown(found))


def grant(visit: Visit) -> Response:
    """A new grant for an app. Raises 400 without exactly one known role and an application."""
    body = visit.body("roles", "grantedTo", "grantedToV2", "grantedToIdentities", "grantedToIdentitiesV2")
    roles, to = body.get("roles"), body.get("grantedToV2") or body.get("grantedTo")
    several = body.get("grantedToIdentitiesV2") or body.get("grantedToIdentities")
    if isinstance(several, list) and len(several) == 1:
        to = several[0]
    app = to.get("application") if isinstance(to, dict) else None
    if roles not in [[role] for role in grants.ROLES]:
        raise invalid("A permission has one role: read, write, owner or fullcontrol.")
    if not isinstance(app, dict) or not isinstance(app.get("id"), str):
        raise invalid("A permission is granted to an application with an id.")
    with visit.call.store.write() as db:
        made = grants.add(db, visit.site["id"], _list(visit), app, roles[0])
        found = grants.one(db, visit.site["id"], _list(visit), made)
        assert found is not None, "stored a moment ago"
    return respond(visit, 201, _context(visit) + "/$entity", grants.shown(found))


def revoke(visit: Visit) -> Response:
    """Take a grant back."""
    with visit.call.store.write() as db:
        if grants.one(db, visit.site["id"], _list(visit), visit.keys["permission"]) is None:
            raise missing("The specified permission was not found")
        db.execute("DELETE FROM sp_grant WHERE id = ?", (visit.keys["permission"],))
    return answer(204)


def _list(visit: Visit) -> str | None:
    return visit.list()["id"] if "list" in visit.keys else None


def _context(visit: Visit) -> str:
    return f"sites('{visit.site_id}')/permissions"
