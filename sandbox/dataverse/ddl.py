"""The SQL for definitions: tables, columns and indexes of the rows, made and dropped."""

import sqlite3

from sandbox.dataverse.schema import Column, Key, Table, quoted


def column_parts(column: Column) -> list[str]:
    """Give the SQL columns of one column; a lookup to several tables also keeps which one it refers to."""
    parts = [f"{quoted(column.name)} {column.sql_type}"]
    if column.polymorphic:
        parts.append(f"{quoted(column.name + '__type')} TEXT")
    return parts


def create_table(connection: sqlite3.Connection, table: Table) -> None:
    """Make room for the rows of a table."""
    parts = [f"{quoted(table.id)} TEXT PRIMARY KEY"]
    for column in table.columns.values():
        if column.name not in (table.id, "versionnumber"):
            parts += column_parts(column)
    parts.append('"versionnumber" INTEGER NOT NULL')
    version = quoted(f"version_{table.logical}")
    connection.execute(f"CREATE TABLE {table.sql} ({', '.join(parts)})")
    connection.execute(f'CREATE INDEX {version} ON {table.sql} ("versionnumber")')


def add_column(connection: sqlite3.Connection, table: Table, column: Column) -> None:
    """Make room for the values of a column; lookups get an index."""
    for part in column_parts(column):
        connection.execute(f"ALTER TABLE {table.sql} ADD COLUMN {part}")
    if column.is_lookup:
        name = quoted(column.name)
        connection.execute(f"CREATE INDEX {_lookup_index(table, column)} ON {table.sql} ({name})")


def drop_column(connection: sqlite3.Connection, table: Table, column: Column) -> None:
    """Remove the values of a column."""
    connection.execute(f"DROP INDEX IF EXISTS {_lookup_index(table, column)}")
    for part in column_parts(column):
        connection.execute(f"ALTER TABLE {table.sql} DROP COLUMN {part.partition(' ')[0]}")


def drop_table(connection: sqlite3.Connection, table: Table) -> None:
    """Remove the rows of a table and what is known of deleted ones."""
    connection.execute(f"DROP TABLE {table.sql}")
    connection.execute("DELETE FROM dv_deleted WHERE entity = ?", (table.logical,))


def pair_index(connection: sqlite3.Connection, table: Table, columns: tuple[str, str]) -> None:
    """Keep every pair of an intersect table once, and find pairs from both sides."""
    first, second = (quoted(name) for name in columns)
    connection.execute(
        f"CREATE UNIQUE INDEX {quoted('pair_' + table.logical)} ON {table.sql} ({first}, {second})"
    )
    connection.execute(f"CREATE INDEX {quoted('back_' + table.logical)} ON {table.sql} ({second})")


def create_key(connection: sqlite3.Connection, table: Table, key: Key) -> None:
    """Build the unique index of an alternate key; raises `sqlite3.IntegrityError` over duplicate values."""
    columns = ", ".join(quoted(column) for column in key.columns)
    connection.execute(f"CREATE UNIQUE INDEX {_key_index(table, key)} ON {table.sql} ({columns})")


def drop_key(connection: sqlite3.Connection, table: Table, key: Key) -> None:
    connection.execute(f"DROP INDEX IF EXISTS {_key_index(table, key)}")


def _key_index(table: Table, key: Key) -> str:
    return quoted(f"key_{table.logical}_{key.name}")


def _lookup_index(table: Table, column: Column) -> str:
    return quoted(f"lookup_{table.logical}_{column.name}")
