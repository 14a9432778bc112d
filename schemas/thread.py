"""What is already known about the conversation of a mail, and what was decided about the mail."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from schemas.base import Frozen, Instant

type CaseStatus = Literal["received", "in_progress", "waiting_on_requester", "done"]
type Action = Literal["new_case", "follow_up", "duplicate", "delivery_failure", "ignore", "hold"]
type Reason = Literal[
    # ignore
    "auto_reply",
    "receipt",
    "calendar",
    "mailing_list",
    "delay_notice",
    "no_request",
    # duplicate
    "same_message_id",
    "same_sender_same_text_within_window",
    # hold
    "phishing",
    "spoofed_reference",
    "unknown_sender",
    "not_a_participant",
]


class CaseSummary(Frozen):
    """As much of a case as the conversation rules read. Addresses are lower case."""

    case_id: UUID
    reference: str
    request_type: str | None = None
    status: CaseStatus = "received"
    requester: str
    participants: tuple[str, ...] = ()
    approver: str | None = None
    closed_on: Instant | None = None
    opened_by_message: str | None = None
    sensitive: bool = False

    def includes(self, address: str) -> bool:
        """Whether this address is on the case: requester, participant or approver."""
        return address.lower() in {
            known.lower() for known in (self.requester, *self.participants, self.approver or "") if known
        }


class ThreadHits(Frozen):
    """What the look-ups named by `Wanted` found."""

    by_message_id: dict[str, CaseSummary] = Field(default_factory=dict)
    by_reference: dict[str, CaseSummary] = Field(default_factory=dict)
    same_message: CaseSummary | None = None  # this very Message-ID of this sender is on a case already
    same_fingerprint: tuple[tuple[CaseSummary, Instant], ...] = ()  # with the time that mail was received


class Wanted(Frozen):
    """The look-ups that a caller must make before a mail can be judged.

    `message_ids` stand in In-Reply-To, References and delivery reports; `references` are case references as
    they are stored; `fingerprint` finds the same text of the same sender.
    """

    message_ids: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    fingerprint: str


class Verdict(Frozen):
    """What becomes of a mail.

    `case` is the case to change (follow_up, duplicate, delivery_failure); `related` is the reference of a
    case that the mail names without being allowed to change it; `linked_to` is the reference of the closed
    case that a new one continues.
    """

    action: Action
    reason: Reason | None = None
    case: CaseSummary | None = None
    related: str | None = None
    linked_to: str | None = None
    reopen: bool = False
    only_thanks: bool = False
    recipient: str | None = None  # of a mail of ours that did not arrive
    permanent: bool | None = None
    request_type_hint: str | None = None
    trusted_machine: bool = False
    channel_bypass: bool = False  # came round the front door: a forward from a colleague, "as discussed"
