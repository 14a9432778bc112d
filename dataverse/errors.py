"""Failures of the Dataverse Web API, sorted by what the caller does next, in words that advise.

Source: reference dataverse.md sections 0, 1, 2, 4, 7. Message texts of the service may hold private values:
only names of columns, tables and privileges are taken from them.
"""

import re
from collections.abc import Callable

from connectors import failures
from connectors.calls import Call, Reply
from sync.errors import FeedExpired, Forbidden, NotFound, PreconditionFailed, Rejected, RemoteError, Throttled

_BY_CODE: dict[str, type[RemoteError]] = {
    "0x80044352": FeedExpired,
    "0x80060882": PreconditionFailed,
    "0x80060892": PreconditionFailed,
    "0x80040237": PreconditionFailed,
    "0x80040333": PreconditionFailed,
    "0x80072322": Throttled,
    "0x80072321": Throttled,
    "0x80072326": Throttled,
    "0x80072560": Forbidden,
    "0x80042f09": Forbidden,
    "0x80040220": Forbidden,
    "0x8004a110": Forbidden,
    "0x8006088a": Rejected,
    "0x80072491": Rejected,
}
_ADVICE = {
    "0x80072560": "the app has no application user in this environment; create one for its client id",
    "0x80042f09": "the application user has no security role; give it the role of this solution",
    "0x8004a110": "the application user may not act for others; give it prvActOnBehalfOfAnotherUser",
    "0x80048306": "the role reaches other rows only; raise the depth of its privilege, or share the row",
    "0x80040231": "the new owner has no role that reads this table; give that user or team one first",
    "0x8004f502": "the column is secured; add the application user to a column security profile",
    "0x8004f507": "the column is secured; add the application user to a column security profile",
    "0x80072491": "change tracking is off for this table; run the provisioning",
    "0x8006088a": "the table is not there; run the provisioning",
    "0x80060890": "the alternate key is not defined or its index is not active yet; run the provisioning",
    "0x80040237": "a row with this key exists already",
    "0x80060892": "a row with this key exists already",
    "0x80040333": "duplicate detection found a row like it",
    "0x80060882": "the row has changed since it was read; read it again and decide again",
    "0x80040217": "the row is not there: it was deleted, or its id or key is wrong",
    "0x80040203": "a value or name does not fit this call; compare the body with Microsoft's page on it",
    "0x80040800": "the service does not support this call; look for another way in Microsoft's documentation",
    "405 0x80060888": "the address takes no such method; a definition is changed by PUT of the whole of it",
    "0x8004f021": "a table of the system stays",
    "0x80040200": "a column that the system requires has no value; send one",
    "0x80044331": "the text is too long",
    "0x8004431a": "the choice does not have this value; send a value of its options, never a label",
    "0x80044330": "the number is outside of what the column takes",
    "0x80040239": "the date cannot be read or is too early; the service takes dates from 1753 on",
    "0x80040278": "a text holds control characters that the service cannot keep; take them out",
    "0x80048408": "the status does not belong to the state; send both, as the table pairs them",
    "0x80040216": "the service cannot do this; in bulk calls name each row once, and no key column beside its address",
    "0x80040315": "the table does not know this message; rows are deleted by BulkDelete or one by one",
    "0x80047013": "a column of this name exists already; compare it with what is wanted",
    "0x8004f01f": "the definition is still needed by others; delete the lookups or keys that use it first",
    "0x80044310": "an option value exists already; compare its label with what is wanted",
    "0x80048d19": "the body holds a member that the table does not have, or a value of the wrong kind",
    "0x80072322": "too many requests in five minutes; wait as it says, make fewer calls with more rows in each",
    "0x80072321": "too much execution time in five minutes; wait as long as it says, and send smaller batches",
    "0x80072326": "too many requests at once; wait as long as it says, and make fewer calls at once",
    "0x80050201": "a webhook that is waited for answered with a failure, so nothing was saved; register it async",
    "0x80050202": "a webhook that is waited for did not answer, so nothing was saved; register it async",
    "0x80050205": "a webhook that is waited for could not be called, so nothing was saved; register it async",
    "0x80044352": "the token of this feed has expired; read the whole table anew",
    "0x80060888": "the call asks for what the Web API does not do, or in words that it cannot read",
    "0x80041102": "the query names a table that is not there; use its logical name",
    "0x80041103": "the query names a column that the table does not have; use its logical name",
    "0x80041128": "the entity of the FetchXML query is not that of the address",
    "0x8004112a": "the link or cookie of the next page was changed; follow the link as it came",
    "0x8004430a": "FetchXML pages past 50,000 rows need a cookie; send the cookie of the page before",
    "0x8004430c": "the query has too many conditions; ask in parts",
    "0x8004430d": "the query joins too many tables; ask in parts",
    "0x8004430e": "a condition has too many values; ask in parts",
    "0x8004e023": "more than 50,000 rows to aggregate; narrow the filter, for example by month",
}
_SEGMENT = "not found for the segment"
_BY_WORDS = (
    (_SEGMENT, _ADVICE["0x8006088a"]),
    ("stream was not readable", "the batch is damaged; every line of it ends with CRLF, the last one too"),
    ("the key in the request uri", "these columns are no alternate key of the table; look at its keys"),
    ("does not support entities", "rows of an intersect table are written by $ref of its relationship"),
)
_BY_KIND: dict[type[RemoteError], str] = {
    FeedExpired: "the token of this feed is no longer honoured; read the whole table anew",
    Throttled: "the service asks to wait; the call is repeated later",
    PreconditionFailed: "the row is not, or no longer, in the state that the call names; read it again",
    Forbidden: "the application user may not do this; check its security role and that sign-in is accepted",
    Rejected: "the service does not accept this call",
    NotFound: "the row or address is not there",
}
_PRIVILEGE = re.compile(r"\bprv[A-Za-z0-9_]+")
_FIELD = re.compile(
    r"""(?:named|property|attribute|column|field)\s+['"]([A-Za-z_][\w@.]*)['"]"""
    r"""|['"]([A-Za-z_][\w@.]*)['"]\s+(?:attribute|property|column|field)""",
    re.IGNORECASE,
)
_LENGTH = re.compile(r"maximum allowed length of '(\d+)'")
_EXPIRED = re.compile(r"version ?stamp|token", re.IGNORECASE)
_CODE = re.compile(r"0x[0-9a-fA-F]{1,8}")


