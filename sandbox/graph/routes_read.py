"""Routes that read."""

import re

from werkzeug import Response

from sandbox.graph import attachments, mailboxes, messages, options, render, sending
from sandbox.graph.call import Call, answer
from sandbox.graph.errors import GraphError, bad, not_offered
from sandbox.graph.values import Json, Row

INNER = re.compile(r"^microsoft\.graph\.itemattachment/item$", re.I)
USER_MEMBERS = ("id", "displayName", "mail", "userPrincipalName")


def user(call: Call) -> Response:
    """GET /users/{user}."""
    call.allow("$select")
    try:
        found = mailboxes.user_json(mailboxes.find(call.db, call.keys["user"]))
    except GraphError as exc:
        words = (
            f"Resource '{call.keys['user']}' does not exist or one of its queried properties is not present."
        )
        raise GraphError(404, "Request_ResourceNotFound", words) from exc
    select = call.option("$select")
    kept = options.names(select, USER_MEMBERS, "user") if select else USER_MEMBERS
    body = {"@odata.context": f"{call.root}/$metadata#users/$entity"}
    return answer(200, body | {name: found[name] for name in ("id", *kept)})


def folders(call: Call) -> Response:
    """GET mailFolders and childFolders."""
    call.allow("$top", "$skip", "$select")
    parent = mailboxes.folder(call.db, call.address, call.keys.get("folder", mailboxes.ROOT))
    found = mailboxes.children(call.db, call.address, parent["id"])
    top, skip = call.number("$top", 1, 1000) or 10, call.number("$skip", 0, 10**6) or 0
    body: Json = {"value": [_folder(call, item) for item in found[skip : skip + top]]}
    if len(found) > skip + top:
        kept = {name: value for name, value in call.request.args.items() if name != "$skip"}
        body["@odata.nextLink"] = call.link(call.keys["path"], **kept, **{"$skip": str(skip + top)})
    return answer(200, {"@odata.context": f"{call.root}/$metadata#mailFolders"} | body)


def folder(call: Call) -> Response:
    """GET one folder."""
    call.allow("$select")
    return answer(200, _folder(call, mailboxes.counted(call.db, call.address, call.keys["folder"])))


def _folder(call: Call, found: Row) -> Json:
    shown, select = mailboxes.folder_json(found), call.option("$select")
    kept = ("id", *options.names(select, tuple(shown), "mailFolder")) if select else tuple(shown)
    return {name: shown[name] for name in kept}


def message(call: Call) -> Response:
    """GET one message."""
    call.allow("$select", "$expand")
    wanted = options.shape(call.option("$select"), call.option("$expand"))
    context = f"{call.root}/$metadata#users('{call.keys['user']}')/messages/$entity"
    return answer(200, {"@odata.context": context} | render.message(call, _found(call), wanted))


def _found(call: Call) -> Row:
    return messages.get(call.db, call.address, call.keys["message"])


def raw(call: Call) -> Response:
    """GET $value: the MIME, byte for byte as delivered or sent; of a draft as it would leave now."""
    found = _found(call)
    mime = messages.mime_of(call.db, found)
    return Response(
        sending.mime(call.db, found, call.now) if mime is None else mime, content_type="text/plain"
    )


def files(call: Call) -> Response:
    """GET attachments. One that is defective spoils the list, unless the bytes are left out (reference 3.6)."""
    call.allow("$select", "$expand")
    found = _found(call)
    read = attachments.reader(call.db, found, strict=True)
    shown = [_attachment(call, found, item, read) for item in attachments.every(call.db, found)]
    return answer(200, {"@odata.context": f"{call.root}/$metadata#attachments", "value": shown})


def _attachment(call: Call, found: Row, file: Row, read: attachments.Reader) -> Json:
    select, expand = call.option("$select"), call.option("$expand")
    members = (*options.names(select, options.FILE_MEMBERS, "attachment"), "id") if select else ()
    if expand is not None and not INNER.match(expand):
        raise not_offered("$expand of attachments other than microsoft.graph.itemattachment/item")
    shown = render.attachment(read, found, file, members)
    return shown | {"item": render.item(call, read(file))} if expand and file["kind"] == "item" else shown


def file(call: Call) -> Response:
    """GET one attachment."""
    call.allow("$select", "$expand")
    found = _found(call)
    item = attachments.one(call.db, found, call.keys["attachment"])
    read = attachments.reader(call.db, found, strict=True)
    context = f"{call.root}/$metadata#users('{call.keys['user']}')/messages/attachments/$entity"
    return answer(200, {"@odata.context": context} | _attachment(call, found, item, read))


def file_bytes(call: Call) -> Response:
    """GET the bytes of an attachment; of an attached mail its MIME. A link has none."""
    found = _found(call)
    item = attachments.one(call.db, found, call.keys["attachment"])
    if item["kind"] == "reference":
        # documented guess: pages offer $value for files and items only
        raise bad("A reference attachment has no raw content.", "ErrorInvalidRequest")
    kind = "text/plain" if item["kind"] == "item" else item["content_type"]
    return Response(attachments.reader(call.db, found, strict=True)(item), content_type=kind)
