"""A pytest plugin: every exchange of Graph with a tenant of this process is held against Microsoft's description.

What the description does not allow fails the test during which it happened."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug import Request, Response

from tests.openapi.check import notification_violations, violations
from tests.openapi.exchange import Exchange

PART = "sandbox.part"  # parts are read out of their batch


class Watch:
    """Collects violations; an observer for `Tenant.default_observers`."""

    def __init__(self) -> None:
        self._found: list[str] = []

    def __call__(self, request: Request, response: Response) -> None:
        exchange = None if PART in request.environ else Exchange.of(request, response)
        if exchange is not None:
            self.note(exchange)

    def note(self, exchange: Exchange) -> None:
        self._found += violations(exchange)

    def note_notification(self, body: bytes) -> None:
        self._found += notification_violations(body)

    def raise_found(self) -> None:
        """Fail for what was found since the last time."""
        found, self._found = self._found, []
        if found:
            words = "\n".join(dict.fromkeys(found))
            pytest.fail(f"Not allowed by the description of Graph in tests/openapi:\n{words}", pytrace=False)


WATCH = Watch()


def pytest_collection_finish() -> None:
    """Watch all tenants, if any test can start one: others need not load the description."""
    tenant = sys.modules.get("sandbox.tenant")
    if tenant is not None and WATCH not in tenant.Tenant.default_observers:
        tenant.Tenant.default_observers.append(WATCH)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Iterator[None]:
    yield
    WATCH.raise_found()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    yield
    WATCH.raise_found()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Iterator[None]:
    yield
    WATCH.raise_found()


def check_recording(path: Path) -> None:
    """Fail for what a tenant in another process recorded with `--record`. One that was killed leaves half a line."""
    *lines, _ = path.read_text("utf-8").split("\n")
    for line in lines:
        exchange = Exchange.recorded(line)
        if exchange is not None:
            WATCH.note(exchange)
    WATCH.raise_found()
