"""$select and $expand of messages."""

import re
from dataclasses import dataclass

from sandbox.graph.errors import bad, not_offered
from sandbox.graph.properties import key

BASIC = (
    "createdDateTime",
    "lastModifiedDateTime",
    "changeKey",
    "categories",
    "receivedDateTime",
    "sentDateTime",
    "hasAttachments",
    "internetMessageId",
    "subject",
    "bodyPreview",
    "importance",
    "parentFolderId",
    "conversationId",
    "conversationIndex",
    "isDeliveryReceiptRequested",
    "isReadReceiptRequested",
    "isRead",
    "isDraft",
    "webLink",
    "inferenceClassification",
    "body",
    "sender",
    "from",
    "toRecipients",
    "ccRecipients",
    "bccRecipients",
    "replyTo",
    "flag",
)
FILE_MEMBERS = (
    "id",
    "name",
    "contentType",
    "size",
    "isInline",
    "lastModifiedDateTime",
    "contentId",
    "contentBytes",
)
ASKED = ("uniqueBody", "internetMessageHeaders")  # only when selected (reference 3.4)
STAMP = re.compile(r"^singleValueExtendedProperties\(\$filter=(.+)\)$", re.S)
STAMP_ID = re.compile(r"^\s*id\s+eq\s+'((?:[^']|'')+)'\s*$")
FILES = re.compile(r"^attachments(?:\(\$select=([\w,\s]+)\))?$")


@dataclass(frozen=True)
class Shape:
    """Which members a message is shown with."""

    members: tuple[str, ...]
    stamps: tuple[str, ...] = ()
    files: bool = False
    file_members: tuple[str, ...] = ()


def shape(select: str | None, expand: str | None = None) -> Shape:
    """Read both options. Raises 400 for unknown names, 501 for expansions that are not offered."""
    members = names(select, (*BASIC, *ASKED)) if select else BASIC
    stamps: tuple[str, ...] = ()
    file_members: tuple[str, ...] = ()
    files = False
    for item in _split(expand or ""):
        if match := STAMP.match(item):
            stamps = _stamps(match.group(1))
        elif match := FILES.match(item):
            files, file_members = True, names(match.group(1) or "", FILE_MEMBERS, "attachment")
        else:
            raise not_offered(f"$expand={item.partition('(')[0]} in this form")
    return Shape(members, stamps, files, file_members)


def names(select: str, known: tuple[str, ...], kind: str = "message") -> tuple[str, ...]:
    """The selected names; the id comes anyway."""
    lower = {name.lower(): name for name in known}
    wanted = [name.strip() for name in select.split(",") if name.strip()]
    for name in wanted:
        if name.lower() not in lower and name.lower() != "id":
            raise bad(f"Could not find a property named '{name}' on type 'microsoft.graph.{kind}'.")
    return tuple(lower[name.lower()] for name in wanted if name.lower() != "id")


def _stamps(filter_text: str) -> tuple[str, ...]:
    found = []
    for clause in re.split(r"\s+or\s+", filter_text):
        match = STAMP_ID.match(clause)
        if match is None:
            raise bad("Expanded extended properties need a filter of the form id eq '…'.")
        found.append(match.group(1).replace("''", "'"))
        key(found[-1])
    return tuple(found)


def _split(text: str) -> list[str]:
    """The top-level items of a list; commas in brackets or quotes belong to an item."""
    items, depth, quoted, current = [], 0, False, ""
    for sign in text:
        quoted ^= sign == "'"
        depth += 0 if quoted else (sign == "(") - (sign == ")")
        if sign == "," and depth == 0 and not quoted:
            items.append(current.strip())
            current = ""
        else:
            current += sign
    return [item for item in (*items, current.strip()) if item]
