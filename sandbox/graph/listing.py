"""Lists of messages with their query options and pages (reference 3.1, 3.9)."""

from werkzeug import Response

from sandbox.graph import filters, mailboxes, render
from sandbox.graph.call import Call, answer
from sandbox.graph.errors import bad
from sandbox.graph.messages import LIGHT, loaded
from sandbox.graph.options import shape
from sandbox.graph.values import Json, rows

OPTIONS = ("$select", "$top", "$skip", "$filter", "$orderby", "$expand")


def folder_messages(call: Call) -> Response:
    """Messages of one folder, newest first unless told otherwise."""
    folder = mailboxes.folder(call.db, call.address, call.keys["folder"])
    return _page(call, "m.folder = ?", folder["id"])


def all_messages(call: Call) -> Response:
    """Messages of all folders, Deleted Items included."""
    return _page(call, "m.mailbox = ?", call.address)


def _page(call: Call, where: str, owner: str) -> Response:
    call.allow(*OPTIONS)
    wanted = shape(call.option("$select"), call.option("$expand"))
    top = call.number("$top", 1, 1000) or call.prefer.page or 10
    skip = call.number("$skip", 0, 10**9) or 0
    where, values, order = _query(call, where)
    columns = ", ".join(f"m.{name.strip()}" for name in LIGHT.split(","))
    sql = f"SELECT {columns} FROM graph_message m WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?"
    found = rows(call.db, sql, owner, *values, top + 1, skip)
    shown = [render.message(call, loaded(item), wanted) for item in found[:top]]
    context = f"{call.root}/$metadata#users('{call.keys['user']}')/messages"
    body: Json = {"@odata.context": context, "value": shown}
    if len(found) > top:
        kept = {name: value for name, value in call.request.args.items() if name != "$skip"}
        body["@odata.nextLink"] = call.link(call.keys["path"], **kept, **{"$skip": str(skip + top)})
    return answer(200, body)


def _query(call: Call, where: str) -> tuple[str, tuple[object, ...], str]:
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
