"""`/_sandbox/subscriptions`: every subscription, the limits, lifecycle events and forged calls on demand."""

import json
from sqlite3 import Connection

from werkzeug import Request, Response

from sandbox.control import ROOT, Control, ControlError, read_json
from sandbox.graph.errors import GraphError
from sandbox.graph.subscriptions import model
from sandbox.graph.subscriptions.changes import of_list, of_message
from sandbox.graph.subscriptions.handshake import validate
from sandbox.graph.subscriptions.service import EVENTS, Subscriptions
from sandbox.graph.values import IMMUTABLE_STEM, Row, fresh_id
from sandbox.strict import Unusable
from sandbox.wire import json_response

FORGED = ("id", "changeType", "clientState", "subscriptionId")


class SubscriptionControl:
    """GET lists, PUT changes limits, POST /{id}/lifecycle {"event"} sends a lifecycle event.

    POST /{id}/forge {"id", "changeType", "clientState", "subscriptionId"} sends a notification that nothing caused,
    as a stranger or a confused service would; POST /{id}/validation asks the receiver for a token once more."""

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
            case ("POST", [name, "forge"]):
                return self._forge(name, read_json(request))
            case ("POST", [name, "validation"]):
                return self._validate(name)
        words = (
            "Use GET or PUT on subscriptions, or POST on subscriptions/{id}/lifecycle, /forge or /validation."
        )
        raise ControlError(405, words)

    def _shown(self) -> Response:
        with self._desk.store.read() as db:
            found = [model.shown(one) for one in model.every(db)]
        limits = self._desk.limits.shown()
        return json_response(
            200, {"subscriptions": found, "limits": limits, "receivers": self._desk.endpoints.shown()}
        )

    def _limit(self, body: dict[str, object]) -> None:
        try:
            self._desk.limit(self._desk.limits.changed(body, "The limits"))
        except Unusable as exc:
            raise ControlError(400, str(exc)) from exc

    def _one(self, db: Connection, name: str) -> Row:
        found = model.one(db, name)
        if found is None:
            raise ControlError(404, f"There is no subscription '{name}'.")
        return found

    def _event(self, name: str, event: object) -> Response:
        with self._desk.store.write() as db:
            found = self._one(db, name)
            offered = EVENTS[found["kind"]]
            if event not in offered:
                raise ControlError(400, f"'event' for this resource is one of {', '.join(offered)}.")
            return json_response(200, {"sent": self._desk.event(db, found, str(event))})

    def _forge(self, name: str, body: dict[str, object]) -> Response:
        for member, value in body.items():
            if member not in FORGED or not isinstance(value, str):
                raise ControlError(400, f"A forged notification takes texts as {', '.join(FORGED)}.")
        told = {member: body[member] for member in ("clientState", "subscriptionId") if member in body}
        kind, message = str(body.get("changeType", "updated")), str(body.get("id", fresh_id(IMMUTABLE_STEM)))
        with self._desk.store.write() as db:
            found = self._one(db, name)
            made = of_list(found) if found["kind"] == "list" else of_message(found, kind, message, 1)
            self._desk.notify(db, found, made | told)
        return json_response(200, {"sent": True})

    def _validate(self, name: str) -> Response:
        with self._desk.store.read() as db:
            doc = json.loads(self._one(db, name)["doc"])
        try:
            validate(self._desk.outgoing, doc["notificationUrl"])
        except GraphError as exc:
            return json_response(200, {"valid": False, "words": exc.message})
        return json_response(200, {"valid": True, "words": ""})
