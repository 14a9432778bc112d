import threading
import time
from concurrent.futures import ThreadPoolExecutor

from connectors.limits import Limiter


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
