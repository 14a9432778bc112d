"""The readable sections of a mail as one text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from connectors.mime import markup, phrases
from connectors.mime.charset import clean
from connectors.mime.parts import Section
from schemas.mail import LabelledCell

_MAILTO = re.compile(r"<mailto:([^<>\s]{1,300})>", re.IGNORECASE)

LONGEST_TEXT = 1_000_000  # characters
MOST_CELLS = 200


@dataclass(frozen=True)
class Body:
    """Text with structure marks for `quotes`, label-value rows, and the language the HTML names."""

    text: str
    cells: tuple[LabelledCell, ...] = ()
    language: str | None = None

    def cells_in(self, content: str) -> tuple[LabelledCell, ...]:
        """Rows that belong to this part of the text, each once."""
        flat = _flat(content)
        kept = [each for each in self.cells if _flat(each.label) in flat and _flat(each.value) in flat]
        return tuple(dict.fromkeys(kept))[:MOST_CELLS]


def read_body(sections: Sequence[Section], faults: list[str]) -> Body:
    """Put the sections together; of two forms the plain one, unless only the HTML shows the quote."""
    texts: list[str] = []
    cells: list[LabelledCell] = []
    language = None
    for section in sections:
        read = _section(section, faults)
        texts.append(read.text)
        cells += read.cells
        language = language or read.language
    text = "\n\n".join(each.strip("\n") for each in texts if each.strip())
    if len(text) > LONGEST_TEXT:
        faults.append("only the first 1,000,000 characters of the text were read")
        text = text[:LONGEST_TEXT]
    return Body(text, tuple(cells), language)


def _section(section: Section, faults: list[str]) -> Body:
    plain = _MAILTO.sub(_said_once, clean(section.plain or ""))
    if not section.html:
        return Body(plain)
    html = clean(section.html)
    language = markup.language(html)
    needed = (
        not plain.strip() or _is_placeholder(plain) or (markup.has_quote(html) and not shows_quote(plain))
    )
    if not needed and not markup.has_rows(html):
        return Body(plain, (), language)
    read = markup.read_markup(html, faults)
    return Body(_trim(read.text) if needed else plain, read.cells, language)


def _said_once(link: re.Match[str]) -> str:
    """Outlook writes a link behind its text: of an address that is the same again."""
    before = link.string[max(0, link.start() - len(link[1])) : link.start()]
    return "" if before.lower() == link[1].lower() else link[0]


def shows_quote(plain: str) -> bool:
    """Whether a plain text marks its quotes itself."""
    return any(
        line.startswith(">")
        or phrases.ORIGINAL.match(line)
        or phrases.PASSED_ON.match(line)
        or (line.rstrip().endswith(":") and phrases.INTRO.match(line[:500]))
        or (line.lstrip(" *").lower().startswith("from:") and "@" in line)
        for line in plain.split("\n")
    )


def _is_placeholder(plain: str) -> bool:
    """ "Your program cannot show HTML" in place of the text."""
    return len(plain) < 300 and re.search(r"\bHTML\b", plain) is not None


def _trim(text: str) -> str:
    lines = (re.sub(r"[ ]*\t[ ]*", "\t", line).rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def _flat(text: str) -> str:
    return " ".join(text.split()).lower()
