"""Routes of folders."""

import re

from werkzeug import Response

from sandbox.graph import folders, mailboxes, options
from sandbox.graph.call import Call, answer
from sandbox.graph.errors import bad, not_offered
from sandbox.graph.values import Json, Row

NAMED = re.compile(r"^\s*displayName\s+eq\s+'((?:[^']|'')*)'\s*$")
WRITABLE = ("displayName", "isHidden")


def every(call: Call) -> Response:
    """GET mailFolders and childFolders."""
    call.allow("$top", "$skip", "$select", "$filter", "$count", "includeHiddenFolders")
    parent = mailboxes.folder(call.db, call.address, call.keys.get("folder", mailboxes.ROOT))
    found = _named(call, mailboxes.children(call.db, call.address, parent["id"]))
    top, skip = call.number("$top", 1, 1000) or 10, call.number("$skip", 0, 10**6) or 0
    body: Json = {"@odata.count": len(found)} if call.flag("$count") else {}
    body["value"] = [_shown(call, item) for item in found[skip : skip + top]]
    if len(found) > skip + top:
        kept = {name: value for name, value in call.request.args.items() if name != "$skip"}
        body["@odata.nextLink"] = call.link(call.keys["path"], **kept, **{"$skip": str(skip + top)})
    return answer(200, {"@odata.context": f"{call.root}/$metadata#mailFolders"} | body)


def _named(call: Call, found: list[Row]) -> list[Row]:
    said = call.option("$filter")
    if said is None:
        return found
    match = NAMED.match(said)
    if match is None:
        raise not_offered("a $filter of folders other than displayName eq '…'")
    name = match[1].replace("''", "'").lower()
    return [item for item in found if item["name"].lower() == name]


def one(call: Call) -> Response:
    """GET one folder."""
    call.allow("$select")
    return answer(200, _shown(call, mailboxes.counted(call.db, call.address, call.keys["folder"])))


def _shown(call: Call, found: Row) -> Json:
    shown, select = mailboxes.folder_json(found), call.option("$select")
    kept = ("id", *options.names(select, tuple(shown), "mailFolder")) if select else tuple(shown)
    return {name: shown[name] for name in kept}


def create(call: Call) -> Response:
    """POST mailFolders, childFolders."""
    wanted = _body(call)
    if wanted.get("isHidden"):
        raise not_offered("hidden folders")
    with call.store.write() as db:
        parent = mailboxes.folder(db, call.address, call.keys.get("folder", mailboxes.ROOT))
        made = folders.create(db, call.address, parent["id"], wanted.get("displayName"))
        return answer(201, mailboxes.folder_json(made))


def _body(call: Call) -> Json:
    wanted = call.document()
    for name in wanted:
        if name not in WRITABLE and not name.startswith("@odata."):
            raise bad(
                f"The property '{name}' does not exist on type 'microsoft.graph.mailFolder' or is read-only."
            )
    return wanted


def patch(call: Call) -> Response:
    """PATCH: the name."""
    wanted = _body(call)
    with call.store.write() as db:
        found = mailboxes.folder(db, call.address, call.keys["folder"])
        return answer(200, mailboxes.folder_json(folders.rename(db, found, wanted.get("displayName"))))


def move(call: Call) -> Response:
    """POST move."""
    destination = call.parameters("destinationId").get("destinationId")
    if not isinstance(destination, str):
        raise bad("destinationId is needed.", "ErrorInvalidRequest")
    with call.store.write() as db:
        found = mailboxes.folder(db, call.address, call.keys["folder"])
        target = mailboxes.folder(db, call.address, destination)
        return answer(201, mailboxes.folder_json(folders.move(db, found, target)))


def delete(call: Call) -> Response:
    """DELETE: into Deleted Items, and from there for good."""
    with call.store.write() as db:
        folders.delete(db, mailboxes.folder(db, call.address, call.keys["folder"]))
    return answer(204)


def delete_for_good(call: Call) -> Response:
    """POST permanentDelete."""
    with call.store.write() as db:
        folders.delete(db, mailboxes.folder(db, call.address, call.keys["folder"]), for_good=True)
    return answer(204)
