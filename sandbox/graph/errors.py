"""Refusals in the shape and with the codes of reference/graph.md 2.1 and 2.2."""

import re
import uuid

from sandbox.graph.values import Json


class GraphError(Exception):
    """A refusal that the client sees: status, code, words; `inner` is a second code, further inside."""

    inner: str | None = None
    headers: dict[str, str] = {}

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def bad(message: str, code: str = "BadRequest") -> GraphError:
    """400: the request itself is wrong."""
    return GraphError(400, code, message)


def not_found() -> GraphError:
    """404 for an item or a folder."""
    return GraphError(404, "ErrorItemNotFound", "The specified object was not found in the store.")


def not_offered(what: str) -> GraphError:
    """501: the cloud may know this, this tenant does not."""
    return GraphError(501, "notImplemented", f"This tenant does not offer {what}.")


def new_id() -> str:
    """The id of a request."""
    return str(uuid.uuid4())


OLDER = re.compile(r"/(attachments|childFolders|masterCategories)\b", re.I)


def body(error: GraphError, date: str, request_id: str, client_request_id: str, path: str = "") -> Json:
    """The error document. Older routes spell the inner error in small letters (reference 2.1)."""
    inner: Json = {"date": date, "request-id": request_id, "client-request-id": client_request_id}
    inner |= {"code": error.inner} if error.inner else {}
    name = "innererror" if OLDER.search(path) else "innerError"
    return {"error": {"code": error.code, "message": error.message, name: inner}}
