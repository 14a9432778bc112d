"""Conditions on one column, as FetchXML spells them and as query functions mean them (reference dataverse.md 3)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sandbox.collation import NAME as COLLATION
from sandbox.dataverse import spans
from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import DataverseError, not_offered
from sandbox.dataverse.schema import Column, Table
from sandbox.dataverse.values import DAY, Value, literal
from sandbox.wire import is_number

TEXTS = ("String", "Memo")
MOST_VALUES = 2000  # a guess; the code for too many is documented, the number is not
MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:\d\d)?", re.IGNORECASE)
COMPARED = {"eq": "=", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
ELSEWHERE = re.compile(
    r".*fiscal.*|(eq-or-)?(above|under)|not-under|eq-user(or.*|teams|language)|(not-)?contain-values"
)  # fiscal calendars, hierarchies, teams, columns of several choices

type Bound = tuple[str, list[Value]]


@dataclass(frozen=True)
class Operand:
    """A column in a query: its SQL and what it is."""

    sql: str
    table: Table
    column: Column

    @property
    def is_text(self) -> bool:
        return self.column.type in TEXTS


def collated(sql: str, column: Column) -> str:
    """Give the expression with the comparison of text that the service has."""
    return f"{sql} COLLATE {COLLATION}" if column.type in TEXTS else sql


def bad_condition(words: str) -> DataverseError:
    # documented guess: the code's name (QueryBuilderBad_Condition) fits, its use is not confirmed
    return DataverseError(400, "0x80041106", words)


def value(operand: Operand, text: str) -> Value:
    """Give what the store keeps for a value in a condition: ids with brackets, dates without a zone are taken."""
    column = operand.column
    if column.is_lookup or column.type == "Uniqueidentifier":
        text = text.strip("{}")
    if column.type == "DateTime":
        return _date(operand, text)
    return literal(operand.table, column, text)


def _date(operand: Operand, text: str) -> Value:
    found = MOMENT.fullmatch(text)
    if found is not None and operand.column.date_only:
        return found[1]
    if found is not None:
        text = f"{found[1]}T{found[2]}{found[3] or 'Z'}"
    elif DAY.fullmatch(text) and not operand.column.date_only:
        text = f"{text}T00:00:00Z"
    return literal(operand.table, operand.column, text)


def _stored(column: Column, instant: datetime) -> str:
    return instant.strftime("%Y-%m-%d" if column.date_only else "%Y-%m-%dT%H:%M:%SZ")


def within(operand: Operand, span: spans.Span) -> Bound:
    """Give the condition that a date lies in a span: from its start, before its end."""
    parts: list[tuple[str, Value]] = []
    for sign, instant in zip((">=", "<"), span, strict=True):
        if instant is not None:
            parts.append((f"{operand.sql} {sign} ?", _stored(operand.column, instant)))
    return " AND ".join(sql for sql, _ in parts), [bound for _, bound in parts]


def _equal(operator: str) -> Callable[[Engine, Operand, list[str]], Bound]:
    def build(engine: Engine, operand: Operand, texts: list[str]) -> Bound:
        del engine
        return f"{operand.sql} {COMPARED[operator]} ?", [value(operand, texts[0])]

    return build


def _differs(engine: Engine, operand: Operand, texts: list[str]) -> Bound:
    """Empty columns differ from every value."""
    # documented guess: so do they for not-in, not-like and the other opposites
    del engine
    return f"{operand.sql} IS NOT ?", [value(operand, texts[0])]


def _among(engine: Engine, operand: Operand, texts: list[str]) -> Bound:
    del engine
    if len(texts) > MOST_VALUES:
        words = "Number of parameters in a condition exceeded maximum limit."
        raise DataverseError(400, "0x8004430e", words)
    return f"{operand.sql} IN ({', '.join('?' * len(texts))})", [value(operand, text) for text in texts]


def _between(engine: Engine, operand: Operand, texts: list[str]) -> Bound:
    del engine
    return f"{operand.sql} BETWEEN ? AND ?", [value(operand, text) for text in texts]


def _like(shape: str) -> Callable[[Engine, Operand, list[str]], Bound]:
    def build(engine: Engine, operand: Operand, texts: list[str]) -> Bound:
        del engine
        if not operand.is_text:
            raise bad_condition(f"The operator 'like' needs a text column, not '{operand.column.name}'.")
        return f"matches(?, {operand.sql})", [shape.format(texts[0])]

    return build


def _empty(engine: Engine, operand: Operand, texts: list[str]) -> Bound:
    del engine, texts
    return f"{operand.sql} IS NULL", []


def _user(engine: Engine, operand: Operand, texts: list[str]) -> Bound:
    del texts
    return f"{operand.sql} = ?", [engine.caller.user_id]


def _unit(engine: Engine, operand: Operand, texts: list[str]) -> Bound:
    del texts
    return f"{operand.sql} = ?", [engine.caller.business_unit_id]


def _on(offsets: tuple[int | None, int | None]) -> Callable[[Engine, Operand, list[str]], Bound]:
    def build(engine: Engine, operand: Operand, texts: list[str]) -> Bound:
        del engine
        kept = str(_date(operand, texts[0]))
        day = datetime.fromisoformat(kept[:10]).replace(tzinfo=UTC)
        start, end = (None if days is None else day + timedelta(days=days) for days in offsets)
        return within(operand, (start, end))

    return build


@dataclass(frozen=True)
class Operator:
    """How many values an operator takes, what it becomes, and whether it is the opposite of that."""

    values: tuple[int, int]
    build: Callable[[Engine, Operand, list[str]], Bound]
    dates: bool = False
    opposite: bool = False


def _spanned(name: str) -> Operator:
    def build(engine: Engine, operand: Operand, texts: list[str]) -> Bound:
        now = engine.clock.now().replace(microsecond=0)
        if name in spans.PLAIN:
            return within(operand, spans.PLAIN[name](now, 0))
        unit, meaning = spans.NUMBERED[name]
        if not is_number(texts[0]) or not 0 < int(texts[0]) <= spans.MOST[unit]:
            raise bad_condition(f"The operator '{name}' needs a whole number greater than zero.")
        return within(operand, meaning(now, int(texts[0])))

    return Operator((0, 0) if name in spans.PLAIN else (1, 1), build, dates=True)


ANY_NUMBER = (1, 10**6)
LIKE = {
    "{}": ("like", "not-like"),
    "{}%": ("begins-with", "not-begin-with"),
    "%{}": ("ends-with", "not-end-with"),
}
OPERATORS: dict[str, Operator] = {
    **{name: Operator((1, 1), _equal(name)) for name in COMPARED},
    "ne": Operator((1, 1), _differs),
    "neq": Operator((1, 1), _differs),
    "in": Operator(ANY_NUMBER, _among),
    "not-in": Operator(ANY_NUMBER, _among, opposite=True),
    "between": Operator((2, 2), _between),
    "not-between": Operator((2, 2), _between, opposite=True),
    "null": Operator((0, 0), _empty),
    "not-null": Operator((0, 0), _empty, opposite=True),
    **{
        name: Operator((1, 1), _like(shape), opposite=name.startswith("not-"))
        for shape, names in LIKE.items()
        for name in names
    },
    "eq-userid": Operator((0, 0), _user),
    "ne-userid": Operator((0, 0), _user, opposite=True),
    "eq-businessid": Operator((0, 0), _unit),
    "ne-businessid": Operator((0, 0), _unit, opposite=True),
    "on": Operator((1, 1), _on((0, 1)), dates=True),
    "not-on": Operator((1, 1), _on((0, 1)), dates=True, opposite=True),
    "on-or-after": Operator((1, 1), _on((0, None)), dates=True),
    "on-or-before": Operator((1, 1), _on((None, 1)), dates=True),
    **{name: _spanned(name) for name in (*spans.PLAIN, *spans.NUMBERED)},
}


def condition(engine: Engine, name: str, operand: Operand, texts: list[str]) -> Bound:
    """Give the SQL of a condition and its values; raises for operators and values that do not fit."""
    operator = OPERATORS.get(name)
    if operator is None and ELSEWHERE.fullmatch(name):
        raise not_offered(f"the operator '{name}'")
    if operator is None:
        # documented guess: the code's name is QueryBuilderInvalidConditionOperator
        raise DataverseError(400, "0x80041120", f"The condition operator '{name}' is not valid.")
    if operator.dates and operand.column.type != "DateTime":
        raise bad_condition(f"The operator '{name}' needs a date column, not '{operand.column.name}'.")
    low, high = operator.values
    if not low <= len(texts) <= high:
        raise bad_condition(f"The operator '{name}' does not take {len(texts)} values.")
    try:
        sql, values = operator.build(engine, operand, texts)
    except (OverflowError, ValueError) as exc:
        raise bad_condition(f"The value of the operator '{name}' is out of range.") from exc
    return (f"(({sql}) IS NOT TRUE)" if operator.opposite else f"({sql})"), values
