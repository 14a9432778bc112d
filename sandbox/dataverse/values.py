"""Values of columns: from JSON to the store, and from the store to JSON (reference dataverse.md section 2)."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal

from sandbox.dataverse.address import GUID
from sandbox.dataverse.errors import DataverseError, not_offered, payload_error
from sandbox.dataverse.schema import CHOICES, Column, Table

type Value = str | int | float | None

EDM = {
    "Integer": "Edm.Int32",
    "BigInt": "Edm.Int64",
    "Decimal": "Edm.Decimal",
    "Double": "Edm.Double",
    "Money": "Edm.Decimal",
    "Boolean": "Edm.Boolean",
    "DateTime": "Edm.DateTimeOffset",
    "Uniqueidentifier": "Edm.Guid",
}
EARLIEST = datetime(1753, 1, 1, tzinfo=UTC)
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)", re.IGNORECASE)
WHOLE = re.compile(r"-?[0-9]{1,19}")
NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?")
ANYTHING = re.compile(".*", re.DOTALL)
MOST_DIGITS = 15
"""As many digits of a decimal number are kept exactly; one with more is refused, never rounded in silence."""
_WIDE = Context(prec=60)
# What XML cannot hold, no text column can hold either (code and words as published issues show them).
NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
DAY = re.compile(r"\d{4}-\d\d-\d\d")


def to_store(table: Table, column: Column, value: object) -> Value:
    """Give what the store keeps, or raise the error of the service for a value that does not fit."""
    if value is None:
        return None
    if column.type in CHOICES:
        return _choice(table, column, value)
    return _READERS.get(column.type, _unsupported)(table, column, value)


def wrong_type(table: Table, column: Column, value: object) -> DataverseError:
    edm = "Edm.Date" if column.date_only else EDM.get(column.type, "Edm.String")
    detail = f"Cannot convert the literal '{value}' to the expected type '{edm}'."
    return payload_error(table.set_name, detail)


def _text(table: Table, column: Column, value: object) -> Value:
    if not isinstance(value, str):
        raise wrong_type(table, column, value)
    limit = int(column.definition.get("MaxLength") or 4000)
    if len(value) > limit:
        words = (
            f"A validation error occurred.  The length of the '{column.name}' attribute of the "
            f"'{table.logical}' entity exceeded the maximum allowed length of '{limit}'."
        )
        raise DataverseError(400, "0x80044331", words)
    wrong = NO_TEXT.search(value)
    if wrong is not None:
        code = ord(wrong.group())
        words = f"'\\u{code:04x}', hexadecimal value 0x{code:02X}, is an invalid character."
        raise DataverseError(400, "0x80040278", f"Invalid character in field '{column.name}': {words}")
    return value


def _whole(table: Table, column: Column, value: object) -> Value:
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type(table, column, value)
    _check_range(table, column, value)
    return value


def _number(table: Table, column: Column, value: object) -> Value:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise wrong_type(table, column, value)
    _check_range(table, column, value)
    if column.type == "Double":
        return float(value)
    places = int(column.definition.get("Precision") or 0)
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _WIDE)
    if len(rounded.normalize(_WIDE).as_tuple().digits) > MOST_DIGITS:
        words = f"keeping {rounded} of '{column.name}': it has more than {MOST_DIGITS} digits that count"
        raise not_offered(words)
    return float(rounded)


def _check_range(table: Table, column: Column, value: float | Decimal) -> None:
    low, high = column.definition.get("MinValue"), column.definition.get("MaxValue")
    if (low is not None and value < low) or (high is not None and value > high):
        words = (
            f"A validation error occurred.  The value {value} of '{column.name}' on record of type "
            f"'{table.logical}' is outside the valid range. Accepted Values: {low} to {high}."
        )
        raise DataverseError(400, "0x80044330", words)


def _boolean(table: Table, column: Column, value: object) -> Value:
    if not isinstance(value, bool):
        raise wrong_type(table, column, value)
    return int(value)


def _choice(table: Table, column: Column, value: object) -> Value:
    if isinstance(value, bool) or not isinstance(value, int):
        raise payload_error(
            table.set_name, f"Cannot convert the literal '{value}' to the expected type 'Edm.Int32'."
        )
    if value not in column.options:
        words = (
            f"A validation error occurred.  The value '{value}' of '{column.name}' on record of type "
            f"'{table.logical}' is outside the valid range. Accepted Values: "
            f"{','.join(str(option) for option in column.options)}"
        )
        raise DataverseError(400, "0x8004431a", words)
    return value


def _guid(table: Table, column: Column, value: object) -> Value:
    if not isinstance(value, str) or not GUID.fullmatch(value):
        raise wrong_type(table, column, value)
    return value.lower()


def _date(table: Table, column: Column, value: object) -> Value:
    if column.date_only:
        return _day(table, column, value)
    if not isinstance(value, str) or not INSTANT.fullmatch(value):
        raise wrong_type(table, column, value)
    return instant_text(table, column, value)


def _day(table: Table, column: Column, value: object) -> Value:
    if not isinstance(value, str) or not DAY.fullmatch(value):
        raise wrong_type(table, column, value)
    try:
        day = date.fromisoformat(value)
    except ValueError as exc:
        raise wrong_type(table, column, value) from exc
    if day < EARLIEST.date():
        raise _too_early()
    return value


def instant_text(table: Table, column: Column, value: str) -> str:
    """Give an instant in UTC and whole seconds, so that texts sort as times."""
    try:
        instant = datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError) as exc:
        raise wrong_type(table, column, value) from exc
    if instant < EARLIEST:
        raise _too_early()
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def _too_early() -> DataverseError:
    words = "The date-time format is invalid, or value is outside the supported range."
    return DataverseError(400, "0x80040239", words)


def _unsupported(table: Table, column: Column, value: object) -> Value:
    del value
    words = f"The sandbox tenant does not offer writing '{column.name}' of '{table.logical}' ({column.type})."
    raise DataverseError(501, "0x80040800", words)


_READERS: dict[str, Callable[[Table, Column, object], Value]] = {
    "String": _text,
    "Memo": _text,
    "Integer": _whole,
    "BigInt": _whole,
    "Decimal": _number,
    "Double": _number,
    "Money": _number,
    "Boolean": _boolean,
    "DateTime": _date,
    "Uniqueidentifier": _guid,
}


def literal(table: Table, column: Column, text: str) -> Value:
    """Give what the store keeps for a value written in a URL (key part, item of `In`)."""
    if column.type == "DateTime" and not column.date_only:
        return instant_text(table, column, text)
    kind = "Whole" if column.type in CHOICES else "Uniqueidentifier" if column.is_lookup else column.type
    shape, read = _LITERALS.get(kind, (ANYTHING, str))
    if not shape.fullmatch(text) or (read is int and abs(int(text)) >= 2**63):
        raise wrong_type(table, column, text)
    value: Value = read(text)
    return value


_LITERALS: dict[str, tuple[re.Pattern[str], Callable[[str], Value]]] = {
    **dict.fromkeys(("Whole", "Integer", "BigInt"), (WHOLE, int)),
    **dict.fromkeys(("Decimal", "Double", "Money"), (NUMBER, float)),
    "Boolean": (re.compile("true|false"), lambda text: int(text == "true")),
    "Uniqueidentifier": (GUID, str.lower),
}
