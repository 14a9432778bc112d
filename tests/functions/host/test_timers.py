"""azure-functions.md 4.3 and 4.5: timers of a running host on the tenant's virtual clock."""

import json
from datetime import datetime, timedelta

import pytest

from tests.functions.host.conftest import Driver


@pytest.fixture
def made(clock, tmp_path):
    drivers = []

    def make(**settings):
        driver = Driver(tmp_path / "state", clock.url, clock.ca, **settings)
        drivers.append(driver)
        return driver

    yield make
    for driver in drivers:
        driver.session.close()
        if driver.process.poll() is None:
            driver.end()


def to(clock, *, minute, second=0):
    """The next instant with this minute of the hour."""
    now = clock.now()
    then = now.replace(minute=minute, second=second)
    return then if then > now else then + timedelta(hours=1)


def next_of(host, name):
    return datetime.fromisoformat(host.status()["timers"][name]["next"])


def test_a_timer_seen_for_the_first_time_waits_and_then_runs_once_a_time(made, clock):
    clock.set(to(clock, minute=5, second=1))
    host = made().start()
    assert host.idle()["timersSettled"] is True
    assert host.ran("minutely") == []
    clock.set(to(clock, minute=6))
    status = host.idle()
    assert host.ran("minutely") == [{"ran": "minutely", "past_due": False, "next": clock.now().isoformat()}]
    assert status["timers"]["minutely"]["last"] == clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    assert next_of(host, "minutely") == clock.now() + timedelta(minutes=1)
    clock.set(clock.now() + timedelta(minutes=10))
    host.idle()
    assert len(host.ran("minutely")) == 2  # a jump over ten occurrences is one run


def test_a_missed_run_is_made_up_once_at_the_start_unless_the_schedule_changed(made, clock):
    clock.set(to(clock, minute=8, second=1))
    host = made().start()
    host.end(kill=True)
    clock.set(clock.now() + timedelta(days=3))
    changed = made(NIGHTLY="0 0 4 * * *").start()
    changed.idle()
    assert [line["past_due"] for line in changed.ran("minutely")] == [True]
    assert changed.ran("nightly") == []
    assert next_of(changed, "nightly").hour == 4
    clock.set(clock.now() + timedelta(days=1))
    changed.idle()
    assert [line["past_due"] for line in changed.ran("minutely")] == [True, False]
    assert [line["past_due"] for line in changed.ran("nightly")] == [False]


def test_a_retry_policy_repeats_a_failed_timer_and_then_goes_on(made, clock):
    clock.set(to(clock, minute=29, second=59))
    host = made().start()
    clock.set(to(clock, minute=30))
    for attempt in (0, 1, 2):
        host.idle()
        assert [line["attempt"] for line in host.ran("flaky")] == list(range(attempt + 1))
        if attempt < 2:
            assert next_of(host, "flaky") == clock.now() + timedelta(seconds=10)
            clock.set(clock.now() + timedelta(seconds=10))
    assert next_of(host, "flaky").minute == 30
    clock.set(clock.now() + timedelta(seconds=10))
    host.idle()
    assert len(host.ran("flaky")) == 3


def test_an_overrun_delays_the_next_run_and_nothing_is_queued_up(made, clock):
    clock.set(to(clock, minute=44, second=58))
    host = made().start()
    for second in (0, 5, 10, 15):
        clock.set(to(clock, minute=45, second=second))
        if second == 10:
            host.idle()  # 0.3 s of work began at 0 and ended while the clock showed 10
        while not host.ran("slow_timer"):
            pass
    host.idle()
    assert [line["at"] for line in host.ran("slow_timer")] == ["begin", "end"] * 2
    state = json.loads((host.state / "timers.json").read_text())
    assert set(state) == {"minutely", "nightly", "flaky"}  # no state for more than once a minute
    assert {"Last", "Next", "LastUpdated"} <= set(state["nightly"])
