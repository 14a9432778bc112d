"""What somebody wrote now, parted from what they quote and pass on (requirement MAIL-5).

The text is read line by line. Three things end or interrupt what is new: a quoted line (>), an introduction
("On ... wrote:"), and a header block of the answered mail (From, Sent, To, Subject). Lines between quoted
lines are answers and stay. Below a header block everything is old, unless the mail passes it on.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from mailparser_reply.constants import MAIL_LANGUAGES

from connectors.mime import phrases
from connectors.mime.markup import QUOTE_START, SIGNATURE

MOST_BLOCKS = 20
LONGEST_SIGNATURE = 12  # lines below "-- ": more is no signature
_LONGEST_HEADER = 14  # lines
_MARKS = re.compile("[\ue000-\ue00f]")
_LIBRARY_INTROS = tuple(
    re.compile(intro, re.MULTILINE | re.IGNORECASE)
    for language in MAIL_LANGUAGES.values()
    if isinstance(intro := language.get("wrote_header"), str)
)
_TIME_OR_ADDRESS = re.compile(r"@|\d{1,2}[:.h]\d{2}")


@dataclass(frozen=True)
class Passage:
    """A message passed on in the text: its header lines by kind (sender, sent, to, subject), and its text."""

    header: dict[str, str]
    text: str


@dataclass
class Cut:
    """A text in its three parts."""

    new: str = ""
    quoted: str = ""
    passages: list[Passage] = field(default_factory=list)

    @property
    def content(self) -> str:
        """All that is not a quote."""
        return "\n".join([self.new, *(each.text for each in self.passages)])


class _Kind(Enum):
    QUOTED = auto()  # our own line says so
    OLDER = auto()  # quoted in a reply, passed on otherwise
    PASSED_ON = auto()  # the mail program says so


@dataclass(frozen=True)
class _Block:
    """A header block: where it starts, where the text below it starts, and what it says."""

    start: int
    end: int
    header: dict[str, str]
    kind: _Kind = _Kind.OLDER


def cut(text: str, *, is_reply: bool, is_forward: bool) -> Cut:
    """Part a text. Without a reply there is nothing to quote: a header block then passes something on."""
    lines = text.split("\n")
    new, quoted, block = _part(lines)
    found = Cut(_finish(new))
    if block is not None and _passes_on(block, is_reply, is_forward):
        found.passages = _passages(block, lines[block.end :])
    elif block is not None:
        quoted += lines[block.start :]
    if is_forward and quoted and not found.passages:
        found.passages, quoted = [Passage({}, _finish(_unquoted(quoted)))], []
    found.quoted = plain("\n".join(quoted))
    if is_reply and not quoted and not found.passages:
        return _second_opinion(found)
    if not found.new and not found.passages and not is_reply:
        return Cut(_finish(lines))  # nobody to quote: the > were the sender's own
    return found


def _passes_on(block: _Block, is_reply: bool, is_forward: bool) -> bool:
    if block.kind is _Kind.OLDER:
        return is_forward or not is_reply
    return block.kind is _Kind.PASSED_ON


def _part(lines: Sequence[str]) -> tuple[list[str], list[str], _Block | None]:
    """New lines, quoted lines, and the header block that ends both."""
    new: list[str] = []
    quoted: list[str] = []
    at = 0
    while at < len(lines):
        block = _block(lines, at)
        if block is not None:
            return new, quoted, block
        intro = _intro(lines, at)
        if intro and not _quotes_follow(lines, at + intro):
            return new, quoted + list(lines[at:]), None
        if intro or lines[at].lstrip().startswith(">"):
            quoted += lines[at : at + (intro or 1)]
            new.append("")
        elif not phrases.BANNER.match(lines[at]):
            new.append(lines[at])
        at += intro or 1
    return new, quoted, None


def _intro(lines: Sequence[str], at: int) -> int:
    """How many lines the introduction of a quote takes here; 0 for none."""
    if not lines[at].strip() or lines[at].lstrip().startswith(">"):
        return 0
    # Only a line that begins like one may go on in the next lines: else the text above would go with it.
    longest = 3 if phrases.INTRO_START.match(lines[at]) else 1
    for count in range(1, longest + 1):
        piece = [line.strip() for line in lines[at : at + count]]
        joined = " ".join(piece)
        if len(joined) > 500 or not piece[-1] or piece[-1].startswith(">"):
            return 0
        if joined.endswith((":", "：")) and phrases.INTRO.match(joined):
            return count if _sure(joined) or _quotes_follow(lines, at + count) else 0
    return 0


def _sure(intro: str) -> bool:
    """Whether a line names an address, or begins with a date and has a time: people rarely write so."""
    return "@" in intro or (phrases.INTRO_START.match(intro) and _TIME_OR_ADDRESS.search(intro)) is not None


def _quotes_follow(lines: Sequence[str], at: int) -> bool:
    return next((line.lstrip().startswith(">") for line in lines[at:] if line.strip()), False)


def _block(lines: Sequence[str], at: int) -> _Block | None:
    """The header block of an older mail that starts at this line."""
    line = lines[at]
    if not line.strip():
        return None
    if phrases.ABOVE_THIS_LINE.match(line):
        return _Block(at, at + 1, {}, _Kind.QUOTED)
    passed_on = phrases.PASSED_ON.match(line) is not None
    if passed_on or line.startswith(QUOTE_START) or phrases.ORIGINAL.match(line):
        return _marked_block(lines, at, passed_on)
    head = _next_text(lines, at + 1) if phrases.RULE.match(line) else at
    end, header = _header(lines, head)
    return _Block(at, end, header) if _is_header(header) else None


def _marked_block(lines: Sequence[str], at: int, passed_on: bool) -> _Block:
    """A block whose start the mail program marks: its header may be in any language or missing."""
    head = _next_text(lines, at + 1)
    if head < len(lines) and phrases.PASSED_ON.match(lines[head]):  # below a mark from the HTML
        passed_on, head = True, _next_text(lines, head + 1)
    end, header = _header(lines, head)
    return _Block(at, end, header, _Kind.PASSED_ON if passed_on else _Kind.OLDER)


def _next_text(lines: Sequence[str], at: int) -> int:
    while at < len(lines) and not lines[at].strip(" >\t" + QUOTE_START):
        at += 1
    return at


def _header(lines: Sequence[str], at: int) -> tuple[int, dict[str, str]]:
    """Header lines from here on, by kind; long recipient lists may run over several lines."""
    header: dict[str, str] = {}
    last = ""
    start = at
    while at < len(lines) and at - start < _LONGEST_HEADER:
        match = phrases.HEADER_LINE.match(lines[at]) if len(lines[at]) <= 2_200 else None
        if match is not None and match.lastgroup:
            last = next(kind for kind in ("sender", "sent", "to", "cc", "subject") if match[kind] is not None)
            header.setdefault(last, match["value"].strip(" *"))
        elif last in ("to", "cc") and "@" in lines[at]:
            header[last] += f" {lines[at].strip(' >')}"
        else:
            break
        at += 1
    return at, header


def _is_header(header: dict[str, str]) -> bool:
    """Whether these lines are a mail's header, and not a form with a From and a To."""
    if "sender" not in header:
        return False
    if "subject" in header and ("sent" in header or "to" in header):
        return True
    return "@" in header["sender"] and "sent" in header


