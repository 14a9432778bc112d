"""What a client may write into a message: names, types, and when (reference 3.4, 3.7)."""

import re
from datetime import datetime

from sandbox.graph.errors import bad
from sandbox.graph.headers import MESSAGE_ID, recipient
from sandbox.graph.texts import as_text, preview
from sandbox.graph.values import Json

ANY_TIME = ("categories", "flag", "importance", "isRead", "inferenceClassification")
RECIPIENTS = ("toRecipients", "ccRecipients", "bccRecipients", "replyTo")
DRAFT_ONLY = (
    "subject",
    "body",
    *RECIPIENTS,
    "from",
    "sender",
    "internetMessageId",
    "isDeliveryReceiptRequested",
    "isReadReceiptRequested",
)
APART = ("singleValueExtendedProperties", "internetMessageHeaders", "attachments")
ADDRESS = re.compile(r"^[^@\s<>,;]+@[^@\s<>,;]+$")
HEADER = re.compile(r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")
FLAGS = ("notFlagged", "flagged", "complete")
FLAG_TIMES = ("startDateTime", "dueDateTime", "completedDateTime")
MOMENT = ("dateTime", "timeZone")
ENUMS = {
    "importance": ("low", "normal", "high"),
    "inferenceClassification": ("focused", "other"),
}


def check_names(wanted: Json, draft: bool, *, new: bool) -> None:
    """Refuse unknown names, and on a sent or received mail what only a draft may change."""
    for name in wanted:
        if name.startswith("@odata."):
            continue
        if name not in (*ANY_TIME, *DRAFT_ONLY, *APART):
            raise bad(
                f"The property '{name}' does not exist on type 'microsoft.graph.message' or is read-only."
            )
        fixed = name in ("internetMessageHeaders", "attachments") and not new
        if fixed or (name in DRAFT_ONLY and not draft):
            raise bad(f"The property '{name}' cannot be set on this message.", "ErrorInvalidPropertySet")


def changes(wanted: Json) -> Json:
    """The checked values to be laid over the projection."""
    found: Json = {
        name: _value(name, value) for name, value in wanted.items() if name in (*ANY_TIME, *DRAFT_ONLY)
    }
    found.pop("internetMessageId", None)
    if "body" in found:
        found["bodyPreview"] = preview(as_text(found["body"]))
    if "from" in found:
        found.setdefault("sender", found["from"])
    return found


def _value(name: str, value: object) -> object:
    if name in RECIPIENTS:
        return recipients(value)
    if name in ("from", "sender"):
        return recipients([value])[0]
    if name == "body":
        return _body(value)
    if name == "flag":
        return _flag(value)
    return _plain(name, value)


def _plain(name: str, value: object) -> object:
    flags = name in ("isRead", "isDeliveryReceiptRequested", "isReadReceiptRequested")
    if flags and not isinstance(value, bool):
        raise bad(f"'{name}' is true or false.")
    if name == "categories" and not (isinstance(value, list) and all(isinstance(n, str) for n in value)):
        raise bad("'categories' is a list of names.")
    if name in ENUMS:
        return _word(name, value, ENUMS[name])
    if name in ("subject", "internetMessageId") and not isinstance(value, str):
        raise bad(f"'{name}' is a text.")
    if name == "internetMessageId" and not MESSAGE_ID.fullmatch(str(value)):
        raise bad("'internetMessageId' is one id in angle brackets.")
    return value


def _word(name: str, value: object, known: tuple[str, ...]) -> str:
    """A word of an enumeration in the spelling of the description; the service ignores case on input."""
    spelled = {word.lower(): word for word in known}
    if not isinstance(value, str) or value.lower() not in spelled:
        raise bad(f"'{name}' is one of {', '.join(known)}.")
    return spelled[value.lower()]


def _closed(value: Json, kind: str, known: tuple[str, ...]) -> None:
    """Refuse members that a type does not have."""
    for name in value:
        if name not in known and "@" not in name:
            raise bad(f"The property '{name}' does not exist on type 'microsoft.graph.{kind}'.")


def recipients(value: object) -> list[Json]:
    """A list of recipients. Raises 400 ErrorInvalidRecipients for what cannot be an address."""
    if not isinstance(value, list):
        raise bad("Recipients are a list.")
    found = []
    for entry in value:
        mail = entry.get("emailAddress") if isinstance(entry, dict) else None
        _closed(entry if isinstance(entry, dict) else {}, "recipient", ("emailAddress",))
        _closed(mail if isinstance(mail, dict) else {}, "emailAddress", ("name", "address"))
        address = mail.get("address") if isinstance(mail, dict) else None
        if not isinstance(address, str) or not ADDRESS.match(address) or not address.isascii():
            raise bad("At least one recipient isn't valid.", "ErrorInvalidRecipients")
        found.append(recipient(str((mail or {}).get("name") or ""), address))
    return found


def _body(value: object) -> Json:
    if not isinstance(value, dict) or not isinstance(value.get("content"), str):
        raise bad("A body has contentType and content.")
    _closed(value, "itemBody", ("contentType", "content"))
    # Well-known clients write HTML; the service takes the words of this type in any case.
    kind = _word("contentType", value.get("contentType", "text"), ("text", "html"))
    return {"contentType": kind, "content": value["content"]}


def _flag(value: object) -> Json:
    if not isinstance(value, dict):
        raise bad("A flag is an object.")
    _closed(value, "followupFlag", ("flagStatus", *FLAG_TIMES))
    found: Json = {"flagStatus": _word("flagStatus", value.get("flagStatus", "notFlagged"), FLAGS)}
    for name in FLAG_TIMES:
        if value.get(name) is not None:
            found[name] = _moment(name, value[name])
    if "dueDateTime" in found and "startDateTime" not in found:
        raise bad("A flag with a dueDateTime needs a startDateTime.", "ErrorInvalidRequest")
    return found


def _moment(name: str, value: object) -> Json:
    """A dateTimeTimeZone."""
    if not isinstance(value, dict) or not all(isinstance(value.get(part), str) for part in MOMENT):
        raise bad(f"'{name}' has a dateTime and a timeZone.")
    _closed(value, "dateTimeTimeZone", MOMENT)
    try:
        datetime.fromisoformat(value["dateTime"])
    except ValueError as exc:
        raise bad(f"The dateTime of '{name}' is no date.") from exc
    return {part: value[part] for part in MOMENT}


def custom_headers(value: object) -> list[Json]:
    """Headers of a new message. Raises 400 InvalidInternetMessageHeader unless each begins with x-."""
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise bad("internetMessageHeaders is a list of name and value.")
    found = []
    for entry in value:
        name, content = str(entry.get("name", "")), entry.get("value")
        if not name.lower().startswith("x-") or not HEADER.match(name):
            words = f"The internet message header name '{name}' should start with 'x-' or 'X-'."
            raise bad(words, "InvalidInternetMessageHeader")
        if not isinstance(content, str) or "\r" in content or "\n" in content:
            raise bad("The value of a header is one line of text.", "InvalidInternetMessageHeader")
        found.append({"name": name, "value": content})
    return found
