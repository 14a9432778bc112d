"""Site pages (reference 4.7). Each one is an item of the library `Site Pages` too, whose feed tells of it."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import Connection

from werkzeug import Response

from sandbox.graph.call import answer
from sandbox.graph.errors import not_offered
from sandbox.graph.sites import changes, expand, items, people, webparts
from sandbox.graph.sites.errors import changed, invalid, missing, taken
from sandbox.graph.sites.reading import Reader
from sandbox.graph.sites.templates import PAGES
from sandbox.graph.sites.visits import Visit, respond
from sandbox.graph.values import Json, Row, row, rows

TYPE = "#microsoft.graph.sitePage"
PLAIN: dict[str, type] = {
    "title": str,
    "description": str,
    "thumbnailWebUrl": str,
    "showComments": bool,
    "showRecommendedPages": bool,
    "titleArea": dict,
}
WORDS = {"pageLayout": ("article", "home"), "promotionKind": ("page", "newsPost")}
WRITTEN = (*PLAIN, *WORDS, "name", "canvasLayout")
COMMON = (
    *("createdDateTime", "eTag", "id", "lastModifiedDateTime", "name", "webUrl", "title", "pageLayout"),
    *("description", "createdBy", "lastModifiedBy", "parentReference", "publishingState"),
)
FULL = (*COMMON, "promotionKind", "showComments", "showRecommendedPages", "thumbnailWebUrl", "titleArea")
DEFAULTS: Json = {
    "description": "",
    "pageLayout": "article",
    "promotionKind": "page",
    "showComments": True,
    "showRecommendedPages": False,
    "canvasLayout": {"horizontalSections": []},
}
SQL = "SELECT * FROM sp_page WHERE site = ?"


def library(db: Connection, site: str) -> Row:
    """The library that the pages of a site are in."""
    found = row(db, "SELECT * FROM sp_list WHERE site = ? AND template = ?", site, PAGES)
    assert found is not None, "every site is made with this library"
    return found


def _one(visit: Visit, db: Connection) -> Row:
    found = row(db, f"{SQL} AND id = ?", visit.site["id"], visit.keys["page"].lower())
    if found is None:
        raise missing("The specified page was not found")
    return found


def _everything(visit: Visit, db: Connection, found: Row) -> Json:
    owner = library(db, visit.site["id"])
    item = items.one(db, owner, str(found["item"]))
    reader = Reader(visit, owner)
    doc: Json = json.loads(found["doc"])
    state: Json = {"level": found["level"], "versionId": f"{found['major']}.{found['minor']}"}
    if found["level"] == "checkout":
        state["checkedOutBy"] = reader.identity(item["editor"])
    return doc | {
        "createdDateTime": item["created"],
        "eTag": _etag(item),
        "id": found["id"],
        "lastModifiedDateTime": item["modified"],
        "name": found["name"],
        "webUrl": f"{visit.web_url}/SitePages/{found['name']}",
        "createdBy": reader.identity(item["author"]),
        "lastModifiedBy": reader.identity(item["editor"]),
        "parentReference": {"siteId": visit.site["id"]},
        "publishingState": state,
    }


def _etag(item: Row) -> str:
    return f'"{{{item["guid"].upper()}}},{item["version"]}"'


def _shown(visit: Visit, db: Connection, found: Row, members: tuple[str, ...]) -> Json:
    everything = _everything(visit, db, found)
    etag = everything["eTag"]
    body = {name: everything[name] for name in members if everything.get(name) is not None}
    return {"@odata.type": TYPE, "@odata.etag": etag} | body


def _members(visit: Visit, known: tuple[str, ...], kind: str) -> tuple[str, ...]:
    """The selected members, and the canvas if it is expanded."""
    visit.call.allow("$select", "$expand", "$top")
    members = expand.members(visit.call.option("$select"), known, kind)
    expandable = ("canvasLayout",) if known is FULL else ()
    return (*members, *expand.expansions(visit.call.option("$expand"), expandable))


def _all(visit: Visit, members: tuple[str, ...]) -> Response:
    top = visit.top(5000)
    found = rows(visit.db, f"{SQL} ORDER BY item LIMIT ?", visit.site["id"], top or -1)
    value = [_shown(visit, visit.db, page, members) for page in found]
    return respond(visit, 200, f"sites('{visit.site_id}')/pages", {"value": value})


def every(visit: Visit) -> Response:
    """All pages with what every page has."""
    return _all(visit, _members(visit, COMMON, "baseSitePage"))


def every_full(visit: Visit) -> Response:
    """All pages with what site pages have."""
    return _all(visit, _members(visit, FULL, "sitePage"))


def _get(visit: Visit, members: tuple[str, ...]) -> Response:
    said = _shown(visit, visit.db, _one(visit, visit.db), members)
    return respond(visit, 200, f"sites('{visit.site_id}')/pages/$entity", said, said["@odata.etag"])


def get(visit: Visit) -> Response:
    """One page with what every page has."""
    return _get(visit, _members(visit, COMMON, "baseSitePage"))


def get_full(visit: Visit) -> Response:
    """One page with what site pages have."""
    return _get(visit, _members(visit, FULL, "sitePage"))


def canvas(visit: Visit) -> Response:
    """The canvas of a page."""
    visit.call.allow()
    doc = json.loads(_one(visit, visit.db)["doc"])
    return respond(visit, 200, f"sites('{visit.site_id}')/pages/canvasLayout/$entity", doc["canvasLayout"])


def web_parts(visit: Visit) -> Response:
    """All web parts of a page in their order."""
    visit.call.allow()
    value = webparts.parts(json.loads(_one(visit, visit.db)["doc"])["canvasLayout"])
    return respond(visit, 200, f"sites('{visit.site_id}')/pages/webParts", {"value": value})


@contextmanager
def _writing(visit: Visit) -> Iterator[tuple[Connection, Row]]:
    with visit.call.store.write() as db:
        owner = library(db, visit.site["id"])
        yield db, owner
    changes.tell(visit.call.store, changes.Changed(visit.site_id, owner["id"], owner["title"]))


def _given(visit: Visit) -> Json:
    """The payload of a page. Raises 400 without its type, for unknown members and unwritable web parts."""
    body = visit.call.document()
    if str(body.get("@odata.type", "")).lower() != TYPE.lower():
        raise invalid(f"The payload of a page needs '@odata.type': '{TYPE}'.")
    given = {name: value for name, value in body.items() if "@" not in name and value is not None}
    for name, value in given.items():
        if name not in WRITTEN:
            raise invalid(f"The property '{name}' does not exist or cannot be written here.")
        wrong_type = not isinstance(value, PLAIN.get(name, object))
        if wrong_type or (name in WORDS and value not in WORDS[name]):
            raise invalid(f"The property '{name}' of a page has a wrong value.")
    if "canvasLayout" in given:
        given["canvasLayout"] = webparts.canvas(given["canvasLayout"])
    return given


def create(visit: Visit) -> Response:
    """A new page, checked out in version 0.1. Raises 409 for a name in use."""
    given = _given(visit)
    name = given.pop("name", None)
    if not isinstance(name, str) or not name.lower().endswith(".aspx") or "/" in name:
        raise invalid("A page needs a 'name' that ends with .aspx.")
    if "title" not in given:
        raise invalid("A page needs a 'title'.")
    with _writing(visit) as (db, owner):
        if row(db, f"{SQL} AND name = ?", visit.site["id"], name):
            raise taken("A page with this name exists already")
        fields = {"Title": given["title"], "FileLeafRef": name}
        item = items.add(db, owner, fields, people.APP, visit.now)
        page, doc = str(uuid.uuid4()), json.dumps(DEFAULTS | given)
        values = (page, visit.site["id"], name, item, doc, 0, 1, "checkout")
        db.execute("INSERT INTO sp_page VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
        found = row(db, f"{SQL} AND id = ?", visit.site["id"], page)
        assert found is not None, "stored a moment ago"
        said = _shown(visit, db, found, FULL)
    return respond(visit, 201, f"sites('{visit.site_id}')/pages/$entity", said, said["@odata.etag"])


def patch(visit: Visit) -> Response:
    """Change a page; it is checked out again until it is published."""
    given = _given(visit)
    if "name" in given:
        raise not_offered("new names for pages")
    with _writing(visit) as (db, owner):
        found = _one(visit, db)
        _check_match(visit, db, owner, found)
        doc = json.loads(found["doc"]) | given
        minor = found["minor"] + 1
        sql = "UPDATE sp_page SET doc = ?, minor = ?, level = 'checkout' WHERE id = ?"
        db.execute(sql, (json.dumps(doc), minor, found["id"]))
        _touched(db, visit, owner, found, {"Title": doc["title"]})
        said = _shown(visit, db, _one(visit, db), FULL)
    return respond(visit, 200, f"sites('{visit.site_id}')/pages/$entity", said, said["@odata.etag"])


def _check_match(visit: Visit, db: Connection, owner: Row, found: Row) -> None:
    wanted = visit.call.request.headers.get("If-Match")
    if wanted not in (None, "*", _etag(items.one(db, owner, str(found["item"])))):
        raise changed()


def _touched(db: Connection, visit: Visit, owner: Row, found: Row, fields: Json) -> None:
    items.edit(db, owner, items.one(db, owner, str(found["item"])), fields, people.APP, visit.now)


def publish(visit: Visit) -> Response:
    """Make the present state the next whole version."""
    with _writing(visit) as (db, owner):
        found = _one(visit, db)
        sql = "UPDATE sp_page SET major = major + 1, minor = 0, level = 'published' WHERE id = ?"
        db.execute(sql, (found["id"],))
        _touched(db, visit, owner, found, {})
    return answer(204)


def delete(visit: Visit) -> Response:
    """Remove a page and its item."""
    with _writing(visit) as (db, owner):
        found = _one(visit, db)
        _check_match(visit, db, owner, found)
        items.remove(db, owner, items.one(db, owner, str(found["item"])), visit.now)
        db.execute("DELETE FROM sp_page WHERE id = ?", (found["id"],))
    return answer(204)
