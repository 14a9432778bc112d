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
        """Import cases; the number of those that were new.

        Raises RemoteError for the first that is refused, PreconditionFailed where another case has its reference.
        """
        world = World(self._organisation, self._clock.now(), "")
        decisions = [imported(command, world) for command in commands]
        changes = [Change(decision, None, decision.after(None)) for decision in decisions]
        outcomes = self._cases.commit(changes) if changes else []
        there = [change for change, outcome in zip(changes, outcomes, strict=True) if outcome is not None]
        for outcome in outcomes:
            if outcome is not None and not isinstance(outcome, PreconditionFailed):
                raise outcome
        self._check(there)
        return len(changes) - len(there)

    def _check(self, there: Sequence[Change]) -> None:
        cases = [change.after for change in there if change.after]
        known = self._cases.load([case.case_id for case in cases])
        strangers = [case.reference for case in cases if case.case_id not in known]
        if strangers:
            raise PreconditionFailed(
                f"reference {', '.join(strangers)} belongs to another case: give the imported one another reference"
            )
