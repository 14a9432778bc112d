"""The record that every mail leaves, whatever became of it: on a case, ignored, held or set aside."""

from typing import Literal

from schemas.base import Frozen, Instant

type Action = Literal["new_case", "follow_up", "duplicate", "delivery_failure", "ignore", "hold"]
type MessageKind = Literal[
    "request", "follow_up", "duplicate", "reply", "confirmation", "ask", "approval", "bounce", "automatic",
    "held", "ignored", "unreadable",
]  # fmt: skip


class MessageRecord(Frozen):
    """One mail as kept. `key` is unique for a mailbox copy; `message_key` is shared by all copies of one mail."""

    key: str
    direction: Literal["in", "out"]
    kind: MessageKind
    action: Action | None = None
    reason: str | None = None
    mailbox: str
    remote_id: str | None = None
    internet_message_id: str | None = None
    message_key: str | None = None
    fingerprint: str | None = None
    conversation_id: str | None = None
    sender: str = ""
    to: tuple[str, ...] = ()
    subject: str = ""
    on: Instant
    new_text: str = ""
    full_text: str = ""
    attachments_kept: tuple[str, ...] = ()
    attachments_dropped: tuple[str, ...] = ()
    attachments_quarantined: tuple[str, ...] = ()
    related: str | None = None
    details: dict[str, str | bool | tuple[str, ...] | None] = {}
