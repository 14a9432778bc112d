"""Columns as callers define them: add, change, remove (reference 4.5)."""

import json
import uuid
from sqlite3 import Connection

from werkzeug import Response

from sandbox.graph.call import answer
from sandbox.graph.sites import columns, facets, formulas, items, templates
from sandbox.graph.sites.columns import UNINDEXED, Column
from sandbox.graph.sites.errors import invalid, missing, taken
from sandbox.graph.sites.facets import ELSEWHERE, FACETS
from sandbox.graph.sites.visits import Visit, respond
from sandbox.graph.values import Json, Row, row, rows

FLAGS = ("enforceUniqueValues", "hidden", "indexed", "required")
TEXTS = ("columnGroup", "description", "displayName")
MEMBERS = (*FLAGS, *TEXTS, "readOnly", "defaultValue", "name", *FACETS, *ELSEWHERE)
IGNORED = ("id", "type", "isDeletable", "isReorderable", "isSealed", "propagateChanges")
MOST_INDEXES = 20
LARGEST_INDEXED = 20_000  # items up to which an index can be added; documented guess: the answer beyond
RESERVED = frozenset(name.lower() for name, _, _ in templates.SERVICE) | {"id"}
# Random, so that a revision that was rolled back never comes again: columns are kept in memory by it.
REVISED = "UPDATE sp_list SET revision = revision + 1 + abs(random() % 1000000) WHERE id = ?"


def add(db: Connection, site: str, owner: Row, body: object) -> Column:
    """Store a new column of a list. Raises 400 for a wrong definition and 409 for a name in use."""
    if not isinstance(body, dict):
        raise invalid("A column definition is an object.")
    given = _members(body)
    name = given.pop("name", None)
    if not isinstance(name, str) or not name.strip():
        raise invalid("A column needs a 'name'.")
    internal = facets.internal_name(name.strip())
    _free(db, owner, internal)
    facet, settings = facets.read(given)
    _check_reference(db, site, owner, facet, settings)
    settled = {key: value for key, value in given.items() if key not in (*FACETS, *ELSEWHERE)}
    doc = templates.definition(name.strip(), _flags(settled) | {facet: settings})
    _check_index(db, owner, doc, facets.kind(facet, settings).name)
    made = columns.add(db, owner["id"], internal, doc)
    db.execute(REVISED, (owner["id"],))
    return _column(db, owner, made)


def _members(body: Json) -> Json:
    given = {name: value for name, value in body.items() if "@" not in name and name not in IGNORED}
    for name in given:
        if name not in MEMBERS:
            raise invalid(f"The property '{name}' does not exist on type 'microsoft.graph.columnDefinition'.")
    return {name: value for name, value in given.items() if value is not None}


def _flags(given: Json) -> Json:
    for name in (*FLAGS, "readOnly"):
        if not isinstance(given.get(name, False), bool):
            raise invalid(f"The property '{name}' of a column is true or false.")
    for name in TEXTS:
        if not isinstance(given.get(name, ""), str):
            raise invalid(f"The property '{name}' of a column is a text.")
    default = given.get("defaultValue")
    if default is not None and (not isinstance(default, dict) or not isinstance(default.get("value"), str)):
        raise invalid("The default value of a column is an object with a text 'value'.")
    return given


def _free(db: Connection, owner: Row, name: str) -> None:
    if name.lower() in RESERVED or row(
        db, "SELECT 1 AS x FROM sp_column WHERE list = ? AND name = ?", owner["id"], name
    ):
        raise taken(f"A column with the name '{name}' already exists")  # documented guess: 409


def _check_reference(db: Connection, site: str, owner: Row, facet: str, settings: Json) -> None:
    """A lookup names a list of the site and a column of it; a formula names columns of its own list."""
    if facet == "calculated":
        if "formula" not in settings:
            raise invalid("A calculated column needs a formula.")
        formulas.check(settings["formula"], {column.name for column in columns.of(db, owner).own})
    if facet == "lookup":
        target = row(db, "SELECT * FROM sp_list WHERE site = ? AND id = ?", site, settings.get("listId"))
        if target is None:
            raise invalid("A lookup column needs the 'listId' of a list of the same site.")
        aimed = columns.of(db, target).by_name.get(settings["columnName"])
        if aimed is None or not aimed.own:
            raise invalid("The 'columnName' of a lookup is the name of a column of that list.")


def _check_index(db: Connection, owner: Row, doc: Json, kind: str) -> None:
    if doc["enforceUniqueValues"] and not doc["indexed"]:
        raise invalid("A column that enforces unique values must be indexed.")
    if doc["indexed"] and kind in UNINDEXED:
        raise invalid("A column of this type cannot be indexed.")
    indexed = [each for each in columns.of(db, owner).own if each.doc["indexed"]]
    if doc["indexed"] and len(indexed) >= MOST_INDEXES:
        raise invalid(f"A list has at most {MOST_INDEXES} indexes.")


