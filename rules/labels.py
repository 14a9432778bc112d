"""Values that stand after a label, in all the ways people write them (requirement INT-2).

`Label: value` on lines, in bullets, in tables, after tabs or dashes, several in one line, with the value on
the next line or wrapped over lines. Which labels count is the catalogue's business: the caller gives them.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from rules.text import folded, slips
from schemas.catalogue import Catalogue
from schemas.mail import LabelledCell

_LONGEST = 20_000  # characters of a text that are searched
_MOST_LINES = 600
_BULLET = re.compile(r"^\s*(?:>\s*)*(?:[-*•·–—▪●◦‣✓]\s+|\(?\d{1,2}[.)]\s+|\(?[a-z][.)]\s+)?")
_LINE = re.compile(
    r"^(?P<label>[^:：=\t|?]{1,60}?)\s*"
    r"(?P<mark>[:：]+|\?\s*[:：]?|\t+|\|| {3,}|\s=>?|\s?(?:->|→)|\s[-–—]+\s)(?P<value>.*)$"
)
_HEADER = re.compile(
    r"^\s*[>*\s]*(?:from|sent|to|cc|subject|date|reply-to|von|gesendet|an|betreff|datum|de|envoyé|à|objet|para|enviado"
    r"|asunto|da|inviato|a|oggetto|od|wysłano|do|temat|van|verzonden|aan|onderwerp)\s*:",
    re.IGNORECASE,
)
_BLOCK_SIGN = re.compile(
    r"^\s*[>*\s]*(?:subject|betreff|objet|asunto|oggetto|temat|onderwerp|assunto)\s*:", re.IGNORECASE
)
_ANY_LABEL = re.compile(r"^[^\W\d][\w /&'().-]{0,40}[:：]\s")
_WIDTH = 60  # a line at least this long may have been wrapped by the mail program


@dataclass(frozen=True)
class Pair:
    """A label as the catalogue knows it (normalised), the value as written, and the text both stood in."""

    label: str
    value: str
    evidence: str


@lru_cache(maxsize=4_096)
def normal(label: str) -> str:
    """A label for comparing: folded, without brackets, articles, stars and stops."""
    flat = re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", folded(label))
    flat = re.sub(r"[^\w/'& -]|_", " ", flat)
    return re.sub(r"^(?:the|your|my|our) ", "", re.sub(r"\s+", " ", flat).strip())


def all_labels(catalogue: Catalogue) -> frozenset[str]:
    """Every label that the catalogue knows for any field of any type, normalised."""
    own = [(each.label, *each.labels) for kind in catalogue.request_types.values() for each in kind.fields]
    common = [(each.label, *each.labels) for each in catalogue.intake.fields.values()]
    return frozenset(normal(label) for labels in (*own, *common) for label in labels)


@lru_cache(maxsize=4_096)
def known_as(label: str, known: frozenset[str]) -> str | None:
    """The known label that this one means: the same, turned round, in plural, or with a slip."""
    name = normal(label)
    if not name or name in known:
        return name or None
    turned = re.fullmatch(r"([\w ]+?) of (?:the )?([\w ]+)", name)
    if turned and f"{turned[2]} {turned[1]}" in known:
        return f"{turned[2]} {turned[1]}"
    single = {each for each in known if name in (f"{each}s", f"{each}es") or each == f"{name}s"}
    if not single and len(name) >= 6:
        allowed = 1 if len(name) < 10 else 2
        near = (each for each in known if len(each) >= 6 and abs(len(each) - len(name)) <= allowed)
        single = {each for each in near if slips(each, name) <= allowed}
    return single.pop() if len(single) == 1 else None


def labelled_pairs(text: str, cells: Iterable[LabelledCell], known: frozenset[str]) -> tuple[Pair, ...]:
    """All answered labels in reading order; what an HTML table says comes first, the same pair only once."""
    pairs: dict[tuple[str, str], Pair] = {}
    for pair in (*_from_cells(cells, known), *_from_text(text[:_LONGEST], known)):
        pairs.setdefault((pair.label, folded(pair.value)), pair)
    return tuple(pairs.values())


def loose_sentences(text: str, known: frozenset[str]) -> tuple[str, ...]:
    """The sentences, as written, that belong to no label; a sentence ends at a label, too."""
    stretches: list[str] = []
    for label, value in _stretches(text[:_LONGEST], known):
        first = _inline(known).search(value)
        if label is None:
            stretches.append(value[: first.start()] if first else value)
        else:
            stretches.append("")
    sentences = (part.strip() for part in re.split(r"(?<=[.!?])\s+|\n\s*\n", "\n".join(stretches)))
    return tuple(re.sub(r"\s+", " ", part) for part in sentences if part)


def _from_cells(cells: Iterable[LabelledCell], known: frozenset[str]) -> Iterator[Pair]:
    for cell in cells:
        name = known_as(cell.label.strip().rstrip(":：?"), known)
        if name in known and cell.value.strip():
            yield Pair(name, cell.value.strip(), f"{cell.label}: {cell.value}")


def _from_text(text: str, known: frozenset[str]) -> Iterator[Pair]:
    for label, value in _stretches(text, known):
        yield from _split(label, value, known)


def _stretches(text: str, known: frozenset[str]) -> Iterator[tuple[str | None, str]]:
    """A label with all lines of its value, or None with one line of other text."""
    lines = _paired(_without_headers(text.split("\n")[:_MOST_LINES]), known)
    at = 0
    while at < len(lines):
        label, value = _leading(lines[at], known)
        end = at + 1
        if label is not None:
            end = _value_end(lines, at, bool(value.strip()), known)
            value = " ".join((value, *(line.strip() for line in lines[at + 1 : end])))
        yield label, value
        at = end


def _leading(line: str, known: frozenset[str]) -> tuple[str | None, str]:
    """The known label that a line begins with, and the rest; without one the whole line."""
    bare = _BULLET.sub("", line).replace("**", "").replace("__", "").strip().strip("|").strip()
    found = _LINE.match(bare)
    if found is None:
        return None, bare
    name = known_as(found["label"].strip(" *_"), known)
    exact = normal(found["label"]) in known
    clear = found["mark"][0] in ":：\t|" or exact
    if name is None or name not in known or not clear:
        return None, bare
    return name, found["value"].strip().strip("|*_").strip()


def _value_end(lines: list[str], at: int, has_value: bool, known: frozenset[str]) -> int:
    """The line after the value, which may begin on the next line or be wrapped over several."""
    end = at + 1
    if not has_value and end < len(lines) and _continues(lines[end], known):
        end += 1
    while has_value and end < len(lines) and _continues(lines[end], known):
        indented = lines[end][:2].isspace() and not lines[at][:1].isspace()
        if not indented and len(lines[end - 1]) < _WIDTH:
            break
        end += 1
    return end


def _continues(line: str, known: frozenset[str]) -> bool:
    if not line.strip() or _ANY_LABEL.match(line.strip()):
        return False
    bulleted = re.match(r"^\s*(?:[-*•·▪●◦‣]|\d{1,2}[.)])\s", line) is not None
    return not bulleted and _leading(line, known)[0] is None


def _split(label: str | None, value: str, known: frozenset[str]) -> Iterator[Pair]:
    """Cut a line at further labels that follow a stop inside it."""
    start, name, spoken = 0, label, label or ""
    for found in _inline(known).finditer(value):
        if name is not None:
            yield from _pair(name, spoken, value[start : found.start()])
        start, spoken = found.end(), found["label"]
        name = known_as(spoken, known)
    if name is not None:
        yield from _pair(name, spoken, value[start:])


def _pair(name: str, spoken: str, value: str) -> Iterator[Pair]:
    written = value.strip().rstrip(";,|").strip()
    if written.endswith(".") and written.count(".") == 1:
        written = written[:-1]
    if written and not re.fullmatch(r"[-–—?.…_*\s]+|n/?a|tbc|tbd", written, re.IGNORECASE):
        yield Pair(name, written, f"{spoken}: {written}"[:200])


@lru_cache(maxsize=64)
def _inline(known: frozenset[str]) -> re.Pattern[str]:
    names = sorted((re.escape(each).replace(r"\ ", r"\s+") for each in known), key=len, reverse=True)
    body = "|".join(names) or r"(?!)"
    return re.compile(rf"(?:(?<=[.;,|!?])\s+|\s{{2,}}|\s[/|]\s|^)(?P<label>{body})\s*[:：]\s*", re.IGNORECASE)


def _paired(lines: list[str], known: frozenset[str]) -> list[str]:
    """Join label and value where they alternate on lines, as tables do that were pasted as text.

    One such pair could be chance; two are a form.
    """
    filled = [at for at, line in enumerate(lines) if line.strip()]
    alone = {at for at in filled if normal(lines[at].strip().rstrip(":：")) in known}
    pairs = _alternating(filled, alone, lines)
    if len(pairs) < 2:
        return lines
    values = set(pairs.values())
    joined = {at: f"{lines[at].strip().rstrip(':：')}: {lines[after].strip()}" for at, after in pairs.items()}
    return [joined.get(at, line) for at, line in enumerate(lines) if at not in values]


def _alternating(filled: list[int], alone: set[int], lines: list[str]) -> dict[int, int]:
    """Lines of labels with the lines of their values.

    A value may be the name of a label by chance ("phone"): then another label follows it, or nothing.
    """
    pairs: dict[int, int] = {}
    values: set[int] = set()
    for place, (at, after) in enumerate(pairwise(filled)):
        if at not in alone or at in values:
            continue
        marked = lines[after].rstrip().endswith((":", "："))
        further = filled[place + 2] if place + 2 < len(filled) else None
        if after not in alone or (not marked and (further is None or further in alone)):
            pairs[at] = after
            values.add(after)
    return pairs


def _without_headers(lines: list[str]) -> list[str]:
    """Drop the From/Sent/To/Subject block above a passed-on message: "From:" is a label of some types."""
    kept: list[str] = []
    at = 0
    while at < len(lines):
        end = at
        while end < len(lines) and _HEADER.match(lines[end]):
            end += 1
        block = end - at >= 3 and any(_BLOCK_SIGN.match(line) for line in lines[at:end])
        kept.extend(() if block else lines[at : max(end, at + 1)])
        at = max(end, at + 1)
    return kept
