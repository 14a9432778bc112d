"""`python -m benchmarks.clients`: calls, bytes and seconds for the same work, then lost answers, then refusals.

The plain loop makes one call a row: it is measured on a part and the rest is reckoned, unless `--whole` is given.
`--small` makes everything a tenth: for a quick look whether it runs.
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.clients.contestants import Contestant, Loop, NotOffered, Ours, contestants, rush
from benchmarks.clients.world import LATENCY, Cost, World, compare, told

ROWS, CHANGES, CREATED, READS = 10_000, 1_000, 500, 500
BURST, SPAN = 100, 5  # the service takes so many calls in so many seconds, while we look at refusals
PART = 20  # the loop does this part of the work


class Run:
    """One run of the whole comparison."""

    def __init__(self, world: World, *, scale: int, whole: bool) -> None:
        self.world, self.whole = world, whole
        self.rows, self.changes, self.created = ROWS // scale, CHANGES // scale, CREATED // scale
        self.reads = READS // 2 if scale > 1 else READS
        self.table = Table(title=f"{self.rows} rows, {LATENCY} ms latency, real limits")
        for column in ("task", "client", "calls", "refused", "KB", "seconds", ""):
            self.table.add_column(column, justify="left" if column in ("task", "client", "") else "right")

    def add(self, task: str, client: str, cost: Cost | None, note: str = "") -> None:
        """One line of the table."""
        if cost is None:
            self.table.add_row(task, client, "-", "-", "-", "-", note)
            return
        numbers = (str(cost.calls), str(cost.refused), f"{cost.bytes / 1024:,.0f}", f"{cost.seconds:.1f}")
        self.table.add_row(task, client, *numbers, ", ".join(filter(None, (cost.note, note))))

    def work(self, one: Contestant, prefix: str) -> None:
        """The tasks without faults."""
        part = PART if isinstance(one, Loop) and not self.whole else 1
        self.world.table(prefix, key=True)
        with self.world.measure() as measured:
            one.upsert(prefix, range(self.rows // part))
        self.add(f"upsert {self.rows} rows", one.name, _scaled(measured.cost, part))
        with self.world.measure() as measured:
            found = one.read(prefix)
        assert len(found) == self.rows // part
        # A page holds as many rows for everybody: what the loop reads is scaled by rows, its calls are too.
        self.add(f"read {self.rows} rows", one.name, measured.cost, f"{len(found)} rows" if part > 1 else "")
        try:
            with self.world.measure() as measured:
                changed = one.change(prefix, found[: self.changes // part])
        except NotOffered as why:
            self.add(f"update {self.changes} with etag", one.name, None, str(why))
            return
        assert changed == self.changes // part
        self.add(f"update {self.changes} with etag", one.name, _scaled(measured.cost, part))

    def lose_answers(self, one: Contestant, prefix: str) -> tuple[int, int]:
        """Create rows while every fifth write is carried out and its answer lost."""
        self.world.table(prefix, key=False)
        every_fifth = {"service": "dataverse", "method": "POST", "path": f"plb_{prefix}s", "probability": 0.2}
        kinds = [
            {"match": {**every_fifth, "seed": 3}, "do": "lost-answer"},
            {"match": {**every_fifth, "seed": 4}, "do": "reset-after"},
        ]
        part = 5 if isinstance(one, Loop) and not self.whole else 1
        numbers = range(self.created // part)
        self.world.control("POST", "faults", kinds)
        with self.world.measure() as measured:
            one.create(prefix, numbers)
        self.world.control("DELETE", "faults")
        lost, doubled = compare(self.world.stored(prefix), [f"R-{number:06}" for number in numbers])
        note = told(lost, doubled) + (f" of {len(numbers)}" if part > 1 else "")
        self.add(f"create {self.created}, answers lost", one.name, measured.cost, note)
        return lost, doubled

    def under_refusals(self, one: Ours, prefix: str) -> float:
        """Small reads from 32 threads against a service that takes 100 calls in 5 seconds; give the refused share."""
        self.world.limits(LATENCY, requests=BURST, windowSeconds=SPAN)
        with self.world.measure() as measured:
            done = rush(one, prefix, self.reads, 32)
        self.world.limits(LATENCY)
        cost = measured.cost
        share = cost.refused / cost.calls
        best = (self.reads - BURST) / BURST * SPAN
        note = f"{done} answers, {share:.1%} refused, at best {best:.0f} s"
        self.add(f"{self.reads} reads, {BURST} calls per {SPAN} s", one.name, cost, note)
        return share


def _scaled(cost: Cost, part: int) -> Cost:
    return cost.times(part) if part > 1 else cost


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table. Exit code 1 when our client lost or doubled a row, or too many calls were refused."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.clients", description=__doc__)
    parser.add_argument(
        "--whole", action="store_true", help="the loop does all of its work too (about 20 minutes)"
    )
    parser.add_argument("--small", action="store_true", help="a tenth of everything")
    said = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        world = World(Path(folder) / "tenant")
        try:
            return _run(Run(world, scale=10 if said.small else 1, whole=said.whole), world)
        finally:
            world.close()


def _run(run: Run, world: World) -> int:
    world.limits(0)
    everybody = list(contestants(world))
    world.limits(LATENCY)
    for place, one in enumerate(everybody):
        run.work(one, f"a{place}")
    outcomes = [run.lose_answers(one, f"b{place}") for place, one in enumerate(everybody)]
    ours = everybody[0]
    assert isinstance(ours, Ours)
    share = run.under_refusals(ours, "a0")
    Console(width=150).print(run.table)
    return 0 if outcomes[0] == (0, 0) and share <= 0.05 else 1


if __name__ == "__main__":
    raise SystemExit(main())
