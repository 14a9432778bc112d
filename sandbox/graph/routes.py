"""The table of routes, and reading a path."""

import re
from collections.abc import Callable

from werkzeug import Response

from sandbox.graph import (
    categories,
    delta,
    folder_delta,
    listing,
    routes_folders,
    translate,
    uploads,
)
from sandbox.graph import routes_read as read
from sandbox.graph import routes_write as write
from sandbox.graph.call import Call
from sandbox.graph.errors import not_offered

type Route = Callable[[Call], Response]

MESSAGE = "users/{user}/messages/{message}"
FOLDER = "users/{user}/mailFolders/{folder}"
CATEGORIES = "users/{user}/outlook/masterCategories"
TABLE: tuple[tuple[str, str, Route], ...] = (
    ("GET", "users/{user}", read.user),
    ("GET", "users", read.users),
    ("GET", "users/{user}/mailFolders", routes_folders.every),
    ("POST", "users/{user}/mailFolders", routes_folders.create),
    ("GET", "users/{user}/mailFolders/delta", folder_delta.folders),
    ("GET", FOLDER, routes_folders.one),
    ("PATCH", FOLDER, routes_folders.patch),
    ("DELETE", FOLDER, routes_folders.delete),
    ("POST", f"{FOLDER}/move", routes_folders.move),
    ("POST", f"{FOLDER}/permanentDelete", routes_folders.delete_for_good),
    ("GET", f"{FOLDER}/childFolders", routes_folders.every),
    ("POST", f"{FOLDER}/childFolders", routes_folders.create),
    ("GET", f"{FOLDER}/messages/$count", listing.folder_count),
    ("GET", "users/{user}/messages/$count", listing.all_count),
    ("GET", CATEGORIES, categories.every),
    ("POST", CATEGORIES, categories.create),
    ("GET", f"{CATEGORIES}/{{category}}", categories.one),
    ("PATCH", f"{CATEGORIES}/{{category}}", categories.patch),
    ("DELETE", f"{CATEGORIES}/{{category}}", categories.delete),
    ("POST", "users/{user}/translateExchangeIds", translate.ids),
    ("GET", f"{FOLDER}/messages", listing.folder_messages),
    ("GET", f"{FOLDER}/messages/delta", delta.messages),
    ("POST", f"{FOLDER}/messages", write.create),
    ("GET", "users/{user}/messages", listing.all_messages),
    ("POST", "users/{user}/messages", write.create),
    ("GET", MESSAGE, read.message),
    ("PATCH", MESSAGE, write.patch),
    ("DELETE", MESSAGE, write.delete),
    ("GET", f"{MESSAGE}/$value", read.raw),
    ("GET", f"{MESSAGE}/attachments", read.files),
    ("POST", f"{MESSAGE}/attachments", write.add_file),
    ("POST", f"{MESSAGE}/attachments/createUploadSession", uploads.create),
    ("GET", f"{MESSAGE}/attachments/{{attachment}}", read.file),
    ("DELETE", f"{MESSAGE}/attachments/{{attachment}}", write.remove_file),
    ("GET", f"{MESSAGE}/attachments/{{attachment}}/$value", read.file_bytes),
    ("POST", f"{MESSAGE}/createReply", write.create_answer("createReply")),
    ("POST", f"{MESSAGE}/createReplyAll", write.create_answer("createReplyAll")),
    ("POST", f"{MESSAGE}/createForward", write.create_answer("createForward")),
    ("POST", f"{MESSAGE}/reply", write.send_answer("reply")),
    ("POST", f"{MESSAGE}/replyAll", write.send_answer("replyAll")),
    ("POST", f"{MESSAGE}/forward", write.send_answer("forward")),
    ("POST", f"{MESSAGE}/send", write.send),
    ("POST", f"{MESSAGE}/move", write.move),
    ("POST", f"{MESSAGE}/copy", write.copy),
    ("POST", f"{MESSAGE}/permanentDelete", write.delete_for_good),
    ("POST", "users/{user}/sendMail", write.send_mail),
)
KEYED = re.compile(r"^([A-Za-z]+)\('((?:[^']|'')*)'\)$")
CALLED = re.compile(r"^(?:microsoft\.graph\.)?([A-Za-z]+)(?:\(\))?$")
FIXED = {"delta"}
VERSION = "v1.0"


def segments(path: str) -> tuple[list[str], str | None]:
    """A path below the version in one spelling: `mailFolders('inbox')` and `delta()` become plain segments.

    A message addressed through a folder is the message; the folder comes apart, for it has to lie there."""
    found: list[str] = []
    for segment in path.strip("/").split("/"):
        keyed, called = KEYED.match(segment), CALLED.match(segment)
        if keyed:
            found += [keyed.group(1), keyed.group(2).replace("''", "'")]
        elif called and len(found) > 1:
            found.append(called.group(1))
        else:
            found.append(segment)
    in_folder = len(found) > 5 and (found[2].lower(), found[4].lower()) == ("mailfolders", "messages")
    if in_folder and found[5].lower() not in FIXED and not found[5].startswith("$"):
        return [*found[:2], *found[4:]], found[3]
    return found, None


def match(method: str, path: list[str]) -> tuple[Route, dict[str, str]]:
    """The handler of a path and its keys. Raises 501 for what is not offered."""
    for verb, pattern, route in TABLE:
        keys = _keys(pattern.split("/"), path)
        if verb == method and keys is not None:
            return route, keys
    raise not_offered(f"{method} on this path")


def _keys(pattern: list[str], path: list[str]) -> dict[str, str] | None:
    if len(pattern) != len(path):
        return None
    keys = {}
    for wanted, given in zip(pattern, path, strict=True):
        if wanted.startswith("{") and (given.startswith("$") or given.lower() in FIXED):
            return None  # `$count` and `mailFolders/delta` are no ids
        if wanted.startswith("{"):
            keys[wanted.strip("{}")] = given
        elif wanted.lower() != given.lower():
            return None
    return keys
