"""The paths below `/sites`, and what each of them takes of the app."""

import re
from collections.abc import Callable

from werkzeug import Response

from sandbox.graph.call import Call
from sandbox.graph.errors import not_offered
from sandbox.graph.sites import (
    definitions,
    delta,
    grants,
    item_pages,
    item_routes,
    lists,
    pages,
    sites,
)
from sandbox.graph.sites.errors import denied
from sandbox.graph.sites.grants import MANAGE, READ, WRITE
from sandbox.graph.sites.visits import Visit
from sandbox.graph.values import Row

PREFIX = "/sites/"
type Route = Callable[[Visit], Response]

LIST = "lists/{list}"
ITEM = f"{LIST}/items/{{item}}"
COLUMN = f"{LIST}/columns/{{column}}"
PAGE = "pages/{page}"
TABLE: tuple[tuple[str, str, int, Route], ...] = (
    ("GET", "", READ, sites.get),
    ("GET", "permissions", MANAGE, sites.permissions),
    ("POST", "permissions", MANAGE, sites.grant),
    ("GET", "permissions/{permission}", MANAGE, sites.permission),
    ("DELETE", "permissions/{permission}", MANAGE, sites.revoke),
    ("GET", "lists", READ, lists.every),
    ("POST", "lists", MANAGE, lists.create),
    ("GET", LIST, READ, lists.get),
    ("PATCH", LIST, MANAGE, lists.patch),
    ("DELETE", LIST, MANAGE, lists.delete),
    ("GET", f"{LIST}/permissions", MANAGE, sites.permissions),
    ("POST", f"{LIST}/permissions", MANAGE, sites.grant),
    ("GET", f"{LIST}/permissions/{{permission}}", MANAGE, sites.permission),
    ("DELETE", f"{LIST}/permissions/{{permission}}", MANAGE, sites.revoke),
    ("GET", f"{LIST}/contentTypes", READ, lists.types),
    ("GET", f"{LIST}/columns", READ, definitions.every),
    ("POST", f"{LIST}/columns", MANAGE, definitions.create),
    ("GET", COLUMN, READ, definitions.get),
    ("PATCH", COLUMN, MANAGE, definitions.patch),
    ("DELETE", COLUMN, MANAGE, definitions.delete),
    ("GET", f"{LIST}/items/delta", READ, delta.get),
    ("GET", f"{LIST}/items/delta/{{token}}", READ, delta.get),
    ("GET", f"{LIST}/items", READ, item_pages.get),
    ("POST", f"{LIST}/items", WRITE, item_routes.create),
    ("GET", ITEM, READ, item_routes.get),
    ("PATCH", ITEM, WRITE, item_routes.patch),
    ("DELETE", ITEM, WRITE, item_routes.delete),
    ("GET", f"{ITEM}/fields", READ, item_routes.fields),
    ("PATCH", f"{ITEM}/fields", WRITE, item_routes.patch_fields),
    ("GET", "pages", READ, pages.every),
    ("POST", "pages", WRITE, pages.create),
    ("GET", "pages/sitePage", READ, pages.every_full),
    ("GET", PAGE, READ, pages.get),
    ("PATCH", PAGE, WRITE, pages.patch),
    ("DELETE", PAGE, WRITE, pages.delete),
    ("GET", f"{PAGE}/sitePage", READ, pages.get_full),
    ("PATCH", f"{PAGE}/sitePage", WRITE, pages.patch),  # documented guess: with the cast as without it
    ("POST", f"{PAGE}/sitePage/publish", WRITE, pages.publish),
    ("GET", f"{PAGE}/sitePage/canvasLayout", READ, pages.canvas),
    ("GET", f"{PAGE}/sitePage/webParts", READ, pages.web_parts),
)
PATTERNS = tuple(
    (verb, pattern.split("/") if pattern else [], need, run) for verb, pattern, need, run in TABLE
)
ADDRESS = re.compile(r"^([^/:]+):(?:/([^:]*))?(?::(?:/(.*))?)?$", re.S)
KEYED = re.compile(r"^([A-Za-z]+)\('((?:[^']|'')*)'\)$")
WITH_TOKEN = re.compile(r"^(?:microsoft\.graph\.)?delta\(token='((?:[^']|'')*)'\)$")
CALLED = re.compile(r"^(?:(?:microsoft\.)?graph\.)?([A-Za-z]+)(?:\(\))?$")
FIXED = ("delta", "sitePage")


def handle(call: Call, path: str, app: str) -> Response:
    """The answer to a path below `sites/`. Raises 501 for what is not offered, 403 without a grant."""
    site, rest = _located(call, path)
    route, need, keys = _match(call.request.method, _segments(rest))
    if call.request.method != "GET":
        call.allow()
    visit = Visit(call, site, app, keys)
    if grants.anywhere(call.db, site["id"], app) == grants.NOTHING:
        raise denied()
    visit.allowed(need, visit.list()["id"] if "list" in keys else None)
    return route(visit)


def _located(call: Call, path: str) -> tuple[Row, str]:
    """The site that a path means, and what follows it."""
    match = ADDRESS.match(path)
    if match:
        sites.check_host(match.group(1))
        return sites.of_path(call.db, match.group(2) or ""), match.group(3) or ""
    name, _, rest = path.partition("/")
    return sites.of_id(call.db, name), rest


def _segments(rest: str) -> list[str]:
    """What follows the site in one spelling: `lists('x')`, `delta()`, casts and functions are plain segments."""
    found: list[str] = []
    for segment in rest.strip("/").split("/") if rest.strip("/") else ():
        keyed, called, token = KEYED.match(segment), CALLED.match(segment), WITH_TOKEN.match(segment)
        if token:
            found += ["delta", token.group(1).replace("''", "'")]
        elif keyed:
            found += [keyed.group(1), keyed.group(2).replace("''", "'")]
        elif called and (segment.endswith("()") or "graph." in segment):
            found.append(called.group(1))
        else:
            found.append(segment)
    return found


def _match(method: str, path: list[str]) -> tuple[Route, int, dict[str, str]]:
    for verb, pattern, need, route in PATTERNS:
        if verb == method and len(pattern) == len(path):
            keys = _keys(pattern, path)
            if keys is not None:
                return route, need, keys
    raise not_offered(f"{method} on this path")


def _keys(pattern: list[str], path: list[str]) -> dict[str, str] | None:
    keys = {}
    for wanted, given in zip(pattern, path, strict=True):
        if wanted.startswith("{"):
            if given.startswith("$") or given in FIXED:
                return None
            keys[wanted.strip("{}")] = given
        elif wanted != given:
            return None
    return keys
