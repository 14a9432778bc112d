"""Faults after which the caller cannot know whether its write was done: lost answers and broken connections."""

from typing import Annotated, Literal

from pydantic import Field
from werkzeug import Response

from sandbox import shapes
from sandbox.faults.model import Asked
from sandbox.faults.refusing import Body, Kind, Seconds
from sandbox.wire import ON_THE_WIRE, OnTheWire, Serve


class OfConnections(Kind):
    """A fault that a part of a batch cannot have."""

    on_parts = False


class LostAnswer(OfConnections):
    """The call is carried out, and the gateway says 504."""

    status: Literal[502, 504] = 504
    body: Body = "error"

    def answer(self, asked: Asked, serve: Serve) -> Response:
        serve(asked.request)
        return shapes.failed(asked, self.status, self.body)


class Reset(OfConnections):
    """The connection is reset before anything was done."""

    def answer(self, asked: Asked, serve: Serve) -> Response:  # noqa: ARG002
        return _reset(asked)


class ResetAfter(OfConnections):
    """The call is carried out, and the connection is reset instead of an answer."""

    def answer(self, asked: Asked, serve: Serve) -> Response:
        serve(asked.request)
        return _reset(asked)


def _reset(asked: Asked) -> Response:
    asked.request.environ[ON_THE_WIRE] = OnTheWire(reset=True)
    return Response(status=503)


class Truncate(OfConnections):
    """The body breaks off after a share of the announced length."""

    share: Annotated[float, Field(ge=0, lt=1)] = 0.5

    def answer(self, asked: Asked, serve: Serve) -> Response:
        asked.request.environ[ON_THE_WIRE] = OnTheWire(share=self.share)
        return serve(asked.request)


class Trickle(OfConnections):
    """The body comes in small pieces that take so many seconds in all."""

    seconds: Seconds = 2.0

    def answer(self, asked: Asked, serve: Serve) -> Response:
        asked.request.environ[ON_THE_WIRE] = OnTheWire(seconds=self.seconds)
        return serve(asked.request)


class Slow(Kind):
    """The service takes so many seconds before it carries the call out: a caller that gave up gets a late write."""

    seconds: Seconds = 2.0

    def answer(self, asked: Asked, serve: Serve) -> Response:
        asked.wait(self.seconds)
        return serve(asked.request)
