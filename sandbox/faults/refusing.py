"""Faults that refuse a call unread, so that nothing happened in the tenant."""

from abc import abstractmethod
from typing import Annotated, ClassVar, Literal

from pydantic import Field
from werkzeug import Response

from sandbox import shapes
from sandbox.dataverse.errors import challenge, version_mismatch
from sandbox.faults.model import Asked
from sandbox.models import Model
from sandbox.strict import Unusable, listed
from sandbox.wire import Serve

type Seconds = Annotated[float, Field(ge=0, le=86_400)]
type Body = Literal["error", "empty", "html"]


class Kind(Model):
    """One kind of fault; `on_parts` says whether it can happen to a part of a batch."""

    on_parts: ClassVar[bool] = True

    def check(self, service: str | None) -> None:
        """Raise `Unusable` when the fault cannot happen to this service."""

    def fits(self, asked: Asked) -> bool:  # noqa: ARG002 - the base class takes every call
        """Say whether it can happen to the call; others are not counted."""
        return True

    @abstractmethod
    def answer(self, asked: Asked, serve: Serve) -> Response:
        """Give what the caller gets instead of the answer."""


class Throttle(Kind):
    """429. `retryAfter` is a number of seconds, a text sent as written, or null for no header;
    `retryDate` sends an HTTP date so many seconds away; `code` picks one of the service."""

    code: str | None = None
    retry_after: Seconds | str | None = 1.0
    retry_date: Seconds | None = None

    def check(self, service: str | None) -> None:
        if self.code is None:
            return
        if service is None:
            raise Unusable("'code' belongs to one service: name it in match.service.")
        if self.code not in shapes.THROTTLES[service]:
            raise Unusable(f"'code' of {service} is one of: {listed(shapes.THROTTLES[service])}.")

    def answer(self, asked: Asked, serve: Serve) -> Response:  # noqa: ARG002
        code = self.code or _usual(asked)
        response = shapes.refused(asked, 429, code, shapes.THROTTLES[asked.service][code])
        shapes.set_retry_after(asked, response, self.retry_after, self.retry_date)
        return response


def _usual(asked: Asked) -> str:
    if asked.service == "graph":
        path = asked.request.path
        # documented guess: which of the codes seen comes from SharePoint
        places = {"/sites/": "activityLimitReached", "/users/": "ApplicationThrottled"}
        return next((code for place, code in places.items() if place in path), "TooManyRequests")
    return next(iter(shapes.THROTTLES[asked.service]))


class Unavailable(Kind):
    """503, by default without `Retry-After`."""

    retry_after: Seconds | str | None = None
    retry_date: Seconds | None = None
    body: Body = "error"

    def answer(self, asked: Asked, serve: Serve) -> Response:  # noqa: ARG002
        response = shapes.failed(asked, 503, self.body)
        shapes.set_retry_after(asked, response, self.retry_after, self.retry_date)
        return response


class Status(Kind):
    """A 5xx before anything was done."""

    status: int = 500
    body: Body = "error"

    def check(self, service: str | None) -> None:
        services = [service] if service is not None else list(shapes.FAILURES)
        for name in services:
            if self.status not in shapes.FAILURES[name]:
                raise Unusable(f"'status' of {name} is one of: {listed(map(str, shapes.FAILURES[name]))}.")

    def answer(self, asked: Asked, serve: Serve) -> Response:  # noqa: ARG002
        return shapes.failed(asked, self.status, self.body)


class Html(Kind):
    """The page of a gateway instead of JSON; also with status 200, as portals do."""

    on_parts = False
    status: Annotated[int, Field(ge=200, le=599)] = 502

    def answer(self, asked: Asked, serve: Serve) -> Response:  # noqa: ARG002
        return shapes.html(self.status)


class Unauthorized(Kind):
    """401: the service does not accept the token."""

    words: ClassVar[str] = "Access token validation failure. Invalid audience."

    def check(self, service: str | None) -> None:
        if service == "authority":
            raise Unusable("Tokens are refused by match.service dataverse or graph: sign-in gets none.")

    def fits(self, asked: Asked) -> bool:
        return asked.service != "authority"

    def answer(self, asked: Asked, serve: Serve) -> Response:  # noqa: ARG002
        if asked.service == "dataverse":
            return challenge(asked.request.host, self.words)
        response = shapes.refused(asked, 401, "InvalidAuthenticationToken", self.words)
        response.headers["WWW-Authenticate"] = 'Bearer realm="", authorization_uri="", client_id=""'
        return response


class ExpiredToken(Unauthorized):
    """401: the token has run out."""

    words = "Lifetime validation failed, the token is expired."


class Precondition(Kind):
    """412 for a call that has a condition: somebody else was faster."""

    def fits(self, asked: Asked) -> bool:
        return asked.request.headers.get("If-Match", "*") != "*"

    def answer(self, asked: Asked, serve: Serve) -> Response:  # noqa: ARG002
        if asked.service == "dataverse":
            exc = version_mismatch()
            return shapes.refused(asked, exc.status, exc.code, exc.message)
        code = "resourceModified" if "/sites/" in asked.request.path else "ErrorIrresolvableConflict"
        return shapes.refused(asked, 412, code, "The resource has changed since it was read.")
