"""The delta feed of a folder (reference 3.2, 3.3)."""

import re
from dataclasses import replace
from sqlite3 import Connection

from werkzeug import Response

from sandbox.graph import mailboxes, render, switches, tokens
from sandbox.graph.call import Call, answer
from sandbox.graph.errors import GraphError, bad
from sandbox.graph.messages import LIGHT, loaded, setting
from sandbox.graph.options import Shape, shape
from sandbox.graph.quirks import Quirks
from sandbox.graph.tokens import Token
from sandbox.graph.values import Json, Row, dictionaries, row

SINCE = re.compile(r"^\s*receivedDateTime\s+(ge|gt)\s+(\S+)\s*$")
NEWEST = re.compile(r"^\s*receivedDateTime\s+desc\s*$", re.I)
CAP = 5000  # most messages of a round that is bounded by a filter
FIRST = ("$select", "$top", "$expand", "$filter", "$orderby", "changeType", "$deltatoken", "$skiptoken")
TYPE = {"@odata.type": "#microsoft.graph.message"}
PARTIAL = Shape(("isRead", "parentFolderId"))
KEYS = "{0}.immutable_id AS immutable_id, {0}.current_id AS current_id"
MANY = 1000  # entries among which chance chooses


def messages(call: Call) -> Response:
    """One page. Raises 410 for a lapsed token, 400 for a foreign one or a forbidden option."""
    folder = _folder(call)
    token = _token(call, folder)
    quirks = _quirks(call.db, folder, token)
    if not token.rested and quirks.happen("empty"):
        return _answer(call, [], replace(token, pages=token.pages + 1, rested=True), more=True)
    size = call.prefer.page or token.page or 10
    size = 1 + quirks.below("sizes", size) if quirks.happen("sizes") else size
    entries, more = _entries(call.db, token, size)
    shown = _page(call, token, entries, quirks)
    token = replace(token, count=token.count + len(entries), pages=token.pages + 1, rested=False)
    if entries:
        token = replace(token, after=(entries[-1]["received"], entries[-1]["change"]))
    return _answer(call, shown, token, more=more)


def _quirks(db: Connection, folder: Row, token: Token) -> Quirks:
    place = f"{folder['mailbox']}/{folder['name']}/{token.round}/{token.pages}"
    return Quirks(switches.get(db, "quirks"), place)


def _page(call: Call, token: Token, entries: list[Row], quirks: Quirks) -> list[Json]:
    """The entries of a page, with what comes twice, again, or without reason."""
    wanted = shape(token.select, token.expand)
    shown: list[Json] = []
    for entry in entries:
        if not entry["gone"] and quirks.happen("repeats"):
            shown.append(_removed(call, entry, quirks))  # the same id twice: the last one is right
        shown.append(_shown(call, token, entry, wanted, quirks))
    for entry in _strays(call.db, token, quirks):
        shown.append(_shown(call, token, entry, wanted, quirks))
    return shown


def _strays(db: Connection, token: Token, quirks: Quirks) -> list[Row]:
    """What the feed brings beside the changes of the page: earlier ones of this or of older rounds, and marks of
    leaving of messages that are there."""
    found: list[Row | None] = []
    if token.count and quirks.happen("repeats"):
        found.append(_earlier(db, token, quirks, "repeats"))
    if token.filter is None and token.kind is None:
        before = replace(token, since=0, upto=token.since, after=None, newest=False)
        if token.since and quirks.happen("replays"):
            found.append(_earlier(db, replace(before, count=MANY), quirks, "replays"))
        if quirks.happen("ghosts"):
            ghost = _earlier(db, replace(before, upto=token.upto, count=MANY), quirks, "ghosts")
            found.append(ghost and {**ghost, "gone": 1})
    return [entry for entry in found if entry is not None]


def _earlier(db: Connection, token: Token, quirks: Quirks, name: str) -> Row | None:
    """One of the entries that the token has passed, in the state that it is in now."""
    count = min(token.count, MANY)
    entries, _ = _entries(db, replace(token, after=None, count=0), count)
    return entries[quirks.below(name, len(entries))] if entries else None


def _folder(call: Call) -> Row:
    try:
        return mailboxes.folder(call.db, call.address, call.keys["folder"])
    except GraphError as exc:
        raise GraphError(
            404, "ErrorSyncFolderNotFound", "The folder to be synchronised was not found."
        ) from exc


def _token(call: Call, folder: Row) -> Token:
    call_options = set(call.request.args)
    if "$search" in call_options:
        raise bad("$search is not supported with delta.", "ErrorInvalidUrlQuery")
    call.allow(*FIRST)
    said = call.option("$deltatoken") or call.option("$skiptoken")
    if not said:
        return _held(call, folder, _first(call, folder["id"]))
    if len(call_options) > 1:
        raise bad("Query options belong into the first request; follow the link as it is.")
    token = tokens.read(call, folder["id"], said)
    if call.option("$deltatoken") is None:
        return token
    following = replace(token, since=token.upto, upto=setting(call.db, "change"), after=None, count=0)
    following = replace(following, round=token.round + 1, pages=0, issued=call.now.isoformat())
    return _held(call, folder, following)


def _held(call: Call, folder: Row, token: Token) -> Token:
    """A round may leave the latest changes to the next one, but never two rounds in a row."""
    quirks = _quirks(call.db, folder, token)
    if token.held or token.upto == token.since or not quirks.happen("lag"):
        return replace(token, held=False)
    return replace(token, held=True, upto=token.since + quirks.below("lag", token.upto - token.since))


