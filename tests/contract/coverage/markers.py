"""Which test shows which item of behaviour: read from the source, nothing is run.

A test names items with `@pytest.mark.covers("item", ...)`, a refusal with `covers: [item, ...]` in its YAML file."""

import ast
from collections.abc import Iterator
from pathlib import Path

import yaml

TESTS = Path(__file__).parents[2]
type Shown = dict[str, list[str]]


def shown(tests: Path = TESTS) -> Shown:
    """The places that show each item, in the order of files: `path::test` or `path: name of the refusal`."""
    found: Shown = {}
    for path in sorted(tests.rglob("test_*.py")):
        text = path.read_text("utf-8")
        if "mark.covers" in text:
            collect(found, _of_module(ast.parse(text), path.relative_to(tests).as_posix()))
    for path in sorted((tests / "contract" / "refusals").glob("*.yaml")):
        collect(found, _of_refusals(path, path.relative_to(tests).as_posix()))
    return found


def collect(found: Shown, pairs: Iterator[tuple[str, str]]) -> None:
    for item, place in pairs:
        places = found.setdefault(item, [])
        if place not in places:
            places.append(place)


def _of_module(module: ast.Module, path: str) -> Iterator[tuple[str, str]]:
    functions = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)]
    decorated = {
        id(call): f"{path}::{function.name}"
        for function in functions
        for decorator in function.decorator_list
        for call in ast.walk(decorator)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("mark.covers"):
            for item in _items(node):
                yield item, decorated.get(id(node), path)


def _items(call: ast.Call) -> Iterator[str]:
    for argument in call.args:
        if isinstance(argument, ast.Constant):
            yield str(argument.value)


def _of_refusals(path: Path, name: str) -> Iterator[tuple[str, str]]:
    for entry in yaml.safe_load(path.read_text("utf-8"))["refusals"]:
        for item in entry.get("covers", ()):
            yield item, f"{name}: {entry['name']}"
