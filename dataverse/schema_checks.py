"""What the form of the files cannot say about table definitions: names, lengths, keys, references."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from dataverse.definitions import FIRST_OPTION, PREFIX, Choice, Column, Schema, Table

NAME = re.compile(rf"^{PREFIX}_[a-z][a-z0-9_]*$")
OPTION_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9_]*$")
LAST_OPTION = FIRST_OPTION + 9999
LONGEST_NAME = 50
LONGEST_TEXT = 4000
LONGEST_MEMO = 1_048_576
MOST_KEYS = 10
MOST_KEY_COLUMNS = 16
MOST_KEY_BYTES = 900
KEY_KINDS = frozenset({"text", "integer", "decimal", "datetime", "date", "choice", "lookup"})
BYTES_OF_OTHERS = 16


def faults_of(schema: Schema) -> list[str]:
    """Every fault of the definitions in words: place, rule, remedy. Empty when all is well."""
    found: list[str] = []
    for choice in schema.choices.values():
        found += _choice_faults(choice)
    for table in schema.tables.values():
        found += _table_faults(table, schema)
    found += _twice("entity set", (table.entity_set for table in schema.tables.values()))
    found += _twice("schema name", (table.schema_name.lower() for table in schema.tables.values()))
    return found


def _choice_faults(choice: Choice) -> Iterator[str]:
    yield from _name_faults(choice.id, "choice")
    for option in choice.options:
        if not FIRST_OPTION <= option.value <= LAST_OPTION:
            yield f"{choice.id}.{option.name}: {option.value} is outside {FIRST_OPTION} to {LAST_OPTION}"
        if not OPTION_NAME.fullmatch(option.name):
            yield f"{choice.id}: option name {option.name!r} may hold letters, digits and _ only"
    yield from _twice(f"{choice.id}: value", (str(option.value) for option in choice.options))
    yield from _twice(f"{choice.id}: name", (option.name for option in choice.options))


def _table_faults(table: Table, schema: Schema) -> Iterator[str]:
    yield from _name_faults(table.name, "table")
    yield from _name_faults(table.entity_set, f"{table.name}: entity set")
    if table.schema_name.lower() != table.name:
        yield f"{table.name}: schema name {table.schema_name} must be the name with capitals"
    yield from _twice(f"{table.name}: column", (column.name for column in table.columns))
    for column in table.columns:
        for fault in _column_faults(column, table, schema):
            yield f"{table.name}.{column.name}: {fault}"
    yield from _key_faults(table)


def _column_faults(column: Column, table: Table, schema: Schema) -> Iterator[str]:
    yield from _name_faults(column.name, "column")
    if column.schema_name.lower() != column.name:
        yield f"schema name {column.schema_name} must be the name with capitals"
    if column.name in {table.name, table.id_column}:
        yield "is the name of the table or of its primary id; choose another"
    if column.kind == "lookup" and column.schema_name == column.name:
        yield "a lookup needs its schema name (such as plb_Case): rows are bound by it"
    if column.target is not None and column.target not in schema.tables:
        yield f"points to {column.target}, which is not defined"
    if column.choice is not None and column.choice not in schema.choices:
        yield f"uses the choice {column.choice}, which is not defined"
    longest = LONGEST_TEXT if column.kind == "text" else LONGEST_MEMO
    if column.max_length is not None and not 1 <= column.max_length <= longest:
        yield f"length {column.max_length} is outside 1 to {longest}"


def _key_faults(table: Table) -> Iterator[str]:
    if len(table.key_columns) > MOST_KEYS:
        yield f"{table.name}: has {len(table.key_columns)} keys; {MOST_KEYS} are allowed"
    yield from _twice(f"{table.name}: key", (key.name for key in table.keys))
    known = {column.name: column for column in table.columns}
    for key in table.keys:
        missing = [name for name in key.columns if name not in known]
        if missing:
            yield f"{table.name}: key {key.name} names {', '.join(missing)}, which are not columns"
            continue
        for fault in _key_shape_faults([known[name] for name in key.columns]):
            yield f"{table.name}: key {key.name} {fault}"


def _key_shape_faults(columns: list[Column]) -> Iterator[str]:
    for column in columns:
        if column.kind not in KEY_KINDS:
            yield f"holds {column.name} of type {column.kind}, which a key cannot"
    if not 1 <= len(columns) <= MOST_KEY_COLUMNS:
        yield f"has {len(columns)} columns; 1 to {MOST_KEY_COLUMNS} are allowed"
    size = sum(2 * (column.max_length or BYTES_OF_OTHERS // 2) for column in columns)
    if size > MOST_KEY_BYTES:
        yield f"takes {size} bytes; {MOST_KEY_BYTES} are allowed: shorten its text columns"


def _name_faults(name: str, what: str) -> Iterator[str]:
    if not NAME.fullmatch(name):
        yield f"{what} {name}: names are lower case and begin with {PREFIX}_"
    if len(name) > LONGEST_NAME:
        yield f"{what} {name}: longer than {LONGEST_NAME} characters"


def _twice(what: str, names: Iterable[str]) -> Iterator[str]:
    for name, times in Counter(names).items():
        if times > 1:
            yield f"{what} {name} stands {times} times; names are used once"
