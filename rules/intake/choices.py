"""A choice as people write it, against the choices that the catalogue offers."""

import re
from collections.abc import Sequence

from rules.text import folded, slips, words

_YES = frozenset(["y", "yes", "yep", "yeah", "true", "ja", "jawohl", "oui", "si", "tak"])
_NO = frozenset(["n", "no", "nope", "none", "nobody", "false", "nein", "keine", "nee", "non", "nie"])
_STOP = re.compile(r"[,;:(.]| - ")


def read_choice(text: str, offered: Sequence[str]) -> tuple[str, int] | None:
    """The offered value that a text means, with a confidence from 0 to 100; None when it is not clear.

    The same words; a value inside the text ("yes, it could fall"); words that belong to one value only
    ("standard" for "standard user"); one slip of the pen.
    """
    spoken = words(text)
    if not spoken:
        return None
    plain = {value: words(value) for value in offered}
    exact = [value for value, named in plain.items() if named == spoken]
    if exact:
        return exact[0], 100
    # "yes, it could fall" answers before the comma; "laptop and monitor" is two wishes and no answer.
    answer = _inside(words(_STOP.split(text, maxsplit=1)[0]), plain)
    if answer is not None:
        return answer, 95
    for attempt, confidence in ((_inside, 85), (_part, 80), (_yes_or_no, 80), (_near, 70)):
        found = attempt(spoken, plain)
        if found is not None:
            return found, confidence
    return None


def _inside(spoken: list[str], plain: dict[str, list[str]]) -> str | None:
    """The only value named in the text; of values inside each other the longest."""
    line = f" {' '.join(spoken)} "
    found = [value for value, named in plain.items() if named and f" {' '.join(named)} " in line]
    outer = [
        value
        for value in found
        if not any(value != other and _within(value, other, plain) for other in found)
    ]
    return outer[0] if len(outer) == 1 else None


def _within(value: str, other: str, plain: dict[str, list[str]]) -> bool:
    return f" {' '.join(plain[value])} " in f" {' '.join(plain[other])} "


def _part(spoken: list[str], plain: dict[str, list[str]]) -> str | None:
    """The only value that has all words of the text."""
    found = [value for value, named in plain.items() if set(spoken) <= set(named)]
    return found[0] if len(found) == 1 else None


def _yes_or_no(spoken: list[str], plain: dict[str, list[str]]) -> str | None:
    """Yes and no, in the languages that reach a desk."""
    meant = _YES if spoken[0] in _YES else _NO if spoken[0] in _NO else frozenset()
    found = [value for value, named in plain.items() if len(named) == 1 and named[0] in meant]
    return found[0] if len(found) == 1 else None


def _near(spoken: list[str], plain: dict[str, list[str]]) -> str | None:
    """The only value within a slip, or without a plural ending."""
    line = " ".join(spoken)
    names = {value: folded(" ".join(named)) for value, named in plain.items()}
    found = [value for value, name in names.items() if _close(line, name)]
    return found[0] if len(found) == 1 else None


def _close(line: str, name: str) -> bool:
    if line.rstrip("s") == name.rstrip("s"):
        return True
    allowed = 0 if len(name) < 5 else 1 if len(name) < 10 else 2
    return allowed > 0 and abs(len(line) - len(name)) <= allowed and slips(line, name) <= allowed
