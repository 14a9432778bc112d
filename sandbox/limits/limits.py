"""The limits of one tenant: every call of a service goes through here, before any fault."""

from werkzeug import Request, Response

from sandbox import shapes
from sandbox.authority import DATAVERSE, GRAPH, TokenIssuer, Unauthorized
from sandbox.clock import VirtualClock
from sandbox.limits.dataverse import ServiceProtection
from sandbox.limits.graph import MAILBOX, SITE, Mail, MailboxNames, SharePoint
from sandbox.limits.settings import Settings
from sandbox.store import Store
from sandbox.wire import PART, Serve


class Limits:
    """Admits calls or refuses them unread."""

    def __init__(self, clock: VirtualClock, issuer: TokenIssuer, store: Store) -> None:
        self._clock, self._issuer, self._names = clock, issuer, MailboxNames(store)
        self.set(Settings())

    def set(self, settings: Settings) -> None:
        """Take other limits, and begin to count anew."""
        self.settings = settings
        self._dataverse = ServiceProtection(settings.dataverse, self._refuse_dataverse)
        self._mail = Mail(settings.mail, self._refuse_graph)
        self._sharepoint = SharePoint(settings.sharepoint, self._refuse_graph)

    @property
    def latency(self) -> float:
        """How many seconds an answer takes on its way."""
        return self.settings.latency_milliseconds / 1000

    def answer(self, service: str, request: Request, serve: Serve, *, part: bool) -> Response:
        """Give the answer of `serve`, or 429. Who has no good token is left to the service."""
        if (part and service == DATAVERSE) or service not in (DATAVERSE, GRAPH):
            return serve(request)
        try:
            app = self._issuer.verify(request.headers.get("Authorization"), service).client_id
        except Unauthorized:
            return serve(request)
        if service == DATAVERSE:
            return self._dataverse.answer(app, request, serve)
        return self._of_graph(app, request, serve, part=part)

    def _of_graph(self, app: str, request: Request, serve: Serve, *, part: bool) -> Response:
        mailbox = MAILBOX.match(request.path)
        if mailbox is not None:
            key = (app, self._names.of(mailbox["user"]))
            return self._mail.answer(key, request, serve, part=part)
        if SITE.match(request.path):
            return self._sharepoint.answer(app, request, serve)
        return serve(request)

    def _refuse_dataverse(self, request: Request, code: str, seconds: int) -> Response:
        return self._refusal(DATAVERSE, request, code, seconds)

    def _refuse_graph(self, request: Request, code: str, after: float | str | None) -> Response:
        return self._refusal(GRAPH, request, code, after)

    def _refusal(self, service: str, request: Request, code: str, after: float | str | None) -> Response:
        call = shapes.Call(service, request, PART in request.environ, self._clock)
        response = shapes.refused(call, 429, code, shapes.THROTTLES[service][code])
        shapes.set_retry_after(call, response, after, None)
        return response
