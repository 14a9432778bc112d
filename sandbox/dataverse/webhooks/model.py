"""What is registered, and one thing that happened to a row."""

from dataclasses import dataclass, field

from sandbox.dataverse.schema import Table
from sandbox.dataverse.values import Value

type Values = dict[str, Value]

CREATE, UPDATE, DELETE = MESSAGES = ("Create", "Update", "Delete")
PRE, POST, BOTH = 0, 1, 2
WEBHOOK, AFTER = 8, 40
KEY, HEADERS, QUERY = 4, 5, 6


@dataclass(frozen=True)
class Image:
    """A copy of the row that a step is sent along; no columns are all columns."""

    alias: str
    kind: int
    columns: tuple[str, ...]

    @property
    def before(self) -> bool:
        return self.kind in (PRE, BOTH)

    @property
    def after(self) -> bool:
        return self.kind in (POST, BOTH)


@dataclass(frozen=True)
class Step:
    """An enabled step with its endpoint. `columns`: on Update it runs only when one of them is written.

    `user`: the one it runs as, None for the one who wrote."""

    id: str
    name: str
    message: str
    table: str
    waited_for: bool
    deletes_job: bool
    columns: frozenset[str]
    url: str
    auth_type: int
    auth_value: str
    images: tuple[Image, ...] = ()
    user: str | None = None

    def concerns(self, message: str, values: Values) -> bool:
        """Whether a write sets off this step."""
        return message != UPDATE or not self.columns or not self.columns.isdisjoint(values)


@dataclass(frozen=True)
class Happening:
    """One row that was written. `values` are the columns of the write; a deletion has none."""

    message: str
    table: Table
    row_id: str
    values: Values
    before: Values | None = None
    after: Values | None = None
    ids: dict[str, str] = field(default_factory=dict)
    tag: str | None = None
