"""The gate before every service: limits first, then faults, then the service itself."""

from werkzeug import Request, Response

from sandbox.faults.faults import Faults
from sandbox.limits.limits import Limits
from sandbox.wire import PART, SERVICE, Serve


class Gate:
    """Leads calls, and parts of batches, to their service."""

    def __init__(self, limits: Limits, faults: Faults) -> None:
        self.limits, self.faults = limits, faults

    def answer(self, service: str, request: Request, serve: Serve, *, part: bool = False) -> Response:
        """Give the answer of `serve`, or what limits and faults make of it."""
        request.environ[SERVICE] = service
        if part:
            request.environ[PART] = True

        def through(asked: Request) -> Response:
            return self.faults.answer(service, asked, serve, part=part)

        return self.limits.answer(service, request, through, part=part)
