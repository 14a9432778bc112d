"""Faults of notifications: lost, doubled, late (reference graph.md 5 and 13)."""

from abc import abstractmethod

from sandbox.faults.refusing import Seconds
from sandbox.models import Model


class Notice(Model):
    """What becomes of one notification."""

    @abstractmethod
    def delays(self) -> list[float]:
        """Give the seconds after which it is delivered, once for each delivery."""


class Lose(Notice):
    """It is never delivered."""

    def delays(self) -> list[float]:
        return []


class Double(Notice):
    """It is delivered twice."""

    seconds: Seconds = 1.5

    def delays(self) -> list[float]:
        return [0.0, self.seconds]


class Late(Notice):
    """It is delivered late."""

    seconds: Seconds = 30.0

    def delays(self) -> list[float]:
        return [self.seconds]
