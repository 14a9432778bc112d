"""What a plan is made of, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from dataverse.operations import Operation, Result

type Kind = Literal[
    "publisher",
    "solution",
    "choice",
    "option",
    "table",
    "column",
    "relationship",
    "key",
    "index",
    "change",
    "publish",
    "visible",
]

SOLUTION = "plumbline"
PUBLISHER = "plumbline"


class Organisation(Protocol):
    """The calls that provisioning needs of a Dataverse client."""

    def get(self, path: str, *, consistency_strong: bool = False) -> dict[str, object]: ...

    def send(self, operation: Operation) -> Result: ...


@dataclass(frozen=True)
class Step:
    """One write, or one thing to wait for: a key index (kind `index`), or that the data routes of the service
    know what was made (kind `visible`: it caches definitions for about 30 seconds).

    `choice`: the global choice whose id is bound into the body. `change`: members to set in the
    definition that is read from the operation's path; a definition is replaced as a whole.
    """

    kind: Kind
    name: str
    table: str | None = None
    operation: Operation | None = None
    choice: str | None = None
    change: Mapping[str, object] | None = None

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True)
class Plan:
    """Ordered steps, and what exists but differs and is left alone (each in words with its remedy)."""

    steps: tuple[Step, ...] = ()
    drift: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to be done."""
        return not self.steps


@dataclass(frozen=True)
class Outcome:
    """What was done, what had come into being meanwhile, and what is wrong, in words."""

    done: tuple[Step, ...] = ()
    already_there: tuple[Step, ...] = ()
    faults: tuple[str, ...] = ()
    waited_seconds: float = field(default=0.0)
