"""The master list of categories of a mailbox: names and colours (reference 3.8)."""

import re
import uuid
from sqlite3 import Connection, IntegrityError

from werkzeug import Response

from sandbox.graph.call import Call, answer
from sandbox.graph.errors import GraphError, bad, not_found
from sandbox.graph.values import Json, Row, row, rows

COLOR = re.compile(r"^(none|preset(?:[0-9]|1[0-9]|2[0-4]))$", re.I)
ONE = "SELECT * FROM graph_category WHERE mailbox = ? AND id = ?"


def every(call: Call) -> Response:
    """GET masterCategories."""
    call.allow("$top", "$skip")
    sql = "SELECT * FROM graph_category WHERE mailbox = ? ORDER BY name LIMIT ? OFFSET ?"
    top, skip = call.number("$top", 1, 1000) or 1000, call.number("$skip", 0, 10**6) or 0
    shown = [_shown(found) for found in rows(call.db, sql, call.address, top, skip)]
    context = f"{call.root}/$metadata#users('{call.keys['user']}')/outlook/masterCategories"
    return answer(200, {"@odata.context": context, "value": shown})


def one(call: Call) -> Response:
    """GET one category."""
    return answer(200, _shown(_found(call, call.db)))


def create(call: Call) -> Response:
    """POST masterCategories. Raises 409 for a name that is there."""
    wanted = _body(call)
    name, color = wanted.get("displayName"), wanted.get("color", "none")
    if not isinstance(name, str) or not name.strip() or "," in name or not name.isprintable():
        raise bad("A category needs a displayName without commas.", "ErrorInvalidRequest")
    made = (str(uuid.uuid4()), call.address, name, str(color).lower())
    try:
        with call.store.write() as db:
            db.execute("INSERT INTO graph_category VALUES (?, ?, ?, ?)", made)
    except IntegrityError as exc:
        # documented guess: the code
        raise GraphError(409, "CategoryNameDuplicate", "There is a category with this name.") from exc
    return answer(201, _shown(dict(zip(("id", "mailbox", "name", "color"), made, strict=True))))


def patch(call: Call) -> Response:
    """PATCH: the colour; the name of a category stays."""
    wanted = _body(call)
    if "displayName" in wanted:
        raise bad("The displayName of a category cannot be changed.", "ErrorInvalidPropertySet")
    with call.store.write() as db:
        found = _found(call, db)
        color = str(wanted.get("color", found["color"])).lower()
        db.execute("UPDATE graph_category SET color = ? WHERE id = ?", (color, found["id"]))
        return answer(200, _shown({**found, "color": color}))


def delete(call: Call) -> Response:
    """DELETE a category; messages keep its name."""
    with call.store.write() as db:
        db.execute("DELETE FROM graph_category WHERE id = ?", (_found(call, db)["id"],))
    return answer(204)


def _body(call: Call) -> Json:
    wanted = call.document()
    for name in wanted:
        if name not in ("displayName", "color") and not name.startswith("@odata."):
            raise bad(f"The property '{name}' does not exist on type 'microsoft.graph.outlookCategory'.")
    if not COLOR.match(str(wanted.get("color", "none"))):
        raise bad("'color' is none or preset0 to preset24.")
    return wanted


def _found(call: Call, db: Connection) -> Row:
    found = row(db, ONE, call.address, call.keys["category"])
    if found is None:
        raise not_found()
    return found


def _shown(found: Row) -> Json:
    return {"id": found["id"], "displayName": found["name"], "color": found["color"]}
