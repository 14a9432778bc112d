"""The admin surface: run a function now, see how the host stands. Master key only."""

import json
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from sandbox.functions.keys import Keys
from sandbox.functions.outcome import HttpReply
from sandbox.functions.serving import Request
from sandbox.functions.web import offered_key

_RUN = "/admin/functions/"
_STATUS = "/admin/host/status"


class Admin:
    """Answers below /admin. `run` starts a function by name with a text, or says why it does not."""

    def __init__(
        self, keys: Keys, run: Callable[[str, str], HttpReply], status: Callable[[], Mapping[str, object]]
    ) -> None:
        self._keys, self._run, self._status = keys, run, status

    def answer(self, request: Request) -> HttpReply:
        """Check the key, then serve."""
        path = urlsplit(request.target).path.rstrip("/")
        if not self._keys.admits("ADMIN", "", offered_key(request)):
            return HttpReply(401)
        if request.method == "GET" and path.lower() == _STATUS:
            return _json(200, self._status())
        if request.method == "POST" and path.lower().startswith(_RUN):
            return self._start(path[len(_RUN) :], request)
        return HttpReply(404)

    def _start(self, name: str, request: Request) -> HttpReply:
        try:
            given = json.loads(request.body)
            text = given.get("input", "")
        except (ValueError, AttributeError):
            return HttpReply(400, body=b'Send a JSON object: {"input": "..."}')
        if not isinstance(text, str):
            return HttpReply(400, body=b'"input" must be a text')
        return self._run(name, text)


def _json(status: int, value: object) -> HttpReply:
    return HttpReply(status, (("Content-Type", "application/json"),), json.dumps(value).encode())
