"""How an existing definition differs from ours: what is grown, and what only a person may change."""

from collections.abc import Iterator, Mapping, Sequence

from dataverse.definitions import Column, Table
from dataverse.provisioning.bodies import ATTRIBUTE_TYPES

type Json = Mapping[str, object]


def table_drift(table: Table, there: Json) -> Iterator[str]:
    """Differences that cannot be mended in place, in words."""
    expected = {
        "EntitySetName": table.entity_set,
        "PrimaryNameAttribute": "plb_name",
        "OwnershipType": "UserOwned",
    }
    for member, wanted in expected.items():
        found = there.get(member)
        if found is not None and found != wanted:
            yield f"{table.name}: {member} is {found}, expected {wanted}; it cannot be changed later"
    if there.get("IsOptimisticConcurrencyEnabled") is False:
        yield f"{table.name}: optimistic concurrency is off, so guarded writes fail; switch it on"


def column_drift(column: Column, there: Json) -> Iterator[str]:
    """Differences of a column that are reported and left alone, in words."""
    wanted = ATTRIBUTE_TYPES[column.kind]
    found = there.get("AttributeType")
    if found != wanted:
        yield f"is {found}, expected {wanted}; rename or delete it, and apply makes it anew"
        return
    length = there.get("MaxLength")
    if column.max_length is not None and isinstance(length, int) and length > column.max_length:
        yield f"holds {length} characters, more than the {column.max_length} expected; nothing is lost"
    yield from _behaviour_drift(column, there)
    targets = there.get("Targets")
    if column.target is not None and isinstance(targets, list) and targets != [column.target]:
        yield f"points to {', '.join(map(str, targets))}, expected {column.target}; delete it, then apply"


def _behaviour_drift(column: Column, there: Json) -> Iterator[str]:
    behaviour = there.get("DateTimeBehavior")
    wanted = {"datetime": "UserLocal", "date": "DateOnly"}.get(column.kind)
    if wanted and isinstance(behaviour, dict) and behaviour.get("Value") != wanted:
        yield f"has the date behaviour {behaviour.get('Value')}, expected {wanted}; delete it, then apply"


def column_change(column: Column, there: Json) -> dict[str, object]:
    """What can be mended in place: a length that grew. Empty when nothing is to be done."""
    length = there.get("MaxLength")
    same_type = there.get("AttributeType") == ATTRIBUTE_TYPES[column.kind]
    if column.max_length is None or not same_type or not isinstance(length, int):
        return {}
    return {"MaxLength": column.max_length} if length < column.max_length else {}


def has_columns(found: object, columns: Sequence[str]) -> bool:
    """Whether a key is on exactly these columns, in any order."""
    return isinstance(found, list) and sorted(map(str, found)) == sorted(columns)
