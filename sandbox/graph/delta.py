"""The delta feed of a folder (reference 3.2, 3.3)."""

import base64
import hashlib
import json
import re
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from sqlite3 import Connection

from werkzeug import Response

from sandbox.graph import filters, mailboxes, render, switches
from sandbox.graph.call import Call, answer
from sandbox.graph.errors import GraphError, bad
from sandbox.graph.messages import LIGHT, loaded, setting
from sandbox.graph.options import Shape, shape
from sandbox.graph.values import Json, Row, dictionaries, row

SINCE = re.compile(r"^\s*receivedDateTime\s+(ge|gt)\s+(\S+)\s*$")
NEWEST = re.compile(r"^\s*receivedDateTime\s+desc\s*$", re.I)
CAP = 5000  # most messages of a round that is bounded by a filter
FIRST = ("$select", "$top", "$expand", "$filter", "$orderby", "changeType", "$deltatoken", "$skiptoken")
PARTIAL = Shape(("isRead", "parentFolderId"))
KEYS = "{0}.immutable_id AS immutable_id, {0}.current_id AS current_id, {0}.change AS change"
KINDS = {"created": "m.entered > :since", "updated": "m.entered <= :since"}


@dataclass(frozen=True)
class Token:
    """Where a round stands. It is bound to the folder, the form of the ids and the query of the first call.

    A round reports the changes with numbers above `since` up to `upto`; `after` is the last one reported.
    """

    generation: int
    issued: str
    folder: str
    immutable: bool
    select: str | None
    expand: str | None
    filter: str | None
    newest: bool
    kind: str | None
    page: int | None
    since: int
    upto: int
    after: tuple[str, int] | None = None
    count: int = 0

    def text(self) -> str:
        """The opaque form."""
        content = json.dumps(list(asdict(self).values())).encode()
        return f"{base64.urlsafe_b64encode(content).decode()}.{_seal(content)}"


def _seal(content: bytes) -> str:
    """What shows that a token was not edited."""
    return hashlib.sha256(b"delta" + content).hexdigest()[:24]


def messages(call: Call) -> Response:
    """One page. Raises 410 SyncStateNotFound for a lapsed token, 400 for a foreign one or a forbidden option."""
    folder = _folder(call)
    token = _token(call, folder["id"])
    page = call.prefer.page or token.page or 10
    if switches.get(call.db, "quirks").get("empty") and token.after is None and token.count == 0:
        return _answer(call, [], replace(token, after=("", 0)), more=True)
    entries, more = _entries(call.db, token, page)
    wanted = shape(token.select, token.expand)
    shown = [_shown(call, token, entry, wanted) for entry in entries]
    if entries:
        last = entries[-1]
        token = replace(token, after=(last["received"], last["change"]), count=token.count + len(entries))
    return _answer(call, shown, token, more=more)


def _folder(call: Call) -> Row:
    try:
        return mailboxes.folder(call.db, call.address, call.keys["folder"])
    except GraphError as exc:
        raise GraphError(
            404, "ErrorSyncFolderNotFound", "The folder to be synchronised was not found."
        ) from exc


def _token(call: Call, folder: str) -> Token:
    call_options = set(call.request.args)
    if "$search" in call_options:
        raise bad("$search is not supported with delta.", "ErrorInvalidUrlQuery")
    call.allow(*FIRST)
    said = call.option("$deltatoken") or call.option("$skiptoken")
    if said is None:
        return _first(call, folder)
    if len(call_options) > 1:
        raise bad("Query options belong into the first request; follow the link as it is.")
    return _known(call, folder, said)


def _first(call: Call, folder: str) -> Token:
    wanted, newest, kind = call.option("$filter"), call.option("$orderby"), call.option("changeType")
    match = SINCE.match(wanted) if wanted is not None else None
    if wanted is not None and match is None:
        raise bad("Delta allows $filter=receivedDateTime ge or gt only.", "ErrorInvalidUrlQueryFilter")
    if newest is not None and not NEWEST.match(newest):
        raise bad("Delta allows $orderby=receivedDateTime desc only.", "ErrorInvalidUrlQuery")
    if kind not in (None, "created", "updated", "deleted"):
        raise bad("changeType is one of created, updated, deleted.")
    filters.condition(wanted) if wanted else None
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


