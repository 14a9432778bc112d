"""The people of a site: the items of its hidden list `User Information List` (reference 4.4)."""

import json
from sqlite3 import Connection

from sandbox.graph.sites import items
from sandbox.graph.sites.templates import PEOPLE
from sandbox.graph.values import Json, Row, row, rows

TITLE = "User Information List"
APP = 1  # the number under which every app writes; documented guess: its name
APP_NAME = "SharePoint App"
ABSENT = """SELECT address, display_name FROM graph_mailbox WHERE address NOT IN
    (SELECT json_extract(fields, '$.EMail') FROM sp_item WHERE list = ? AND id > 1) ORDER BY address"""


def roll(db: Connection, site: str) -> Row:
    """The list that the people of a site are in."""
    found = row(db, "SELECT * FROM sp_list WHERE site = ? AND template = ?", site, PEOPLE)
    assert found is not None, "every site is made with this list"
    return found


def add(db: Connection, site: str, name: str, email: str, now: str) -> int:
    """Add a person, or find the one with this address; gives the number."""
    owner = roll(db, site)
    sql = "SELECT id FROM sp_item WHERE list = ? AND json_extract(fields, '$.EMail') = ?"
    known = row(db, sql, owner["id"], email.lower())
    if known:
        return int(known["id"])
    fields = {"Title": name, "EMail": email.lower(), "UserName": email.lower()}
    fields["Name"] = f"i:0#.f|membership|{email.lower()}"
    return items.add(db, owner, fields, APP, now)


def welcome(db: Connection, site: str, now: str) -> None:
    """Add the owners of mailboxes who are not in the list yet."""
    for absent in rows(db, ABSENT, roll(db, site)["id"]):
        add(db, site, absent["display_name"], absent["address"], now)


def known(db: Connection, site: str, number: int) -> bool:
    """Whether somebody has this number."""
    sql = "SELECT 1 AS x FROM sp_item WHERE list = ? AND id = ?"
    return row(db, sql, roll(db, site)["id"], number) is not None


def named(db: Connection, site: str) -> dict[int, Json]:
    """The fields of everybody by number."""
    found = rows(db, "SELECT id, fields FROM sp_item WHERE list = ?", roll(db, site)["id"])
    return {each["id"]: json.loads(each["fields"]) for each in found}
