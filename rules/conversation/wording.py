"""What the words of a mail say: written by a machine, only a thank-you, or a request (MAIL-3)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rules.conversation import phrases
from rules.text import bare_subject, folded, sentences, words
from schemas.mail import MailMessage

_LONGEST = 4_000  # characters; automatic answers are short, and rules must stay quick on anything
_LONGEST_CLOSING = 8  # lines of a signature
_CORE_KINDS = frozenset({"absent", "automated", "acknowledged"})

type Title = Literal["machine", "doubtful", "none"]

_PICTURES = re.compile("^[\U0001f300-\U0001faff\u2600-\u27bf\ufe0f\u200d\\s!.]+$")


@dataclass(frozen=True)
class Wording:
    """Sentences of a mail, sorted into what automatic answers say and the rest."""

    kinds: frozenset[str]
    rest: tuple[str, ...]


def written_by_machine(mail: MailMessage, labelled: bool) -> bool:
    """Whether the words alone show an absence note or an acknowledgement that nobody wrote.

    `labelled` says that the text answers fields of the catalogue, which no automatic answer does. A person
    who mentions a holiday beside something else is never taken for a machine: what remains beside the
    automatic sentences must ask nothing, and without a telling subject nothing may remain at all.
    """
    if labelled or mail.attachments:
        return False
    title = _title(mail.subject)
    wording = _wording(mail)
    if title == "machine":
        # "Please note" and "please contact" are usual there; only asking the reader back is not.
        return bool(wording.kinds) or not any(phrases.ASKS_ONE_READER.search(part) for part in wording.rest)
    if wording.rest:
        return False
    if title == "doubtful":
        return bool(wording.kinds)
    return len(wording.kinds) >= 2 and bool(wording.kinds & _CORE_KINDS)


def asks(parts: Iterable[str]) -> bool:
    """Whether one of these folded sentences asks for something."""
    return any(phrases.ASKS.search(part) for part in parts)


def asks_one_reader(mail: MailMessage) -> bool:
    """Whether the mail asks its reader for an answer, as opposed to telling many what to do."""
    return any(phrases.ASKS_ONE_READER.search(part) for part in _parts(mail))


def asks_something(mail: MailMessage) -> bool:
    """Whether subject or text asks for something."""
    return asks((folded(bare_subject(mail.subject)), *_parts(mail)))


def says_nothing_to_do(mail: MailMessage) -> bool:
    """Whether the mail says itself that it wants nothing, and asks nothing beside that."""
    parts = _parts(mail)
    told = [part for part in parts if phrases.NOTHING_TO_DO.search(part)]
    return bool(told) and not asks(part for part in parts if part not in told)


def offers_to_unsubscribe(mail: MailMessage) -> bool:
    """Whether the mail ends as newsletters do."""
    return phrases.UNSUBSCRIBE.search(folded(mail.text[-_LONGEST:])) is not None


def is_notice(mail: MailMessage) -> bool:
    """Whether a mail program tells about another mail: a recall or a reaction."""
    return any(phrases.NOTICE.search(part) for part in _parts(mail)[:3])


def came_round_the_door(mail: MailMessage) -> bool:
    """Whether the mail says that a colleague was asked first (INT-9)."""
    return any(phrases.BYPASS.search(part) for part in _parts(mail))


def only_thanks(mail: MailMessage) -> bool:
    """Whether the new text thanks and says nothing else: no question, no figure, no file, no news."""
    text = _without_closing(mail.new_text.strip(), folded(mail.sender.name))
    if not text or "?" in text or len(text) > 400 or any(not each.inline for each in mail.attachments):
        return False
    if _PICTURES.match(text):
        return True
    if phrases.WAS_WELL.search(folded(text)):
        return False
    spoken = set(words(text)) - set(words(mail.sender.name))
    return bool(spoken & phrases.THANKS) and spoken <= phrases.THANKS | phrases.BESIDE_THANKS


def _without_closing(text: str, name: str) -> str:
    """A text without the sender's name and post at its end; lines that speak to the reader stay."""
    lines = text.split("\n")
    for at, line in enumerate(lines):
        flat = folded(line)
        if at and flat and (phrases.CLOSING.match(flat) or flat == name):
            below = [each for each in lines[at + 1 :] if each.strip()]
            quiet = len(below) <= _LONGEST_CLOSING and all(_is_quiet(each) for each in below)
            return "\n".join(lines[:at]).strip() if quiet else text
    return text


def _is_quiet(line: str) -> bool:
    """Whether a line may stand in a signature: short, no sentence, no postscript, no request."""
    flat = folded(line)
    told = line.rstrip().endswith((".", "!", "?", ":")) or flat.startswith(("ps", "p.s", "nb"))
    return len(words(flat)) <= 8 and not told and phrases.ASKS.search(flat) is None


def _title(subject: str) -> Title:
    """How the subject begins. After "Re:" a person answers an automatic answer."""
    found = phrases.AUTOMATIC_TITLE.match(folded(subject))
    if found is None:
        return "doubtful" if phrases.AUTOMATIC_TITLE.match(folded(bare_subject(subject))) else "none"
    if not found["end"].strip() and not found["rest"]:
        return "doubtful"
    return (
        "none" if phrases.ASKS.search(found["rest"]) and not _quotes_a_subject(found["rest"]) else "machine"
    )


def _quotes_a_subject(rest: str) -> bool:
    return re.match(r"^\W*(?:re|aw|sv|odp|antw|rif)\s*:|^\W*[a-z]{1,6}-\d{3,}", rest) is not None


def _parts(mail: MailMessage) -> list[str]:
    return sentences((mail.new_text or mail.text)[:_LONGEST])


def _wording(mail: MailMessage) -> Wording:
    kinds: set[str] = set()
    rest: list[str] = []
    name = folded(mail.sender.name)
    for part in _parts(mail):
        found = {kind for kind, pattern in phrases.AUTOMATIC_SENTENCES.items() if pattern.search(part)}
        kinds |= found
        if not found and not _courtesy(part, name):
            rest.append(part)
    return Wording(frozenset(kinds), tuple(rest))


def _courtesy(part: str, name: str) -> bool:
    if phrases.GREETING.match(part) or phrases.SIGN_OFF.match(part) or not words(part):
        return True
    return bool(name) and (part.startswith(name) or name.startswith(part))
