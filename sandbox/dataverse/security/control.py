"""Control routes for roles, users and column security profiles: what an administrator does in the admin centre."""

import json
import sqlite3
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from werkzeug import Request, Response

from sandbox.control import ROOT, ControlError, read_json
from sandbox.dataverse.engine import Engine
from sandbox.dataverse.schema import Table
from sandbox.dataverse.security.callers import PROFILES
from sandbox.dataverse.security.rights import Depth, privilege
from sandbox.dataverse.security.seed import ADMINISTRATOR, MISC
from sandbox.wire import json_response

PREFIX = f"{ROOT}dataverse/"
RIGHTS = {
    "create": "Create", "read": "Read", "write": "Write", "delete": "Delete", "append": "Append",
    "appendto": "AppendTo", "assign": "Assign", "share": "Share",
}  # fmt: skip
DEPTHS = {
    "none": Depth.NONE,
    "user": Depth.USER,
    "businessunit": Depth.BUSINESS_UNIT,
    "organization": Depth.ORGANISATION,
}
PERMISSIONS = ("read", "create", "update")


class SecurityControl:
    """Answers `/_sandbox/dataverse/roles/...`, `/users/...` and `/profiles/...`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._ways: dict[tuple[str, str], Callable[[str, Request], None]] = {
            ("roles", "PUT"): self._role,
            ("users", "PUT"): self._user,
            ("users", "DELETE"): self._remove_user,
            ("profiles", "PUT"): self._profile,
        }

    def handle(self, request: Request) -> Response:
        """Do what the route says and answer 204; raises `ControlError` with advice for anything else."""
        kind, _, name = request.path.removeprefix(PREFIX).partition("/")
        way = self._ways.get((kind, request.method))
        if way is None or not name:
            raise ControlError(405, "Use PUT roles/{name}, PUT profiles/{name}, PUT or DELETE users/{id}.")
        with self._engine.store.write():
            way(unquote(name), request)
        self._engine.security.forget()
        return json_response(200, {"id": name})

    def _role(self, name: str, request: Request) -> None:
        """PUT {"privileges": {"plt_item": {"read": "user"}}, "misc": ["prvCreateEntity"]}: all that the role has."""
        if name == ADMINISTRATOR:
            raise ControlError(400, f"'{ADMINISTRATOR}' always has every privilege.")
        body = read_json(request)
        held = self._privileges(body.get("privileges", {}))
        for misc in _texts(body, "misc"):
            if misc not in MISC:
                raise ControlError(400, f"There is no privilege '{misc}' without a table.")
            held[misc] = Depth.ORGANISATION
        connection = self._engine.store.inside()
        role = self._role_id(connection, name)
        connection.execute("DELETE FROM row_roleprivileges WHERE roleid = ?", (role,))
        ids = dict(connection.execute("SELECT name, privilegeid FROM row_privilege").fetchall())
        for each, depth in held.items():
            row = (str(uuid.uuid4()), role, ids[each], int(depth), self._engine.next_version())
            connection.execute(
                "INSERT INTO row_roleprivileges (roleprivilegesid, roleid, privilegeid, privilegedepthmask, "
                "versionnumber) VALUES (?, ?, ?, ?, ?)",
                row,
            )

    def _privileges(self, wanted: Any) -> dict[str, Depth]:
        if not isinstance(wanted, dict) or not all(isinstance(each, dict) for each in wanted.values()):
            raise ControlError(400, "'privileges' must be an object of tables with an object of rights each.")
        held = {}
        for logical, rights in wanted.items():
            table = self._engine.catalogue.tables.get(logical)
            if table is None:
                raise ControlError(400, f"There is no table '{logical}'.")
            for right, depth in rights.items():
                name = self._named(table, right, depth)
                if DEPTHS[depth] is not Depth.NONE:
                    held[name] = DEPTHS[depth]
        return held

    def _named(self, table: Table, right: str, depth: Any) -> str:
        if right not in RIGHTS or depth not in DEPTHS:
            words = f"a right is one of {', '.join(RIGHTS)}, a depth one of {', '.join(DEPTHS)}"
            raise ControlError(400, f"'{table.logical}' cannot have '{right}: {depth}': {words}.")
        if not table.user_owned and depth not in ("none", "organization"):
            raise ControlError(400, f"Rows of '{table.logical}' have no owner: use 'organization' or 'none'.")
        name = privilege(RIGHTS[right], table)
        if name not in {each["Name"] for each in table.definition["Privileges"]}:
            raise ControlError(400, f"There is no privilege '{name}'.")
        return name

    def _role_id(self, connection: sqlite3.Connection, name: str) -> str:
        row = connection.execute("SELECT roleid FROM row_role WHERE name = ?", (name,)).fetchone()
        if row is not None:
            return str(row[0])
        role, engine = str(uuid.uuid4()), self._engine
        connection.execute(
            "INSERT INTO row_role (roleid, name, businessunitid, createdon, modifiedon, versionnumber) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (role, name, engine.ids.business_unit_id, engine.now(), engine.now(), engine.next_version()),
        )
        return role

    def _user(self, name: str, request: Request) -> None:
        """PUT {"roles": [...], "name": ..., "businessUnit": id}: the user with an application, object or own id."""
        body = read_json(request)
        connection = self._engine.store.inside()
        user = _find(connection, name) or self._new_user(connection, name)
        for column, key in (("fullname", "name"), ("businessunitid", "businessUnit")):
            if isinstance(body.get(key), str):
                connection.execute(
                    f"UPDATE row_systemuser SET {column} = ? WHERE systemuserid = ?", (body[key], user)
                )
        connection.execute("DELETE FROM row_systemuserroles WHERE systemuserid = ?", (user,))
        for role in dict.fromkeys(_texts(body, "roles")):
            found = connection.execute("SELECT roleid FROM row_role WHERE name = ?", (role,)).fetchone()
            if found is None:
                raise ControlError(400, f"There is no role '{role}': put it first.")
            row = (str(uuid.uuid4()), user, found[0], self._engine.next_version())
            connection.execute(
                "INSERT INTO row_systemuserroles (systemuserrolesid, systemuserid, roleid, versionnumber) "
                "VALUES (?, ?, ?, ?)",
                row,
            )

    def _new_user(self, connection: sqlite3.Connection, name: str) -> str:
        try:
            object_id = str(uuid.UUID(name))
        except ValueError as exc:
            raise ControlError(400, f"'{name}' is no id: give an application, object or user id.") from exc
        user, engine = str(uuid.uuid4()), self._engine
        application = self._engine.application_id if object_id == self._engine.application_id else None
        connection.execute(
            "INSERT INTO row_systemuser (systemuserid, azureactivedirectoryobjectid, applicationid, fullname, "
            "businessunitid, isdisabled, createdon, modifiedon, versionnumber) VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?)",
            (
                *(user, object_id, application, name, engine.ids.business_unit_id),
                *(engine.now(), engine.now(), engine.next_version()),
            ),
        )
        return user

    def _remove_user(self, name: str, request: Request) -> None:
        del request
        connection = self._engine.store.inside()
        user = _find(connection, name)
        if user is None:
            raise ControlError(404, f"There is no user '{name}'.")
        for table in ("systemuser", "systemuserroles", "teammembership"):
            connection.execute(f"DELETE FROM row_{table} WHERE systemuserid = ?", (user,))

    def _profile(self, name: str, request: Request) -> None:
        """PUT {"users": [...], "columns": {"plt_item.plt_secret": {"read": true}}}: who may do what with columns."""
        body = read_json(request)
        columns = body.get("columns", {})
        if not isinstance(columns, dict):
            raise ControlError(400, "'columns' must be an object of 'table.column' with permissions.")
        for place, allowed in columns.items():
            self._check_column(place, allowed)
        connection = self._engine.store.inside()
        users = [_find(connection, user) or "" for user in _texts(body, "users")]
        if "" in users:
            raise ControlError(400, "'users' names somebody who is no user.")
        profiles = self._engine.security.profiles() | {name: {"users": users, "columns": columns}}
        self._engine.store.set_setting(PROFILES, json.dumps(profiles))

    def _check_column(self, place: str, allowed: Any) -> None:
        logical, _, name = place.partition(".")
        table = self._engine.catalogue.tables.get(logical)
        column = table.columns.get(name) if table else None
        if column is None or not column.definition.get("IsSecured"):
            raise ControlError(400, f"'{place}' is no secured column (IsSecured).")
        if not isinstance(allowed, dict) or not all(
            key in PERMISSIONS and isinstance(value, bool) for key, value in allowed.items()
        ):
            raise ControlError(400, f"'{place}' takes {', '.join(PERMISSIONS)}, each true or false.")


def _find(connection: sqlite3.Connection, name: str) -> str | None:
    ids = "applicationid, azureactivedirectoryobjectid, systemuserid"
    sql = f"SELECT systemuserid FROM row_systemuser WHERE ? IN ({ids})"
    row = connection.execute(sql, (name.lower(),)).fetchone()
    return None if row is None else str(row[0])


def _texts(body: dict[str, object], name: str) -> list[str]:
    value = body.get(name, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ControlError(400, f"'{name}' must be a list of texts.")
    return value
