"""ASP.NET route templates: parsing and matching (azure-functions.md 4.2)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from sandbox.functions.constraints import Check, constraint


@dataclass(frozen=True)
class Parameter:
    """One `{name:constraint=default}` of a template."""

    name: str
    checks: tuple[Check, ...] = ()
    default: str | None = None
    optional: bool = False
    rest: bool = False

    @property
    def may_be_absent(self) -> bool:
        """Whether the path may end before it."""
        return self.optional or self.rest or self.default is not None


@dataclass(frozen=True)
class Segment:
    """What stands between two slashes: a pattern with one group for each parameter."""

    pattern: re.Pattern[str]
    parameters: tuple[Parameter, ...]

    def match(self, text: str) -> Mapping[str, str] | None:
        """The parameters' values, or None."""
        found = self.pattern.fullmatch(text)
        if found is None:
            return None
        values = dict(zip((p.name for p in self.parameters), found.groups(), strict=True))
        fits = all(check(values[p.name]) for p in self.parameters for check in p.checks)
        return values if fits else None


class Template:
    """A parsed route. Raises ValueError for a route that Azure would not load either."""

    def __init__(self, text: str) -> None:
        self.text = text.strip("/")
        self.segments = tuple(_segment(part) for part in _split(self.text, "/") if part)
        self._refuse_gaps()

    def match(self, path: str) -> dict[str, str] | None:
        """Match a path still in its percent-encoding; None when it does not fit."""
        given = path.strip("/").split("/") if path.strip("/") else []
        values: dict[str, str] = {}
        for index, segment in enumerate(self.segments):
            first = segment.parameters[0] if segment.parameters else None
            if first is not None and first.rest:
                return _with_rest(values, first, "/".join(given[index:]))
            if index >= len(given):
                found = _absent(segment)
            else:
                found = segment.match(_decoded(given[index])) if given[index] else None
            if found is None:
                return None
            values.update(found)
        return values if len(given) <= len(self.segments) else None

    def _refuse_gaps(self) -> None:
        seen: set[str] = set()
        for index, segment in enumerate(self.segments):
            for parameter in segment.parameters:
                if parameter.name.lower() in seen:
                    raise ValueError(f"route {self.text!r} names the parameter {parameter.name!r} twice")
                seen.add(parameter.name.lower())
                if (parameter.optional or parameter.rest) and index < len(self.segments) - 1:
                    raise ValueError(f"route {self.text!r}: {parameter.name!r} must come last")


def _with_rest(values: dict[str, str], parameter: Parameter, rest: str) -> dict[str, str] | None:
    text = "/".join(_decoded(part) for part in rest.split("/")) or parameter.default
    if not text:
        return values
    return {**values, parameter.name: text} if all(check(text) for check in parameter.checks) else None


def _absent(segment: Segment) -> Mapping[str, str] | None:
    if len(segment.parameters) != 1 or not segment.parameters[0].may_be_absent:
        return None
    parameter = segment.parameters[0]
    return {} if parameter.default is None else {parameter.name: parameter.default}


def _decoded(segment: str) -> str:
    # A coded slash stays coded, as in ASP.NET: it must not split the segment.
    return "%2F".join(unquote(part) for part in re.split("%2[fF]", segment))


def _segment(text: str) -> Segment:
    pattern, parameters = "", []
    for piece, is_parameter in _pieces(text):
        if is_parameter:
            parameters.append(_parameter(piece))
            pattern += "(.+?)"
        else:
            pattern += re.escape(piece)
    if len(parameters) > 1 and any(p.rest or p.may_be_absent for p in parameters):
        raise ValueError(f"route segment {text!r}: an optional parameter must stand alone")
    return Segment(re.compile(pattern, re.I | re.S), tuple(parameters))


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Cut a segment into literals and parameters; doubled braces stand for one brace."""
    literal, index = "", 0
    while index < len(text):
        if text[index : index + 2] in {"{{", "}}"}:
            literal, index = literal + text[index], index + 2
        elif text[index] == "{":
            if literal:
                yield literal, False
            end = _closing(text, index)
            yield text[index + 1 : end].replace("{{", "{").replace("}}", "}"), True
            literal, index = "", end + 1
        else:
            literal, index = literal + text[index], index + 1
    if literal:
        yield literal, False


def _closing(text: str, start: int) -> int:
    index = start + 1
    while index < len(text):
        if text[index : index + 2] in {"{{", "}}"} and text[index:] != "}":
            index += 2
        elif text[index] == "}":
            return index
        else:
            index += 1
    raise ValueError(f"route segment {text!r}: a brace is not closed")


def _split(text: str, separator: str) -> list[str]:
    """Split outside of braces and brackets."""
    parts, depth, current = [], 0, ""
    for char in text:
        depth += (char in "{(") - (char in "})")
        if char == separator and depth == 0:
            parts.append(current)
            current = ""
        else:
            current += char
    return [*parts, current]


def _parameter(text: str) -> Parameter:
    rest = text.startswith("*")
    head, *checks = _split(text.lstrip("*"), ":")
    tail = checks[-1] if checks else head
    body, equals, default = tail.partition("=") if not tail.startswith("regex(") else (tail, "", "")
    optional = body.endswith("?")
    body = body.removesuffix("?")
    names = [*checks[:-1], body] if checks else []
    name = head if checks else body
    if not name.replace("_", "a").isalnum():
        raise ValueError(f"route parameter {text!r} has no usable name")
    made = tuple(constraint(item) for item in names)
    return Parameter(name, made, default if equals else None, optional, rest)
