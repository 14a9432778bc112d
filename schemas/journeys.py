"""Templates of journeys: joiner, mover, leaver, absence (section 2.7)."""

from typing import Literal

from pydantic import Field

from schemas.base import Configured
from schemas.conditions import Condition
from schemas.durations import DurationText


class JourneyTask(Configured):
    """One task of a journey; `offset` counts working days from the anchor date."""

    id: str
    name: str
    team: str
    offset: DurationText | None
    effort: DurationText
    mandatory: bool
    depends_on: tuple[str, ...] = ()
    creates: str | None = None
    skip_when: Condition | None = None
    visible_to: tuple[Literal["manager", "employee"], ...] = ()
    blocks_day_one: bool = False
    at_time: str | None = Field(default=None, pattern=r"^\d{2}:\d{2}$")
    anchor: str | None = None


class Journey(Configured):
    """A template: the type that opens it, the date it hangs on, and its tasks."""

    opens_with: str
    anchor: str
    tasks: tuple[JourneyTask, ...] = Field(min_length=1)