def _first(call: Call, folder: str) -> Token:
    wanted, newest, kind = call.option("$filter"), call.option("$orderby"), call.option("changeType")
    match = SINCE.match(wanted) if wanted is not None else None
    if wanted is not None and match is None:
        raise bad("Delta allows $filter=receivedDateTime ge or gt only.", "ErrorInvalidUrlQueryFilter")
    if newest is not None and not NEWEST.match(newest):
        raise bad("Delta allows $orderby=receivedDateTime desc only.", "ErrorInvalidUrlQuery")
    if kind not in (None, "created", "updated", "deleted"):
        raise bad("changeType is one of created, updated, deleted.")
    if wanted is not None:
        _since(wanted)
    shape(call.option("$select"), call.option("$expand"))
    return Token(
        setting(call.db, "deltaGeneration"),
        call.now.isoformat(),
        folder,
        call.prefer.immutable,
        call.option("$select"),
        call.option("$expand"),
        wanted,
        newest is not None,
        kind,
        call.number("$top", 1, 1000),
        0,
        setting(call.db, "change"),
    )


def _entries(db: Connection, token: Token, page: int) -> tuple[list[Row], bool]:
    """Messages and marks of leaving in one order; one more than the page tells whether there is more."""
    page_limit = min(page, CAP - token.count) if token.filter is not None else page
    values = {"folder": token.folder, "since": token.since, "upto": token.upto, "limit": page_limit + 1}
    after, order = _position(token, values)
    sql = f"""SELECT * FROM ({_changed(token)} UNION ALL {_gone(token)}) WHERE {after}
              ORDER BY {order} LIMIT :limit"""
    found = dictionaries(db.execute(sql, values))
    more = len(found) > page_limit and not (token.filter is not None and token.count + page_limit >= CAP)
    return found[:page_limit], more


def _position(token: Token, values: dict[str, object]) -> tuple[str, str]:
    if token.after is not None:
        values |= {"received": token.after[0], "change": token.after[1]}
        if token.newest:
            return "(received, change) < (:received, :change)", "received DESC, change DESC"
        return "change > :change", "change"
    return "1", "received DESC, change DESC" if token.newest else "change"


def _changed(token: Token) -> str:
    """Messages now in the folder. What left and came back in between shows as gone only (immutable ids)."""
    number = "m.entered" if token.kind == "created" else "m.change"
    where = ["m.folder = :folder", f"{number} > :since", f"{number} <= :upto"]
    if token.immutable and token.since:
        where.append(
            "NOT EXISTS (SELECT 1 FROM graph_gone g WHERE g.folder = :folder AND"
            " g.immutable_id = m.immutable_id AND g.change > :since AND g.change <= :upto)"
        )
    if token.kind == "updated":
        where.append("m.entered <= :since")
    elif token.kind == "deleted":
        where.append("0")
    if token.filter is not None:
        where.append(_since(token.filter))
    columns = f"m.seq, {KEYS.format('m')}, {number} AS change, m.received, 0 AS gone"
    return f"SELECT {columns} FROM graph_message m WHERE {' AND '.join(where)}"


def _since(text: str) -> str:
    """The SQL of the one filter that a delta allows."""
    from sandbox.graph import filters  # noqa: PLC0415 - it knows the grammar of filters

    found, match = filters.condition(text), SINCE.match(text)
    sign = ">" if match and match.group(1) == "gt" else ">="
    return f"m.received {sign} '{found.values[0]}'"


def _gone(token: Token) -> str:
    """Marks of leaving; a first round has none."""
    wanted = "g.change > :since AND g.change <= :upto" if token.kind in (None, "deleted") else "0"
    first = "" if token.since else " AND 0"
    columns = f"0 AS seq, {KEYS.format('g')}, g.change AS change, '' AS received, 1 AS gone"
    return f"SELECT {columns} FROM graph_gone g WHERE g.folder = :folder AND {wanted}{first}"


def _shown(call: Call, token: Token, entry: Row, wanted: Shape, quirks: Quirks) -> Json:
    if entry["gone"]:
        return _removed(call, entry, quirks)
    found = row(call.db, f"SELECT {LIGHT} FROM graph_message WHERE seq = ?", entry["seq"])
    if found is None:  # erased a moment ago: the next round says so again
        return _removed(call, entry, quirks)
    # Read marks bring less than was selected (reference 3.2, issue 7776).
    partial = (token.since and found["full_change"] <= token.since) or quirks.happen("partial")
    return TYPE | render.message(call, loaded(found), PARTIAL if partial else wanted)


def _removed(call: Call, entry: Row, quirks: Quirks) -> Json:
    """The mark of leaving; the other documented reason comes by chance."""
    reason = "changed" if quirks.happen("changed") else "deleted"
    return TYPE | {"id": call.message_id(entry), "@removed": {"reason": reason}}


def _answer(call: Call, shown: list[Json], token: Token, *, more: bool) -> Response:
    name, option = ("@odata.nextLink", "$skiptoken") if more else ("@odata.deltaLink", "$deltatoken")
    path = f"/users/{call.keys['user']}/mailFolders('{call.keys['folder']}')/messages/delta"
    link = call.link(path, **{option: token.text()})
    context = f"{call.root}/$metadata#Collection(message)"
    return answer(200, {"@odata.context": context, name: link, "value": shown})
