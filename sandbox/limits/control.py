"""`/_sandbox/limits`: GET shows the limits, PUT changes those that it names; null switches one off."""

from werkzeug import Request, Response

from sandbox.control import Control, ControlError, read_json
from sandbox.limits.limits import Limits
from sandbox.strict import Unusable
from sandbox.wire import json_response


class LimitsControl:
    """The control route of the limits."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    def register(self, control: Control) -> None:
        """Take the prefix."""
        control.register("limits", self.answer)

    def answer(self, request: Request) -> Response:
        """Give the limits as they are after the call."""
        if request.method == "PUT":
            try:
                self._limits.set(self._limits.settings.changed(read_json(request), "The limits"))
            except Unusable as exc:
                raise ControlError(400, str(exc)) from exc
        elif request.method != "GET":
            raise ControlError(405, "Use GET or PUT.")
        return json_response(200, self._limits.settings.shown())
