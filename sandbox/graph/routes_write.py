"""Routes that write. Each does its reading inside the transaction that it writes in."""

from collections.abc import Callable
from sqlite3 import Connection

from werkzeug import Response

from sandbox.graph import adding, attachments, drafts, mailboxes, messages, options, render, sending
from sandbox.graph.call import Call, answer
from sandbox.graph.errors import bad
from sandbox.graph.values import Json, Row, etag

ANSWERS = {"reply": "createReply", "replyAll": "createReplyAll", "forward": "createForward"}


def _shown(call: Call, db: Connection, status: int, made: Row) -> Response:
    context = f"{call.root}/$metadata#users('{call.keys['user']}')/messages/$entity"
    body: Json = {"@odata.context": context} | render.message(call, made, options.shape(None), db)
    return answer(status, body)


def create(call: Call) -> Response:
    """POST messages: a draft, from JSON or from MIME, in Drafts or in the folder of the path."""
    raw = call.mime()
    wanted = call.document() if raw is None else {}
    with call.store.write() as db:
        target = mailboxes.folder(db, call.address, call.keys.get("folder", "drafts"))
        if raw is None:
            made = drafts.create(db, call.mailbox, wanted, call.now)
        else:
            made = drafts.from_mime(db, call.mailbox, raw, call.now)
        if made["folder"] != target["id"]:
            made = messages.move(db, made, target["id"], call.now)
        return _shown(call, db, 201, made)


def create_answer(kind: str) -> Callable[[Call], Response]:
    """POST createReply, createReplyAll, createForward."""

    def route(call: Call) -> Response:
        body = _parameters(call, kind)
        with call.store.write() as db:
            made = _answer(call, db, kind, body)
            return _shown(call, db, 201, made)

    return route


def _parameters(call: Call, kind: str) -> Json:
    names = ("message", "comment")
    return call.parameters(*names, "toRecipients") if kind == "createForward" else call.parameters(*names)


def _answer(call: Call, db: Connection, kind: str, body: Json) -> Row:
    if not isinstance(body.get("message") or {}, dict):
        raise bad("'message' is an object.")
    if "toRecipients" in body:
        body = {**body, "message": {"toRecipients": body["toRecipients"], **(body.get("message") or {})}}
    return drafts.answer(db, call.mailbox, call.message(db), kind, body, call.now)


def send_answer(name: str) -> Callable[[Call], Response]:
    """POST reply, replyAll, forward."""

    def route(call: Call) -> Response:
        body = _parameters(call, ANSWERS[name])
        with call.store.write() as db:
            sending.send(db, call.mailbox, _answer(call, db, ANSWERS[name], body), call.now)
        return answer(202)

    return route


def patch(call: Call) -> Response:
    """PATCH a message."""
    wanted = call.document()
    with call.store.write() as db:
        found = call.message(db)
        drafts.check_version(call.request.headers.get("If-Match"), etag(found["change"]))
        return _shown(call, db, 200, drafts.patch(db, found, wanted, call.now))


def send(call: Call) -> Response:
    """POST send."""
    with call.store.write() as db:
        sending.send(db, call.mailbox, call.message(db), call.now)
    return answer(202)


def send_mail(call: Call) -> Response:
    """POST sendMail, with JSON or with MIME."""
    raw = call.mime()
    if raw is not None:
        with call.store.write() as db:
            sending.send(db, call.mailbox, drafts.from_mime(db, call.mailbox, raw, call.now), call.now)
        return answer(202)
    body = call.parameters("message", "saveToSentItems")
    wanted, keep = body.get("message"), body.get("saveToSentItems", True)
    if not isinstance(wanted, dict) or not isinstance(keep, bool):
        raise bad("sendMail takes a message object and saveToSentItems as true or false.")
    with call.store.write() as db:
        draft = drafts.create(db, call.mailbox, wanted, call.now)
        sending.send(db, call.mailbox, draft, call.now, keep=keep)
    return answer(202)


def move(call: Call) -> Response:
    """POST move."""
    return _placed(call, messages.move)


def copy(call: Call) -> Response:
    """POST copy."""
    return _placed(call, messages.copy)


def _placed(call: Call, place: Callable[..., Row]) -> Response:
    destination = call.parameters("destinationId").get("destinationId")
    if not isinstance(destination, str):
        raise bad("destinationId is needed.", "ErrorInvalidRequest")
    with call.store.write() as db:
        found = call.message(db)
        target = mailboxes.folder(db, call.address, destination)
        return _shown(call, db, 201, place(db, found, target["id"], call.now))


def delete(call: Call) -> Response:
    """DELETE: into Deleted Items, and from there for good."""
    with call.store.write() as db:
        found = call.message(db)
        bin_id = mailboxes.folder(db, call.address, "deleteditems")["id"]
        if found["folder"] == bin_id:
            messages.erase(db, found)
        else:
            messages.move(db, found, bin_id, call.now)
    return answer(204)


def delete_for_good(call: Call) -> Response:
    """POST permanentDelete."""
    with call.store.write() as db:
        messages.erase(db, call.message(db))
    return answer(204)


def add_file(call: Call) -> Response:
    """POST attachments on a draft."""
    wanted = call.document()
    with call.store.write() as db:
        draft = drafts.need_draft(call.message(db))
        file = adding.add(db, draft, wanted, call.now)
        draft = _files_changed(call, db, draft)
        return answer(201, render.attachment(attachments.reader(db, draft), draft, file))


def remove_file(call: Call) -> Response:
    """DELETE an attachment of a draft."""
    with call.store.write() as db:
        draft = drafts.need_draft(call.message(db))
        attachments.remove(db, attachments.one(db, draft, call.keys["attachment"]))
        _files_changed(call, db, draft)
    return answer(204)


def _files_changed(call: Call, db: Connection, draft: Row) -> Row:
    draft["doc"]["hasAttachments"] = attachments.visible(db, draft)
    return messages.save(db, draft, call.now)
