"""The delta feed of the folders of a mailbox: folders only, not their messages (reference 3.1)."""

from werkzeug import Response

from sandbox.graph import mailboxes, tokens
from sandbox.graph.call import Call, answer
from sandbox.graph.errors import bad
from sandbox.graph.messages import setting
from sandbox.graph.options import names
from sandbox.graph.values import Json, Row, rows

FIRST = ("$select", "$top", "$deltatoken", "$skiptoken")
TYPE = {"@odata.type": "#microsoft.graph.mailFolder"}
MARK = "folders"
CHANGED = """SELECT c.folder AS id, f.id IS NULL AS gone FROM graph_folder_change c
    LEFT JOIN graph_folder f ON f.id = c.folder
    WHERE c.mailbox = ? AND c.change > ? AND c.change <= ? ORDER BY c.change"""


def folders(call: Call) -> Response:
    """One page. Raises 410 for a lapsed token, 400 for an edited or foreign one."""
    call.allow(*FIRST)
    since, upto, skip, select, issued = _state(call)
    size = call.prefer.page or call.number("$top", 1, 1000) or 10
    found = _entries(call, since, upto)
    page, rest = found[skip : skip + size], found[skip + size :]
    shown = [_shown(call, entry, select) for entry in page]
    following = (since, upto, skip + size) if rest else (upto, upto, 0)
    name, option = ("nextLink", "$skiptoken") if rest else ("deltaLink", "$deltatoken")
    token = tokens.seal([MARK, setting(call.db, "deltaGeneration"), call.address, select, issued, *following])
    link = call.link(f"/users/{call.keys['user']}/mailFolders/delta", **{option: token})
    context = f"{call.root}/$metadata#Collection(mailFolder)"
    return answer(200, {"@odata.context": context, f"@odata.{name}": link, "value": shown})


def _state(call: Call) -> tuple[int, int, int, str | None, str]:
    said, now = call.option("$deltatoken") or call.option("$skiptoken"), call.now.isoformat()
    if not said:
        return -1, setting(call.db, "change"), 0, call.option("$select"), now
    if len(call.request.args) > 1:
        raise bad("Query options belong into the first request; follow the link as it is.")
    match tokens.unseal(said):
        case [
            "folders",
            int(generation),
            call.address,
            select,
            str(issued),
            int(since),
            int(upto),
            int(skip),
        ]:
            tokens.check_age(call, generation, issued)
            if call.option("$deltatoken") is None:
                return since, upto, skip, select, issued
            return upto, setting(call.db, "change"), 0, select, now
    raise bad("The sync state was made for another query.", "SyncStateInvalid")


def _entries(call: Call, since: int, upto: int) -> list[Row]:
    """The first round gives every folder, the later ones those that changed or are gone."""
    if since >= 0:
        return rows(call.db, CHANGED, call.address, since, upto)
    sql = "SELECT id, 0 AS gone FROM graph_folder WHERE mailbox = ? AND parent IS NOT NULL ORDER BY rowid"
    return rows(call.db, sql, call.address)


def _shown(call: Call, entry: Row, select: str | None) -> Json:
    if entry["gone"]:
        return TYPE | {"id": entry["id"], "@removed": {"reason": "deleted"}}
    shown = mailboxes.folder_json(mailboxes.counted(call.db, call.address, entry["id"]))
    kept = ("id", *names(select, tuple(shown), "mailFolder")) if select else tuple(shown)
    return TYPE | {name: shown[name] for name in kept}
