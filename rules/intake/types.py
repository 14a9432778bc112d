"""Which request type a mail asks for: plain weights that `explain` can show (requirement INT-7).

A type is only taken when its signs are clear and clearly ahead of the next; otherwise a person chooses.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from rules.intake.values import Values
from rules.labels import Pair, normal
from rules.text import bare_subject, folded, words
from schemas.catalogue import Catalogue, IntakeField, RequestType
from schemas.reading import TypeScore

ENOUGH = 5
AHEAD = 2
_AHEAD_OF_GUARDED = 5
_LABEL = "label"
_PLACE = "mailbox of"
# Points. A label answered with a fitting value says more than a word somewhere in the text.
_QUEUE, _ONLY_TYPE_OF_QUEUE, _DEPARTMENT = 3, 6, 1
_RARE_LABEL, _SHARED_LABEL, _COMMON_LABEL, _COVERED = 4, 3, 2, 4
_KEYWORD_IN_SUBJECT, _KEYWORD, _MOST_FOR_KEYWORDS = 4, 2, 10
_ELSEWHERE = -3  # a word in passing, in a mail to others, is no request
_NAMED_VALUE, _FORMAT, _NAME_WORD, _WHOLE_NAME = 3, 3, 2, 3
_NO_WORD = re.compile(r"[^\w'-]+")
_LONGEST = 6_000  # characters of text that are searched for words


@dataclass(frozen=True)
class Spoken:
    """What a mail says, prepared for scoring."""

    subject: str
    text: str
    written: str
    pairs: tuple[Pair, ...]


def spoken(subject: str, loose: Iterable[str], pairs: tuple[Pair, ...]) -> Spoken:
    """Fold subject and text once for all types. Names of labels are no words of the sender."""
    text = " . ".join((*loose, *(pair.value for pair in pairs)))[:_LONGEST]
    return Spoken(_line(bare_subject(subject)), _line(text), text, pairs)


def score_types(
    said: Spoken, candidates: Sequence[RequestType], queue: str | None, values: Values
) -> tuple[TypeScore, ...]:
    """Scores of all candidates that have any sign, best first; ties in the order of the catalogue."""
    scorer = _Scorer(values.catalogue, values, said)
    found = [scorer.score(kind, queue) for kind in candidates]
    return tuple(sorted((each for each in found if each.score > 0), key=lambda each: -each.score))


def safe_type(scores: Sequence[TypeScore], guarded: Collection[str]) -> str | None:
    """The best type when it is strong enough and clearly ahead.

    Restricted work must not land in an open queue: beside any word for a type of `guarded` another type needs
    answered labels and a longer lead.
    """
    if not scores or scores[0].score < ENOUGH:
        return None
    best = scores[0]
    labelled = any(sign.startswith(_LABEL) for sign in best.signs)
    for other in scores[1:]:
        told = any(not sign.startswith(_PLACE) for sign in other.signs)
        risky = told and other.request_type in guarded and best.request_type not in guarded
        if best.score - other.score < (_AHEAD_OF_GUARDED if risky else AHEAD) or (risky and not labelled):
            return None
    return best.request_type


def own_labels(field: IntakeField) -> tuple[str, ...]:
    """The labels of a field, normalised; its name in the catalogue is one of them."""
    return tuple(dict.fromkeys(normal(each) for each in (*field.labels, field.label)))


def shaped(pattern: str, text: str) -> set[str]:
    """The words of a text that have the shape of a format: as written, and with a digit in them."""
    loose = pattern.removeprefix("^").removesuffix("$")
    found = (each[0] for each in re.finditer(rf"(?<![\w-])(?:{loose})(?![\w-])", text))
    return {each for each in found if any(sign.isdigit() for sign in each)}


class _Scorer:
    def __init__(self, catalogue: Catalogue, values: Values, said: Spoken) -> None:
        self._values = values
        self._said = said
        types = tuple(catalogue.request_types.values())
        self._label_use = Counter(
            label for kind in types for label in {each for field in kind.fields for each in own_labels(field)}
        )
        self._name_use = Counter(word for kind in types for word in set(words(kind.name)))
        self._queue_use = Counter(kind.owner.queue for kind in types)
        self._departments = {name: queue.department for name, queue in catalogue.queues.items()}

    def score(self, kind: RequestType, queue: str | None) -> TypeScore:
        told = [*self._labels(kind), *self._keywords(kind), *self._name(kind)]
        # Shapes only support what words say already: a site named in a mail says nothing about its purpose.
        signs = [*self._place(kind, queue), *told, *(self._shapes(kind) if told else ())]
        if self._elsewhere(kind, queue) and _in_passing(kind, [points for points, _ in told]):
            signs.append((_ELSEWHERE, "mailbox of another department"))
        return TypeScore(
            request_type=kind.id,
            score=sum(points for points, _ in signs),
            signs=tuple(f"{sign} ({points:+d})" for points, sign in signs),
        )

    def _place(self, kind: RequestType, queue: str | None) -> Iterable[tuple[int, str]]:
        if queue is None:
            return
        if kind.owner.queue == queue:
            alone = self._queue_use[queue] == 1
            yield (
                (_ONLY_TYPE_OF_QUEUE, "mailbox of this type alone")
                if alone
                else (_QUEUE, "mailbox of its team")
            )
        elif self._departments.get(queue) == kind.department:
            yield _DEPARTMENT, "mailbox of its department"

    def _elsewhere(self, kind: RequestType, queue: str | None) -> bool:
        """Whether the mail went to a team with types of its own in another department."""
        return bool(self._queue_use[queue or ""]) and self._departments.get(queue or "") != kind.department

    def _labels(self, kind: RequestType) -> Iterable[tuple[int, str]]:
        answered: set[str] = set()
        for pair in self._said.pairs:
            field = next((each for each in kind.fields if pair.label in own_labels(each)), None)
            if field is None or field.id in answered or self._values.read(field, pair.value) is None:
                continue
            answered.add(field.id)
            use = self._label_use[pair.label]
            yield (
                (_RARE_LABEL if use == 1 else _SHARED_LABEL if use <= 3 else _COMMON_LABEL),
                f"{_LABEL} {pair.label}",
            )
        required = [field.id for field in kind.fields if field.required]
        covered = _COVERED * sum(each in answered for each in required) // max(len(required), 1)
        if covered:
            yield covered, "required fields answered"

    def _keywords(self, kind: RequestType) -> Iterable[tuple[int, str]]:
        left = _MOST_FOR_KEYWORDS
        for keyword in kind.keywords:
            pattern = _keyword(keyword)
            in_subject = pattern.search(self._said.subject)
            if not in_subject and not pattern.search(self._said.text):
                continue
            points = min(left, _KEYWORD_IN_SUBJECT if in_subject else _KEYWORD)
            left -= points
            if points:
                yield points, f"keyword {keyword}"

    def _name(self, kind: RequestType) -> Iterable[tuple[int, str]]:
        own = [word for word in words(kind.name) if len(word) > 4 and self._name_use[word] <= 2]
        told = [word for word in own if _keyword(word).search(self._said.subject)][:2]
        for word in told:
            yield _NAME_WORD, f"name word {word}"
        if f" {_line(kind.name).strip()} " in self._said.subject:
            yield _WHOLE_NAME, "its name"

    def _shapes(self, kind: RequestType) -> Iterable[tuple[int, str]]:
        named = (
            value
            for field in kind.fields
            for value in field.values
            if " " in value.strip() and "-" not in value
        )
        value = next((each for each in named if f" {_line(each).strip()} " in self._said.text), None)
        if value is not None and not self._said.pairs:
            yield _NAMED_VALUE, f"choice {value}"
        if not self._said.pairs and any(field.format and self._holds_format(field) for field in kind.fields):
            yield _FORMAT, "a number of its kind"

    def _holds_format(self, field: IntakeField) -> bool:
        form = self._values.catalogue.formats.get(field.format or "")
        return form is not None and bool(shaped(form.pattern, self._said.written))


def _in_passing(kind: RequestType, told: Sequence[int]) -> bool:
    """Whether only single words speak for a type. Two of them are enough for restricted work (SEN-1)."""
    strongest = max(told, default=0) if kind.access is None else sum(told)
    return strongest < _KEYWORD_IN_SUBJECT


def _line(text: str) -> str:
    return " " + _NO_WORD.sub(" ", folded(text)).strip() + " "


def _keyword(keyword: str) -> re.Pattern[str]:
    """The words of a keyword in order, in their usual endings, with at most one word between two of them."""
    parts = [re.escape(each) + r"(?:s|es|d|ed|ing)?" for each in folded(keyword).split()]
    return re.compile(r"(?<![\w-])" + r"\s(?:\S+\s)?".join(parts) + r"(?![\w-])")
