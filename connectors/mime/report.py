"""Delivery reports: which mail did not arrive, at whom, and for good or for now (RFC 3464, MAIL-4)."""

import re
from email.message import Message

from connectors.mime.headers import Fields, decoded, fields, first, message_ids
from connectors.mime.parts import children
from schemas.mail import DeliveryReport

_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_ORDER = ("failed", "delayed", "relayed", "expanded", "delivered")
_MACHINES = re.compile(r"^(?:postmaster|mailer-daemon|microsoftexchange[0-9a-f]*)@", re.IGNORECASE)


def delivery_report(delivery: Message, returned: Message | None, raw: Fields) -> DeliveryReport:
    """The worst of the recipients in a message/delivery-status part."""
    groups = [fields(each) for each in children(delivery)]
    per_recipient = [each for each in groups if "action" in each]
    worst = min(per_recipient, key=_rank, default={})
    return DeliveryReport(
        recipient=_typed(first(worst, "original-recipient") or first(worst, "final-recipient")),
        action=(first(worst, "action") or "failed").strip().lower()[:20],
        status=_status(first(worst, "status")),
        original_message_id=_original(returned, raw),
    )


def old_report(raw: Fields, text: str, sender: str) -> DeliveryReport | None:
    """A bounce without the standard part: only with an empty return path or from a mail server."""
    failed = first(raw, "x-failed-recipients")
    bounced = first(raw, "return-path") == "<>" and _MACHINES.match(sender)
    if not failed and not (bounced and _STATUS.search(text[:5_000])):
        return None
    return DeliveryReport(
        recipient=decoded(failed.split(",")[0]).lower() if failed else None,
        action="failed",
        status=_status(text[:5_000]),
        original_message_id=_original(None, raw) or _returned_in(text),
    )


def _returned_in(text: str) -> str | None:
    """The Message-ID in a copy of the lost mail below the notice, as Exim and qmail append it."""
    line = re.search(
        r"^[> ]{0,4}Message-ID:[ \t]*(<[^<>\s]{1,900}>)[ \t]*$", text[:20_000], re.IGNORECASE | re.MULTILINE
    )
    return line[1] if line else None


def _rank(group: Fields) -> int:
    action = (first(group, "action") or "").strip().lower()
    return _ORDER.index(action) if action in _ORDER else len(_ORDER)


def _typed(value: str | None) -> str | None:
    """The address of "rfc822;somebody@a.example"."""
    if not value:
        return None
    return decoded(value.split(";", 1)[-1]).strip(" <>").lower() or None


def _status(text: str | None) -> str | None:
    match = _STATUS.search(text or "")
    return match[1] if match else None


def _original(returned: Message | None, raw: Fields) -> str | None:
    if returned is not None:
        found = message_ids(fields(returned).get("message-id", ()))
        if found:
            return found[0]
    near = message_ids(raw.get("in-reply-to", ())) or message_ids(raw.get("references", ()))
    return near[-1] if near else None
