"""Which case a mail belongs to: by message ids, then a trusted reference, never subject words (MAIL-1)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from schemas.catalogue import Catalogue
from schemas.mail import MailMessage
from schemas.thread import CaseSummary, ThreadHits


@dataclass(frozen=True)
class Match:
    """`case` may be changed by the sender; `named` was only named."""

    case: CaseSummary | None = None
    named: CaseSummary | None = None
    by_message_id: bool = False


def thread_ids(mail: MailMessage) -> tuple[str, ...]:
    """Message ids that the mail answers, the nearest first, each once."""
    ids = [*mail.in_reply_to, *reversed(mail.references)]
    if mail.report and mail.report.original_message_id:
        ids.insert(0, mail.report.original_message_id)
    return tuple(dict.fromkeys(each for each in ids if each))


def references_in(text: str, catalogue: Catalogue) -> tuple[str, ...]:
    """Case references named in a text, as they are stored, in order, each once."""
    form = catalogue.organisation.case_reference
    pattern = rf"(?<![A-Za-z0-9]){re.escape(form.prefix)}[-‐‑–  ]?(\d{{{form.digits}}})(?!\d)"
    found = re.findall(pattern, text, re.IGNORECASE)
    return tuple(dict.fromkeys(f"{form.prefix}-{digits}" for digits in found))


def case_by_message(mail: MailMessage, hits: ThreadHits) -> CaseSummary | None:
    """The case of the nearest known message that this mail answers."""
    return next((hits.by_message_id[each] for each in thread_ids(mail) if each in hits.by_message_id), None)


def match_case(mail: MailMessage, catalogue: Catalogue, hits: ThreadHits) -> Match:
    """The case that a mail belongs to.

    A known message id is proof enough, except for sensitive cases, which only their own people may add to. A
    reference in the subject counts when the sender is on the case
    (catalogue: mail_rules.case_reference_trusted_when).
    """
    answered = case_by_message(mail, hits)
    if answered is not None:
        trusted = not answered.sensitive or answered.includes(mail.sender.address)
        return Match(answered, None, True) if trusted else Match(None, answered, True)
    named = list(_named(mail, catalogue, hits))
    own = next((case for case in named if case.includes(mail.sender.address)), None)
    return Match(own, None if own else next(iter(named), None))


def _named(mail: MailMessage, catalogue: Catalogue, hits: ThreadHits) -> Iterator[CaseSummary]:
    for reference in references_in(mail.subject, catalogue):
        if reference in hits.by_reference:
            yield hits.by_reference[reference]
