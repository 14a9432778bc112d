"""Conditions of the catalogue, such as `{field: route, op: "==", value: manual}`, met or not."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from rules.text import folded
from schemas.conditions import Condition

_COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
}


def holds(condition: Condition, values: Mapping[str, str], today: date) -> bool | None:
    """Whether a condition is met by canonical values; None while the field it asks about is not known."""
    if condition.all or condition.any:
        return _combined(condition, values, today)
    if condition.days_since is not None:
        since = _day(values.get(condition.days_since))
        known = None if since is None else str((today - since).days)
    else:
        known = values.get(condition.field or "")
    if condition.op == "present":
        return known is not None
    return None if known is None else _compared(condition.op or "", known, condition.value)


def _combined(condition: Condition, values: Mapping[str, str], today: date) -> bool | None:
    """All, or any, of the parts; unknown while the parts that are known do not decide it."""
    parts = [holds(part, values, today) for part in (condition.all or condition.any)]
    decisive = not condition.all
    if decisive in parts:
        return decisive
    return None if None in parts else not decisive


def _compared(op: str, known: str, wanted: object) -> bool | None:
    many = wanted if isinstance(wanted, list | tuple) else (wanted,)
    same = any(_same(known, each) for each in many)
    if op in {"==", "in"}:
        return same
    if op in {"!=", "not_in"}:
        return not same
    compare, one, other = _COMPARE.get(op), _number(known), _number(wanted)
    if compare is None or one is None or other is None:
        return None
    return compare(one, other)


def _same(known: str, wanted: object) -> bool:
    one, other = _number(known), _number(wanted)
    if one is not None and other is not None:
        return one == other
    return folded(known) == folded(str(wanted))


def _number(value: object) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _day(value: str | None) -> date | None:
    try:
        return date.fromisoformat(value[:10]) if value else None
    except ValueError:
        return None
