"""What a feed may do by chance (reference 3.2, 13). The same seed gives the same chances at the same place."""

import random

from sandbox.graph.values import Json


class Quirks:
    """The chances of one page of one round. Each quirk has a rate of its own, or that of all."""

    def __init__(self, rates: Json, place: str) -> None:
        self._rates = rates
        self._chances: dict[str, random.Random] = {}
        self._place = f"{rates.get('seed', 0)}/{place}"

    def _chance(self, name: str) -> random.Random:
        if name not in self._chances:
            self._chances[name] = random.Random(f"{self._place}/{name}")  # noqa: S311 - it has to be repeatable
        return self._chances[name]

    def happen(self, name: str) -> bool:
        """Whether a quirk happens here."""
        rate = float(self._rates[name] if name in self._rates else self._rates.get("rate", 0))
        return rate > 0 and self._chance(name).random() < rate

    def below(self, name: str, limit: int) -> int:
        """A number from 0 to less than the limit."""
        return self._chance(name).randrange(limit)
