"""Plain-text tools that more than one rule needs: folding, sentences, subjects. Pure and total."""

import re
import unicodedata

_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "’": "'", "‘": "'",
                          "‐": "-", "‑": "-", "–": "-", "—": "-", "“": '"', "”": '"'})  # fmt: skip
_SPACE = re.compile(r"\s+")
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+|\n\s*\n")
_PREFIX = re.compile(
    r"^\s*(?:(?:re|aw|sv|vs|antw|odp|rif|r|ynt|fw|fwd|wg|tr|rv|i|pd|doorst|vl|ilt)\s*(?:\[\d+\])?\s*:\s*)+",
    re.IGNORECASE,
)


def folded(text: str) -> str:
    """Lower case, accents and typographic signs flattened, spaces single: to compare, never to show."""
    flat = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    # Most mail is plain: looking at each sign of a long text costs seconds.
    kept = flat if flat.isascii() else "".join(sign for sign in flat if not unicodedata.combining(sign))
    return _SPACE.sub(" ", kept.translate(_LETTERS)).strip()


def sentences(text: str) -> list[str]:
    """Sentences and paragraphs, folded; a single line break does not end a sentence, an empty line does."""
    parts = (folded(part) for part in _SENTENCE.split(text))
    return [part for part in parts if part]


def words(text: str) -> list[str]:
    """The words of a folded text; an apostrophe stays inside its word."""
    return re.findall(r"[^\W_]+(?:'[^\W_]+)?", folded(text))


def bare_subject(subject: str) -> str:
    """A subject without its Re: and Fw: marks, in any of the usual languages."""
    return _PREFIX.sub("", subject).strip()


def answers_or_forwards(subject: str) -> bool:
    """Whether a subject begins with such a mark."""
    return _PREFIX.match(subject) is not None


def domain_of(address: str) -> str:
    """The domain of an address, lower case; empty when there is none."""
    return address.rpartition("@")[2].strip().rstrip(".").lower() if "@" in address else ""


def within(domain: str, parents: tuple[str, ...]) -> bool:
    """Whether a domain is one of these or below one of them."""
    return any(domain == parent.lower() or domain.endswith("." + parent.lower()) for parent in parents)


def slips(one: str, other: str) -> int:
    """How many letters must be added, dropped, changed or swapped with their neighbour."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, right in enumerate(other, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                best = min(best, earlier[j - 2] + 1)
            row.append(best)
    return row[-1]
