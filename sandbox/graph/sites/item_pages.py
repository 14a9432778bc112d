"""Items of a list page by page (reference 4.2, 4.6)."""

from typing import TYPE_CHECKING

from werkzeug import Response

from sandbox.graph.sites import items, tokens
from sandbox.graph.sites.errors import invalid
from sandbox.graph.sites.item_routes import context, opened
from sandbox.graph.sites.reading import Reader
from sandbox.graph.sites.visits import Visit, respond
from sandbox.graph.values import Json, Row, row, rows

if TYPE_CHECKING:
    from sandbox.graph.sites.query import Query

OPTIONS = ("$select", "$expand", "expand", "$filter", "$orderby", "$top", "$count", "$skiptoken", "$skip")
PAGE, MOST = 200, 5000  # documented guess: more than the most is refused, not cut down
EMPTY = ""  # what an item without a value counts as when sorted: it comes first


def get(visit: Visit) -> Response:
    """One page, by number unless sorted. Raises 400 for what SharePoint cannot filter or sort by."""
    from sandbox.graph.sites import query  # noqa: PLC0415 - it knows the grammar of filters

    visit.call.allow(*OPTIONS)
    if visit.call.option("$skip") is not None:
        # documented guess: code and words
        raise invalid(
            "$skip is not supported on this API. Only URLs returned by the API can be used to page."
        )
    owner = opened(visit)
    reader = Reader(visit, owner)
    shape = reader.shape(visit.call.option("$select"), visit.expand)
    wanted = query.read(reader.columns, visit.call.option("$filter"), visit.call.option("$orderby"))
    honor = visit.prefers(query.HONOR) is not None
    query.check(visit.db, owner["id"], owner["size"], wanted, honor=honor)
    top = visit.top(MOST) or PAGE
    found = _found(visit, owner, wanted, top)
    body: Json = {"value": [reader.item(items.loaded(each), shape) for each in found[:top]]}
    if visit.call.flag("$count"):
        body["@odata.count"] = _count(visit, owner, wanted)
    if len(found) > top:
        body["@odata.nextLink"] = _next(visit, owner, found[top - 1])
    return respond(visit, 200, context(visit, owner), body)


def _where(owner: Row, wanted: "Query") -> tuple[str, tuple[object, ...]]:
    if wanted.condition is None:
        return "list = ?", (owner["id"],)
    return f"list = ? AND {wanted.condition.sql}", (owner["id"], *wanted.condition.values)


def _count(visit: Visit, owner: Row, wanted: "Query") -> int:
    where, values = _where(owner, wanted)
    found = row(visit.db, f"SELECT count(*) AS n FROM sp_item WHERE {where}", *values)
    return int(found["n"]) if found else 0


def _found(visit: Visit, owner: Row, wanted: "Query", top: int) -> list[Row]:
    """The items of a page and one more. Pages go on behind the last item, whatever happened to it."""
    where, values = _where(owner, wanted)
    way, beyond = ("DESC", "<") if wanted.descending else ("ASC", ">")
    bare, collate = (wanted.order or "NULL").removesuffix(" COLLATE NOCASE"), "COLLATE NOCASE"
    rank = f"ifnull({bare}, '{EMPTY}') {collate}" if wanted.order else "0"
    after = _after(visit, owner)
    if after is not None:
        where += f" AND ({rank} {beyond} ? OR ({rank} = ? AND id > ?))" if wanted.order else " AND id > ?"
        values += (after[0], after[0], after[1]) if wanted.order else (after[1],)
    order = f"{rank} {way}, id" if wanted.order else "id"
    sql = f"SELECT {items.COLUMNS}, {rank} AS rank FROM sp_item WHERE {where} ORDER BY {order} LIMIT ?"
    return rows(visit.db, sql, *values, top + 1)


def _after(visit: Visit, owner: Row) -> list[object] | None:
    """The rank and the number of the last item shown. Raises 400 for a token of another list or query."""
    said = visit.call.option("$skiptoken")
    if said is None:
        return None
    content = tokens.opened(said)
    if content is None or content[:2] != [owner["id"], _query(visit)]:
        raise invalid("The skip token is not one of this query; follow the nextLink as it is.")
    return content[2:]


def _query(visit: Visit) -> list[str]:
    """The options that a page's token is bound to."""
    named = [visit.call.option(name) or "" for name in ("$filter", "$orderby", "$select")]
    return [*named, visit.expand or ""]


def _next(visit: Visit, owner: Row, last: Row) -> str:
    kept = {name: value for name, value in visit.call.request.args.items() if name != "$skiptoken"}
    token = tokens.sealed([owner["id"], _query(visit), last["rank"], last["id"]])
    return visit.call.link(
        f"/sites/{visit.site_id}/lists/{owner['id']}/items", **kept, **{"$skiptoken": token}
    )
