"""Failures of Microsoft Graph, sorted by what the caller does next (reference: graph.md 2.1 and 2.2)."""

from collections.abc import Iterator, Mapping

from connectors.calls import Call, Reply, http_date, path_template, retry_after
from connectors.graph_rights import needed
from connectors.http import Service
from sync.errors import (
    FeedExpired,
    Forbidden,
    NotFound,
    OutcomeUnknown,
    PreconditionFailed,
    Rejected,
    RemoteError,
    Throttled,
)

_EXPIRED = frozenset(
    {
        "syncstatenotfound",
        "syncstateinvalid",
        "resyncrequired",
        "resyncchangesapplydifferences",
        "resyncchangesuploaddifferences",
        "resyncapplydifferences",
        "resyncuploaddifferences",
    }
)
_THROTTLED = frozenset({"toomanyrequests", "applicationthrottled", "activitylimitreached"})
_STALE = frozenset({"resourcemodified", "errorirresolvableconflict"})
_BY_STATUS: dict[int, type[RemoteError]] = {
    401: Forbidden,
    403: Forbidden,
    404: NotFound,
    408: OutcomeUnknown,
    410: FeedExpired,
    412: PreconditionFailed,
    423: Throttled,
    429: Throttled,
    501: Rejected,
}
_REMEDIES: dict[type[RemoteError], str] = {
    FeedExpired: "the link of this feed is no longer honoured; read the folder or list anew",
    Throttled: "the service asks to wait; the call is repeated later",
    PreconditionFailed: "the item has changed since it was read; read it again",
    Forbidden: "the app lacks a right here",
    NotFound: "the item, mailbox or list is not there",
    OutcomeUnknown: "the service failed and may or may not have done it",
    Rejected: "the service does not accept this call",
}
_ADVICE = {
    "badrequest": "; see that members, options and words are spelled as in Microsoft's description",
    "errorattachmentsizeshouldnotbelessthanminimumsize": "; files below 3 MB are attached with one POST",
    "errorcannotopenfileattachment": "; this attachment can never be read: note it and go on",
    "errorcorruptdata": "; this attachment can never be read: note it and go on",
    "errordeletedistinguishedfolder": "; a standard folder stays",
    "errorfolderexists": "; the name is in use, read what is there",
    "errorinvalididmalformed": "; an id goes back as it came, percent-encoded: this one was cut, changed or made up",
    "notimplemented": "; there is no such operation here: look for another way in Microsoft's documentation",
    "itemnotfound": "; check the ids of site, list and item, and that the app was granted the site",
    "resourcenotfound": "; it may have ended: make it anew",
    "errorinvalidoperation": "; the message is no draft: it may be that it has been sent already",
    "errorinvalidproperty": "; the value of an extended property has to fit the type in its id",
    "errorinvalidpropertyid": "; such an id has a type, a GUID in braces and a name: String {...} Name CaseNumber",
    "errorinvalidpropertyset": "; content and recipients of a message change only while it is a draft",
    "errorinvalidrecipients": "; check the addresses of the recipients: at least one is missing or no address",
    "errorinvalidrequest": "; compare it with Microsoft's page on this operation, something is missing or too much",
    "errorinvalidurlquery": "; delta allows only receivedDateTime in $filter and $orderby, and no $search",
    "errorinvalidurlqueryfilter": "; delta allows only receivedDateTime in $filter and $orderby, and no $search",
    "errorinvaliduser": "; check the address of the mailbox",
    "erroritemnotfound": "; ids change on a move unless they are immutable, and they are compared with their case",
    "errormimecontentinvalidbase64string": "; a mail in MIME is sent as base64 with the type text/plain",
    "errorsendasdenied": "; sending from another address needs the right Send As",
    "inefficientfilter": "; filter by fewer properties, first by those of $orderby, or sort here",
    "invalidinternetmessageheader": "; names of own headers begin with x-; others are sent in MIME only",
    "searchwithfilter": "; a $search stands alone: without $filter, $orderby and $skip",
    "searchwithorderby": "; a $search stands alone: without $filter, $orderby and $skip",
    "applicationthrottled": "; at most four calls at once go to one mailbox",
    "activitylimitreached": "; the app has used up its resource units: read less with each call, deltas with a token",
    "invalidrequest": "; for lists compare it with the columns of the list: internal names, types, @odata.type"
    " beside several values, an index for filters; for subscriptions look at its members: changeType, resource,"
    " https addresses, expirationDateTime, clientState",
    "validationerror": "; the notification address must give the validation token back as text/plain in ten seconds",
    "extensionerror": "; a subscription needs its mailbox in the scope of the app, an end within the limit, and no"
    " other one like it",
    "namealreadyexists": "; the name is in use, read what is there",
}
"""What to do about codes that say more than their status."""


def explain(call: Call, reply: Reply) -> RemoteError | None:
    """The error that an answer means, for `Http`; a redirect is never followed."""
    if 300 <= reply.status < 400 and reply.status != 304:
        return Rejected(f"Microsoft Graph redirects {call.method} {call.path}", status=reply.status)
    return failure(call.method, call.url, reply.status, reply.json, reply.headers)


GRAPH = Service(name="Microsoft Graph", explain=explain)
"""What `Http` has to know of Microsoft Graph."""


def failure(
    method: str, path: str, status: int, body: object, headers: Mapping[str, str]
) -> RemoteError | None:
    """The error that an answer, or a part of a batch, means; None for success. Headers are in lower case."""
    if status < 400:
        return None
    codes = error_codes(body)
    wait = retry_after(headers.get("retry-after"), http_date(headers.get("date")))
    kind = _kind(status, frozenset(code.lower() for code in codes), wait)
    said = f"{status} ({codes[0]})" if codes else str(status)
    right = needed(method, path) if status == 403 else None
    advice = _ADVICE.get(codes[0].lower(), "") if codes else ""
    missing = f"; it needs {right.name}: {right.remedy}" if right else ""
    return kind(
        f"Microsoft Graph answered {said} to {method} {path_template(path)}: {_REMEDIES[kind]}{advice}{missing}",
        status=status,
        code=codes[0] if codes else None,
        request_id=headers.get("request-id"),
        retry_after=wait,
    )


def error_codes(body: object) -> list[str]:
    """The codes of an error body, innermost first. Both spellings of the inner error occur."""
    return list(_codes(body.get("error") if isinstance(body, dict) else None))[::-1]


def _codes(error: object) -> Iterator[str]:
    for _ in range(10):
        if not isinstance(error, dict):
            return
        if isinstance(error.get("code"), str) and error["code"]:
            yield error["code"]
        error = error.get("innerError") or error.get("innererror")


def _kind(status: int, codes: frozenset[str], wait: float | None) -> type[RemoteError]:
    if codes & _EXPIRED:
        return FeedExpired
    if codes & _THROTTLED or (status == 503 and wait is not None):
        return Throttled
    if codes & _STALE:
        return PreconditionFailed
    return _BY_STATUS.get(status, OutcomeUnknown if status >= 500 else Rejected)
