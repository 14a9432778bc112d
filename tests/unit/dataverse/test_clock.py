"""The service's time is recent or asked for."""

from datetime import UTC, datetime, timedelta

import pytest

from dataverse.clock import STALE, ServiceClock
from sync.errors import OutcomeUnknown

NOON = datetime(2026, 2, 9, 12, 0, tzinfo=UTC)


class Service:
    """A service that tells the time when asked, and a monotonic clock that is moved by hand."""

    def __init__(self) -> None:
        self.passed, self.asked, self.silent = 0.0, 0, False
        self.clock = ServiceClock(self.ask, monotonic=lambda: self.passed)

    def ask(self) -> None:
        self.asked += 1
        if not self.silent:
            self.clock.heard(NOON + timedelta(seconds=self.passed))


def test_a_recent_answer_tells_the_time_without_a_call() -> None:
    service = Service()
    service.clock.heard(NOON)
    service.passed = STALE
    assert (service.clock.now(), service.asked) == (NOON, 0)


def test_a_worker_that_was_idle_asks_again() -> None:
    service = Service()
    service.clock.heard(NOON)
    service.passed = 600
    assert service.clock.now() == NOON + timedelta(seconds=600)
    assert service.clock.now() == NOON + timedelta(seconds=600)
    assert service.asked == 1


def test_an_old_time_is_never_passed_off_as_now() -> None:
    service = Service()
    service.clock.heard(NOON)
    service.passed, service.silent = 600, True
    with pytest.raises(OutcomeUnknown, match="not known"):
        service.clock.now()
