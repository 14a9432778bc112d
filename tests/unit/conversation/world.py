"""Builders for mails and cases; each fills what a test does not name."""

from datetime import UTC, datetime
from email import message_from_string
from email.message import EmailMessage
from uuid import NAMESPACE_URL, uuid5

from connectors.mime import read_mail
from rules.conversation import classify, wanted
from schemas.mail import MailMessage
from schemas.thread import CaseSummary, ThreadHits, Verdict
from tests.unit.northgate import CATALOGUE, DIRECTORY

RECEIVED = datetime(2026, 2, 12, 9, 0, tzinfo=UTC)
OFFICER = "Housing Officer 12 <housing.officer12@northgate.example>"
STRANGER = "Brightwell Supplies <accounts@brightwell-supplies.example>"
PASSED = "mx1.northgate.example; spf=pass smtp.mailfrom=x; dkim=pass header.d=x; dmarc=pass header.from=x"


def mail(
    text: str = "",
    *,
    subject: str = "A request",
    sender: str = OFFICER,
    to: str = "it.help@northgate.example",
    mailbox: str = "it.help@northgate.example",
    headers: dict[str, str] | None = None,
) -> MailMessage:
    """A mail as it lies in the mailbox. Our own senders are marked as internal, others pass their checks."""
    message = EmailMessage()
    given = headers or {}
    internal = "@northgate.example" in sender
    checks = (
        {"X-MS-Exchange-Organization-AuthAs": "Internal"}
        if internal
        else {"X-MS-Exchange-Organization-AuthAs": "Anonymous", "Authentication-Results": PASSED}
    )
    basics = {"From": sender, "To": to, "Subject": subject, "Message-ID": "<m1@mail.example>"}
    for name, value in {**checks, **basics, **given}.items():
        message[name] = value
    message.set_content(text)
    return read(message, mailbox)


def read(message: EmailMessage | str, mailbox: str = "it.help@northgate.example") -> MailMessage:
    """The mail that these headers and this body make."""
    built = message_from_string(message) if isinstance(message, str) else message
    found = read_mail(built.as_bytes(), mailbox=mailbox, remote_id="r1", received_at=RECEIVED)
    assert isinstance(found, MailMessage)
    return found


def case(reference: str = "NC-004101", **values: object) -> CaseSummary:
    """An open case of the officer."""
    given = {
        "case_id": uuid5(NAMESPACE_URL, reference),
        "reference": reference,
        "request_type": "it.incident",
        "status": "in_progress",
        "requester": "housing.officer12@northgate.example",
        "participants": ("housing.officer12@northgate.example", "housing.manager@northgate.example"),
    }
    return CaseSummary.model_validate({**given, **values})


def judge(given: MailMessage, *cases: CaseSummary, ids: dict[str, CaseSummary] | None = None) -> Verdict:
    """Judge a mail in a world where these cases exist, found by reference, and by message id where named."""
    asked = wanted(given, CATALOGUE)
    hits = ThreadHits(
        by_reference={each.reference: each for each in cases if each.reference in asked.references},
        by_message_id={key: value for key, value in (ids or {}).items() if key in asked.message_ids},
    )
    return classify(given, CATALOGUE, DIRECTORY, hits)


def became(verdict: Verdict) -> tuple[str, str | None]:
    return verdict.action, verdict.reason
