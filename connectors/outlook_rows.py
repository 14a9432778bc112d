"""Mails as Microsoft Graph writes them, to and from our values (reference: graph.md sections 3.3 to 3.9)."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from pydantic import TypeAdapter, ValidationError

from connectors.graph_batch import Request, Row
from schemas.base import Instant
from schemas.mail import Address
from sync.ports import Dispatch, Letter, MailChange, MailPage

STAMP = "String {5b0c1f4e-7a57-4a1b-9a55-2f6f0e9f3c11} Name PlumblineKey"
"""Our extended property. The GUID is ours alone; the name part is case-sensitive."""

SIZE = "Integer 0x0E08"
"""The size of a message with all that belongs to it, in bytes (MS-OXPROPS, PidTagMessageSize)."""

_FACTS = f"singleValueExtendedProperties($filter=id eq '{STAMP}' or id eq '{SIZE}')"
_EXPAND = f"singleValueExtendedProperties($filter=id eq '{STAMP}')"
_DISPATCH = "id,isDraft,internetMessageId,sentDateTime"
_INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)


def path(*segments: str, **query: str) -> str:
    """A path below the version root. Query names come without their $; blanks become %20, never +."""
    place = "/".join(quote(segment, safe="$") for segment in segments)
    asked = "&".join(f"${name}={quote(value, safe='(),;:$=/')}" for name, value in query.items())
    return f"/{place}?{asked}" if asked else f"/{place}"


def read_feed(mailbox: str, since: datetime | None) -> Request:
    """The first page of the inbox's delta: ids only, the content comes by `read_mail` (graph.md 3.2)."""
    query = {"select": "id,receivedDateTime"}
    if since is not None:
        query["filter"] = f"receivedDateTime ge {since:%Y-%m-%dT%H:%M:%SZ}"
    return Request("GET", path("users", mailbox, "mailFolders", "inbox", "messages", "delta", **query))


def page(row: Row) -> MailPage:
    """One page of the feed; of an id that comes twice the last entry counts."""
    value = row.get("value")
    changes: dict[str, MailChange] = {}
    for each in value if isinstance(value, list) else []:
        if isinstance(each, dict) and isinstance(each.get("id"), str):
            etag = each.get("@odata.etag")
            changes.pop(each["id"], None)
            changes[each["id"]] = MailChange(
                remote_id=each["id"],
                removed="@removed" in each,
                etag=etag if isinstance(etag, str) else None,
            )
    return MailPage(
        changes=tuple(changes.values()),
        next_link=text(row.get("@odata.nextLink")),
        delta_link=text(row.get("@odata.deltaLink")),
    )


def read_facts(mailbox: str, remote_id: str) -> Request:
    """What the mailbox knows of a mail beside its source."""
    select = "id,receivedDateTime,internetMessageId,conversationId,isDraft,parentFolderId"
    return Request("GET", path("users", mailbox, "messages", remote_id, select=select, expand=_FACTS))


def read_source(mailbox: str, remote_id: str) -> Request:
    """The mail as it came over the wire."""
    return Request("GET", path("users", mailbox, "messages", remote_id, "$value"))


def write_draft(letter: Letter) -> Request:
    """A stamped draft: the service threads a reply itself, so that In-Reply-To and References are right."""
    message = _message(letter)
    if letter.answers is None:
        return Request("POST", path("users", letter.mailbox, "messages"), message)
    place = path("users", letter.mailbox, "messages", letter.answers, "createReply")
    return Request("POST", place, {"message": message})


def _message(letter: Letter) -> Row:
    message: Row = {
        "subject": letter.subject,
        "body": {"contentType": "html", "content": letter.html},
        "toRecipients": [_recipient(each) for each in letter.to],
        "ccRecipients": [_recipient(each) for each in letter.cc],
        "singleValueExtendedProperties": [{"id": STAMP, "value": letter.key}],
    }
    if letter.message_id:
        message["internetMessageId"] = letter.message_id
    if letter.headers:
        message["internetMessageHeaders"] = [{"name": k, "value": v} for k, v in letter.headers.items()]
    return message


def _recipient(address: Address) -> Row:
    return {"emailAddress": {"address": address.address, "name": address.name or address.address}}


def send_draft(mailbox: str, remote_id: str) -> Request:
    """Send a draft; it keeps its immutable id in Sent Items."""
    return Request("POST", path("users", mailbox, "messages", remote_id, "send"))


def read_dispatch(mailbox: str, remote_id: str) -> Request:
    """Where a draft stands."""
    return Request("GET", path("users", mailbox, "messages", remote_id, select=_DISPATCH, expand=_EXPAND))


def find_dispatch(mailbox: str, key: str) -> Request:
    """Mails that carry a stamp, in any folder. The service compares values without regard to case."""
    value = key.replace("'", "''")
    condition = f"singleValueExtendedProperties/Any(ep: ep/id eq '{STAMP}' and ep/value eq '{value}')"
    return Request(
        "GET",
        path("users", mailbox, "messages", filter=condition, select=_DISPATCH, expand=_EXPAND, top="10"),
    )


def dispatch(row: Row) -> Dispatch:
    """A letter's state as the mailbox shows it."""
    sent = row.get("isDraft") is False
    return Dispatch(
        key=stamp(row),
        remote_id=str(row.get("id", "")),
        sent=sent,
        internet_message_id=text(row.get("internetMessageId")),
        sent_at=instant(row.get("sentDateTime")) if sent else None,
    )


def read_categories(mailbox: str, remote_id: str) -> Request:
    """The categories of a mail: writing replaces the whole list."""
    return Request("GET", path("users", mailbox, "messages", remote_id, select="id,categories"))


def write_mark(mailbox: str, remote_id: str, categories: Sequence[str] | None, key: str | None) -> Request:
    """Set the categories (None: leave them) and the stamp (None: leave it)."""
    body: Row = {}
    if categories is not None:
        body["categories"] = list(categories)
    if key is not None:
        body["singleValueExtendedProperties"] = [{"id": STAMP, "value": key}]
    return Request("PATCH", path("users", mailbox, "messages", remote_id), body)


def categories(row: Row) -> list[str]:
    """The names of a mail's categories."""
    value = row.get("categories")
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def stamp(row: Row) -> str | None:
    """Our mark on a mail."""
    return _property(row, STAMP)


def size(row: Row) -> int | None:
    """How large the mailbox says a mail is, in bytes; None when it does not say."""
    value = _property(row, SIZE) or ""
    return int(value) if value.isascii() and value.isdigit() else None


def _property(row: Row, name: str) -> str | None:
    """An extended property. The service may spell its id in another case."""
    properties = row.get("singleValueExtendedProperties")
    for each in properties if isinstance(properties, list) else []:
        if isinstance(each, dict) and str(each.get("id", "")).lower() == name.lower():
            return text(each.get("value"))
    return None


def instant(value: object) -> datetime | None:
    """A time of the service, or None."""
    try:
        return _INSTANT.validate_python(value)
    except ValidationError:
        return None


def text(value: object) -> str | None:
    """A non-empty string, or None."""
    return value if isinstance(value, str) and value else None
