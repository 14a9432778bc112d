"""ASP.NET inline route constraints (azure-functions.md 4.2). A failed one makes the route not match."""

import re
from collections.abc import Callable
from datetime import datetime

Check = Callable[[str], bool]

_GUID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
_DECIMAL = re.compile(r"[+-]?(\d[\d,]*(\.\d*)?|\.\d+)")
_DOUBLE = re.compile(r"[+-]?(\d[\d,]*(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.I)


def _integer(bits: int) -> Check:
    limit = 1 << (bits - 1)

    def check(text: str) -> bool:
        return bool(re.fullmatch(r"[+-]?\d+", text, re.ASCII)) and -limit <= int(text) < limit

    return check


def _is_guid(text: str) -> bool:
    bare = text[1:-1] if (text[:1], text[-1:]) in {("{", "}"), ("(", ")")} else text
    return bool(_GUID.fullmatch(bare))


def _is_datetime(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


_PLAIN: dict[str, Check] = {
    "int": _integer(32),
    "long": _integer(64),
    "bool": lambda text: text.lower() in {"true", "false"},
    "guid": _is_guid,
    "decimal": lambda text: bool(_DECIMAL.fullmatch(text)),
    "double": lambda text: bool(_DOUBLE.fullmatch(text)),
    "float": lambda text: bool(_DOUBLE.fullmatch(text)),
    "datetime": _is_datetime,
    "alpha": lambda text: bool(re.fullmatch(r"[a-z]*", text, re.I | re.ASCII)),
    "required": bool,
}


def _within(low: int | None, high: int | None) -> Check:
    def check(text: str) -> bool:
        if not _integer(64)(text):
            return False
        return (low is None or int(text) >= low) and (high is None or int(text) <= high)

    return check


def _length(low: int, high: int | None) -> Check:
    return lambda text: low <= len(text) and (high is None or len(text) <= high)


def _regex(pattern: str) -> Check:
    compiled = re.compile(pattern, re.I)
    return lambda text: bool(compiled.search(text))


_WITH_NUMBERS: dict[str, Callable[..., Check]] = {
    "minlength": lambda low: _length(low, None),
    "maxlength": lambda high: _length(0, high),
    "length": lambda low, high=None: _length(low, low if high is None else high),
    "min": lambda low: _within(low, None),
    "max": lambda high: _within(None, high),
    "range": _within,
}


def constraint(text: str) -> Check:
    """The check behind one constraint such as `int` or `range(1,9)`. Raises ValueError when unknown."""
    if text in _PLAIN:
        return _PLAIN[text]
    name, _, rest = text.partition("(")
    if not rest.endswith(")"):
        raise ValueError(f"unknown route constraint {text!r}")
    if name == "regex":
        return _regex(rest[:-1])
    try:
        return _WITH_NUMBERS[name](*(int(number) for number in rest[:-1].split(",")))
    except (KeyError, TypeError, ValueError) as exc:
        raise ValueError(f"unknown route constraint {text!r}") from exc
