"""Conditions of the catalogue: a field compared with a value, and combinations of them."""

from typing import Literal, Self

from pydantic import Field, model_validator

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

    @model_validator(mode="after")
    def _asks_one_thing(self) -> Self:
        asked = [self.field, self.days_since, self.all or None, self.any or None, self.ended]
        if sum(each is not None for each in asked) != 1:
            raise ValueError("asks not one thing; give one of field, days_since, all, any or ended")
        compares = self.field is not None or self.days_since is not None
        if compares and self.op is None:
            raise ValueError("compares nothing; give op and value")
        if compares and self.op != "present" and self.value is None:
            raise ValueError("has nothing to compare with; give value")
        return self

    def fields(self) -> set[str]:
        """Every field that the condition reads."""
        own = {name for name in (self.field, self.days_since) if name}
        return own.union(*(part.fields() for part in (*self.all, *self.any)))