def failure(call: Call, reply: Reply) -> RemoteError | None:
    """The error that an answer means; None for success and for a batch, whose parts speak for themselves."""
    if reply.status < 300 or reply.status == 304 or is_batch(reply):
        return None
    code, text = said(reply.json)
    kind = _kind(call, reply, code, text)
    request_id = _request_id(reply)
    facts = [f"Dataverse answered {reply.status}{f' ({code})' if code else ''} to {call.method} {call.path}"]
    facts += [_advice(kind, reply.status, code, text), *_named(kind, text)]
    return kind(
        "; ".join(fact for fact in facts if fact) + (f" [request {request_id}]" if request_id else ""),
        status=reply.status,
        code=code,
        request_id=request_id,
        retry_after=reply.retry_after,
    )


def is_batch(reply: Reply) -> bool:
    """Whether the answer is made of parts; also one with outer status 400 is (section 5)."""
    return reply.headers.get("content-type", "").lower().startswith("multipart/mixed")


def said(body: object) -> tuple[str | None, str]:
    """Code and text of an error body in any of its three shapes; None and empty when it has none."""
    if not isinstance(body, dict):
        return None, ""
    error = body.get("error", body)
    if isinstance(error, str):
        return None, error
    fields = error if isinstance(error, dict) else {}
    code = fields.get("code") or fields.get("ErrorCode")
    text = next((fields[key] for key in ("message", "ExceptionMessage", "Message") if fields.get(key)), "")
    return (_spelled(code) if isinstance(code, str) else None), str(text)


def _spelled(code: str) -> str | None:
    return "0x" + code[2:].lower() if _CODE.fullmatch(code) else None


def _kind(call: Call, reply: Reply, code: str | None, text: str) -> type[RemoteError]:
    if "deltatoken" in call.url and 400 <= reply.status < 500 and _EXPIRED.search(text):
        return FeedExpired
    if code in _BY_CODE:
        return _BY_CODE[code]
    if _SEGMENT in text.lower():
        return Rejected
    return failures.kind(reply)


def _advice(kind: type[RemoteError], status: int, code: str | None, text: str) -> str:
    """What to do: by the words where one code has several meanings, then by the code, then by the branch."""
    said = text.lower()
    for words, advice in _BY_WORDS:
        if words in said:
            return advice
    return _ADVICE.get(f"{status} {code}") or _ADVICE.get(code or "") or _BY_KIND.get(kind, "")


def _named(kind: type[RemoteError], text: str) -> list[str]:
    """What the service's text names: the missing privilege, or the field and its rule."""
    if kind is Forbidden:
        return [f"missing privilege {found.group()}" for found in [_PRIVILEGE.search(text)] if found]
    if kind is not Rejected:
        return []
    rules: list[tuple[re.Pattern[str], Callable[[re.Match[str]], str]]] = [
        (_FIELD, lambda found: f"field {found.group(1) or found.group(2)}"),
        (_LENGTH, lambda found: f"at most {found.group(1)} characters"),
    ]
    return [word(found) for pattern, word in rules if (found := pattern.search(text))]


def _request_id(reply: Reply) -> str | None:
    names = ("x-ms-service-request-id", "req_id")
    return next((reply.headers[each] for each in names if each in reply.headers), None)
