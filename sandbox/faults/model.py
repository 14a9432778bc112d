"""A call as the rules of faults see it."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.shapes import Call
from sandbox.wire import raw_target

SERVICES = ("authority", "dataverse", "graph")
CHANNELS = ("graph-notification", "dataverse-webhook")


@dataclass(frozen=True)
class Asked(Call):
    """One call as the rules see it; `chance` comes from the seed of the rule and its count of calls."""

    chance: random.Random
    wait: Callable[[float], object]

    @property
    def target(self) -> str:
        """Path and query as the caller wrote them."""
        return raw_target(self.request)


def draw(seed: int, number: int) -> random.Random:
    """Give the chance of one call: the same for the same seed and number, in every run."""
    return random.Random(f"{seed} {number}")  # noqa: S311 - faults are no secrets
