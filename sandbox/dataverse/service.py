"""Entry of the Web API: sign-in, common headers, and the way of one request to its operation."""

import uuid

from werkzeug import Request, Response

from sandbox.authority import DATAVERSE, TokenIssuer, Unauthorized
from sandbox.clock import VirtualClock
from sandbox.control import Control
from sandbox.dataverse.errors import DataverseError, error_response, not_offered
from sandbox.store import Store

PREFIX = "/api/data/"


class Dataverse:
    """The Web API v9.2 over one store."""

    name = "dataverse"

    def __init__(self, store: Store, clock: VirtualClock, issuer: TokenIssuer, control: Control) -> None:
        self._store, self._clock, self._issuer, self._control = store, clock, issuer, control

    def handle(self, request: Request) -> Response:
        try:
            self._issuer.verify(request.headers.get("Authorization"), DATAVERSE)
        except Unauthorized as exc:
            return _challenge(request, exc)
        response = self.dispatch(request)
        response.headers["x-ms-service-request-id"] = str(uuid.uuid4())
        response.headers["OData-Version"] = "4.0"
        return response

    def dispatch(self, request: Request) -> Response:
        """Answer one call, alone or as a part of a batch."""
        try:
            raise not_offered(f"{request.method} {request.path}")
        except DataverseError as exc:
            return error_response(exc)

    def unavailable(self, words: str) -> Response:
        return error_response(DataverseError(503, "0x80044150", words))


def _challenge(request: Request, reason: Unauthorized) -> Response:
    response = Response(status=401)
    resource = f"https://{request.host}/"
    response.headers["WWW-Authenticate"] = (
        f'Bearer authorization_uri="https://{request.host}/common/oauth2/authorize", resource_id={resource}, '
        f'error="invalid_token", error_description="{reason}"'
    )
    return response
