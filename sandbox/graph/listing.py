"""Lists of messages with their query options and pages (reference 3.1, 3.9)."""

from werkzeug import Response

from sandbox.graph import mailboxes, render, search, tokens
from sandbox.graph.call import Call, answer
from sandbox.graph.errors import bad
from sandbox.graph.messages import LIGHT, loaded
from sandbox.graph.options import shape
from sandbox.graph.values import Json, Row, row, rows

OPTIONS = ("$select", "$top", "$skip", "$filter", "$orderby", "$expand", "$count", "$search", "$skiptoken")
COLUMNS = ", ".join(f"m.{name.strip()}" for name in LIGHT.split(","))
MOST_FOUND = 1000  # what a $search gives in all
type Query = tuple[str, tuple[object, ...], str]


def folder_messages(call: Call) -> Response:
    """Messages of one folder, newest first unless told otherwise."""
    return _list(call, "m.folder = ?", _folder(call))


def all_messages(call: Call) -> Response:
    """Messages of all folders, Deleted Items included."""
    return _list(call, "m.mailbox = ?", call.address)


def folder_count(call: Call) -> Response:
    """How many messages a folder has, as text."""
    return _counted(call, "m.folder = ?", _folder(call))


def all_count(call: Call) -> Response:
    """How many messages the mailbox has, as text."""
    return _counted(call, "m.mailbox = ?", call.address)


def _folder(call: Call) -> str:
    return str(mailboxes.folder(call.db, call.address, call.keys["folder"])["id"])


def _counted(call: Call, where: str, owner: str) -> Response:
    call.allow("$filter")
    return Response(str(_count(call, _query(call, where), owner)), content_type="text/plain")


def _count(call: Call, query: Query, owner: str) -> int:
    where, values, _ = query
    found = row(call.db, f"SELECT count(*) AS n FROM graph_message m WHERE {where}", owner, *values)
    return int(found["n"]) if found else 0


def _list(call: Call, where: str, owner: str) -> Response:
    call.allow(*OPTIONS)
    if call.option("$search") is not None:
        return _search(call, where, owner)
    if call.option("$skiptoken") is not None:
        raise bad("$skiptoken belongs to the links of a $search.")
    skip, top = call.number("$skip", 0, 10**9) or 0, _top(call)
    query = _query(call, where)
    sql = f"SELECT {COLUMNS} FROM graph_message m WHERE {query[0]} ORDER BY {query[2]} LIMIT ? OFFSET ?"
    found = rows(call.db, sql, owner, *query[1], top + 1, skip)
    count = _count(call, query, owner) if call.flag("$count") else None
    return _page(call, found, top, {"$skip": str(skip + top)}, count)


def _top(call: Call) -> int:
    return call.number("$top", 1, 1000) or call.prefer.page or 10


def _page(
    call: Call, found: list[Row], top: int, following: dict[str, str], count: int | None = None
) -> Response:
    """As many as wanted; one more tells that there is a next page."""
    wanted = shape(call.option("$select"), call.option("$expand"))
    body: Json = {"@odata.context": f"{call.root}/$metadata#users('{call.keys['user']}')/messages"}
    if count is not None:
        body["@odata.count"] = count
    body["value"] = [render.message(call, loaded(item), wanted) for item in found[:top]]
    if len(found) > top:
        kept = {name: value for name, value in call.request.args.items() if name not in following}
        body["@odata.nextLink"] = call.link(call.keys["path"], **kept, **following)
    return answer(200, body)


def _search(call: Call, where: str, owner: str) -> Response:
    """Newest first. Raises 400 together with $filter, $orderby or $skip (reference 3.9)."""
    for name in ("$filter", "$orderby", "$skip", "$count"):
        if call.option(name) is not None:
            # documented guess: the code; that they cannot be combined is documented
            words = f"The query parameter '{name}' is not supported with '$search'."
            raise bad(words, f"SearchWith{name.removeprefix('$').capitalize()}")
    wanted = search.read(call.option("$search") or "")
    said = call.option("$skiptoken")
    start, top = int(tokens.unseal(said)[0]) if said else 0, _top(call)
    sql = f"SELECT {COLUMNS} FROM graph_message m WHERE {where} ORDER BY m.received DESC, m.seq DESC"
    fitting = [item for item in rows(call.db, sql, owner) if wanted(loaded(item)["doc"])][:MOST_FOUND]
    return _page(call, fitting[start : start + top + 1], top, {"$skiptoken": tokens.seal([start + top])})


def _query(call: Call, where: str) -> Query:
    from sandbox.graph import filters  # noqa: PLC0415 - it knows the grammar of filters

    said = call.option("$filter")
    for name in ("$filter", "$orderby"):
        if call.option(name) == "":
            raise bad(f"The value for OData query '{name}' cannot be empty.")
    found = filters.condition(said) if said else None
    wanted = filters.order(call.option("$orderby") or "") if call.option("$orderby") else []
    filters.check_order(found, wanted)
    order = [f"{filters.COLUMNS[name]} {way}" for name, way in wanted] or ["m.received DESC"]
    if found and "singleValueExtendedProperties" in found.names:
        where = f"+{where}"  # keeps SQLite from walking the whole mailbox: a stamp is the narrower way in
    clause = f"{where} AND ({found.sql})" if found else where
    return clause, found.values if found else (), ", ".join((*order, "m.seq DESC"))
