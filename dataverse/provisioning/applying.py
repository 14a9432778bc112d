"""Carry out a plan, one write after another (reference: dataverse.md section 8).

Every step may be sent again: what exists already counts as done. Killed anywhere, a new plan does the rest.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from dataverse.operations import Operation
from dataverse.provisioning.existing import read_choices, read_key_states
from dataverse.provisioning.steps import Organisation, Outcome, Plan, Step
from sync.errors import NotFound, NotSent, OutcomeUnknown, PreconditionFailed, Rejected, RemoteError

EXISTS = frozenset(
    {
        "0x80044310",  # option value
        "0x8004432b",  # relationship
        "0x80044345",  # global choice
        "0x80044363",  # schema name
        "0x8004700b",  # table
        "0x80047013",  # column
        "0x80060893",  # key name
        "0x80060894",  # key on the same columns
        "0x80040237",  # row with the same key
        "0x80060892",  # row with the same id
    }
)
TRY_AGAIN = frozenset(
    {
        "0x8006088a",  # entity set not known yet
        "0x80041102",  # table not in the metadata cache yet
        "0x80060888",  # segment not known yet
        "0x80044339",  # lock
        "0x80071151",  # another solution is being installed
        "0x80071154",  # another customisation runs
    }
)
CACHE_WAITS = (0.0, 3.0, 10.0, 20.0)
INDEX_WAITS = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, *([15.0] * 20))
BUILDING = frozenset({"Pending", "InProgress"})

type Progress = Callable[[str], None]
type Sleep = Callable[[float], None]


@dataclass
class _Run:
    """One pass over a plan."""

    client: Organisation
    progress: Progress
    sleep: Sleep
    choices: frozenset[str]
    done: list[Step] = field(default_factory=list)
    already_there: list[Step] = field(default_factory=list)
    choice_ids: dict[str, str] = field(default_factory=dict)

    def take(self, step: Step) -> None:
        """Do one step and file it under done or already there."""
        self.progress(str(step))
        existed = self._until_settled(step)
        (self.already_there if existed else self.done).append(step)

    def _until_settled(self, step: Step) -> bool:
        for wait in CACHE_WAITS:
            try:
                return self._send(step)
            except RemoteError as error:
                if not (_may_settle(error) or step.kind == "visible"):
                    raise
                self.sleep(wait)
        return self._send(step)

    def _send(self, step: Step) -> bool:
        try:
            self.client.send(self._operation(step))
        except (Rejected, PreconditionFailed) as error:
            if error.code in EXISTS or (isinstance(error, PreconditionFailed) and step.change is None):
                return True
            raise
        return False

    def _operation(self, step: Step) -> Operation:
        operation = step.operation
        assert operation is not None
        if step.choice is not None:
            bound = f"/GlobalOptionSetDefinitions({self._choice_id(step.choice)})"
            return replace(operation, body={**(operation.body or {}), "GlobalOptionSet@odata.bind": bound})
        if step.change is not None:
            whole = self.client.get(operation.path, consistency_strong=True)
            return replace(operation, body={**_definition(whole), **step.change})
        return operation

    def _choice_id(self, name: str) -> str:
        if name not in self.choice_ids:
            found = read_choices(self.client, self.choices)
            self.choice_ids |= {choice: str(there["MetadataId"]) for choice, there in found.items()}
        if name not in self.choice_ids:
            raise NotFound(f"choice {name} was made and is not visible yet; run apply again")
        return self.choice_ids[name]


def apply(
    client: Organisation, plan: Plan, *, progress: Progress = lambda _: None, sleep: Sleep = time.sleep
) -> Outcome:
    """Do the steps of a plan in order; then wait until the key indexes are built.

    `progress` hears one line a step. Raises the RemoteError tree at the first step that the service
    refuses; what was done stays done. Key indexes that failed are named in `Outcome.faults`.
    """
    choices = frozenset(step.choice for step in plan.steps if step.choice)
    run = _Run(client, progress, sleep, choices)
    for step in plan.steps:
        if step.kind != "index":
            run.take(step)
    waiting = [step for step in plan.steps if step.kind == "index"]
    faults, waited = _wait_for_indexes(run, waiting) if waiting else ([], 0.0)
    return Outcome(tuple(run.done), tuple(run.already_there), tuple(faults), waited)


def _may_settle(error: RemoteError) -> bool:
    return isinstance(error, NotFound | NotSent | OutcomeUnknown) or error.code in TRY_AGAIN


def _definition(whole: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in whole.items() if name not in {"@odata.context", "@odata.etag"}}


def _wait_for_indexes(run: _Run, waiting: Sequence[Step]) -> tuple[list[str], float]:
    tables = sorted({step.table for step in waiting if step.table})
    run.progress(f"wait for {len(waiting)} key indexes")
    waited = 0.0
    states = read_key_states(run.client, tables)
    for wait in INDEX_WAITS:
        if not any(_state(step, states) in BUILDING for step in waiting):
            break
        run.sleep(wait)
        waited += wait
        states = read_key_states(run.client, tables)
    run.done += [step for step in waiting if _state(step, states) == "Active"]
    return [_fault(step, states) for step in waiting if _state(step, states) != "Active"], waited


def _state(step: Step, states: dict[tuple[str, str], str]) -> str:
    return states.get((step.table or "", step.name), "Pending")


def _fault(step: Step, states: dict[tuple[str, str], str]) -> str:
    if _state(step, states) == "Failed":
        return (
            f"key {step.name} of {step.table} could not be built, mostly because two rows have the same"
            " value: find and clean them, then apply again (it calls ReactivateEntityKey)"
        )
    return f"key {step.name} of {step.table} is still being built; apply again in some minutes to wait on"
