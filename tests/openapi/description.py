"""Microsoft's description of Graph as a table of operations: which one a call belongs to, and its validators.

Routes are compared as the service does (samples/README of the slice): `delta` is `delta()`, a cast or action may carry
its namespace, `mailFolders('inbox')` is `mailFolders/inbox`, a site may be addressed by its path, case is ignored."""

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jsonschema_rs
import yaml

HERE = Path(__file__).parent
METHODS = ("get", "post", "put", "patch", "delete")
SITE = re.compile(r"^/sites/[^/:]+:/[^:]+(?::(?=/)|:?$)", re.IGNORECASE)
KEYED = re.compile(r"\('((?:[^']|'')*)'\)")
TOKEN = re.compile(r"^delta(\(.*\))?$", re.IGNORECASE)
NAMESPACE = re.compile(r"^(microsoft\.)?graph\.", re.IGNORECASE)


@dataclass(frozen=True)
class Operation:
    """One method of one path; `node` and `parameters` are as in the description, `pointer` says where."""

    method: str
    template: str
    pointer: str
    node: dict[str, Any]
    segments: tuple[str, ...]

    def fits(self, segments: tuple[str, ...]) -> bool:
        return len(segments) == len(self.segments) and all(
            (wanted == "{}" and not given.startswith("$") and given != "delta()") or wanted == given.lower()
            for wanted, given in zip(self.segments, segments, strict=True)
        )


def segments(path: str) -> tuple[str, ...]:
    """A path below the version in the one spelling in which routes are compared."""
    plain = KEYED.sub(r"/\1", SITE.sub("/sites/by-path", path))
    return tuple(_segment(part) for part in plain.strip("/").split("/"))


def _segment(part: str) -> str:
    if part.startswith("{"):
        return "{}"
    if TOKEN.match(part):
        return "delta()"
    return NAMESPACE.sub("", part)


def _at(node: Any, steps: Iterable[str]) -> Any:
    for step in steps:
        node = node[step]
    return node


def _in_any_case(node: Any) -> Any:
    """A copy in which words of a choice may be written in any case: the service takes them so."""
    if isinstance(node, list):
        return [_in_any_case(each) for each in node]
    if not isinstance(node, dict):
        return node
    copy = {name: _in_any_case(each) for name, each in node.items() if name != "enum"}
    if not isinstance(node.get("enum"), list):
        return copy | ({"enum": _in_any_case(node["enum"])} if "enum" in node else {})
    words = "|".join(re.escape(word) for word in node["enum"] if word is not None)
    return copy | {"pattern": f"^(?i:{words})$"}


class Description:
    """The slice and the deliberate exceptions, read once."""

    def __init__(self) -> None:
        text = (HERE / "graph-openapi-slice.yaml").read_text("utf-8")
        self.document: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
        more = yaml.safe_load((HERE / "exceptions.yaml").read_text("utf-8"))
        self.document["paths"] |= more["paths"]
        for entry in more["options"]:
            self.document["paths"][entry["path"]]["get"]["parameters"] += entry["parameters"]
        for entry in more["members"]:
            _at(self.document["components"]["schemas"], entry["schema"])["properties"][entry["name"]] = {}
        for entry in more["bodies"]:
            self.document["paths"][entry["path"]]["post"]["requestBody"]["content"] |= entry["content"]
        resources = [("urn:graph", self.document), ("urn:sent", _in_any_case(self.document))]
        self._registry = jsonschema_rs.Registry(resources, draft=jsonschema_rs.Draft202012)
        self._operations: dict[tuple[str, int], list[Operation]] = {}
        for operation in self._read():
            self._operations.setdefault((operation.method, len(operation.segments)), []).append(operation)
        for found in self._operations.values():
            found.sort(key=lambda each: each.segments.count("{}"))

    def _read(self) -> Iterator[Operation]:
        for path, node in self.document["paths"].items():
            pointer = "/paths/" + path.replace("~", "~0").replace("/", "~1")
            spelled = tuple(each.lower() for each in segments(path))
            for method in METHODS:
                if method in node:
                    yield Operation(method.upper(), path, f"{pointer}/{method}", node[method], spelled)

    @functools.lru_cache(4096)  # noqa: B019 - one description lives as long as the run
    def operation(self, method: str, path: str) -> Operation | None:
        """The operation of a call, by its path below the version without query."""
        asked = segments(path)
        fitting = self._operations.get((method, len(asked)), ())
        return next((each for each in fitting if each.fits(asked)), None)

    def resolved(self, node: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
        """A node and, when it was a reference, the pointer of what it refers to."""
        if "$ref" not in node:
            return node, None
        pointer = node["$ref"].removeprefix("#")
        steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.strip("/").split("/")]
        return _at(self.document, steps), pointer

    @functools.lru_cache(1024)  # noqa: B019
    def validator(self, pointer: str) -> jsonschema_rs.Draft202012Validator:
        """The validator of the schema at a pointer; made at its first use. Its errors do not show values."""
        resource = "urn:sent" if "/requestBody/" in pointer else "urn:graph"
        return jsonschema_rs.Draft202012Validator(
            {"$ref": f"{resource}#{quote(pointer)}"},
            registry=self._registry,
            validate_formats=True,
            mask="the value",
        )

    @functools.lru_cache(1024)  # noqa: B019
    def query(self, pointer: str) -> dict[str, dict[str, Any]]:
        """The schemas of the query options of the operation at a pointer, by name."""
        node, _ = self.resolved({"$ref": f"#{pointer}"})
        parameters = [self.resolved(each)[0] for each in node.get("parameters", ())]
        return {each["name"]: each["schema"] for each in parameters if each["in"] == "query"}


@functools.cache
def description() -> Description:
    """The one description of a run."""
    return Description()
