"""Change tracking: initial load, delta links, deletions, expiry (reference dataverse.md section 4).

A token holds the global version up to which its owner knows everything. Rows written while the owner still
follows pages have a higher version, so they come with the next token."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from werkzeug import Response

from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import DataverseError, bad_query, not_offered
from sandbox.dataverse.feeds import ERROR
from sandbox.dataverse.options import Options
from sandbox.dataverse.projection import JsonRow, Projection
from sandbox.dataverse.query import context
from sandbox.dataverse.schema import Table, quoted
from sandbox.dataverse.security import access

REFUSED = ("$filter", "$orderby", "$expand", "$top", "$apply", "fetchXml")
TOKEN = re.compile(r"(?P<version>\d+)!(?P<when>\d\d/\d\d/\d{4} \d\d:\d\d:\d\d)")
WHEN = "%m/%d/%Y %H:%M:%S"


def wanted(options: Options) -> bool:
    """Tell whether a query is about changes."""
    return "odata.track-changes" in options.preferences or options.get("$deltatoken") is not None


def tracking_page(engine: Engine, options: Options) -> bool:
    """Tell whether a skip token continues a load with change tracking."""
    found = engine.pager.read(options)
    return found is not None and "upto" in found[1]


def read(engine: Engine, table: Table, options: Options) -> JsonRow:
    """Give one page of an initial load or of the changes since a token."""
    access.everything(engine, table)
    _check(table, options)
    page, state = engine.pager.read(options) or (1, _begin(engine, options))
    size = options.page_size
    rows, state_after = _page(engine, table, options, state, size)
    body: JsonRow = {"@odata.context": context(options, table, "/$delta" if state["delta"] else "")}
    body["value"] = rows
    if state_after is None:
        body["@odata.deltaLink"] = _delta_link(engine, table, options, state["upto"])
    else:
        body["@odata.nextLink"] = engine.pager.next_link(options, page + 1, state_after)
    return body


def count(engine: Engine, table: Table, options: Options) -> Response:
    """Answer `/{set}/$count?$deltatoken=...`: the number of entries that a poll with this token would bring."""
    access.everything(engine, table)
    _check(table, options)
    state = _begin(engine, options)
    versions = (state["since"], state["upto"])
    changed = f'SELECT count(*) FROM {table.sql} t WHERE t."versionnumber" > ? AND t."versionnumber" <= ?'
    with engine.store.read() as connection:
        number = connection.execute(changed, versions).fetchone()[0]
        if state["gone"]:
            gone = f"SELECT count(*) FROM {_gone(table)}"
            number += connection.execute(gone, (table.logical, *versions)).fetchone()[0]
    return Response(str(number), content_type="text/plain")


def _gone(table: Table) -> str:
    """Give the deletions of a table between two versions, without the rows that are there again."""
    return (
        f"dv_deleted d WHERE entity = ? AND version > ? AND version <= ? AND NOT EXISTS "
        f"(SELECT 1 FROM {table.sql} t WHERE t.{quoted(table.id)} = d.id)"
    )


def _check(table: Table, options: Options) -> None:
    if not table.tracked:
        words = f"Entity {table.logical} isn't enabled for change tracking."
        raise DataverseError(400, "0x80072491", words)
    for name in REFUSED:
        if options.get(name) is not None:
            raise bad_query(f'The "{name}" query parameter isn\'t supported when Change Tracking is enabled.')

    if options.get("$count") == "true":
        raise not_offered("'$count=true' beside change tracking; ask '/$count?$deltatoken='")


def _begin(engine: Engine, options: Options) -> dict[str, Any]:
    """Give where a load starts: everything, or what came after the token."""
    token = options.get("$deltatoken")
    with engine.store.write():  # no write is half done while the version is read
        upto = engine.version
    begun = {
        "delta": token is not None,
        "since": 0,
        "upto": upto,
        "deleted": False,
        "gone": token is not None,
    }
    if token is None:
        return begun
    version, expired = _read_token(engine, token)
    if not expired:
        return {**begun, "since": version}
    if engine.feeds.expired == ERROR:
        words = "Version stamp associated with the client has expired. Please perform a full sync."
        raise DataverseError(400, "0x80044352", words)
    return {**begun, "gone": False}


def _read_token(engine: Engine, token: str) -> tuple[int, bool]:
    """Give the version in a token, and whether it is too old."""
    match = TOKEN.fullmatch(token)
    if match is None or int(match["version"]) > engine.version:
        raise bad_query("The delta token is not valid.")
    try:
        made = datetime.strptime(match["when"], WHEN).replace(tzinfo=UTC)
    except ValueError as exc:
        raise bad_query("The delta token is not valid.") from exc
    return int(match["version"]), engine.clock.now() - made > timedelta(days=engine.feeds.days)


def _page(
    engine: Engine, table: Table, options: Options, state: dict[str, Any], size: int
) -> tuple[list[JsonRow], dict[str, Any] | None]:
    """Give the rows of a page and the state of the next one: changed rows first, then deletions."""
    rows: list[JsonRow] = []
    since = state["since"]
    if not state["deleted"]:
        rows, last = _changed(engine, table, options, state, size)
        if last is not None:
            return rows, {**state, "since": last}
        since = state.get("first", since)
    if not state["gone"]:
        return rows, None
    gone, last = _deleted(engine, table, options, (since, state["upto"]), size - len(rows))
    rows += gone
    return rows, None if last is None else {**state, "since": last, "deleted": True}


def _changed(
    engine: Engine, table: Table, options: Options, state: dict[str, Any], size: int
) -> tuple[list[JsonRow], int | None]:
    state.setdefault("first", state["since"])
    projection = Projection(engine.catalogue, table, options.select, options.notes)
    sql = (
        f'SELECT {projection.sql} FROM {table.sql} t WHERE t."versionnumber" > ? AND t."versionnumber" <= ? '
        f'ORDER BY t."versionnumber" LIMIT {size + 1}'
    )
    with engine.store.read() as connection:
        found = connection.execute(sql, (state["since"], state["upto"])).fetchall()
    rows = [projection.row(values) for values in found[:size]]
    return rows, int(found[size - 1][0]) if len(found) > size else None


def _deleted(
    engine: Engine, table: Table, options: Options, versions: tuple[int, int], size: int
) -> tuple[list[JsonRow], int | None]:
    sql = f"SELECT version, id FROM {_gone(table)} ORDER BY version LIMIT {size + 1}"
    with engine.store.read() as connection:
        found = connection.execute(sql, (table.logical, *versions)).fetchall()
    about = f"{options.base}$metadata#{table.set_name}/$deletedEntity"
    rows = [{"@odata.context": about, "id": row[1], "reason": "deleted"} for row in found[:size]]
    if len(found) <= size:
        return rows, None
    return rows, int(found[size - 1][0]) if size else versions[0]


def _delta_link(engine: Engine, table: Table, options: Options, upto: int) -> str:
    token = quote(f"{upto}!{engine.clock.now().strftime(WHEN)}", safe="")
    select = options.get("$select")
    chosen = f"$select={quote(select, safe=',')}&" if select else ""
    return f"{options.base}{table.set_name}?{chosen}$deltatoken={token}"
