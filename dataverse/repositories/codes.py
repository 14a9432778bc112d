"""Choices by name and texts by length, as the table definitions say."""

from collections.abc import Mapping
from functools import cache

from dataverse.definitions import Choice
from dataverse.schema import load_schema
from sync.errors import Rejected


def code(table: str, column: str, name: str) -> int:
    """The stored number of an option."""
    return _choice(table, column).value(name)


def name(table: str, column: str, value: object) -> str:
    """The name of a stored option."""
    return _choice(table, column).name(int(str(value)))


def fitted(table: str, row: Mapping[str, object], *, whole: tuple[str, ...] = ()) -> dict[str, object]:
    """A row whose texts fit their columns. The whole mail stays in its mailbox; an over-long text loses its end.

    The columns named by `whole` are of no use in part (JSON). Raises Rejected when one of them does not fit.
    """
    longest = _longest(table)
    for column in whole:
        if len(str(row[column])) > longest[column]:
            raise Rejected(
                f"{table}.{column} takes {longest[column]} characters; this has {len(str(row[column]))}"
            )
    return {
        column: value[: longest[column]] if isinstance(value, str) and column in longest else value
        for column, value in row.items()
    }


@cache
def _choice(table: str, column: str) -> Choice:
    schema = load_schema()
    found = schema.table(table).column(column).choice
    if found is None:
        raise ValueError(f"{table}.{column} is not a choice")
    return schema.choice(found)


@cache
def _longest(table: str) -> dict[str, int]:
    columns = load_schema().table(table).columns
    return {column.name: column.max_length for column in columns if column.max_length}
