"""The text of an `$apply` to what it asks for: filters, the columns of the groups, the aggregates."""

import re
from dataclasses import dataclass, field

from sandbox.dataverse.errors import bad_query, not_offered
from sandbox.dataverse.expand import split_outside

STEP = re.compile(r"(?P<name>[\w.]+)\s*\((?P<inside>.*)\)", re.DOTALL)
AGGREGATE = re.compile(r"(?P<path>[\w/]+)\s+with\s+(?P<method>[\w.]+)\s+as\s+(?P<alias>\w+)")
COUNT = re.compile(r"\$count\s+as\s+(?P<alias>\w+)")
METHODS = {"sum": "sum", "average": "avg", "min": "min", "max": "max", "countdistinct": "distinct"}
# Transformations of the OData extension that the sandbox does not offer.
ELSEWHERE = (
    "compute", "concat", "expand", "search", "identity", "topcount", "topsum", "toppercent", "bottomcount", "bottomsum",
    "bottompercent", "orderby", "skip", "top", "join", "outerjoin", "nest", "ancestors", "descendants", "traverse",
)  # fmt: skip


@dataclass
class Wanted:
    """An `$apply` as read: `aggregates` are path (None: the rows), function and alias."""

    filters: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    aggregates: list[tuple[str | None, str, str]] = field(default_factory=list)
    done: bool = False


def read(text: str) -> Wanted:
    """Give what an `$apply` asks for; raises for what cannot be read and for what is not offered."""
    wanted = Wanted()
    for step in split_outside(text, "/"):
        match = STEP.fullmatch(step)
        if match is None:
            raise bad_query(f"The transformation '{step}' in $apply could not be read.")
        if match["name"] in ELSEWHERE:
            raise not_offered(f"the transformation '{match['name']}' in $apply")
        if match["name"] not in _STEPS:
            raise bad_query(f"'{match['name']}' is no transformation: filter, groupby or aggregate expected.")
        if wanted.done:
            raise not_offered("a transformation after groupby or aggregate")
        _STEPS[match["name"]](wanted, match["inside"].strip())
    if not wanted.done:
        raise not_offered("$apply without groupby or aggregate; use $filter")
    return wanted


def _filter(wanted: Wanted, inside: str) -> None:
    wanted.filters.append(inside)


def _groupby(wanted: Wanted, inside: str) -> None:
    parts = split_outside(inside, ",")
    columns = re.fullmatch(r"\((.*)\)", parts[0], re.DOTALL) if parts else None
    if columns is None or len(parts) > 2:
        raise bad_query("groupby takes the columns in brackets of their own, and an aggregate(...).")
    wanted.groups = [name.strip() for name in columns[1].split(",") if name.strip()]
    if not wanted.groups:
        raise bad_query("groupby needs at least one column.")
    wanted.done = True
    if len(parts) == 2:
        match = STEP.fullmatch(parts[1])
        if match is None or match["name"] != "aggregate":
            raise not_offered("anything but aggregate(...) within groupby")
        _aggregate(wanted, match["inside"])


def _aggregate(wanted: Wanted, inside: str) -> None:
    wanted.done = True
    for part in split_outside(inside, ","):
        wanted.aggregates.append(_one(part))
    if not wanted.aggregates:
        raise bad_query("aggregate needs at least one expression.")


def _one(part: str) -> tuple[str | None, str, str]:
    counted = COUNT.fullmatch(part)
    if counted is not None:
        return None, "count", counted["alias"]
    match = AGGREGATE.fullmatch(part)
    if match is None:
        raise bad_query(
            f"The aggregate expression '{part}' could not be read: 'column with method as alias'."
        )
    if match["method"] not in METHODS:
        raise bad_query(f"The aggregate method '{match['method']}' is unknown: use {', '.join(METHODS)}.")
    return match["path"], METHODS[match["method"]], match["alias"]


_STEPS = {"filter": _filter, "groupby": _groupby, "aggregate": _aggregate}
