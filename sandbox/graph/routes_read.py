"""Routes that read."""

import re

from werkzeug import Response

from sandbox.graph import attachments, mailboxes, messages, options, render, sending
from sandbox.graph.call import Call, answer
from sandbox.graph.errors import GraphError, bad, not_offered
from sandbox.graph.values import Json, Row

INNER = re.compile(r"^microsoft\.graph\.itemattachment/item$", re.I)
BY_ADDRESS = re.compile(r"^\s*(mail|userPrincipalName)\s+eq\s+'((?:[^']|'')+)'\s*$")
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


def users(call: Call) -> Response:
    """GET /users: all of them, or one by its address."""
    call.allow("$select", "$filter", "$top")
    said, select = call.option("$filter"), call.option("$select")
    match = BY_ADDRESS.match(said) if said is not None else None
    if said is not None and match is None:
        raise not_offered("a $filter of users other than mail eq '…' or userPrincipalName eq '…'")
    kept = options.names(select, USER_MEMBERS, "user") if select else USER_MEMBERS
    found = mailboxes.every(call.db)
    if match:
        found = [box for box in found if box["address"] == match[2].replace("''", "'").lower()]
    shown = [mailboxes.user_json(box) for box in found[: call.number("$top", 1, 999) or 100]]
    value = [{name: user[name] for name in ("id", *kept)} for user in shown]
    return answer(200, {"@odata.context": f"{call.root}/$metadata#users", "value": value})


def message(call: Call) -> Response:
    """GET one message."""
    call.allow("$select", "$expand")
    wanted = options.shape(call.option("$select"), call.option("$expand"))
    context = f"{call.root}/$metadata#users('{call.keys['user']}')/messages/$entity"
    return answer(200, {"@odata.context": context} | render.message(call, call.message(), wanted))


def raw(call: Call) -> Response:
    """GET $value: the MIME, byte for byte as delivered or sent; of a draft as it would leave now."""
    found = call.message()
    mime = messages.mime_of(call.db, found)
    return Response(
        sending.mime(call.db, found, call.now) if mime is None else mime, content_type="text/plain"
    )


def files(call: Call) -> Response:
    """GET attachments. One that is defective spoils the list, unless the bytes are left out (reference 3.6)."""
    call.allow("$select", "$expand")
    found = call.message()
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
    found = call.message()
    item = attachments.one(call.db, found, call.keys["attachment"])
    read = attachments.reader(call.db, found, strict=True)
    context = f"{call.root}/$metadata#users('{call.keys['user']}')/messages/attachments/$entity"
    return answer(200, {"@odata.context": context} | _attachment(call, found, item, read))


def file_bytes(call: Call) -> Response:
    """GET the bytes of an attachment; of an attached mail its MIME. A link has none."""
    found = call.message()
    item = attachments.one(call.db, found, call.keys["attachment"])
    if item["kind"] == "reference":
        # documented guess: pages offer $value for files and items only
        raise bad("A reference attachment has no raw content.", "ErrorInvalidRequest")
    kind = "text/plain" if item["kind"] == "item" else item["content_type"]
    return Response(attachments.reader(call.db, found, strict=True)(item), content_type=kind)
