"""YAML as configuration wants it: every value knows its line, and what YAML forgives is a fault."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

import yaml

type Path = tuple[str | int, ...]
type Value = object

DEEPEST = 40
LARGEST = 5_000_000  # characters


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: where, which rule, and what to do."""

    path: str
    line: int | None
    rule: str

    def __str__(self) -> str:
        """One line for a person."""
        return f"line {self.line}, {self.path}: {self.rule}" if self.line else f"{self.path}: {self.rule}"


class ConfigurationFaults(Exception):
    """A configuration file is wrong. Carries every fault, not only the first."""

    def __init__(self, what: str, faults: list[Fault]) -> None:
        ordered = sorted(faults, key=lambda fault: (fault.line or 0, fault.path))
        lines = "\n  ".join(str(fault) for fault in ordered)
        super().__init__(f"The {what} has {len(faults)} fault{'s' if len(faults) != 1 else ''}:\n  {lines}")
        self.faults = tuple(ordered)


@dataclass
class Document:
    """The content of a file, the line of every path, and what was wrong with its form."""

    what: str
    content: Value
    lines: dict[Path, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def line(self, path: Path) -> int | None:
        """The line of a path, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)

    def fault(self, path: Path, rule: str) -> Fault:
        """A fault at a path."""
        return Fault(written(path), self.line(path), rule)


def written(path: Path) -> str:
    """A path as people write it: request_types[3].sla.P1."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f"{'.' if text else ''}{step}"
    return text or "file"


def read(text: str, what: str) -> Document:
    """Parse a file. Raises ConfigurationFaults where it is no YAML, holds aliases, or is too large."""
    if len(text) > LARGEST:
        raise ConfigurationFaults(what, [Fault("file", None, f"is larger than {LARGEST:,} characters")])
    try:
        aliases = [event for event in yaml.parse(text, _loader()) if isinstance(event, yaml.AliasEvent)]
        if aliases:
            mark = aliases[0].start_mark
            line = mark.line + 1 if mark else None
            raise ConfigurationFaults(
                what, [Fault("file", line, "holds an alias (*name); write the value out")]
            )
        node = yaml.compose(text, _loader())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise ConfigurationFaults(
            what, [Fault("file", mark.line + 1 if mark else None, f"is not YAML: {error.problem}")]
        ) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise ConfigurationFaults(
            what, [Fault("file", None, f"is not YAML: {type(error).__name__}")]
        ) from None
    document = Document(what, {})
    document.content = _value(node, (), document) if node else {}
    if not isinstance(document.content, dict):
        raise ConfigurationFaults(
            what, [Fault("file", 1, f"is not a {what}: it has no names at its top level")]
        )
    return document


@cache
def _loader() -> type[yaml.SafeLoader]:
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _value(node: yaml.Node, path: Path, document: Document) -> Value:
    document.lines[path] = node.start_mark.line + 1
    if len(path) > DEEPEST:
        document.faults.append(document.fault(path, "is nested too deep"))
        return None
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, document)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, place), document) for place, item in enumerate(node.value)]
    return _scalar(node, path, document)


def _scalar(node: yaml.Node, path: Path, document: Document) -> Value:
    try:
        return yaml.constructor.SafeConstructor().construct_object(node, deep=True)
    except (yaml.YAMLError, ValueError, OverflowError):
        document.faults.append(document.fault(path, f"{str(node.value)[:40]!r} is not a value of its kind"))
        return None


def _mapping(node: yaml.MappingNode, path: Path, document: Document) -> dict[str, Value]:
    found: dict[str, Value] = {}
    last: str | None = None
    for key_node, value_node in _entries(node):
        key = str(key_node.value)
        if node.flow_style and _is_empty(value_node) and last is not None and isinstance(found[last], str):
            # {means: blocked, or late} is one text to its author; to YAML "or late" is a key without a value.
            found[last] = f"{found[last]}, {key}"
            continue
        here = (*path, key)
        if key in found:
            document.lines[here] = key_node.start_mark.line + 1
            document.faults.append(document.fault(here, "stands twice; keep one"))
            continue
        found[key] = _value(value_node, here, document)
        document.lines[here] = key_node.start_mark.line + 1
        last = key
    return found


def _entries(node: yaml.MappingNode) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    yield from node.value


def _is_empty(node: yaml.Node) -> bool:
    return (
        isinstance(node, yaml.ScalarNode)
        and node.value == ""
        and node.start_mark.index == node.end_mark.index
    )
