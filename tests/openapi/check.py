"""Holds an exchange with the sandbox against Microsoft's description of Graph.

A request that was accepted has to be one that the description allows: a lenient sandbox is a defect. Every answer,
refusals included, has to have the described form."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

from tests.openapi.description import Description, Operation, description
from tests.openapi.exchange import Exchange

ERROR = "/components/schemas/microsoft.graph.ODataErrors.ODataError"
NOTIFICATION = "/components/schemas/microsoft.graph.changeNotificationCollection"
JSON = "application/json"


def violations(exchange: Exchange) -> list[str]:
    """What of an exchange, and of the parts of a batch, the description does not allow. Values are not shown."""
    return [
        f"{each.method} {_where(each)} -> {each.status}: {words}"
        for each in (exchange, *exchange.parts())
        for words in _of_one(each)
    ]


def notification_violations(body: bytes) -> list[str]:
    """What of a notification's body the description does not allow."""
    return [f"notification: {words}" for words in _json(NOTIFICATION, body)]


def _where(exchange: Exchange) -> str:
    operation = description().operation(exchange.method, exchange.path)
    return operation.template if operation else "/".join(_ids_hidden(exchange.path))


def _ids_hidden(path: str) -> Iterator[str]:
    for segment in path.split("/"):
        yield segment if segment.isalpha() or segment.startswith("$") else "*" if segment else ""


def _of_one(exchange: Exchange) -> Iterator[str]:
    known = description()
    operation = known.operation(exchange.method, exchange.path)
    if exchange.status < 400 and operation is None:
        yield "the sandbox serves what the description does not know"
        return
    if exchange.status >= 400:
        yield from _refusal(exchange)
    elif operation is not None:
        yield from _options(known, operation, exchange)
        yield from _request(known, operation, exchange)
        yield from _answer(known, operation, exchange)


def _refusal(exchange: Exchange) -> Iterator[str]:
    """An error body has the described form; a 501 too, though the cloud has none."""
    if exchange.got or exchange.status not in (503, 404):
        yield from _json(ERROR, exchange.got)
    if exchange.got and exchange.got_as != JSON:
        yield f"an error is {JSON}, not {exchange.got_as}"


def _options(known: Description, operation: Operation, exchange: Exchange) -> Iterator[str]:
    allowed = known.query(operation.pointer)
    for name, value in parse_qsl(exchange.target.partition("?")[2], keep_blank_values=True):
        if name not in allowed:
            yield f"the query option {name} is not described"
        elif not _fits(allowed[name], value):
            yield f"the value of the query option {name} is not allowed"


def _fits(schema: dict[str, Any], value: str) -> bool:
    if "enum" in schema and value not in schema["enum"]:
        return False
    kind = schema.get("type")
    return value.isdigit() if kind == "integer" else value in ("true", "false") if kind == "boolean" else True


def _request(known: Description, operation: Operation, exchange: Exchange) -> Iterator[str]:
    content = operation.node.get("requestBody", {}).get("content", {})
    if not exchange.sent:
        if operation.node.get("requestBody", {}).get("required"):
            yield "a body is required and was not asked for"
    elif exchange.sent_as not in content:
        yield f"a body of type '{exchange.sent_as}' was accepted"
    elif exchange.sent_as == JSON:
        pointer = f"{operation.pointer}/requestBody/content/application~1json/schema"
        yield from ("request: " + words for words in _json(pointer, exchange.sent))


def _answer(known: Description, operation: Operation, exchange: Exchange) -> Iterator[str]:
    node = operation.node["responses"].get(str(exchange.status))
    if node is None:
        yield f"the status is not among {', '.join(operation.node['responses'])}"
        return
    found, pointer = known.resolved(node)
    content = found.get("content", {})
    if not content and exchange.got:
        yield "an answer without content has a body"
    if not content:
        return
    if JSON in content and exchange.got_as == JSON:
        yield from _json(
            (pointer or f"{operation.pointer}/responses/{exchange.status}")
            + "/content/application~1json/schema",
            exchange.got,
        )
    elif exchange.got_as not in content and "*/*" not in content:
        yield f"the answer is of type '{exchange.got_as}'"


def _json(pointer: str, body: bytes) -> Iterator[str]:
    try:
        value = json.loads(body)
    except ValueError:
        yield "the body is no JSON"
        return
    validator = description().validator(pointer)
    if not validator.is_valid(value):
        for error in validator.iter_errors(value):
            yield _words(error)


def _words(error: Any) -> str:
    """The error that lies deepest: the branch of `anyOf` that was meant says what is wrong."""
    at = "/".join("*" if isinstance(step, int) else step for step in error.instance_path)
    branches = [inner for branch in getattr(error.kind, "context", None) or () for inner in branch]
    if branches:
        deepest = max(branches, key=lambda inner: len(inner.instance_path))
        return f"{at} > {_words(deepest)}"
    return f"{at or 'body'}: {error.message}"
