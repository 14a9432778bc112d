"""OData addresses as pure functions: literals, filters, keys, queries (reference: dataverse.md 2, 3)."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import quote
from uuid import UUID

type Value = str | int | bool | Decimal | UUID | datetime | date | None
type Key = UUID | Mapping[str, str | int | UUID]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_/.]*")
_UNSAFE_KEY = re.compile(r"[/<>*%&:\\?+#\x00-\x1f]")
_SAFE = "$,()':/@=!*;~"  # legal in a query and without meaning of their own in one option


def literal(value: Value) -> str:
    """A value as it stands in a filter: text quoted, everything else bare, instants in UTC with Z."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return "'" + value.replace("'", "''") + "'"
        case datetime():
            return instant(value)
        case date():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
        case _:
            return str(value)


def instant(value: datetime) -> str:
    """2026-03-02T08:14:05Z. Raises ValueError for a time without offset."""
    if value.tzinfo is None:
        raise ValueError("a date and time needs an offset before it is sent")
    return value.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def name(text: str) -> str:
    """A column, table or path, checked: names are never values from outside."""
    if not _NAME.fullmatch(text):
        raise ValueError("not a name of a column or table: letters, digits and _ only")
    return text


def compare(column: str, operator: str, value: Value) -> str:
    """`column operator value`, such as plb_status eq 727000000."""
    if operator not in {"eq", "ne", "gt", "ge", "lt", "le"}:
        raise ValueError("operators are eq, ne, gt, ge, lt, le")
    return f"{name(column)} {operator} {literal(value)}"


def eq(column: str, value: Value) -> str:
    """`column eq value`."""
    return compare(column, "eq", value)


def both(*conditions: str) -> str:
    """All of the conditions; empty ones are left out."""
    return _joined("and", conditions)


def either(*conditions: str) -> str:
    """One of the conditions; empty ones are left out."""
    return _joined("or", conditions)


def _joined(word: str, conditions: Sequence[str]) -> str:
    given = [each for each in conditions if each]
    return given[0] if len(given) == 1 else f" {word} ".join(f"({each})" for each in given)


def In(  # noqa: N802 - the name of the function in OData
    column: str, values: Iterable[str | int | UUID]
) -> tuple[str, dict[str, str]]:
    """The column holds one of the values: the condition, and the parameters that belong beside `$filter`.

    Raises ValueError for no values: that would match nothing. Source: dataverse.md section 3, query functions.
    """
    texts = [str(value) for value in values]
    if not texts:
        raise ValueError(f"In({column}) needs at least one value")
    array = json.dumps(texts, ensure_ascii=False, separators=(",", ":"))
    condition = "Microsoft.Dynamics.CRM.In(PropertyName=@p1,PropertyValues=@p2)"
    return condition, {"@p1": literal(name(column)), "@p2": array}


def within(text: str) -> str:
    """Text for contains, startswith, endswith: there %, _ and [ would be wildcards."""
    return literal(re.sub(r"([%_\[])", r"[\1]", text))


def row_path(entity_set: str, key: Key) -> str:
    """The address of one row. Raises ValueError for key values that Dataverse cannot address."""
    if isinstance(key, UUID):
        return f"{name(entity_set)}({key})"
    if not key:
        raise ValueError(f"the key of a row of {entity_set} is empty")
    parts = [f"{name(column)}={_key_value(column, value)}" for column, value in key.items()]
    return f"{name(entity_set)}({','.join(parts)})"


def _key_value(column: str, value: str | int | UUID) -> str:
    if not isinstance(value, str):
        return str(value)
    if not value or _UNSAFE_KEY.search(value):
        raise ValueError(
            f"the key column {column} holds a character that Dataverse cannot address, or nothing;"
            " keys are made of letters, digits, _ and -, foreign ids are hashed"
        )
    return "'" + quote(value.replace("'", "''"), safe="'") + "'"


def address(path: str, options: Mapping[str, str]) -> str:
    """A path with its query options, encoded once. Empty options are left out."""
    pairs = [f"{key}={quote(value, safe=_SAFE)}" for key, value in options.items() if value]
    return f"{path}?{'&'.join(pairs)}" if pairs else path


def bind(entity_set: str, key: Key) -> str:
    """The value of a `...@odata.bind` member."""
    return "/" + row_path(entity_set, key)


@dataclass(frozen=True)
class Query:
    """What to read of a table. Give `orderby` a unique tie-breaker wherever the order of pages matters."""

    entity_set: str
    select: Sequence[str]
    filter: str = ""
    orderby: str = ""
    top: int | None = None
    expand: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)  # values of @names in the filter

    @property
    def path(self) -> str:
        """The relative address."""
        options = {
            "$select": ",".join(name(column) for column in self.select),
            "$filter": self.filter,
            "$orderby": self.orderby,
            "$top": "" if self.top is None else str(self.top),
            "$expand": self.expand,
            **self.parameters,
        }
        return address(name(self.entity_set), options)
