"""Values of a request: after labels first, then by clear shape, then from what is known anyway (INT-4)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rules.intake.files import accepted
from rules.intake.types import own_labels, shaped
from rules.intake.values import Values
from rules.labels import Pair
from rules.text import folded, words
from schemas.catalogue import IntakeField, RequestType
from schemas.reading import FieldValue

_MONEY = re.compile(r"(?:£|€|\$|\bGBP|\bEUR|\bUSD)\s?\d[\d,. ]*\d|\b\d[\d,.]*\s?(?:£|€|GBP\b|EUR\b)")
_COURTESY = re.compile(
    r"^(?:hi|hello|dear|good (?:morning|afternoon)|thanks|thank you|kind regards|regards|cheers|sorry"
    r"|apologies|(?:i )?hope (?:you|all|this)|i trust you|if (?:anything|you (?:need|have|want)|there is)"
    r"|let me know|please (?:let me know|call me|ring me|do not hesitate)|give me (?:a|the)|any questions"
    r"|(?:i )?look(?:ing)? forward|happy to|i would rather answer|hallo|guten (?:morgen|tag)|danke"
    r"|sehr geehrte\w*|vielen dank|viele grusse|mit freundlichen|ich hoffe|bei (?:ruck)?fragen|bonjour|merci"
    r"|cordialement|n'hesitez|hola|gracias|saludos|buongiorno|grazie|dzien dobry|dziekuje|pozdrawiam)\b"
)
_ABOUT_THE_MAIL = re.compile(
    r"\b(?:attach\w*|enclosed|see below|details below|the following|as asked|form|here it is|all of this|anbei"
    r"|im anhang|siehe unten|ci-joint\w*|adjunt\w+|allegat\w+|w zalaczeniu)\b"
)
_ENOUGH_WORDS = 6
_OPEN_QUESTION = re.compile(r"^(?:what|was|que|quoi|qu'est|quel|quelle|cosa|che|co|wat|hva|hvad|vad|o que)\b")
COMMON = ("deadline", "business_impact", "evidence", "approver")


@dataclass(frozen=True)
class Source:
    """What values are read from: labelled pairs, free text, files."""

    pairs: tuple[Pair, ...]
    text: str
    loose: tuple[str, ...]  # sentences that belong to no label
    files: tuple[str, ...]


def labelled(kind: RequestType, source: Source, values: Values) -> dict[str, FieldValue]:
    """Values that follow labels, the type's own labels before the common ones; the first that fits counts."""
    found: dict[str, FieldValue] = {}
    fields = [*kind.fields, *common_fields(kind, values)]
    for pair in source.pairs:
        for field in fields:
            if pair.label not in own_labels(field):
                continue
            read = None if field.id in found else values.read(field, pair.value)
            if read is not None:
                found[field.id] = _value(field, read, pair.evidence)
                break
    return found


def common_fields(kind: RequestType, values: Values) -> list[IntakeField]:
    """The four common fields, without those whose labels the type uses for a field of its own."""
    known = values.catalogue.intake.fields
    return [
        IntakeField(
            id=name, label=known[name].label, type=known[name].type or "text", labels=known[name].labels
        )
        for name in COMMON
        if name in known and rule_of(kind, name) != "none"
    ]


def rule_of(kind: RequestType, name: str) -> str:
    """How a type treats a common field: required, optional, from_rule, "defaulted_from start_date", ..."""
    return kind.intake.get(name, "optional")


def by_shape(
    kind: RequestType, source: Source, values: Values, known: Iterable[str]
) -> dict[str, FieldValue]:
    """Values that can be told by their form alone: a number of a named format, a choice of several words.

    Only where one field of the type can take them and the text holds exactly one.
    """
    found: dict[str, FieldValue] = {}
    free = " ".join(source.loose)
    for field in kind.fields:
        if field.id in known:
            continue
        text = (
            _only_choice(field, free)
            or _only_format(field, free, kind, values)
            or _only_money(field, free, kind)
        )
        read = values.read(field, text) if text else None
        if read is not None and text:
            found[field.id] = _value(field, (read[0], 70), text)
    return found


def from_files(kind: RequestType, source: Source) -> dict[str, FieldValue]:
    """Fields that a file answers, and the evidence."""
    found: dict[str, FieldValue] = {}
    for field in kind.fields:
        names = accepted(source.files, field.accept) if field.type == "attachment" else ()
        if names:
            found[field.id] = FieldValue(field=field.id, value="; ".join(names), source="attachment")
    rule = kind.evidence_rule
    names = accepted(source.files, rule.accept if rule else ())
    if names and rule_of(kind, "evidence") != "none":
        found["evidence"] = FieldValue(field="evidence", value="; ".join(names), source="attachment")
    return found