def _column(db: Connection, owner: Row, column: str) -> Column:
    """A column by id, read anew."""
    fresh = row(db, "SELECT * FROM sp_list WHERE id = ?", owner["id"])
    assert fresh is not None, "its list is there"
    found = next((each for each in columns.of(db, fresh).every if each.id == column.lower()), None)
    if found is None:
        raise missing("The specified column was not found")
    return found


def every(visit: Visit) -> Response:
    """The columns of a list, hidden ones too."""
    visit.call.allow("$top")
    owner = visit.list()
    value = [column.shown() for column in columns.of(visit.db, owner).every]
    return respond(visit, 200, _context(visit, owner), {"value": value})


def get(visit: Visit) -> Response:
    """One column by its id."""
    visit.call.allow()
    owner = visit.list()
    found = _column(visit.db, owner, visit.keys["column"])
    return respond(visit, 200, _context(visit, owner) + "/$entity", found.shown())


def create(visit: Visit) -> Response:
    """A new column."""
    with visit.call.store.write() as db:
        owner = visit.list(db)
        made = add(db, visit.site["id"], owner, visit.call.document())
        _fill(db, owner, made)
    return respond(visit, 201, _context(visit, owner) + "/$entity", made.shown())


def patch(visit: Visit) -> Response:
    """Change a column. Its name and its type stay."""
    given = _members(visit.call.document())
    with visit.call.store.write() as db:
        owner = visit.list(db)
        found = _column(db, owner, visit.keys["column"])
        doc = found.doc | _changes(found, given)
        _check_index(db, owner, doc, found.kind.name)
        if doc["indexed"] and not found.doc["indexed"] and owner["size"] > LARGEST_INDEXED:
            raise invalid("The list is too large for a new index.")
        sql = "UPDATE sp_column SET doc = ? WHERE list = ? AND id = ?"
        db.execute(sql, (json.dumps(doc), owner["id"], found.id))
        db.execute(REVISED, (owner["id"],))
        changed = _column(db, owner, found.id)
        _fill(db, owner, changed)
    return respond(visit, 200, _context(visit, owner) + "/$entity", changed.shown())


def _changes(found: Column, given: Json) -> Json:
    if given.pop("name", found.name) != found.name:
        raise invalid("The name of a column cannot be changed.")
    if not found.own and set(given) - {"indexed"}:
        raise invalid(f"The column '{found.name}' cannot be changed.")
    kinds = [name for name in given if name in FACETS or name in ELSEWHERE]
    if any(name != found.facet for name in kinds):
        raise invalid("The type of a column cannot be changed.")
    for name in kinds:
        given[name] = found.settings | facets.checked(name, given[name])
    return _flags({name: value for name, value in given.items() if name not in kinds}) | {
        name: given[name] for name in kinds
    }


def _fill(db: Connection, owner: Row, column: Column) -> None:
    """Compute a calculated column for all items; take all values of a unique one."""
    if column.kind.name == "calculated":
        for found in rows(db, "SELECT id, fields FROM sp_item WHERE list = ?", owner["id"]):
            _compute(db, owner, items.loaded(found), column)
    db.execute("DELETE FROM sp_unique WHERE list = ? AND name = ?", (owner["id"], column.name))
    if column.doc["enforceUniqueValues"]:
        for found in rows(db, "SELECT id, fields FROM sp_item WHERE list = ?", owner["id"]):
            value = items.loaded(found)["fields"].get(column.name)
            items.claim(db, owner["id"], column.name, value, found["id"])


def _compute(db: Connection, owner: Row, found: Row, column: Column) -> None:
    fields = found["fields"] | {column.name: formulas.result(column.settings, found["fields"])}
    sql = "UPDATE sp_item SET fields = ? WHERE list = ? AND id = ?"
    db.execute(sql, (json.dumps(fields), owner["id"], found["id"]))


def delete(visit: Visit) -> Response:
    """Remove a column with its values."""
    with visit.call.store.write() as db:
        owner = visit.list(db)
        found = _column(db, owner, visit.keys["column"])
        if uuid.UUID(found.id).version == 5:  # ids of built-in columns come from their names
            raise invalid(f"The column '{found.name}' cannot be deleted.")
        db.execute("DELETE FROM sp_column WHERE list = ? AND id = ?", (owner["id"], found.id))
        db.execute("DELETE FROM sp_unique WHERE list = ? AND name = ?", (owner["id"], found.name))
        path = f'$."{found.name}"'
        db.execute("UPDATE sp_item SET fields = json_remove(fields, ?) WHERE list = ?", (path, owner["id"]))
        db.execute(REVISED, (owner["id"],))
    return answer(204)


def _context(visit: Visit, owner: Row) -> str:
    return f"sites('{visit.site_id}')/lists('{owner['id']}')/columns"
