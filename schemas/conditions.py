"""Conditions of the catalogue: a field compared with a value, and combinations of them."""

from typing import Literal

from pydantic import Field

from schemas.base import Configured

type Operator = Literal["==", "!=", "in", "not_in", "in_list", "<", "<=", ">", ">=", "present"]
type Scalar = bool | int | float | str


class Condition(Configured):
    """Either a comparison of `field`, or `days_since` of a date field, or `all`/`any` of other conditions."""

    field: str | None = None
    days_since: str | None = None
    op: Operator | None = None
    value: Scalar | tuple[Scalar, ...] | None = None
    all: tuple["Condition", ...] = ()
    any: tuple["Condition", ...] = ()
    ended: bool | None = None  # journeys only: the absence has ended
    count: int | None = Field(default=None, ge=1)  # minimum_by only: how many files

    def fields(self) -> set[str]:
        """Every field that the condition reads."""
        own = {name for name in (self.field, self.days_since) if name}
        return own.union(*(part.fields() for part in (*self.all, *self.any)))
