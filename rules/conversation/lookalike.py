"""Domains made to be mistaken for ours (MAIL-7)."""

import re

from rules.text import domain_of, folded, slips, words

_TWINS = dict(zip("0134578аеорсхуіѕԁɡӏнтмквոοανι|", "oleastbaeopcxyisdglhtmkbnoavil", strict=True))
_LURE_WORDS = """
account accounts admin auth billing desk finance help helpdesk hr identity it login mail office pay payroll
portal secure security service servicedesk signin sso staff support team update verify webmail
"""
_LURES = frozenset(_LURE_WORDS.split())
_SHORTEST = 6  # letters; shorter names are too often near each other by chance


def resembles(address: str, ours: tuple[str, ...], title: str = "") -> bool:
    """Whether the domain of an address is not one of ours but could be taken for it.

    Ours with other separators or inside a longer name, the same name under another ending, letters that look
    alike, one slip (two in long names), or our name with a word such as "login" or one of `title`, the name that the
    organisation goes by.
    """
    domain = _readable(domain_of(address))
    lures = _LURES | {_skeleton(word) for word in words(title)}
    return bool(domain) and any(_resembles(domain, own.lower(), lures) for own in ours)


def _resembles(domain: str, own: str, lures: frozenset[str]) -> bool:
    if domain == own or domain.endswith("." + own):
        return False
    if _squashed(own) in _squashed(domain):
        return True
    name = _skeleton(_main_label(own))
    labels = [_skeleton(label) for label in domain.split(".")[:-1]]
    return any(label == name or _baited(label, name, lures) or _slipped(label, name) for label in labels)


def _readable(domain: str) -> str:
    try:
        return domain.encode("ascii").decode("idna").lower()
    except UnicodeError:
        return domain


def _main_label(domain: str) -> str:
    return max(domain.split(".")[:-1] or [domain], key=len)


def _skeleton(label: str) -> str:
    flat = "".join(_TWINS.get(sign, sign) for sign in folded(label))
    return flat.replace("rn", "m").replace("vv", "w")


def _squashed(domain: str) -> str:
    return re.sub(r"[^\w]|_", "", _skeleton(domain))


def _baited(label: str, name: str, lures: frozenset[str]) -> bool:
    """Whether our name stands beside lures only, set apart by hyphens or, when it is long, glued to one."""
    before, found, after = label.partition(name)
    apart = (not before or before.endswith("-")) and (not after or after.startswith("-"))
    beside = [piece for piece in (*before.split("-"), *after.split("-")) if piece]
    if not found or not (apart or len(name) >= _SHORTEST):
        return False
    return bool(beside) and all(piece in lures for piece in beside)


def _slipped(label: str, name: str) -> bool:
    allowed = 0 if len(name) < _SHORTEST else 1 if len(name) < 10 else 2
    return allowed > 0 and abs(len(label) - len(name)) <= allowed and slips(label, name) <= allowed
