"""Values that are there but look wrong: shown to the team, never a reason to refuse by themselves."""

import re
from collections.abc import Iterator, Mapping
from datetime import date

from schemas.catalogue import IntakeField, RequestType
from schemas.reading import FieldValue


def warnings_of(kind: RequestType, known: Mapping[str, FieldValue], today: date) -> tuple[str, ...]:
    """Names of doubts such as `start_date_within_10_days`, in the order of the catalogue."""
    return tuple(
        warning
        for field in kind.fields
        if field.id in known and field.type == "date"
        for warning in _of_date(field, known[field.id].value, today)
    )


def _of_date(field: IntakeField, value: str, today: date) -> Iterator[str]:
    try:
        ahead = (date.fromisoformat(value) - today).days
    except ValueError:
        return
    if "not_before" in field.rule and ahead < 0:
        yield f"{field.id}_in_the_past"
    if "not_after" in field.rule and ahead > 0:
        yield f"{field.id}_in_the_future"
    near = re.fullmatch(r"(\d+)d", str(field.rule.get("warn_if_within", "")))
    if near and 0 <= ahead <= int(near[1]):
        yield f"{field.id}_within_{near[1]}_days"
