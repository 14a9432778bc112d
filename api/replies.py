"""Replies as plain values, and problem documents (RFC 9457)."""

import json
from dataclasses import dataclass

JSON = "application/json"
PROBLEM = "application/problem+json"


@dataclass(frozen=True)
class Reply:
    """What goes back to a caller."""

    status: int
    body: str
    content_type: str = JSON


def ok(value: object) -> Reply:
    """200 with a JSON body. Members that are None are left out."""
    return Reply(200, json.dumps(_without_none(value), ensure_ascii=False))


def problem(status: int, title: str, detail: str) -> Reply:
    """A problem document. `detail` begins with a sentence that a person can read in a flow run."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return Reply(status, json.dumps(body, ensure_ascii=False), PROBLEM)


def _without_none(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_without_none(item) for item in value]
    return value
