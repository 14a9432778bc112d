"""The same words of the same sender, sent again by hand (INT-8)."""

import hashlib
import re

from rules.conversation import phrases
from rules.text import bare_subject, folded, words
from schemas.mail import AttachmentKind, MailMessage

_ENOUGH = 120  # letters; a shorter text says too little without its subject


def fingerprint(mail: MailMessage) -> str:
    """A sha256 in hex over sender, new text and files; equal for a mail sent again by hand.

    Greetings, the sender's name, layout, Fw: marks and a first line about the sending itself do not count. A
    short text counts together with its subject: "see attached" twice is not the same request.
    """
    text = _substance(mail)
    subject = "" if len(text) >= _ENOUGH else folded(bare_subject(mail.subject))
    files = sorted(each.sha256 for each in mail.attachments if _counts(each.kind, each.inline))
    whole = "\n".join((mail.sender.address.lower(), subject, text, *files))
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()


def _counts(kind: AttachmentKind, inline: bool) -> bool:
    return not inline and kind not in {AttachmentKind.SIGNATURE, AttachmentKind.TNEF}


def _substance(mail: MailMessage) -> str:
    name = folded(mail.sender.name)
    passed_on = [each.text for each in mail.forwarded if each.text and each.text not in mail.new_text]
    kept = [_words_of(part, name) for part in _paragraphs("\n\n".join((mail.new_text, *passed_on)))]
    return " ".join(part for part in kept if part)


def _paragraphs(text: str) -> list[str]:
    return re.split(r"\n\s*\n", text)


def _words_of(paragraph: str, name: str) -> str:
    flat = folded(paragraph)
    cover = len(flat) <= 160 and phrases.COVER.search(flat) is not None and not phrases.ASKS.search(flat)
    if not flat or flat == name or cover or phrases.GREETING.match(flat) or phrases.SIGN_OFF.match(flat):
        return ""
    return " ".join(words(flat))
