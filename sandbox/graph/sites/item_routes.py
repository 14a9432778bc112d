"""Items of a list: read, create, change, delete (reference 4.1 to 4.4)."""

from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import Connection

from werkzeug import Response

from sandbox.graph.call import answer
from sandbox.graph.sites import changes, columns, items, people, templates
from sandbox.graph.sites.errors import invalid
from sandbox.graph.sites.reading import Reader, Shape
from sandbox.graph.sites.schema import setting
from sandbox.graph.sites.templates import GENERIC, PAGES
from sandbox.graph.sites.values import Writer, parsed_instant
from sandbox.graph.sites.visits import Visit, respond
from sandbox.graph.values import Json, Row


def get(visit: Visit) -> Response:
    """One item; its fields only if they are expanded."""
    visit.call.allow("$select", "$expand", "expand")
    owner = opened(visit)
    reader = Reader(visit, owner)
    shape = reader.shape(visit.call.option("$select"), visit.expand)
    found = items.one(visit.db, owner, visit.keys["item"])
    return respond(
        visit, 200, context(visit, owner) + "/$entity", reader.item(found, shape), items.etag(found)
    )


def fields(visit: Visit) -> Response:
    """The fields of one item."""
    visit.call.allow("$select")
    owner = opened(visit)
    reader = Reader(visit, owner)
    found = items.one(visit.db, owner, visit.keys["item"])
    wanted = reader.fields_wanted(visit.call.option("$select"))
    return respond(visit, 200, _fields_context(visit, owner, found), reader.fields(found, wanted))


def opened(visit: Visit) -> Row:
    """The list of the path. The list of people first takes in everybody who has got a mailbox since."""
    owner = visit.list()
    if owner["template"] != GENERIC and owner["template"] != PAGES:
        with visit.call.store.write() as db:
            people.welcome(db, visit.site["id"], visit.now)
        owner = visit.list(visit.db)
    return owner


def context(visit: Visit, owner: Row) -> str:
    """The context of items."""
    return f"sites('{visit.site_id}')/lists('{owner['id']}')/items"


def _fields_context(visit: Visit, owner: Row, found: Row) -> str:
    return f"{context(visit, owner)}('{found['id']}')/fields/$entity"


@contextmanager
def writing(visit: Visit) -> Iterator[tuple[Connection, Row]]:
    """A transaction on the list of the path; listeners hear of it when it is over. Raises 400 for lists that
    are kept by the server."""
    with visit.call.store.write() as db:
        owner = visit.list(db)
        if owner["template"] != GENERIC:
            raise invalid("The items of this list cannot be written.")
        yield db, owner
    changes.tell(visit.call.store, changes.Changed(visit.site_id, owner["id"], owner["title"]))


def writer(db: Connection, site: Row, owner: Row, now: str, *, hyperlinks: bool = False) -> Writer:
    """What reads the fields of a payload."""
    return Writer(db, site, columns.of(db, owner), now, hyperlinks, bool(setting(db, "rewrite")))


def _read(visit: Visit, db: Connection, owner: Row, given: object, *, fresh: bool) -> Json:
    hyperlinks = visit.prefers("apiversion") == "2.1"
    return writer(db, visit.site, owner, visit.now, hyperlinks=hyperlinks).read(given, fresh=fresh)


def create(visit: Visit) -> Response:
    """A new item. The answer brings its fields; a date only comes back as it was sent (reference 4.4)."""
    body = visit.body("fields", "contentType")
    with writing(visit) as (db, owner):
        folder = _is_folder(owner, body.get("contentType"))
        given = body.get("fields", {})
        stored = _read(visit, db, owner, given, fresh=True)
        number = items.add(db, owner, stored, people.APP, visit.now, folder=folder)
        found = items.one(db, owner, str(number))
    reader = Reader(visit, owner)
    said = reader.item(found, Shape(fields=()))
    for column in reader.columns.own:
        if column.date_only and (sent := parsed_instant(given.get(column.name))):
            said["fields"][column.name] = sent.strftime("%Y-%m-%dT%H:%M:%SZ")
    return respond(visit, 201, context(visit, owner) + "/$entity", said, items.etag(found))


def _is_folder(owner: Row, kind: object) -> bool:
    """Whether a payload asks for a folder. documented guess: the members that say so."""
    if kind is None:
        return False
    if not isinstance(kind, dict) or not isinstance(kind.get("name", kind.get("id")), str):
        raise invalid("A content type has an id or a name.")
    for folder in (False, True):
        info = types(owner)[folder]
        if kind.get("name", info["name"]) == info["name"] and kind.get("id", info["id"]) == info["id"]:
            return folder
    raise invalid("The list has no such content type.")


def types(owner: Row) -> tuple[Json, Json]:
    """The content types of items and of folders."""
    one, two = (templates.content_type(owner["id"], owner["template"], folder) for folder in (False, True))
    return one, two


def patch_fields(visit: Visit) -> Response:
    """Change fields; the answer is the fieldValueSet."""
    given = {name: value for name, value in visit.call.document().items() if not name.startswith("@odata.")}
    owner, found = _edited(visit, given)
    reader = Reader(visit, owner)
    return respond(visit, 200, _fields_context(visit, owner, found), reader.fields(found))


def patch(visit: Visit) -> Response:
    """Change fields through the item; the answer is the item without them."""
    owner, found = _edited(visit, visit.body("fields").get("fields", {}))
    said = Reader(visit, owner).item(found, Shape())
    return respond(visit, 200, context(visit, owner) + "/$entity", said, items.etag(found))


def _edited(visit: Visit, given: object) -> tuple[Row, Row]:
    with writing(visit) as (db, owner):
        found = items.one(db, owner, visit.keys["item"])
        visit.check_match(items.etag(found))
        stored = _read(visit, db, owner, given, fresh=False)
        return owner, items.edit(db, owner, found, stored, people.APP, visit.now)


def delete(visit: Visit) -> Response:
    """Remove an item, a folder with nothing in it included."""
    with writing(visit) as (db, owner):
        found = items.one(db, owner, visit.keys["item"])
        visit.check_match(items.etag(found))
        items.remove(db, owner, found, visit.now)
    return answer(204)
