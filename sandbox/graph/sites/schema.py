"""The tables of the SharePoint service, and its switches."""

import json
from sqlite3 import Connection

from sandbox.graph.values import Database, Json

TABLES = (
    """CREATE TABLE IF NOT EXISTS sp_site (
        id TEXT PRIMARY KEY, web TEXT NOT NULL, path TEXT NOT NULL UNIQUE COLLATE NOCASE,
        display_name TEXT NOT NULL, time_zone TEXT NOT NULL, created TEXT NOT NULL)""",
    # list is NULL for a grant on the whole site
    """CREATE TABLE IF NOT EXISTS sp_grant (
        id TEXT PRIMARY KEY, site TEXT NOT NULL, list TEXT, app TEXT NOT NULL, app_name TEXT NOT NULL,
        role TEXT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS sp_grant_site ON sp_grant (site, app)",
    # revision rises with every change of the columns; size counts items and folders
    """CREATE TABLE IF NOT EXISTS sp_list (
        id TEXT PRIMARY KEY, site TEXT NOT NULL, title TEXT NOT NULL COLLATE NOCASE, name TEXT NOT NULL,
        template TEXT NOT NULL, hidden INTEGER NOT NULL, description TEXT NOT NULL, created TEXT NOT NULL,
        modified TEXT NOT NULL, revision INTEGER NOT NULL DEFAULT 1, next_item INTEGER NOT NULL DEFAULT 1,
        size INTEGER NOT NULL DEFAULT 0, folder TEXT NOT NULL, UNIQUE (site, title))""",
    """CREATE TABLE IF NOT EXISTS sp_column (
        id TEXT NOT NULL, list TEXT NOT NULL, name TEXT NOT NULL COLLATE NOCASE, doc TEXT NOT NULL,
        UNIQUE (list, id), UNIQUE (list, name))""",
    # version: the number in the eTag; edition: number of real edits; before: the fields before the last edit
    """CREATE TABLE IF NOT EXISTS sp_item (
        list TEXT NOT NULL, id INTEGER NOT NULL, guid TEXT NOT NULL, folder INTEGER NOT NULL,
        version INTEGER NOT NULL, edition INTEGER NOT NULL, created TEXT NOT NULL, modified TEXT NOT NULL,
        author INTEGER NOT NULL, editor INTEGER NOT NULL, fields TEXT NOT NULL, before TEXT,
        change INTEGER NOT NULL, PRIMARY KEY (list, id)) WITHOUT ROWID""",
    "CREATE UNIQUE INDEX IF NOT EXISTS sp_item_change ON sp_item (list, change)",
    """CREATE TABLE IF NOT EXISTS sp_gone (
        list TEXT NOT NULL, change INTEGER NOT NULL, id INTEGER NOT NULL, folder INTEGER NOT NULL,
        PRIMARY KEY (list, change)) WITHOUT ROWID""",
    # the values of columns that enforce unique ones; upper and lower case do not differ
    """CREATE TABLE IF NOT EXISTS sp_unique (
        list TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL COLLATE NOCASE, item INTEGER NOT NULL,
        PRIMARY KEY (list, name, value)) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS sp_unique_item ON sp_unique (list, item)",
    """CREATE TABLE IF NOT EXISTS sp_page (
        id TEXT PRIMARY KEY, site TEXT NOT NULL, name TEXT NOT NULL COLLATE NOCASE, item INTEGER NOT NULL,
        doc TEXT NOT NULL, major INTEGER NOT NULL, minor INTEGER NOT NULL, level TEXT NOT NULL,
        UNIQUE (site, name))""",
    "CREATE TABLE IF NOT EXISTS sp_setting (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
)

# generation: raised to make every delta token lapse.
# deltaMinutes: age at which one lapses, 0 = never. emptyPages: a round begins with an empty page.
# repeatSeed: above 0, some entries of a feed come twice, the older state first (reference 4.3).
# rewrite: the server trims texts and rounds numbers. resync, resyncBody: which 410 a lapsed token brings.
DEFAULTS: Json = {
    "generation": 1,
    "deltaMinutes": 0,
    "emptyPages": False,
    "repeatSeed": 0,
    "rewrite": False,
    "resync": "applyDifferences",
    "resyncBody": "inner",
}


def prepare(store: Database) -> None:
    """Create what is missing; an existing state is kept."""
    with store.write() as db:
        for statement in TABLES:
            db.execute(statement)


def setting(db: Connection, name: str) -> object:
    """The value of a switch."""
    found = db.execute("SELECT value FROM sp_setting WHERE name = ?", (name,)).fetchone()
    return json.loads(found[0]) if found else DEFAULTS[name]


def set_setting(db: Connection, name: str, value: object) -> None:
    """Turn a switch."""
    db.execute("INSERT OR REPLACE INTO sp_setting VALUES (?, ?)", (name, json.dumps(value)))
