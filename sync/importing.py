"""Bring in cases that existed before Plumbline came."""

from collections.abc import Sequence

from rules.decision import Organisation, World
from rules.imported import imported
from schemas.commands import ImportCase
from sync.errors import PreconditionFailed
from sync.ports import Clock
from sync.stores import CaseStore, Change


class Importer:
    """Imports cases; one that is there already is left as it is."""

    def __init__(self, organisation: Organisation, cases: CaseStore, clock: Clock) -> None:
        self._organisation = organisation
        self._cases = cases
        self._clock = clock

    def take(self, commands: Sequence[ImportCase]) -> int:
        """Import cases; the number of those that were new. Raises RemoteError for the first that is refused."""
        world = World(self._organisation, self._clock.now(), "")
        changes = []
        for command in commands:
            decision = imported(command, world)
            changes.append(Change(decision, None, decision.after(None)))
        outcomes = self._cases.commit(changes) if changes else []
        for outcome in outcomes:
            if outcome is not None and not isinstance(outcome, PreconditionFailed):
                raise outcome
        return sum(outcome is None for outcome in outcomes)
