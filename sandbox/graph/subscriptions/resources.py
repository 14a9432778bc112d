"""The resource of a subscription: which are offered, whether they exist, and whether the application may read them."""

import re
from collections.abc import Callable
from sqlite3 import Connection

from sandbox.graph import mailboxes
from sandbox.graph.call import Call
from sandbox.graph.errors import GraphError, bad, not_offered
from sandbox.graph.sites import sites
from sandbox.graph.sites.grants import READ
from sandbox.graph.sites.visits import Visit
from sandbox.graph.subscriptions.model import Target

KEYED = re.compile(r"^([A-Za-z]+)\('((?:[^']|'')*)'\)$")
KINDS = {"mail": ("created", "updated", "deleted"), "list": ("updated",)}


def target(call: Call, app: str, resource: str) -> Target:
    """Give what a resource means. Raises 400, 403, 404, or 501 for what this tenant does not watch."""
    path, _, query = resource.partition("?")
    if query:
        raise not_offered("query options in the resource of a subscription")
    parts = _segments(path)
    match [part.lower() for part in parts]:
        case ["me", *_]:
            raise bad("/me request is only valid with delegated authentication flow.")
        case ["users", _, "messages"]:
            return _mail(call.db, parts[1], None)
        case ["users", _, "mailfolders", _, "messages"]:
            return _mail(call.db, parts[1], parts[3])
        case ["sites", _, "lists", _]:
            return _inspected(lambda: _list(call, app, parts[1], parts[3]))
    raise not_offered(f"subscriptions to the resource '{'/'.join(_shape(parts))}'")


def _segments(path: str) -> list[str]:
    found: list[str] = []
    for segment in path.strip("/").split("/"):
        keyed = KEYED.match(segment)
        found += [keyed.group(1), keyed.group(2).replace("''", "'")] if keyed else [segment]
    return found


def _shape(parts: list[str]) -> list[str]:
    """The path without its ids, for words."""
    return [part if number % 2 == 0 else "{id}" for number, part in enumerate(parts)]


def _mail(db: Connection, user: str, folder: str | None) -> Target:
    mailbox = _inspected(lambda: mailboxes.open_mailbox(db, user))
    address, user_id = str(mailbox["address"]), str(mailbox["user_id"])
    if folder is None:
        return Target("mail", f"users/{user_id}/messages", address, None, user_id)
    found = str(_inspected(lambda: mailboxes.folder(db, address, folder))["id"])
    return Target("mail", f"users/{user_id}/mailFolders/{found}/messages", address, found, user_id)


def _list(call: Call, app: str, site: str, name: str) -> Target:
    visit = Visit(call, sites.of_id(call.db, site), app, {"list": name})
    found = visit.list()["id"]
    visit.allowed(READ, found)
    return Target("list", f"sites/{visit.site_id}/lists/{found}")


def _inspected[T](look: Callable[[], T]) -> T:
    """Look at the resource as the workload behind the subscription does; its refusals come wrapped."""
    try:
        return look()
    except GraphError as exc:
        if exc.status == 403:
            words = "Operation: Create; Exception: [Status Code: Forbidden; Reason: Forbidden]"
            raise GraphError(403, "ExtensionError", words) from exc
        # documented guess: status and code for a resource that is not there
        raise GraphError(404, "ResourceNotFound", "The resource of the subscription was not found.") from exc
