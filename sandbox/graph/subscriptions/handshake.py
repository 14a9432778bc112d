"""The validation of a notification address: the tenant posts a token, the receiver gives it back in ten seconds."""

import uuid
from urllib.parse import quote_plus

from sandbox.graph.errors import GraphError, bad
from sandbox.outgoing.addresses import is_local, split
from sandbox.outgoing.model import Outcome, Settings
from sandbox.outgoing.outgoing import Outgoing

CHANNEL = "graph-validation"
ASKED = "Notification endpoint must respond with 200 OK to validation request."


def check_address(name: str, url: object, settings: Settings) -> str:
    """Give an address that the tenant would call. Raises 400: the service wants https."""
    if not isinstance(url, str) or not url:
        raise bad(f"{name} is a required property for subscription creation.", "InvalidRequest")
    try:
        parts = split(url)
    except ValueError as exc:
        raise bad(f"{name} is not an absolute address: {exc}.", "InvalidRequest") from exc
    if parts.scheme != "https" and not (is_local(parts) and settings.local_http):
        raise bad(f"{name} must be an https address.", "InvalidRequest")
    return url


def validate(outgoing: Outgoing, url: str) -> None:
    """Run the handshake with one address. Raises 400 ValidationError."""
    token = f"Validation: Testing client application reachability for subscription Request-Id: {uuid.uuid4()}"
    address = f"{url}{'&' if '?' in url else '?'}validationToken={quote_plus(token)}"
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    outcome = outgoing.call(CHANNEL, address, "", headers, outgoing.settings.validation_seconds)
    reason = _reason(outcome, token)
    if reason is not None:
        raise GraphError(400, "ValidationError", reason)


def _reason(outcome: Outcome, token: str) -> str | None:
    if outcome.failure == "timeout":
        return "Subscription validation request timed out."
    if outcome.status is None:
        return f"Subscription validation request failed. {ASKED}"
    if outcome.status != 200:
        return f"Subscription validation request failed. HTTP status code is '{outcome.status}'. {ASKED}"
    # documented guess: the words for an answer of the wrong kind
    if outcome.media_type != "text/plain":
        return "Subscription validation request failed. The answer must have the content type text/plain."
    if outcome.body != token.encode():
        return "Subscription validation request failed. The answer must be the decoded validation token."
    return None
