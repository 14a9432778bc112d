"""Lists: create, find, show, change, delete."""

import re
import uuid
from sqlite3 import Connection

from werkzeug import Response

from sandbox.graph.call import answer
from sandbox.graph.errors import not_offered
from sandbox.graph.sites import columns, definitions, expand, items, templates
from sandbox.graph.sites.errors import invalid, taken
from sandbox.graph.sites.reading import Reader
from sandbox.graph.sites.templates import GENERIC, PAGES
from sandbox.graph.sites.visits import Visit, respond
from sandbox.graph.values import Json, Row, row, rows

MEMBERS = (
    "createdDateTime",
    "description",
    "eTag",
    "id",
    "lastModifiedDateTime",
    "name",
    "webUrl",
    "displayName",
    "parentReference",
    "list",
)
ASKED = ("system", "sharepointIds", "columns", "items", "contentTypes")
EXPANDED = ("columns", "items", "contentTypes")
BY_NAME = re.compile(r"^\s*displayName\s+eq\s+'((?:[^']|'')*)'\s*$")
MOST_EXPANDED = 200


def make(db: Connection, site: str, title: str, template: str, now: str, **more: object) -> str:
    """Store a list with the columns of its template and give its id. Raises 409 for a title in use."""
    if row(db, "SELECT 1 AS x FROM sp_list WHERE site = ? AND title = ?", site, title):
        raise taken("Name already exists")
    owner = str(uuid.uuid4())
    db.execute(
        "INSERT INTO sp_list (id, site, title, name, template, hidden, description, created, modified, folder)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(owner, site, title, re.sub(r"[^\w .-]", "", title).strip() or "List", template),
            *(more.get("hidden", False), more.get("description", ""), now, now, str(uuid.uuid4())),
        ),
    )
    templates.furnish(db, owner, template)
    return owner


def shown(visit: Visit, owner: Row, members: tuple[str, ...] = MEMBERS) -> Json:
    """The list of Graph."""
    etag = f'"{owner["id"]},{owner["revision"]}"'
    folder = "" if owner["template"] == PAGES else "Lists/"
    facet = {"contentTypesEnabled": owner["template"] == PAGES, "hidden": bool(owner["hidden"])}
    everything: Json = {
        "createdDateTime": owner["created"],
        "description": owner["description"],
        "eTag": etag,
        "id": owner["id"],
        "lastModifiedDateTime": owner["modified"],
        "name": owner["name"],
        "webUrl": f"{visit.web_url}/{folder}{owner['name']}".replace(" ", "%20"),
        "displayName": owner["title"],
        "parentReference": {"siteId": visit.site_id},
        "list": facet | {"template": owner["template"]},
        "sharepointIds": {"listId": owner["id"], "siteId": visit.site["id"], "webId": visit.site["web"]},
    }
    if owner["hidden"]:
        everything["system"] = {}
    return {"@odata.etag": etag} | {name: everything[name] for name in members if name in everything}


def every(visit: Visit) -> Response:
    """The lists of a site. Hidden ones come only if `system` is selected."""
    visit.call.allow("$select", "$filter", "$top")
    visit.top(5000)
    members = expand.members(visit.call.option("$select"), (*MEMBERS, *ASKED), "list")
    asked = visit.call.option("$select") is not None
    found = rows(visit.db, "SELECT * FROM sp_list WHERE site = ? ORDER BY title", visit.site["id"])
    found = [owner for owner in found if not owner["hidden"] or (asked and "system" in members)]
    said = visit.call.option("$filter")
    if said is not None:
        match = BY_NAME.match(said)
        if match is None:
            raise not_offered("$filter of lists by anything but displayName eq")
        wanted = match.group(1).replace("''", "'").lower()
        found = [owner for owner in found if owner["title"].lower() == wanted]
    kept = members if asked else MEMBERS
    value = [shown(visit, owner, kept) for owner in found[: visit.top(5000) or None]]
    return respond(visit, 200, f"sites('{visit.site_id}')/lists", {"value": value})


def get(visit: Visit) -> Response:
    """One list, with its columns, items or content types if they are expanded."""
    visit.call.allow("$select", "$expand")
    owner = visit.list()
    select = visit.call.option("$select")
    members = expand.members(select, (*MEMBERS, *ASKED), "list") if select else MEMBERS
    body = shown(visit, owner, members)
    for name, options in expand.expansions(visit.call.option("$expand"), EXPANDED).items():
        body[name] = _expanded(visit, owner, name, options)
    return respond(visit, 200, f"sites('{visit.site_id}')/lists/$entity", body, body["@odata.etag"])


