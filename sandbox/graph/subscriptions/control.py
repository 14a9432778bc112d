"""`/_sandbox/subscriptions`: every subscription, the limits, and lifecycle events on demand."""

from werkzeug import Request, Response

from sandbox.control import ROOT, Control, ControlError, read_json
from sandbox.graph.subscriptions import model
from sandbox.graph.subscriptions.model import Limits
from sandbox.graph.subscriptions.service import EVENTS, Subscriptions
from sandbox.strict import Unusable
from sandbox.wire import json_response


class SubscriptionControl:
    """GET lists, PUT changes limits, POST /{id}/lifecycle {"event"} sends a lifecycle event."""

    def __init__(self, desk: Subscriptions) -> None:
        self._desk = desk

    def register(self, control: Control) -> None:
        """Take the prefix."""
        control.register("subscriptions", self.answer)

    def answer(self, request: Request) -> Response:
        """Give the state after the call."""
        rest = request.path.removeprefix(f"{ROOT}subscriptions").strip("/").split("/")
        match (request.method, rest):
            case ("GET", [""]):
                return self._shown()
            case ("PUT", [""]):
                self._limit(read_json(request))
                return self._shown()
            case ("POST", [name, "lifecycle"]):
                return self._event(name, read_json(request).get("event"))
        raise ControlError(405, "Use GET or PUT on subscriptions, or POST on subscriptions/{id}/lifecycle.")

    def _shown(self) -> Response:
        with self._desk.store.read() as db:
            found = [model.shown(one) for one in model.every(db)]
        limits = self._desk.limits.model_dump(by_alias=True)
        return json_response(
            200, {"subscriptions": found, "limits": limits, "receivers": self._desk.endpoints.shown()}
        )

    def _limit(self, body: dict[str, object]) -> None:
        known = self._desk.limits.model_dump(by_alias=True)
        try:
            self._desk.limit(Limits.read(known | body, "The limits"))
        except Unusable as exc:
            raise ControlError(400, str(exc)) from exc

    def _event(self, name: str, event: object) -> Response:
        with self._desk.store.write() as db:
            found = model.one(db, name)
            if found is None:
                raise ControlError(404, f"There is no subscription '{name}'.")
            offered = EVENTS[found["kind"]]
            if event not in offered:
                raise ControlError(400, f"'event' for this resource is one of {', '.join(offered)}.")
            return json_response(200, {"sent": self._desk.event(db, found, str(event))})
