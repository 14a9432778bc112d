"""The reference of tables for administrators and report authors, made from the definitions.

`python -m dataverse.docs docs/tables.md` writes it anew; a test holds the file to the definitions.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from dataverse.definitions import Choice, Column, Schema, Table
from dataverse.schema import load_schema

INTRODUCTION = """\
# Tables

Made from `dataverse/tables/` by `python -m dataverse.docs docs/tables.md`; do not edit by hand.

All names carry the prefix `plb`. Every table has a primary id `<table>id`, is owned by a user or team, and
keeps changes for synchronisation. Dates with time are stored in UTC. A lookup is read as `_<column>_value` and
set by `<schema name>@odata.bind`. Alternate keys hold `[A-Za-z0-9_-]` only.
"""


def render(schema: Schema) -> str:
    """The whole reference as Markdown."""
    parts = [INTRODUCTION, _contents(schema)]
    parts += [_table(table) for table in schema.tables.values()]
    parts.append("# Choices\n")
    parts += [_choice(choice) for choice in schema.choices.values()]
    return "\n".join(parts)


def _contents(schema: Schema) -> str:
    rows = [
        f"| [{table.name}](#{table.name}) | {table.labels[0]} | {_cell(table.about)} |"
        for table in schema.tables.values()
    ]
    return "\n".join(["| table | name | what it holds |", "|---|---|---|", *rows, ""])


def _table(table: Table) -> str:
    keys = ", ".join(f"`{key.name}` ({', '.join(key.columns)})" for key in table.keys)
    return "\n".join(
        [
            f"## {table.name}\n",
            f"{table.about}\n",
            (
                f"Entity set `{table.entity_set}`, schema name `{table.schema_name}`, primary id"
                f" `{table.id_column}`. Alternate keys: {keys}.\n"
            ),
            "| column | type | name | notes |",
            "|---|---|---|---|",
            *(_column(column) for column in table.columns),
            "",
        ]
    )


def _column(column: Column) -> str:
    return f"| `{column.name}` | {_type(column)} | {_cell(column.label)} | {_cell(column.about)} |"


def _type(column: Column) -> str:
    if column.target is not None:
        return f"lookup to [{column.target}](#{column.target}), set by `{column.bind_name}`"
    if column.choice is not None:
        return f"choice [{column.choice}](#choice-{column.choice})"
    if column.max_length is not None:
        return f"{column.kind}, at most {column.max_length}"
    return {"boolean": "yes or no", "datetime": "date and time", "integer": "whole number"}.get(
        column.kind, column.kind
    )


def _choice(choice: Choice) -> str:
    return "\n".join([f"## Choice {choice.id}\n", f"{choice.about}\n", *_options(choice), ""])


def _options(choice: Choice) -> Iterator[str]:
    yield from ("| value | name | label |", "|---|---|---|")
    yield from (f"| {option.value} | `{option.name}` | {option.label} |" for option in choice.options)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render(load_schema()), encoding="utf-8")
