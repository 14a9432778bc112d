"""Calculated columns: references, texts, numbers, brackets and the operators & + - * /. Others answer 501."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sandbox.graph.errors import not_offered
from sandbox.graph.sites.errors import invalid
from sandbox.graph.values import Json

TOKEN = re.compile(r'\s*(?:"((?:[^"]|"")*)"|(\d+(?:\.\d+)?)|\[([^\]]+)\]|([A-Za-z_]\w*)|([-&+*/()]))')
LEVELS = ("&", "+-", "*/")
DEEPEST = 40


class _NoNumber(Exception):
    """An operand that is no number."""


@dataclass
class _Formula:
    """A recursive reader that computes as it goes."""

    tokens: list[tuple[str, str]]
    value: Callable[[str], object]
    at: int = 0
    depth: int = 0

    def sign(self) -> str:
        kind, text = self.tokens[self.at] if self.at < len(self.tokens) else ("", "")
        return text if kind == "sign" else ""

    def level(self, number: int = 0) -> object:
        if number == len(LEVELS):
            return self.operand()
        left = self.level(number + 1)
        while (sign := self.sign()) and sign in LEVELS[number]:
            self.at += 1
            left = _applied(sign, left, self.level(number + 1))
        return left

    def operand(self) -> object:
        if self.at >= len(self.tokens) or self.depth > DEEPEST:
            raise invalid("The formula contains a syntax error or is not supported.")
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "name":
            return self.value(text)
        if kind == "text":
            return text
        if kind == "number":
            return float(text)
        return self.bracket(text)

    def bracket(self, sign: str) -> object:
        if sign != "(":
            raise invalid("The formula contains a syntax error or is not supported.")
        self.depth += 1
        inner = self.level()
        self.depth -= 1
        if self.sign() != ")":
            raise invalid("The formula contains a syntax error or is not supported.")
        self.at += 1
        return inner


def _applied(sign: str, left: object, right: object) -> object:
    if sign == "&":
        return _text(left) + _text(right)
    one, other = _number(left), _number(right)
    if sign == "/" and other == 0:
        raise _NoNumber
    return {"+": one + other, "-": one - other, "*": one * other, "/": one / (other or 1)}[sign]


def _text(value: object) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _number(value: object) -> float:
    if value is None:
        return 0.0
    if isinstance(value, bool | int | float):
        return float(value)
    raise _NoNumber


def _tokens(formula: str) -> Iterator[tuple[str, str]]:
    text = formula.strip().removeprefix("=").rstrip()
    at = 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None or (match.group(4) and text[match.end() :].lstrip().startswith("(")):
            raise not_offered("this kind of formula")
        quoted, number, bracketed, bare, sign = match.groups()
        if quoted is not None:
            yield "text", quoted.replace('""', '"')
        elif number is not None:
            yield "number", number
        elif sign is not None:
            yield "sign", sign
        else:
            yield "name", bracketed or bare
        at = match.end()


def check(formula: str, names: set[str]) -> None:
    """Raise 400 for a formula that cannot be read or names an unknown column, 501 for functions."""

    def known(name: str) -> object:
        if name not in names:
            raise invalid("The formula refers to a column that does not exist.")
        return 1.0

    try:
        _run(formula, known)
    except _NoNumber:
        return


def _run(formula: str, value: Callable[[str], object]) -> object:
    reader = _Formula(list(_tokens(formula)), value)
    found = reader.level()
    if reader.at < len(reader.tokens):
        raise invalid("The formula contains a syntax error or is not supported.")
    return found


def result(settings: Json, fields: Json) -> object:
    """The value for an item: a number if the column says so, else a text, as SharePoint does with most."""
    try:
        found = _run(settings["formula"], fields.get)
    except _NoNumber:
        return "#VALUE!"
    if settings["outputType"] in ("number", "currency"):
        return found if isinstance(found, float) else "#VALUE!"
    return _text(found)
