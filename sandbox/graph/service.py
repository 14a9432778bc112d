"""The service behind https://localhost:P/v1.0."""

import uuid
from datetime import datetime

from werkzeug import Request, Response

from sandbox.authority import GRAPH, TokenIssuer, Unauthorized
from sandbox.gate import Gate
from sandbox.graph import batch, due, errors, mailboxes, routes, sending, switches
from sandbox.graph.call import Call, answer, preferences
from sandbox.graph.errors import GraphError, bad, not_offered
from sandbox.graph.schema import prepare
from sandbox.graph.sites import routes as sites
from sandbox.graph.sites import schema as sites_schema
from sandbox.graph.subscriptions import routes as subscriptions
from sandbox.graph.subscriptions.service import Subscriptions
from sandbox.graph.values import Clock, stamp
from sandbox.outgoing.outgoing import Outgoing
from sandbox.store import Store

PREFIX = "/v1.0"
PREVIEW = "/beta"
WRITING = ("POST", "PUT", "PATCH")
# The cloud says 4 MB (docs: Microsoft Graph service limits); the code in the answer is a guess. A file of
# 3 MB, the most that an attachment may have, is a little more than that in base64 and passes.
MOST_BYTES = 9 * 1024 * 1024 // 2


class Graph:
    """Microsoft Graph of one tenant: mail, SharePoint, subscriptions and $batch; everything else answers 501."""

    name = "graph"

    def __init__(
        self, store: Store, clock: Clock, issuer: TokenIssuer, gate: Gate, outgoing: Outgoing
    ) -> None:
        self._store, self._clock, self._issuer, self._gate = store, clock, issuer, gate
        prepare(store)
        sites_schema.prepare(store)
        self.subscriptions = Subscriptions(store, clock, outgoing, issuer.tenant_id)
        outgoing.watchers.append(self.settle)

    def handle(self, request: Request) -> Response:
        """The answer, refusals included."""
        request_id = str(uuid.uuid4())
        client_id = request.headers.get("client-request-id", request_id)
        try:
            caller = self._issuer.verify(request.headers.get("Authorization"), GRAPH)
            response = self._routed(request, caller.client_id)
        except Unauthorized as exc:
            error = GraphError(401, "InvalidAuthenticationToken", str(exc))
            response = self._refusal(error, request_id, client_id)
            response.headers["WWW-Authenticate"] = 'Bearer realm="", authorization_uri="", client_id=""'
        except UnicodeEncodeError:  # half a surrogate pair in a text
            response = self._refusal(bad("The payload has text that is no Unicode."), request_id, client_id)
        except GraphError as exc:
            response = self._refusal(exc, request_id, client_id, request.path)
        response.headers["request-id"] = request_id
        response.headers["client-request-id"] = client_id
        return response

    def unavailable(self, words: str) -> Response:
        """A 503 in the shape of this service."""
        request_id = str(uuid.uuid4())
        return self._refusal(GraphError(503, "serviceNotAvailable", words), request_id, request_id)

    def _refusal(self, error: GraphError, request_id: str, client_id: str, path: str = "") -> Response:
        date = stamp(self._clock.now()).removesuffix("Z")
        response = answer(error.status, errors.body(error, date, request_id, client_id, path))
        response.headers.update(error.headers)
        return response

    def _routed(self, request: Request, app: str) -> Response:
        if request.path.startswith(PREVIEW):
            raise not_offered("the preview version")
        path = request.path.removeprefix(PREFIX)
        if path.startswith(PREFIX):
            raise bad("Resource not found for the segment 'v1.0'.")
        if request.method in WRITING and (request.content_length or 0) > MOST_BYTES:
            raise GraphError(413, "RequestEntityTooLarge", "The request is larger than 4 MB.")
        if path.strip("/") == "$batch" and request.method == "POST":
            if request.mimetype != "application/json" or request.args:
                raise bad("A batch is a JSON document, posted without query options.")
            with self._store.read() as db:
                seed = switches.get(db, "batchSeed")
            return batch.run(request, self._part, seed)
        return self._single(request, path, app)

    def settle(self, now: datetime) -> datetime | None:
        """Do with mail what was put off until now; give the time of what comes next."""
        return due.settle(self._store, now, sending.ACTS)

    def _part(self, request: Request) -> Response:
        return self._gate.answer(self.name, request, self.handle, part=True)

    def _single(self, request: Request, path: str, app: str) -> Response:
        prefer = preferences(",".join(request.headers.getlist("Prefer")))
        if path.lower().startswith(sites.PREFIX):
            with self._store.read() as db:
                call = Call(request, self._store, db, self._clock.now(), prefer)
                return sites.handle(call, path[len(sites.PREFIX) :], app)
        self.settle(self._clock.now())
        with self._store.read() as db:
            call = Call(request, self._store, db, self._clock.now(), prefer)
            response = self._routed_call(call, path, app)
        if prefer.applied:
            response.headers["Preference-Applied"] = ", ".join(prefer.applied)
        return response

    def _routed_call(self, call: Call, path: str, app: str) -> Response:
        if subscriptions.concerns(path):
            return subscriptions.handle(call, path, self.subscriptions, app)
        found, call.folder = routes.segments(path)
        route, keys = routes.match(call.request.method, found)
        if call.request.method != "GET":
            call.allow()
        call.keys = keys | {"path": path}
        if len(found) > 2:
            call.mailbox = mailboxes.open_mailbox(call.db, keys["user"])
        return route(call)
