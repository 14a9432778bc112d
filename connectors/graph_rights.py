"""Which permission a call to Microsoft Graph needs, so that a refusal can name it (reference: graph.md section 1)."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Right:
    """A permission, where it is given, and what to know about it."""

    name: str
    remedy: str


_EXCHANGE = "assign the Exchange role with this mailbox in its scope (up to two hours until it counts)"
_MAIL_READ = Right(
    "Application Mail.Read",
    f"{_EXCHANGE}; Application Mail.ReadWrite, which the app needs for other calls, includes it",
)
_MAIL_WRITE = Right("Application Mail.ReadWrite", _EXCHANGE)
_MAIL_SEND = Right("Application Mail.Send", _EXCHANGE)
_SITE_READ = Right("Sites.Selected with the role read", "let an administrator grant the app this site")
_SITE_WRITE = Right("Sites.Selected with the role write", "let an administrator grant the app this site")
_SITE_OWN = Right(
    "Sites.Selected with the role fullcontrol",
    "lists, columns and grants are made by the deployment, not by the app",
)
_USER_READ = Right("User.Read.All", "consent it for the app registration")

_READING = ("GET", "HEAD")
# (path, right for reading, right for anything else), first match wins. The path is below the version root.
_TABLE: tuple[tuple[str, Right, Right], ...] = (
    (r"/users/[^/]+/sendmail", _MAIL_SEND, _MAIL_SEND),
    (r"/users/[^/]+/messages/[^/]+/(send|reply|replyall|forward)", _MAIL_SEND, _MAIL_SEND),
    (r"/users/[^/]+/(messages|mailfolders|outlook|translateexchangeids).*", _MAIL_READ, _MAIL_WRITE),
    (r"/users(/[^/]+)?", _USER_READ, _USER_READ),
    (r"/sites/.*/permissions.*", _SITE_OWN, _SITE_OWN),
    (r"/sites/.*/lists", _SITE_READ, _SITE_OWN),
    (r"/sites/.*/columns.*", _SITE_READ, _SITE_OWN),
    (r"/sites.*", _SITE_READ, _SITE_WRITE),
    (r"/subscriptions.*", _MAIL_READ, _MAIL_READ),
)
_VERSION = re.compile(r"^(?:https?://[^/]+)?(?:/v1\.0)?(?=/)")


def needed(method: str, url: str) -> Right | None:
    """The permission that a call needs; None where this table does not know."""
    path = _VERSION.sub("", url.partition("?")[0]).lower()
    for pattern, reading, writing in _TABLE:
        if re.fullmatch(pattern, path):
            return reading if method.upper() in _READING else writing
    return None
