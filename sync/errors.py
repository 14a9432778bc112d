"""Failures, sorted by what the caller does next (DESIGN.md section 6).

    RemoteError
    ├── NotSent               nothing reached the service: repeat freely
    ├── Throttled             refused unread: wait, repeat freely
    ├── OutcomeUnknown        may have been applied: repeat only what is replayable, or look
    ├── PreconditionFailed    the record moved on: read again, decide again
    ├── FeedExpired           the delta token is dead: list everything anew
    ├── NotFound              gone, or never there
    ├── Forbidden             names the missing permission
    └── Rejected              will never be accepted: set aside, name the field

No message text, address, token or callback URL may enter a message of these errors.
"""


class RemoteError(Exception):
    """A call to a remote service failed.

    `status` is the HTTP status or None when nothing came back; `code` is the service's own code;
    `request_id` is what its operator asks for; `retry_after` is in seconds. `doubtful` says that an earlier try
    of the same call may have been carried out: then this refusal may be the echo of our own success.
    """

    doubtful = False

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.request_id = request_id
        self.retry_after = retry_after


class NotSent(RemoteError):
    """Nothing reached the service."""


class Throttled(RemoteError):
    """The service refused the call unread."""


class OutcomeUnknown(RemoteError):
    """The call may have been applied; nobody said."""


class PreconditionFailed(RemoteError):
    """The record is not, or no longer, in the state that the call named."""


class FeedExpired(RemoteError):
    """The delta token is no longer honoured."""


class NotFound(RemoteError):
    """The thing is not there."""


class Forbidden(RemoteError):
    """The identity lacks a permission; the message names it."""


class Rejected(RemoteError):
    """The service will never accept this call; the message names the field."""


class ConfigurationError(Exception):
    """The settings, or the tenant's set-up, need a person. The message says what to do."""