def _expanded(visit: Visit, owner: Row, name: str, options: expand.Options) -> list[Json]:
    if options and name != "items":
        raise not_offered(f"options in $expand={name}")
    if name == "columns":
        return [column.shown() for column in columns.of(visit.db, owner).every]
    if name == "contentTypes":
        return content_types(owner)
    reader = Reader(visit, owner)
    shape = reader.shape(options.get("$select"), options.get("$expand"))
    return [reader.item(found, shape) for found in _first_items(visit.db, owner)]


def _first_items(db: Connection, owner: Row) -> list[Row]:
    sql = f"SELECT {items.COLUMNS} FROM sp_item WHERE list = ? ORDER BY id LIMIT ?"
    return [items.loaded(found) for found in rows(db, sql, owner["id"], MOST_EXPANDED)]


def content_types(owner: Row) -> list[Json]:
    """The content types of a list."""
    found = []
    for folder in (False, True):
        info = templates.content_type(owner["id"], owner["template"], folder)
        more = {"description": "", "group": "List Content Types", "hidden": False, "readOnly": False}
        found.append(info | more | {"sealed": False, "isBuiltIn": False})
    return found


def create(visit: Visit) -> Response:
    """A new list with its columns. Raises 409 for a title in use."""
    body = visit.body("displayName", "name", "description", "list", "columns")
    if "name" in body:
        raise invalid(
            "Cannot define a 'name' for a list as it is assigned by the server. Instead, provide 'displayName'"
        )
    title, description = body.get("displayName"), body.get("description") or ""
    template = _template(body.get("list"))
    wanted = body.get("columns") or []
    if not isinstance(title, str) or not title.strip() or not isinstance(description, str):
        raise invalid("A list needs a 'displayName'.")
    if not isinstance(wanted, list):
        raise invalid("The columns of a list are a list of column definitions.")
    with visit.call.store.write() as db:
        owner = make(db, visit.site["id"], title.strip(), template, visit.now, description=description)
        for each in wanted:
            definitions.add(db, visit.site["id"], found(db, owner), each)
        made = found(db, owner)
    said = shown(visit, made)
    return respond(visit, 201, f"sites('{visit.site_id}')/lists/$entity", said, said["@odata.etag"])


def found(db: Connection, owner: str) -> Row:
    """A list as it is now."""
    one = row(db, "SELECT * FROM sp_list WHERE id = ?", owner)
    assert one is not None, "the list was made or read a moment ago"
    return one


def _template(facet: object) -> str:
    if not isinstance(facet, dict) or not isinstance(facet.get("template"), str):
        raise invalid("A list needs a 'list' with a 'template', such as genericList.")
    for name in facet:
        if "@" not in name and name not in ("template", "contentTypesEnabled", "hidden"):
            raise invalid(f"The property '{name}' does not exist on type 'microsoft.graph.listInfo'.")
    if facet["template"] != GENERIC:
        raise not_offered(f"lists of the template '{facet['template']}'")
    return GENERIC


def patch(visit: Visit) -> Response:
    """Change the title or the description."""
    body = visit.body("displayName", "description")
    with visit.call.store.write() as db:
        owner = visit.list(db)
        visit.check_match(f'"{owner["id"]},{owner["revision"]}"')
        title, words = body.get("displayName", owner["title"]), body.get("description", owner["description"])
        if not isinstance(title, str) or not title.strip() or not isinstance(words, str):
            raise invalid("The title and the description of a list are texts.")
        sql = "SELECT 1 AS x FROM sp_list WHERE site = ? AND title = ? AND id <> ?"
        if row(db, sql, owner["site"], title.strip(), owner["id"]):
            raise taken("Name already exists")
        sql = "UPDATE sp_list SET title = ?, description = ?, revision = revision + 1 WHERE id = ?"
        db.execute(sql, (title.strip(), words, owner["id"]))
        said = shown(visit, found(db, owner["id"]))
    return respond(visit, 200, f"sites('{visit.site_id}')/lists/$entity", said, said["@odata.etag"])


def delete(visit: Visit) -> Response:
    """Remove a list with everything in it."""
    with visit.call.store.write() as db:
        owner = visit.list(db)
        if owner["template"] != GENERIC:
            raise invalid("This list cannot be deleted.")
        for table in ("sp_item", "sp_gone", "sp_unique", "sp_column", "sp_grant"):
            db.execute(f"DELETE FROM {table} WHERE list = ?", (owner["id"],))
        db.execute("DELETE FROM sp_list WHERE id = ?", (owner["id"],))
    return answer(204)


def types(visit: Visit) -> Response:
    """The content types of a list, as a collection."""
    visit.call.allow("$top")
    owner = visit.list()
    context = f"sites('{visit.site_id}')/lists('{owner['id']}')/contentTypes"
    return respond(visit, 200, context, {"value": content_types(owner)})
