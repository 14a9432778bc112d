"""How many due-or-elapsed answers a second one core gives, and how long seven years take to lay out.

Floors: 100,000 answers a second, 50 ms (reference: sla.md section 7). Run: uv run python -m benchmarks.business_time
"""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time

from rules.business_axis import Week, lay_out
from rules.business_time import BusinessTime
from schemas.loading import load_catalogue

CATALOGUE = Path(__file__).resolve().parent.parent / "examples" / "northgate" / "catalogue.yaml"
QUESTIONS = 50_000
RUNS = 5


def laying_out(time: BusinessTime, week: Week) -> float:
    """CPU milliseconds for seven years, the best of some runs."""
    best = float("inf")
    for _ in range(RUNS):
        begun = process_time()
        lay_out(week, time.zone, 2024, 2030)
        best = min(best, process_time() - begun)
    return best * 1000


def answers(time: BusinessTime) -> float:
    """Answers in one CPU second over random questions of two years, half of them due and half elapsed."""
    chance = random.Random(7)
    begin = datetime(2025, 6, 1, tzinfo=UTC)
    starts = [begin + timedelta(seconds=chance.randrange(2 * 365 * 86400)) for _ in range(QUESTIONS)]
    amounts = [chance.randrange(60, 15 * 8 * 3600) for _ in starts]
    ends = [start + timedelta(seconds=3 * amount) for start, amount in zip(starts, amounts, strict=True)]
    time.due(begin, 1)
    begun = process_time()
    for start, end, amount in zip(starts, ends, amounts, strict=True):
        time.due(start, amount)
        time.elapsed(start, end)
    return 2 * QUESTIONS / (process_time() - begun)


def main() -> None:
    """Print the table."""
    calendar = load_catalogue(CATALOGUE.read_text(encoding="utf-8")).calendars["office"]
    time = BusinessTime(calendar)
    print(f"answers a second     {answers(time):10,.0f}    (floor 100,000)")
    print(f"seven years laid out {laying_out(time, Week(calendar)):10.1f} ms (ceiling 50)")


if __name__ == "__main__":
    main()
