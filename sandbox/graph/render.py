"""Messages and attachments as JSON."""

import base64
from sqlite3 import Connection

from sandbox.graph import attachments, properties
from sandbox.graph.call import Call
from sandbox.graph.mime import parse
from sandbox.graph.options import BASIC, Shape
from sandbox.graph.texts import shown, unique
from sandbox.graph.values import Json, Row, change_key, etag

OVERHEAD = 137  # what makes size no byte length (reference 3.6)
UNSHARED = ("changeKey", "parentFolderId", "conversationId", "conversationIndex", "webLink", "categories")


def message(call: Call, found: Row, wanted: Shape, db: Connection | None = None) -> Json:
    """One message with the wanted members; the id and the etag always come."""
    everything = _columns(call, found) | _contents(call, found, wanted)
    body: Json = {"@odata.etag": etag(found["change"]), "id": call.message_id(found)}
    body |= {name: everything[name] for name in wanted.members if name in everything}
    return body | _expanded(db or call.db, found, wanted)


def _columns(call: Call, found: Row) -> Json:
    return {
        "createdDateTime": found["created"],
        "lastModifiedDateTime": found["modified"],
        "changeKey": change_key(found["change"]),
        "receivedDateTime": found["received"],
        "sentDateTime": found["sent"],
        "internetMessageId": found["message_id"],
        "parentFolderId": found["folder"],
        "conversationId": found["conversation"],
        "isDraft": bool(found["is_draft"]),
        "webLink": f"{call.root.removesuffix('/v1.0')}/owa/?ItemID={call.message_id(found)}",
    }


def _contents(call: Call, found: Row, wanted: Shape) -> Json:
    hidden = ("references", "internetMessageHeaders", "customHeaders", "messageClass", "inReplyTo")
    contents = {name: value for name, value in found["doc"].items() if name not in hidden}
    body = found["doc"]["body"]
    if "body" in wanted.members:
        contents["body"] = shown(body, call.prefer.body, call.prefer.unsafe)
    if "uniqueBody" in wanted.members:
        contents["uniqueBody"] = shown(unique(body), call.prefer.body, call.prefer.unsafe)
    if found["doc"].get("internetMessageHeaders"):  # absent on drafts and own mail (reference 3.4)
        contents["internetMessageHeaders"] = found["doc"]["internetMessageHeaders"]
    return contents


def _expanded(db: Connection, found: Row, wanted: Shape) -> Json:
    body: Json = {}
    if wanted.stamps:
        values = properties.read(db, found["immutable_id"], wanted.stamps)
        if values:
            body["singleValueExtendedProperties"] = values
    if wanted.files:
        files = attachments.every(db, found)
        read = attachments.reader(db, found, strict=True)
        body["attachments"] = [attachment(read, found, file, wanted.file_members) for file in files]
    return body


def attachment(read: attachments.Reader, owner: Row, file: Row, members: tuple[str, ...] = ()) -> Json:
    """One attachment; without a selection a file brings its bytes along (reference 3.6)."""
    kind = f"{file['kind']}Attachment"
    body = {
        "lastModifiedDateTime": owner["modified"],
        "name": file["name"],
        "contentType": None if file["kind"] == "item" else file["content_type"],
        "size": file["size"] + OVERHEAD,
        "isInline": bool(file["inline"]),
    }
    if file["kind"] == "file":
        body |= {"contentId": file["content_id"], "contentLocation": None}
        if not members or "contentBytes" in members:
            body["contentBytes"] = base64.b64encode(read(file)).decode()
    if members:
        body = {name: body[name] for name in members if name in body}
    return {"@odata.type": f"#microsoft.graph.{kind}", "id": file["id"]} | body


def item(call: Call, raw: bytes) -> Json:
    """The mail inside an itemAttachment, read from its MIME; it has no id of its own."""
    parsed = parse(raw)
    found: Row = {"doc": {**parsed.doc, "conversationIndex": None}, "change": 0, "is_draft": 0}
    times = dict.fromkeys(("created", "modified", "received", "sent"), parsed.sent)
    found |= times | {"message_id": parsed.message_id, "folder": None, "conversation": None}
    found |= {"immutable_id": "", "current_id": ""}
    everything = _columns(call, found) | _contents(call, found, Shape(BASIC))
    shown = {name: everything[name] for name in BASIC if name in everything and name not in UNSHARED}
    return {"@odata.type": "#microsoft.graph.message", "id": ""} | shown
