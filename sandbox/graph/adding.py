"""Attachments that a client puts on a draft in one request: files below 3 MB, mails, links (reference 3.6)."""

import base64
import binascii
from datetime import datetime
from sqlite3 import Connection

from sandbox.graph import attachments, compose, writing
from sandbox.graph.errors import GraphError, bad, not_offered
from sandbox.graph.mime import empty
from sandbox.graph.values import Json, Row

COMMON = ("name", "contentType", "isInline", "size", "lastModifiedDateTime", "id")
KINDS = {
    "#microsoft.graph.fileAttachment": (*COMMON, "contentBytes", "contentId", "contentLocation"),
    "#microsoft.graph.itemAttachment": (*COMMON, "item"),
    "#microsoft.graph.referenceAttachment": COMMON,  # the address of the file is a member in beta only
}


def add(db: Connection, message: Row, wanted: object, now: datetime) -> Row:
    """Put an attachment on a draft. Raises 400, 413 for a file above 3 MB, 501 for items that are no mail."""
    if not isinstance(wanted, dict):
        raise bad("An attachment is an object.")
    kind = _kind(wanted)
    if not isinstance(wanted.get("name"), str) or not wanted["name"]:
        raise bad("An attachment needs a name.", "ErrorInvalidRequest")
    attachments.check_lines(wanted)
    if kind == "item":
        return attachments.put(db, message, wanted, _mail(wanted.get("item"), now), kind)
    raw = _bytes(wanted) if kind == "file" else b""
    return attachments.put(db, message, wanted, raw, kind)


def _kind(wanted: Json) -> str:
    said = str(wanted.get("@odata.type"))
    full = said if said.startswith("#") else f"#{said}"
    if full not in KINDS:
        raise bad("An attachment needs '@odata.type', such as #microsoft.graph.fileAttachment.")
    for name in wanted:
        if name not in KINDS[full] and "@" not in name:
            raise bad(f"The property '{name}' does not exist on type '{full.removeprefix('#')}'.")
    return full.removeprefix("#microsoft.graph.").removesuffix("Attachment")


def _bytes(wanted: Json) -> bytes:
    try:
        raw = base64.b64decode(wanted["contentBytes"], validate=True)
    except (KeyError, binascii.Error, TypeError, ValueError) as exc:
        raise bad("contentBytes is not base64.") from exc
    if len(raw) > attachments.LIMIT:
        # documented guess: the code; the border is documented
        words = "The attachment is larger than 3 MB; use an upload session."
        raise GraphError(413, "ErrorMessageSizeExceeded", words)
    return raw


def _mail(item: object, now: datetime) -> bytes:
    """The MIME of a mail given as JSON."""
    if not isinstance(item, dict):
        raise bad("An itemAttachment needs an item.")
    if str(item.get("@odata.type", "")).lstrip("#") != "microsoft.graph.message":
        raise not_offered("items other than #microsoft.graph.message in an itemAttachment")
    writing.check_names(item, draft=True, new=True)
    doc = empty() | {"conversationIndex": "", "customHeaders": []} | writing.changes(item)
    return compose.compose({"doc": doc, "message_id": item.get("internetMessageId")}, [], now)