def with_earlier(value: FieldValue, earlier: FieldValue | None) -> FieldValue:
    """Files that came now together with those that came before."""
    if earlier is None or earlier.source != "attachment":
        return value
    names = dict.fromkeys((*earlier.value.split("; "), *value.value.split("; ")))
    return value.model_copy(update={"value": "; ".join(names)})


def known_anyway(kind: RequestType, values: Values, requester: str, outsider: bool) -> dict[str, FieldValue]:
    """What the catalogue fills by itself, and the requester's own number where the request is about them."""
    mail = values.mail
    filled = {
        "sender": requester,
        "sender_if_external": (mail.sender.name or mail.sender.address) if outsider else None,
        "received_date": mail.received_at.astimezone(values.sent.tzinfo).date().isoformat(),
    }
    found: dict[str, FieldValue] = {}
    for field in kind.fields:
        value = filled.get(field.filled_from or "")
        if value:
            found[field.id] = FieldValue(
                field=field.id, value=value, source="rule", evidence=f"filled from {field.filled_from}"
            )
    person = values.directory.person(requester)
    if person is not None and kind.journey is None and person.employee_number:
        for field in kind.fields:
            if field.format == "employee_number":
                found[field.id] = FieldValue(
                    field=field.id, value=person.employee_number, source="directory", confidence=80
                )
    return found


def defaults(kind: RequestType, known: dict[str, FieldValue]) -> dict[str, FieldValue]:
    """Common fields that the type takes from a field of its own, such as the deadline from the start date."""
    found: dict[str, FieldValue] = {}
    for name in COMMON:
        word, _, origin = rule_of(kind, name).partition(" ")
        if word == "defaulted_from" and origin.strip() in known:
            value = known[origin.strip()]
            found[name] = value.model_copy(
                update={"field": name, "source": "rule", "evidence": f"from {origin.strip()}"}
            )
    return found


def _value(field: IntakeField, read: tuple[str, int], evidence: str) -> FieldValue:
    return FieldValue(field=field.id, value=read[0], confidence=read[1], evidence=evidence[:200])


def _only_choice(field: IntakeField, text: str) -> str | None:
    """The one choice of two or more words that the text names."""
    if field.type != "enum":
        return None
    line = folded(text)
    named = [
        value
        for value in field.values
        if " " in value.strip() and re.search(rf"(?<!\w){re.escape(folded(value))}(?!\w)", line)
    ]
    return named[0] if len(named) == 1 else None


def _only_format(field: IntakeField, text: str, kind: RequestType, values: Values) -> str | None:
    form = values.catalogue.formats.get(field.format or "")
    rivals = [each for each in kind.fields if each.format == field.format]
    if form is None or len(rivals) > 1:
        return None
    named = shaped(form.pattern, text)
    return named.pop() if len(named) == 1 else None


def _only_money(field: IntakeField, text: str, kind: RequestType) -> str | None:
    rivals: Sequence[IntakeField] = [each for each in kind.fields if each.type == "money"]
    named = {found[0] for found in _MONEY.finditer(text)}
    return named.pop() if field.type == "money" and len(rivals) == 1 and len(named) == 1 else None


def in_own_words(kind: RequestType, source: Source, known: Iterable[str]) -> dict[str, FieldValue]:
    """The one open question "What ...?" of a type, answered by the sentences that follow no label.

    Only sentences with substance count: no greeting, no thanks, no word about files or the form itself.
    """
    asked = [
        field
        for field in kind.fields
        if field.type == "text"
        and field.required
        and field.id not in known
        and _OPEN_QUESTION.match(folded(field.label))
    ]
    told = [part for part in source.loose if _has_substance(part)]
    if len(asked) != 1 or sum(len(words(part)) for part in told) < _ENOUGH_WORDS:
        return {}
    text = " ".join(told)
    return {asked[0].id: FieldValue(field=asked[0].id, value=text, confidence=50, evidence=text[:200])}


def _has_substance(sentence: str) -> bool:
    flat = folded(sentence)
    return len(words(flat)) > 2 and not _COURTESY.match(flat) and not _ABOUT_THE_MAIL.search(flat)
