"""The table of routes, and reading a path."""

import re
from collections.abc import Callable

from werkzeug import Response

from sandbox.graph import delta, listing, uploads
from sandbox.graph import routes_read as read
from sandbox.graph import routes_write as write
from sandbox.graph.call import Call
from sandbox.graph.errors import not_offered

type Route = Callable[[Call], Response]

MESSAGE = "users/{user}/messages/{message}"
FOLDER = "users/{user}/mailFolders/{folder}"
TABLE: tuple[tuple[str, str, Route], ...] = (
    ("GET", "users/{user}", read.user),
    ("GET", "users/{user}/mailFolders", read.folders),
    ("POST", "users/{user}/mailFolders", write.create_folder),
    ("GET", FOLDER, read.folder),
    ("GET", f"{FOLDER}/childFolders", read.folders),
    ("POST", f"{FOLDER}/childFolders", write.create_folder),
    ("GET", f"{FOLDER}/messages", listing.folder_messages),
    ("GET", f"{FOLDER}/messages/delta", delta.messages),
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


def segments(path: str) -> list[str]:
    """A path below the version in one spelling: `mailFolders('inbox')` and `delta()` become plain segments."""
    found: list[str] = []
    for segment in path.strip("/").split("/"):
        keyed, called = KEYED.match(segment), CALLED.match(segment)
        if keyed:
            found += [keyed.group(1), keyed.group(2).replace("''", "'")]
        elif called and len(found) > 1:
            found.append(called.group(1))
        else:
            found.append(segment)
    return _without_folder(found)


def _without_folder(found: list[str]) -> list[str]:
    """A message addressed through its folder is the same message."""
    in_folder = len(found) > 5 and (found[2].lower(), found[4].lower()) == ("mailfolders", "messages")
    return [*found[:2], *found[4:]] if in_folder and found[5].lower() not in FIXED else found


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
