"""`/_sandbox/faults`: GET shows the rules, POST adds one or a list, DELETE forgets them all."""

from werkzeug import Request, Response

from sandbox.control import Control, ControlError
from sandbox.faults.faults import Faults
from sandbox.strict import Unusable
from sandbox.wire import json_response, strict_json


class FaultsControl:
    """The control route of the faults."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def register(self, control: Control) -> None:
        """Take the prefix."""
        control.register("faults", self.answer)

    def answer(self, request: Request) -> Response:
        """Give the rules as they are after the call."""
        if request.method == "POST":
            return json_response(201, {"rules": self._add(request)})
        if request.method == "DELETE":
            self._faults.clear()
        elif request.method != "GET":
            raise ControlError(405, "Use GET, POST with a rule or a list of rules, or DELETE.")
        return json_response(200, {"rules": self._faults.rules()})

    def _add(self, request: Request) -> list[dict[str, object]]:
        try:
            body = strict_json(request.get_data())
        except ValueError as exc:
            raise ControlError(400, "The body is not JSON.") from exc
        try:
            return [rule.shown() for rule in self._faults.add(body if isinstance(body, list) else [body])]
        except Unusable as exc:
            raise ControlError(400, str(exc)) from exc
