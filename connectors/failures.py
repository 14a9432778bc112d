"""What a failed call means for its caller, for any service (DESIGN.md section 6)."""

import requests
import urllib3

from connectors.calls import Call, Reply
from sync.errors import (
    ConfigurationError,
    FeedExpired,
    Forbidden,
    NotFound,
    NotSent,
    OutcomeUnknown,
    PreconditionFailed,
    Rejected,
    RemoteError,
    Throttled,
)

_BY_STATUS: dict[int, type[RemoteError]] = {
    401: Forbidden,
    403: Forbidden,
    404: NotFound,
    408: OutcomeUnknown,
    410: FeedExpired,
    412: PreconditionFailed,
    429: Throttled,
    501: Rejected,
}


def kind(reply: Reply) -> type[RemoteError]:
    """The branch of the tree that a failed answer belongs to, by its status alone."""
    if reply.status == 503 and reply.retry_after is not None:
        return Throttled
    return _BY_STATUS.get(reply.status, OutcomeUnknown if reply.status >= 500 else Rejected)


def failure(call: Call, reply: Reply) -> RemoteError | None:
    """The error that an answer means; None for success. A redirect is never followed."""
    if reply.status < 300 or reply.status == 304:
        return None
    return kind(reply)(
        f"the service answered {reply.status} to {call.method} {call.path}",
        status=reply.status,
        retry_after=reply.retry_after,
    )


def unanswered(call: Call, error: requests.RequestException) -> RemoteError | ConfigurationError:
    """The error that a missing answer means: did anything reach the service?

    The texts of the HTTP library hold the whole address, so only the kind of failure is named.
    """
    what = f"{call.method} {call.path}"
    if isinstance(error, requests.exceptions.SSLError) and "certificate" in str(error).lower():
        return ConfigurationError(
            f"the certificate of the service is not trusted ({what}):"
            " name the CA bundle of its authority in the settings"
        )
    if _before_sending(error):
        return NotSent(f"no connection to the service ({what}); nothing was sent, it is tried again")
    return OutcomeUnknown(f"the answer to {what} was lost ({type(error).__name__})")


def _before_sending(error: requests.RequestException) -> bool:
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    return isinstance(reason, urllib3.exceptions.NewConnectionError | urllib3.exceptions.ConnectTimeoutError)


def may_repeat(call: Call, error: BaseException) -> bool:
    """Whether the call may be sent again: nothing happened, or happening twice does no harm."""
    if isinstance(error, NotSent | Throttled):
        return True
    return isinstance(error, OutcomeUnknown) and call.replayable
