"""Non-delivery reports as Exchange writes them (reference 3.5): multipart/report with status and original."""

import uuid
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import SMTP
from email.utils import format_datetime, formataddr

from sandbox.graph.values import Json, Row

STATUS = "5.1.10"
WORDS = "Your message wasn't delivered to {0}.\r\n\r\nThe address couldn't be found, or the mailbox is unavailable.\r\n"
DETAIL = "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"


def report(sender: Row, sent: Json, message_id: str, failed: list[str], raw: bytes, now: datetime) -> bytes:
    """The report on a mail that some of its recipients did not get."""
    domain = sender["address"].partition("@")[2]
    mail = EmailMessage(policy=SMTP)
    mail["Return-Path"] = "<>"
    mail["From"] = formataddr(
        ("Microsoft Outlook", f"MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@{domain}")
    )
    mail["To"] = sender["address"]
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{uuid.uuid4()}@{domain}>"
    mail["Subject"] = f"Undeliverable: {' '.join(sent['subject'].split())}"
    mail["In-Reply-To"] = mail["References"] = message_id
    mail["Auto-Submitted"] = "auto-replied"
    mail["X-MS-Exchange-Message-Is-Ndr"] = ""
    mail["MIME-Version"] = "1.0"
    mail["Content-Type"] = 'multipart/report; report-type="delivery-status"'
    words = WORDS.format(", ".join(failed))
    text = EmailMessage(policy=SMTP)
    text.set_content(words)
    text.add_alternative("<p>" + words.replace("\r\n", "<br>") + "</p>", subtype="html")
    del text["MIME-Version"]
    mail.set_payload([text, _status(domain, failed), _original(raw)])
    return mail.as_bytes()


def _status(domain: str, failed: list[str]) -> Message:
    part = Message(policy=SMTP)
    part["Content-Type"] = "message/delivery-status"
    blocks = [{"Reporting-MTA": f"dns;mail.{domain}"}]
    for address in failed:
        facts = {"Final-Recipient": f"rfc822;{address}", "Action": "failed", "Status": STATUS}
        blocks.append(facts | {"Diagnostic-Code": f"smtp;{DETAIL}"})
    for facts in blocks:
        block = Message(policy=SMTP)
        for name, value in facts.items():
            block[name] = value
        part.attach(block)
    return part


def _original(raw: bytes) -> Message:
    part = Message(policy=SMTP)
    part["Content-Type"] = "message/rfc822"
    part.attach(message_from_bytes(raw, policy=SMTP))
    return part
