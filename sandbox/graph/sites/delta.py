"""The delta feed of a list (reference 4.3): the latest state of what has changed, deleted items as a facet.

Entries come in the order of their last change. An item that changes while a round is read moves to its end,
so a full round shows everything that exists when it is over."""

import random
from dataclasses import astuple, dataclass, replace
from datetime import datetime, timedelta

from werkzeug import Response

from sandbox.graph.errors import GraphError
from sandbox.graph.sites import items, tokens
from sandbox.graph.sites.errors import invalid
from sandbox.graph.sites.item_pages import MOST, PAGE
from sandbox.graph.sites.item_routes import opened
from sandbox.graph.sites.reading import Reader, Shape
from sandbox.graph.sites.schema import setting
from sandbox.graph.sites.visits import Visit, respond
from sandbox.graph.values import Json, Row, row, rows

SPELLINGS = ("token", "$deltatoken", "$skiptoken")
OPTIONS = ("$select", "$expand", "$top")
LATEST = "latest"
ENTRIES = f"""SELECT * FROM (
    SELECT {items.COLUMNS}, 0 AS gone FROM sp_item WHERE list = ? AND change > ? ORDER BY change LIMIT ?)
    UNION ALL SELECT * FROM (
    SELECT id, NULL, folder, 0, 0, NULL, NULL, 0, 0, NULL, NULL, change, 1 AS gone FROM sp_gone
    WHERE list = ? AND change > ? ORDER BY change LIMIT ?)
    ORDER BY change LIMIT ?"""
NEWEST = """SELECT max((SELECT ifnull(max(change), 0) FROM sp_item WHERE list = ?),
    (SELECT ifnull(max(change), 0) FROM sp_gone WHERE list = ?)) AS change"""
RESYNC = {
    "applyDifferences": (
        "resyncChangesApplyDifferences",
        (
            "Resync required. Replace any local items with the server's version (including deletes) if you're sure"
            " that the service was up to date with your local changes when you last sync'd. Upload any local"
            " changes that the server doesn't know about."
        ),
    ),
    "uploadDifferences": (
        "resyncChangesUploadDifferences",
        (
            "Resync required. Upload any local items that the service did not return, and upload any files that"
            " differ from the server's version (keeping both copies if you're not sure which one is more"
            " up-to-date)."
        ),
    ),
}


@dataclass(frozen=True)
class Token:
    """Where a round stands: bound to a list and to the options of its first request.

    Changes above `after` are still to come. Deletions up to `born` are older than a full round."""

    owner: str
    select: str | None
    expand: str | None
    top: int
    generation: int
    issued: str
    born: int
    after: int
    begun: bool = False


def get(visit: Visit) -> Response:
    """One page. Raises 410 for a lapsed token and 400 for a foreign one or options beside a token."""
    visit.call.allow(*SPELLINGS, *OPTIONS)
    owner = opened(visit)
    reader = Reader(visit, owner)
    said = visit.keys.get("token") or next(filter(None, map(visit.call.option, SPELLINGS)), None)
    if said is None or said == LATEST:
        token = _first(visit, owner, latest=said == LATEST)
    else:
        token = _known(visit, owner, said)
    shape = reader.shape(token.select, token.expand)
    if said == LATEST:
        return _answer(visit, [], token, more=False)
    if not token.begun and setting(visit.db, "emptyPages"):
        return _answer(visit, [], replace(token, begun=True), more=True)
    entries = _entries(visit, token)
    shown = _shown(visit, reader, entries[: token.top], shape)
    if entries:
        token = replace(token, after=entries[: token.top][-1]["change"], begun=True)
    return _answer(visit, shown, token, more=len(entries) > token.top)


def _first(visit: Visit, owner: Row, *, latest: bool) -> Token:
    found = row(visit.db, NEWEST, owner["id"], owner["id"])
    newest = int(found["change"]) if found else 0
    select, expand = visit.call.option("$select"), visit.call.option("$expand")
    top = visit.top(MOST) or PAGE
    generation = int(str(setting(visit.db, "generation")))
    issued = visit.call.now.isoformat()
    return Token(owner["id"], select, expand, top, generation, issued, newest, newest if latest else 0)


def _known(visit: Visit, owner: Row, said: str) -> Token:
    if any(visit.call.option(name) is not None for name in OPTIONS):
        raise invalid("Query options belong into the first request; follow the link as it is.")
    content = tokens.opened(said)
    if content is None or content[0] != owner["id"]:
        raise invalid("The provided token is not valid for this list.")  # documented guess: code and words
    token = Token(*content)  # type: ignore[arg-type]
    minutes = int(str(setting(visit.db, "deltaMinutes")))
    age = visit.call.now - datetime.fromisoformat(token.issued)
    if token.generation != setting(visit.db, "generation") or (minutes and age > timedelta(minutes=minutes)):
        raise _lapsed(visit, token)
    return token


def _lapsed(visit: Visit, token: Token) -> GraphError:
    """410 with the address of a fresh enumeration, in one of the two meanings and of the two spellings."""
    code, words = RESYNC[str(setting(visit.db, "resync"))]
    inner = setting(visit.db, "resyncBody") == "inner"
    options = {"$select": token.select, "$expand": token.expand, "$top": str(token.top)}
    kept = {name: value for name, value in options.items() if value is not None}
    headers = {"Location": visit.call.link(_path(visit, token), **kept)}
    error = GraphError(410, "resyncRequired" if inner else code, words)
    error.inner, error.headers = (code if inner else None), headers
    return error


def _entries(visit: Visit, token: Token) -> list[Row]:
    """The next entries and one more, deleted items among them."""
    limit, owner = token.top + 1, token.owner
    newer = max(token.after, token.born)
    return rows(visit.db, ENTRIES, owner, token.after, limit, owner, newer, limit, limit)


def _shown(visit: Visit, reader: Reader, entries: list[Row], shape: Shape) -> list[Json]:
    seed = int(str(setting(visit.db, "repeatSeed")))
    dice = random.Random(f"{seed} {entries[0]['change'] if entries else 0}") if seed else None  # noqa: S311
    shown: list[Json] = []
    for entry in entries:
        if entry["gone"]:
            shown.append(reader.gone(entry))
            continue
        if dice is not None and dice.random() < 0.3:
            shown.append(reader.item(_earlier(entry), shape))
        shown.append(reader.item(items.loaded(entry), shape))
    return shown


def _earlier(entry: Row) -> Row:
    """The state before the last change, which a feed may bring before the latest one."""
    if entry["before"] is None:
        return items.loaded(entry)
    return items.loaded(entry | {"fields": entry["before"], "version": entry["version"] - 1})


def _answer(visit: Visit, shown: list[Json], token: Token, *, more: bool) -> Response:
    if not more:
        after, issued = max(token.after, token.born), visit.call.now.isoformat()
        token = replace(token, after=after, born=0, begun=False, issued=issued)
    name = "@odata.nextLink" if more else "@odata.deltaLink"
    link = visit.call.link(_path(visit, token), token=tokens.sealed(list(astuple(token))))
    return respond(visit, 200, "Collection(listItem)", {name: link, "value": shown})


def _path(visit: Visit, token: Token) -> str:
    return f"/sites/{visit.site_id}/lists/{token.owner}/items/delta"
