import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from connectors.limits import Limiter, nearly_spent


def most_at_once(limiter: Limiter, lanes: list[str | None]) -> int:
    lock, running, most = threading.Lock(), 0, 0

    def work(lane: str | None) -> None:
        nonlocal running, most
        with limiter.slot(lane):
            with lock:
                running += 1
                most = max(most, running)
            time.sleep(0.005)
            with lock:
                running -= 1

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(work, lanes))
    return most


def test_no_more_calls_run_at_once_than_the_limit() -> None:
    assert most_at_once(Limiter(3), [None] * 24) == 3


def test_one_mailbox_gets_four_places_however_wide_the_service_is() -> None:
    assert most_at_once(Limiter(12), ["hr"] * 24) == 4


def test_a_full_lane_holds_up_nobody_else() -> None:
    limiter = Limiter(12, lane_width=1)
    with limiter.slot("hr"), limiter.slot("it"), limiter.slot():
        pass


def test_a_hint_is_bounded_and_nonsense_is_ignored() -> None:
    limiter = Limiter(8, widest=20)
    for hint in ("500", "0", "-1", "x", None):
        limiter.follow(hint)
    assert limiter.width == 20


class Now:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_a_refusal_halves_the_width_and_closes_the_service_for_everybody() -> None:
    now = Now()
    limiter = Limiter(16, monotonic=now)
    limiter.refused(None, 7.0)
    assert (limiter.width, limiter.closed_for(), limiter.closed_for("hr")) == (8, 7.0, 7.0)
    now.seconds += 7
    assert limiter.closed_for() == 0.0


def test_a_burst_of_refusals_narrows_once() -> None:
    now = Now()
    limiter = Limiter(16, monotonic=now)
    for _ in range(16):
        limiter.refused(None, 7.0)
        now.seconds += 0.01
    assert limiter.width == 8
    assert limiter.closed_for() == pytest.approx(6.99)


def test_a_refused_mailbox_closes_its_own_lane_only() -> None:
    limiter = Limiter(16, monotonic=Now())
    limiter.refused("hr", 3.0)
    assert (limiter.closed_for("hr"), limiter.closed_for("it"), limiter.width) == (3.0, 0.0, 16)
    assert (limiter.lane_width("hr"), limiter.lane_width("it")) == (2, 4)


def test_every_full_round_of_successes_gives_one_place_back_up_to_the_hint() -> None:
    limiter = Limiter(4, monotonic=Now())
    limiter.refused(None, 1.0)
    widths = []
    for _ in range(20):
        limiter.served(None)
        widths.append(limiter.width)
    assert widths[:5] == [2, 3, 3, 3, 4]
    assert widths[-1] == 4


def test_a_refusal_never_leaves_less_than_one_place() -> None:
    now = Now()
    limiter = Limiter(2, monotonic=now)
    for _ in range(5):
        limiter.refused(None, 1.0)
        now.seconds += 2
    assert limiter.width == 1


def test_a_hint_that_comes_after_a_refusal_does_not_widen_at_once() -> None:
    limiter = Limiter(16, monotonic=Now())
    limiter.refused(None, 1.0)
    limiter.follow("20")
    assert limiter.width == 8


def test_idle_lanes_are_forgotten_but_not_a_closed_one() -> None:
    limiter = Limiter(16, monotonic=Now())
    limiter.refused("hr", 60.0)
    for number in range(2500):
        with limiter.slot(f"mailbox {number}"):
            pass
    assert limiter.closed_for("hr") == 60.0


def test_who_waited_for_a_place_learns_that_the_service_has_closed() -> None:
    limiter = Limiter(1, monotonic=Now())
    with limiter.slot() as closed_for:
        assert closed_for == 0.0
        limiter.refused(None, 5.0)
    with limiter.slot() as closed_for:
        assert closed_for == 5.0


def test_a_lane_rests_before_its_budget_is_spent_and_keeps_its_width() -> None:
    limiter = Limiter(16, monotonic=Now())
    limiter.rest("SharePoint", 9.0)
    assert (limiter.closed_for("SharePoint"), limiter.closed_for("hr"), limiter.lane_width("SharePoint")) == (
        9,
        0,
        4,
    )


@pytest.mark.parametrize(
    ("limit", "remaining", "reset", "rest"),
    [
        ("1250", "250", "30", None),
        ("1250", "125", "30", 30.0),
        ("1250", "0", "30", 30.0),
        ("1250", "0", "0", None),
        ("1250", "0", "1e9", None),
        ("1250", "soon", "30", None),
        ("", "0", "30", None),
    ],
)
def test_a_budget_that_is_nearly_spent_asks_for_rest(
    limit: str, remaining: str, reset: str, rest: float | None
) -> None:
    headers = {"ratelimit-limit": limit, "ratelimit-remaining": remaining, "ratelimit-reset": reset}
    assert nearly_spent(headers) == rest
    assert nearly_spent({}) is None
