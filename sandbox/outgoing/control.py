"""`/_sandbox/notifications`: what was sent, whether something still waits, and the settings of the sender."""

import ssl

from werkzeug import Request, Response

from sandbox.control import ROOT, Control, ControlError, read_json
from sandbox.outgoing.outgoing import Outgoing
from sandbox.strict import Unusable
from sandbox.wire import json_response

LONGEST = 60.0


class OutgoingControl:
    """GET gives the attempts (`?since=N`) and settings, PUT changes settings, POST /rest waits until all is sent."""

    def __init__(self, outgoing: Outgoing) -> None:
        self._outgoing = outgoing

    def register(self, control: Control) -> None:
        """Take the prefix."""
        control.register("notifications", self.answer)

    def answer(self, request: Request) -> Response:
        """Give the state after the call."""
        rest = request.path.removeprefix(f"{ROOT}notifications")
        if (request.method, rest) == ("POST", "/rest"):
            return self._rest(request)
        if rest or request.method not in ("GET", "PUT"):
            raise ControlError(405, "Use GET or PUT on notifications, or POST on notifications/rest.")
        if request.method == "PUT":
            self._change(read_json(request))
        settings = self._outgoing.settings.shown()
        state = {"waiting": self._outgoing.waiting(), "settings": settings}
        return json_response(
            200, self._outgoing.journal.since(request.args.get("since", 0, type=int)) | state
        )

    def _rest(self, request: Request) -> Response:
        seconds = request.args.get("seconds", 10.0, type=float)
        if not 0 <= seconds <= LONGEST:
            raise ControlError(400, f"'seconds' is 0 to {LONGEST:.0f}.")
        return json_response(
            200, {"atRest": self._outgoing.rest(seconds), "waiting": self._outgoing.waiting()}
        )

    def _change(self, body: dict[str, object]) -> None:
        try:
            self._outgoing.change(self._outgoing.settings.changed(body, "The settings"))
        except Unusable as exc:
            raise ControlError(400, str(exc)) from exc
        except (ssl.SSLError, ValueError) as exc:
            raise ControlError(400, "'caBundle' must be certificates in PEM form.") from exc
