"""From a token and its headers to the caller with his rights; kept until somebody's rights change."""

import json
import sqlite3
import threading
from typing import Any

from sandbox.dataverse.errors import DataverseError
from sandbox.dataverse.security.rights import Caller, Depth, Permission, Rights, intersection
from sandbox.dataverse.security.seed import ADMINISTRATOR
from sandbox.store import Store

PROFILES = "dataverse column profiles"
ACT = "prvActOnBehalfOfAnotherUser"
# Rows whose change gives or takes rights.
TABLES = ("systemuser", "team", "role", "systemuserroles", "teamroles", "teammembership", "roleprivileges")
BY_HEADER = {"CallerObjectId": "azureactivedirectoryobjectid", "MSCRMCallerID": "systemuserid"}
USER = "SELECT systemuserid, businessunitid FROM row_systemuser WHERE isdisabled IS NOT 1 AND "
ROLES = {
    "systemuser": """SELECT r.roleid, r.name FROM row_role r WHERE r.roleid IN (
        SELECT roleid FROM row_systemuserroles WHERE systemuserid = ?1
        UNION SELECT t.roleid FROM row_teamroles t
        JOIN row_teammembership m ON m.teamid = t.teamid WHERE m.systemuserid = ?1)""",
    "team": """SELECT r.roleid, r.name FROM row_role r JOIN row_teamroles t ON t.roleid = r.roleid
        WHERE t.teamid = ?1""",
}
HELD = """SELECT p.name, max(x.privilegedepthmask) FROM row_roleprivileges x
    JOIN row_privilege p ON p.privilegeid = x.privilegeid WHERE x.roleid IN (SELECT value FROM json_each(?))
    GROUP BY p.name"""


class _Request(threading.local):
    """What the request that a thread serves has done."""

    changed: bool = False


class Security:
    """The callers of one organisation. Everything read here comes from rows, so that rows can change it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._request = _Request()
        self._callers: dict[tuple[str, str, str], Caller] = {}
        self._rights: dict[str, Rights | None] = {}

    def forget(self) -> None:
        """Read rights anew from now on."""
        self._callers, self._rights = {}, {}

    def wrote(self, logical: str) -> None:
        """Take note that a row of a table was written; others may still read the old rights until it is kept."""
        if logical in TABLES:
            self._request.changed = True
            self.forget()

    def settle(self) -> None:
        """Forget once more at the end of a request that wrote rights, whether they were kept or undone."""
        if self._request.changed:
            self._request.changed = False
            self.forget()

    def caller(self, client_id: str, header: str, value: str) -> Caller:
        """Give who a request runs as: the application's user, or the one that a header names.

        Raises 403: 0x80072560 without a user, 0x80042f09 without a role, 0x8004a110 without the right to act for
        others."""
        key, known = (client_id, header, value), self._callers  # what is read now must not outlive `forget`
        found = known.get(key)
        if found is None:
            found = known[key] = self._found(*key)
        return found

    def _found(self, client_id: str, header: str, value: str) -> Caller:
        real = self._user("applicationid", client_id)
        if not header:
            return real
        if real.rights is not None and not real.rights.depths.get(ACT):
            words = "User does not have the privilege to act on behalf another user."
            raise DataverseError(403, "0x8004a110", words)
        shown = self._user(BY_HEADER[header], value.strip("{} ").lower())
        both = intersection(shown.rights, real.rights)
        return Caller(shown.user_id, shown.business_unit_id, both, real.user_id)

    def _user(self, column: str, value: str) -> Caller:
        with self._store.read() as connection:
            row = connection.execute(f"{USER}{column} = ?", (value,)).fetchone()
        if row is None:
            # documented guess: the status; also the code for a header that names nobody
            raise DataverseError(403, "0x80072560", "The user is not a member of the organization.")
        rights = self.rights_of("systemuser", str(row[0]))
        if rights is not None and not rights.roles:
            # documented guess: the status
            raise DataverseError(403, "0x80042f09", "The user has not been assigned any roles.")
        return Caller(str(row[0]), str(row[1]), rights)

    def rights_of(self, kind: str, principal: str) -> Rights | None:
        """Give the rights of a user or a team; None for an administrator."""
        known = self._rights
        if principal not in known:
            with self._store.read() as connection:
                known[principal] = self._read(connection, kind, principal)
        return known[principal]

    def unit_of(self, kind: str, principal: str, otherwise: str) -> str:
        """Give the business unit of a user or a team."""
        sql = f"SELECT businessunitid FROM row_{kind} WHERE {kind}id = ?"
        with self._store.read() as connection:
            row = connection.execute(sql, (principal,)).fetchone()
        return str(row[0]) if row is not None and row[0] else otherwise

    def _read(self, connection: sqlite3.Connection, kind: str, principal: str) -> Rights | None:
        roles = connection.execute(ROLES[kind], (principal,)).fetchall()
        if any(name == ADMINISTRATOR for _, name in roles):
            return None
        ids = json.dumps([role for role, _ in roles])
        held = {str(name): Depth(mask or 0) for name, mask in connection.execute(HELD, (ids,)).fetchall()}
        return Rights(held, len(roles), self._permissions(principal))

    def profiles(self) -> dict[str, Any]:
        """Give the column security profiles by name, as they were put."""
        found: dict[str, Any] = json.loads(self._store.setting(PROFILES) or "{}")
        return found

    def _permissions(self, principal: str) -> dict[tuple[str, str], Permission]:
        found: dict[tuple[str, str], Permission] = {}
        for profile in self.profiles().values():
            if principal not in profile["users"]:
                continue
            for place, allowed in profile["columns"].items():
                table, _, column = place.partition(".")
                old = found.get((table, column), Permission())
                found[table, column] = Permission(
                    old.read or allowed.get("read", False),
                    old.create or allowed.get("create", False),
                    old.update or allowed.get("update", False),
                )
        return found
