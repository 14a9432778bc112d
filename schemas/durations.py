"""Durations as the catalogue writes them: 15m, 4h, 2d, and -10d for an offset before an anchor."""

import re
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

from schemas.base import Frozen

_FORM = re.compile(r"^(-?\d{1,6})([mhd])$")


class Duration(Frozen):
    """An amount and its unit. `m` and `h` are counted on a clock; `d` are its working days."""

    amount: int
    unit: str  # m, h, d

    def __str__(self) -> str:
        """The form of the catalogue."""
        return f"{self.amount}{self.unit}"

    @property
    def seconds(self) -> int:
        """Counted seconds; a day counts 24 hours, which only holds on a clock that never stops."""
        return self.amount * {"m": 60, "h": 3600, "d": 86400}[self.unit]


def parse_duration(value: object) -> Duration:
    """Read a duration. Raises ValueError that shows the form."""
    if isinstance(value, Duration):
        return value
    found = _FORM.match(str(value).strip())
    if not found:
        raise ValueError(
            f"{value!r} is not a duration; write minutes, hours or working days as 15m, 4h or 2d"
        )
    return Duration(amount=int(found[1]), unit=found[2])


type DurationText = Annotated[Duration, BeforeValidator(parse_duration), PlainSerializer(str)]
