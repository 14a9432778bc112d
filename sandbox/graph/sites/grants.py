"""What apps may do in a site or a list: the grants behind `Sites.Selected` (reference 1.3)."""

import uuid
from sqlite3 import Connection

from sandbox.graph.values import Json, Row, row, rows

NOTHING, READ, WRITE, MANAGE = 0, 1, 2, 3
# documented guess: owner and fullcontrol reach equally far, and are what creating lists and columns takes.
ROLES = {"read": READ, "write": WRITE, "owner": MANAGE, "fullcontrol": MANAGE}


def level(db: Connection, site: str, app: str, of_list: str | None = None) -> int:
    """How far the app's grants reach: the best of the site's and the list's."""
    sql = "SELECT role FROM sp_grant WHERE site = ? AND app = ? AND (list IS NULL OR list = ?)"
    return max((ROLES[found["role"]] for found in rows(db, sql, site, app, of_list)), default=NOTHING)


def anywhere(db: Connection, site: str, app: str) -> int:
    """How far they reach in the site or any of its lists."""
    found = rows(db, "SELECT role FROM sp_grant WHERE site = ? AND app = ?", site, app)
    return max((ROLES[each["role"]] for each in found), default=NOTHING)


def put(db: Connection, site: str, app: str, role: str | None) -> None:
    """Replace the grants of an app on a whole site by one role, or by none."""
    db.execute("DELETE FROM sp_grant WHERE site = ? AND app = ? AND list IS NULL", (site, app))
    if role is not None:
        add(db, site, None, {"id": app, "displayName": "Service desk"}, role)


def add(db: Connection, site: str, of_list: str | None, app: Json, role: str) -> str:
    """Store a grant and give its id."""
    name = str(uuid.uuid4())
    values = (name, site, of_list, app["id"], app.get("displayName") or app["id"], role)
    db.execute("INSERT INTO sp_grant VALUES (?, ?, ?, ?, ?, ?)", values)
    return name


def every(db: Connection, site: str, of_list: str | None) -> list[Row]:
    """The grants of a site, or of a list."""
    return rows(db, "SELECT * FROM sp_grant WHERE site = ? AND list IS ? ORDER BY rowid", site, of_list)


def one(db: Connection, site: str, of_list: str | None, name: str) -> Row | None:
    """One grant by its id."""
    sql = "SELECT * FROM sp_grant WHERE site = ? AND list IS ? AND id = ?"
    return row(db, sql, site, of_list, name)


def shown(found: Row) -> Json:
    """The permission of Graph."""
    app = {"application": {"id": found["app"], "displayName": found["app_name"]}}
    return {
        "id": found["id"],
        "roles": [found["role"]],
        "grantedToIdentities": [app],
        "grantedToIdentitiesV2": [app],
    }