def _known(call: Call, folder: str, said: str) -> Token:
    try:
        packed, _, seal = said.partition(".")
        content = base64.urlsafe_b64decode(packed)
        if seal != _seal(content):
            raise ValueError("the token was edited")
        token = Token(*json.loads(content))
        token = replace(token, after=(str(token.after[0]), int(token.after[1])) if token.after else None)
    except (ValueError, TypeError, IndexError) as exc:
        raise bad("The sync state is invalid.", "SyncStateInvalid") from exc
    if token.folder != folder or token.immutable != call.prefer.immutable:
        raise bad("The sync state was made for another query.", "SyncStateInvalid")
    _check_age(call, token)
    if call.option("$deltatoken") is None:
        return token
    now = call.now.isoformat()
    return replace(token, since=token.upto, upto=setting(call.db, "change"), after=None, count=0, issued=now)


def _check_age(call: Call, token: Token) -> None:
    highest, minutes = setting(call.db, "deltaGeneration"), switches.get(call.db, "deltaMinutes")
    age = call.now - call.now.fromisoformat(token.issued)
    if token.generation == highest and (not minutes or age <= timedelta(minutes=minutes)):
        return
    words = f"The sync state generation is not found; generation={token.generation};[highest={highest}]."
    raise GraphError(410, "SyncStateNotFound", words)


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
    if token.after is not None and token.after != ("", 0):
        values |= {"received": token.after[0], "change": token.after[1]}
        if token.newest:
            return "(received, change) < (:received, :change)", "received DESC, change DESC"
        return "change > :change", "change"
    return "1", "received DESC, change DESC" if token.newest else "change"


def _changed(token: Token) -> str:
    """Messages now in the folder. What left and came back in between shows as gone only (immutable ids)."""
    where = ["m.folder = :folder", "m.change > :since", "m.change <= :upto"]
    if token.immutable and token.since:
        where.append(
            "NOT EXISTS (SELECT 1 FROM graph_gone g WHERE g.folder = :folder AND"
            " g.immutable_id = m.immutable_id AND g.change > :since AND g.change <= :upto)"
        )
    if token.kind is not None:
        where.append(KINDS.get(token.kind, "0"))
    if token.filter is not None:
        match = SINCE.match(token.filter)
        condition = filters.condition(token.filter)
        sign = ">" if match and match.group(1) == "gt" else ">="
        where.append(f"m.received {sign} '{condition.values[0]}'")
    return f"SELECT m.seq, {KEYS.format('m')}, m.received, 0 AS gone FROM graph_message m WHERE {' AND '.join(where)}"


def _gone(token: Token) -> str:
    """Marks of leaving; a first round has none."""
    wanted = "g.change > :since AND g.change <= :upto" if token.kind in (None, "deleted") else "0"
    first = "" if token.since else " AND 0"
    columns = f"0 AS seq, {KEYS.format('g')}, '' AS received, 1 AS gone"
    return f"SELECT {columns} FROM graph_gone g WHERE g.folder = :folder AND {wanted}{first}"


def _shown(call: Call, token: Token, entry: Row, wanted: Shape) -> Json:
    kind = {"@odata.type": "#microsoft.graph.message"}
    if entry["gone"]:
        return kind | {"id": call.message_id(entry), "@removed": {"reason": "deleted"}}
    found = row(call.db, f"SELECT {LIGHT} FROM graph_message WHERE seq = ?", entry["seq"])
    if found is None:  # erased a moment ago: the next round says so again
        return kind | {"id": call.message_id(entry), "@removed": {"reason": "deleted"}}
    # Read marks bring less than was selected (reference 3.2, issue 7776).
    partial = token.since and found["full_change"] <= token.since
    return kind | render.message(call, loaded(found), PARTIAL if partial else wanted)


def _answer(call: Call, shown: list[Json], token: Token, *, more: bool) -> Response:
    name, option = ("@odata.nextLink", "$skiptoken") if more else ("@odata.deltaLink", "$deltatoken")
    path = f"/users/{call.keys['user']}/mailFolders('{call.keys['folder']}')/messages/delta"
    link = call.link(path, **{option: token.text()})
    context = f"{call.root}/$metadata#Collection(message)"
    return answer(200, {"@odata.context": context, name: link, "value": shown})
