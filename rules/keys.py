"""Natural keys. Whatever is written twice must be recognised by its key; foreign ids are hashed (sync.md section 6)."""

import hashlib
import re
from uuid import UUID, uuid5

from schemas.events import NAMESPACE
from schemas.mail import MailMessage

_REFERENCE_DIGITS = re.compile(r"\d+$")


def digest(*parts: str) -> str:
    """Hex SHA-256 of the parts, safe as a value of an alternate key."""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def mail_key(mailbox: str, remote_id: str) -> str:
    """Key of one copy of a mail in one mailbox."""
    return digest("in", mailbox, remote_id)


def message_key(internet_message_id: str) -> str:
    """Key shared by all copies of one mail."""
    return digest("message", internet_message_id.strip())


def source_key(mail: MailMessage) -> str:
    """Key of the request in a mail: the same mail in two mailboxes is one request (INT-8)."""
    if mail.internet_message_id:
        return digest("source", mail.sender.address, mail.internet_message_id)
    return digest("source", mail.mailbox, mail.remote_id)


def case_id(source: str) -> UUID:
    """The id of the case that a source opens: the same source can never open two."""
    return uuid5(NAMESPACE, source)


def effect_key(case: UUID, purpose: str, cause: str) -> str:
    """Key of one effect; the far side carries it (DESIGN.md section 1)."""
    return digest("effect", str(case), purpose, cause)


def reference_number(reference: str) -> int:
    """The number at the end of a case reference: 4211 for NC-004211."""
    found = _REFERENCE_DIGITS.search(reference)
    if not found:
        raise ValueError(f"case reference {reference!r} does not end in a number")
    return int(found.group())
