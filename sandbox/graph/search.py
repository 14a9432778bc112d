"""$search of messages: the plain part of KQL (docs: Use the $search query parameter).

Words and phrases, alone or with a property, joined by AND and OR; a word counts from its beginning."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.graph.errors import bad, not_offered
from sandbox.graph.texts import as_text
from sandbox.graph.values import Json

TERM = re.compile(r'\s*(?:([A-Za-z]+):)?(?:\\?"((?:[^"\\])*)\\?"|([^\s"()<>=]+))')
PEOPLE = {
    "from": ("from", "sender"),
    "to": ("toRecipients",),
    "cc": ("ccRecipients",),
    "bcc": ("bccRecipients",),
    "recipients": ("toRecipients", "ccRecipients", "bccRecipients"),
    "participants": ("from", "sender", "toRecipients", "ccRecipients", "bccRecipients"),
}
TEXTS: dict[str, Callable[[Json], str]] = {
    "subject": lambda doc: str(doc["subject"]),
    "body": lambda doc: as_text(doc["body"]),
    "importance": lambda doc: str(doc["importance"]),
    "hasattachments": lambda doc: str(doc["hasAttachments"]),
} | {name: (lambda doc, members=members: _people(doc, members)) for name, members in PEOPLE.items()}
USUAL = ("from", "subject", "body")  # where a word without a property is looked for


@dataclass(frozen=True)
class Term:
    """Some words in one of some places."""

    places: tuple[str, ...]
    words: re.Pattern[str]

    def fits(self, doc: Json) -> bool:
        """Whether the message has them."""
        return any(self.words.search(TEXTS[place](doc)) for place in self.places)


def _people(doc: Json, members: tuple[str, ...]) -> str:
    found: list[Any] = []
    for member in members:
        value = doc[member]
        found += value if isinstance(value, list) else [value] if value else []
    return " ".join(f"{who['emailAddress']['name']} {who['emailAddress']['address']}" for who in found)


def read(said: str) -> Callable[[Json], bool]:
    """What a $search asks of a message. Raises 400 for what is no search, 501 for more of KQL."""
    text = said.strip()
    if text.startswith('"') and text.endswith('"') and len(text) > 1:
        text = text[1:-1]
    elif ":" in text or '"' in text:
        raise bad("Syntax error: the value of $search is put in double quotes.")
    choices = [[_term(found) for found in _terms(choice)] for choice in re.split(r"\s+OR\s+", text)]
    if not all(choices):
        raise bad("The value of $search is empty.")
    return lambda doc: any(all(term.fits(doc) for term in terms) for terms in choices)


def _terms(text: str) -> list[re.Match[str]]:
    found, position = [], 0
    while text[position:].strip():
        match = TERM.match(text, position)
        if match is None:
            raise not_offered("this kind of $search")
        position = match.end()
        if match[0].strip() == "NOT":
            raise not_offered("NOT in $search")
        if match[0].strip() != "AND":
            found.append(match)
    return found


def _term(match: re.Match[str]) -> Term:
    name, phrase, word = match.groups()
    if name is not None and name.lower() not in TEXTS:
        raise not_offered(f"the property '{name}' in $search")
    words = re.escape((phrase if phrase is not None else word).rstrip("*").strip())
    words = re.sub(r"(\\ )+", r"\\s+", words)
    places = (name.lower(),) if name else USUAL
    return Term(places, re.compile(rf"(?<!\w){words}", re.I))
