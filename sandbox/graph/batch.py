"""JSON $batch (reference section 6): each part runs through the same routes as a single call."""

import base64
import json
import random
from collections.abc import Callable

from werkzeug import Request, Response

from sandbox.graph.call import answer
from sandbox.graph.errors import GraphError, bad
from sandbox.graph.values import Json
from sandbox.wire import PARTS, make_request, strict_json

MOST = 20
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
JSON = {"Content-Type": "application/json"}
type Handle = Callable[[Request], Response]


def run(request: Request, handle: Handle, seed: int | None = None) -> Response:
    """The answers of all parts: the last one first, or in an order of a seed. Callers match them by id."""
    parts = _parts(request)
    request.environ[PARTS] = len(parts)
    statuses: dict[str, int] = {}
    answers = []
    for part in parts:
        body = _one(request, part, statuses, handle)
        statuses[part["id"].lower()] = body["status"]
        answers.append(body)
    answers.reverse()
    if seed is not None:
        random.Random(seed).shuffle(answers)  # noqa: S311 - it has to be repeatable
    return answer(200, {"responses": answers})


def _parts(request: Request) -> list[Json]:
    """The parts of a batch. Raises 400 when it cannot be read as a whole."""
    try:
        body = strict_json(request.get_data())
    except ValueError as exc:
        raise bad("Unable to read JSON request payload.") from exc
    parts = body.get("requests") if isinstance(body, dict) else None
    if not isinstance(parts, list) or not parts or not all(isinstance(part, dict) for part in parts):
        raise bad("A batch has a list 'requests' of objects.")
    if len(parts) > MOST:
        raise bad(f"The number of batch requests exceeds the limit of {MOST}.")
    _check_each(parts)
    for part in parts:
        part["url"] = _target(request, part["url"])
    return parts


def _check_each(parts: list[Json]) -> None:
    seen: set[str] = set()
    for part in parts:
        name = part.get("id")
        if not isinstance(name, str) or not name or name.lower() in seen:
            raise bad("Every part of a batch needs an id of its own.")
        if part.get("method") not in METHODS or not isinstance(part.get("url"), str):
            raise bad(f"The part '{name}' needs a method and a url.")
        _check_body(part)
        before = part.get("dependsOn") or []
        if not isinstance(before, list) or not all(_is_one_of(other, seen) for other in before):
            raise bad(f"The part '{name}' depends on parts that do not come before it.")
        seen.add(name.lower())
    _check_pattern(parts)


def _check_pattern(parts: list[Json]) -> None:
    """Parts depend on nothing, on the one before them each, or all on the same (docs: JSON batching)."""
    named = [tuple(name.lower() for name in part.get("dependsOn") or ()) for part in parts]
    chain = [(), *((part["id"].lower(),) for part in parts[:-1])]
    stated = {names for names in named if names}
    if named != chain and (len(stated) > 1 or any(len(names) > 1 for names in stated)):
        # documented guess: the code; the patterns are documented
        raise bad("dependsOn is a complete chain, or names the same part everywhere, or is left out.")


def _is_one_of(name: object, seen: set[str]) -> bool:
    return isinstance(name, str) and name.lower() in seen


def _check_body(part: Json) -> None:
    headers = part.get("headers", {})
    if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
        raise bad("The headers of a part are an object of texts.")
    if part.get("body") is not None and "content-type" not in {name.lower() for name in headers}:
        raise bad(f"The part '{part['id']}' has a body and needs the header Content-Type.")


def _one(outer: Request, part: Json, statuses: dict[str, int], handle: Handle) -> Json:
    if any(statuses[other.lower()] >= 400 for other in part.get("dependsOn") or []):
        error = {"code": "FailedDependency", "message": "Failed Dependency"}
        return {"id": part["id"], "status": 424, "headers": JSON, "body": {"error": error}}
    try:
        asked = _request(outer, part)
    except GraphError as exc:
        error = {"code": exc.code, "message": exc.message}
        return {"id": part["id"], "status": exc.status, "headers": JSON, "body": {"error": error}}
    response = handle(asked)
    headers = {name: value for name, value in response.headers.items() if name != "Content-Length"}
    body: Json = {"id": part["id"], "status": response.status_code, "headers": headers}
    raw = response.get_data()
    if raw:
        plain = response.mimetype == "application/json"
        body["body"] = json.loads(raw) if plain else base64.b64encode(raw).decode()
    else:
        headers.pop("Content-Type", None)
    return body


def _request(outer: Request, part: Json) -> Request:
    """The part as a single call: same host and token, its own headers."""
    target = part["url"]
    if target.partition("?")[0].strip("/").lower() == "$batch":
        raise bad("A batch cannot be part of a batch.")
    headers = {str(name): str(value) for name, value in (part.get("headers") or {}).items()}
    headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
    headers["Authorization"] = outer.headers.get("Authorization", "")
    return make_request(part["method"], f"/v1.0{target}", headers.items(), _raw(part), outer.host)


def _target(outer: Request, url: str) -> str:
    """Path and query below the version. Microsoft's Python client sends absolute addresses of the same host."""
    root = f"https://{outer.host}/v1.0/"
    if "://" in url.partition("?")[0] and not url.startswith(root):
        raise bad("The url of a part is relative to the version.")
    return "/" + url.removeprefix(root).lstrip("/")


def _raw(part: Json) -> bytes:
    body = part.get("body")
    if body is None:
        return b""
    if isinstance(body, str):
        try:
            return base64.b64decode(body, validate=True)
        except ValueError as exc:
            raise GraphError(400, "BadRequest", "A text body in a batch is base64.") from exc
    return json.dumps(body).encode()
