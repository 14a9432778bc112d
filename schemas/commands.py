"""What the world asks of a case. Every input becomes one of these (DESIGN.md section 1)."""

from schemas.base import Frozen, Instant
from schemas.events import Status
from schemas.mail import MailMessage
from schemas.reading import Answer, Reading
from schemas.thread import Verdict


class ReceiveMail(Frozen):
    """A mail was read, judged and, where it opens or answers a case, understood."""

    mail: MailMessage
    verdict: Verdict
    reading: Reading | None = None  # where it opens a case
    answer: Answer | None = None  # where it adds to one


class ImportCase(Frozen):
    """A case that existed before Plumbline came: its people, its messages and where it stands."""

    reference: str
    request_type: str
    requester: str
    participants: tuple[str, ...] = ()
    approver: str | None = None
    subject: str
    status: Status
    opened: Instant
    closed: Instant | None = None
    message_ids: tuple[str, ...] = ()