def _passages(block: _Block, rest: Sequence[str]) -> list[Passage]:
    """The mail passed on, and those it passes on or answers itself."""
    passages: list[Passage] = []
    while len(passages) < MOST_BLOCKS:
        body = _unquoted(rest)
        new, _, below = _part(body)
        passages.append(Passage(block.header, _finish(new)))
        if below is None:
            break
        block, rest = below, body[below.end :]
    return passages


def _unquoted(lines: Sequence[str]) -> list[str]:
    """Some programs quote what they pass on: one level of > is taken off when all lines have it."""
    texts = [line for line in lines if line.strip()]
    if not texts or not all(line.lstrip().startswith(">") for line in texts):
        return list(lines)
    return [re.sub(r"^\s*> ?", "", line) for line in lines]


def _second_opinion(found: Cut) -> Cut:
    """A reply in which our own rules see no quote: try the introductions that the library knows."""
    text = found.new
    if len(text) > 8_000 or any(len(line) > 400 for line in text.split("\n")):
        return found  # its expressions are slow on long lines
    matches = (pattern.search(text) for pattern in _LIBRARY_INTROS)
    starts = [each.start() for each in matches if each and _TIME_OR_ADDRESS.search(each[0])]
    if not starts:
        return found
    return Cut(_finish(text[: min(starts)].split("\n")), text[min(starts) :].strip())


def _finish(lines: Sequence[str]) -> str:
    """New lines without signature, client footer and needless blanks."""
    kept = [line for line in _without_signatures(lines) if not is_footer(line)]
    while kept and phrases.RULE.match(kept[-1] or "x"):
        kept.pop()
    return plain("\n".join(kept))


def _without_signatures(lines: Sequence[str]) -> list[str]:
    kept = list(lines)
    for at, line in enumerate(kept):
        if line.rstrip() in ("--", "—", "– ") or line.startswith(SIGNATURE):
            below = [each for each in kept[at + 1 :] if each.strip()]
            if len(below) <= LONGEST_SIGNATURE:
                return kept[:at]
    return kept


def is_footer(line: str) -> bool:
    """Whether a line is what a phone or mail program adds ("Sent from my iPhone")."""
    if not 8 <= len(line) <= 400 or not phrases.FOOTER.match(line):
        return False
    return phrases.DEVICE.search(line) is not None


def plain(text: str) -> str:
    """A text without structure marks and needless blanks."""
    text = _MARKS.sub("", "\n".join(line.rstrip() for line in text.split("\n")))
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n").rstrip()
