"""All definitions of the organisation: kept as JSON in the store, held in memory for the operations."""

import json
import sqlite3
import time

from sandbox.dataverse import ddl, relations
from sandbox.dataverse.errors import DataverseError, unknown_segment
from sandbox.dataverse.labels import text_of
from sandbox.dataverse.schema import Column, Definition, Key, Table
from sandbox.store import Store

DDL = """CREATE TABLE IF NOT EXISTS dv_definitions (
    kind TEXT NOT NULL, parent TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (kind, parent, name))"""
FIRST_TYPE_CODE = 10000


class Catalogue:
    """Tables by logical name and by entity set, global choices, relationships. Change it inside `write()`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.tables: dict[str, Table] = {}
        self.sets: dict[str, Table] = {}
        self.option_sets: dict[str, Definition] = {}
        self.relationships: dict[str, Definition] = {}
        """One-to-many relationships by schema name."""
        self.associations: dict[str, Definition] = {}
        """Many-to-many relationships by schema name."""
        self.pending: set[tuple[str, str]] = set()
        self.version = int(time.time())
        """Grows with every change, and from one start to the next; shown as `globalmetadataversion`."""
        self.key_delay = 0.2
        with store.write() as connection:
            connection.execute(DDL)
        self.reload()

    def reload(self) -> None:
        """Take everything from the store, as after a change that was rolled back."""
        with self._store.read() as connection:
            rows = connection.execute(
                "SELECT kind, parent, body FROM dv_definitions ORDER BY rowid"
            ).fetchall()
        loaded = [(str(kind), str(parent), json.loads(body)) for kind, parent, body in rows]
        self.option_sets = {body["Name"]: body for kind, _, body in loaded if kind == "optionset"}
        self.relationships = {body["SchemaName"]: body for kind, _, body in loaded if kind == "relationship"}
        self.associations = {body["SchemaName"]: body for kind, _, body in loaded if kind == "association"}
        tables = {body["LogicalName"]: Table(body) for kind, _, body in loaded if kind == "entity"}
        for kind, parent, body in loaded:
            if kind == "attribute":
                tables[parent].add(self.column(body))
            elif kind == "key":
                known = self.tables[parent].keys.get(body["LogicalName"]) if parent in self.tables else None
                tables[parent].keys[body["LogicalName"]] = Key(body, known.due if known else 0.0)
        self.tables, self.sets = tables, {table.set_name: table for table in tables.values()}
        self.relate()
        self.pending = {
            (t.logical, key.name) for t in tables.values() for key in t.keys.values() if key.pending
        }

    def copy(self) -> "Catalogue":
        """Give the definitions as they are kept now, for readers that do not see changes yet."""
        copied = object.__new__(Catalogue)
        copied.__dict__ |= self.__dict__
        copied.reload()
        return copied

    def column(self, definition: Definition) -> Column:
        """Give a column with the options that its values must be among."""
        options = self.options_of(definition)
        return Column(definition, {entry["Value"]: text_of(entry["Label"]) for entry in options})

    def options_of(self, definition: Definition) -> list[Definition]:
        """Give the options of a choice column, local or global."""
        name = definition.get("GlobalOptionSetName")
        choice = self.option_sets[name] if name else definition.get("OptionSet")
        if choice is None:
            return []
        if definition["AttributeType"] == "Boolean":
            return [choice["FalseOption"], choice["TrueOption"]]
        options: list[Definition] = choice["Options"]
        return options

    def users_of(self, choice: str) -> list[tuple[Table, Column]]:
        """Give the columns that take their options from a global choice."""
        columns = [(table, column) for table in self.tables.values() for column in table.columns.values()]
        return [one for one in columns if one[1].definition.get("GlobalOptionSetName") == choice]

    def table(self, logical: str) -> Table:
        """Give a table by its logical name, or raise the error of the service."""
        table = self.tables.get(logical)
        if table is None:
            words = f"The entity with a name = '{logical}' with namemapping = 'Logical' was not found"
            raise DataverseError(404, "0x80041102", f"{words} in the MetadataCache.")
        return table

    def table_of_set(self, name: str) -> Table:
        """Give a table by its entity set, case-sensitive."""
        table = self.sets.get(name)
        if table is None:
            raise unknown_segment(name)
        return table

    def next_type_code(self) -> int:
        codes = [int(table.definition["ObjectTypeCode"]) for table in self.tables.values()]
        return max([FIRST_TYPE_CODE, *codes]) + 1

    def save(self, kind: str, parent: str, name: str, definition: Definition) -> None:
        """Keep one definition in the store."""
        self.version += 1
        with self._store.write() as connection:
            connection.execute(
                "INSERT INTO dv_definitions (kind, parent, name, body) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (kind, parent, name) DO UPDATE SET body = excluded.body",
                (kind, parent, name, json.dumps(definition)),
            )

    def _forget(self, kind: str, parent: str, name: str) -> None:
        self.version += 1
        with self._store.write() as connection:
            connection.execute(
                "DELETE FROM dv_definitions WHERE kind = ? AND parent = ? AND name = ?", (kind, parent, name)
            )

    def add_table(self, definition: Definition, columns: list[Definition]) -> Table:
        """Keep a new table with its first columns and make room for its rows."""
        table = Table(definition, {body["LogicalName"]: self.column(body) for body in columns})
        self.save("entity", "", table.logical, definition)
        for body in columns:
            self.save("attribute", table.logical, body["LogicalName"], body)
        with self._store.write() as connection:
            ddl.create_table(connection, table)
        self.tables[table.logical] = table
        self.sets[table.set_name] = table
        return table

    def add_column(self, table: Table, definition: Definition) -> Column:
        """Keep a new column and make room for its values."""
        column = self.column(definition)
        self.save("attribute", table.logical, column.name, definition)
        with self._store.write() as connection:
            ddl.add_column(connection, table, column)
        table.add(column)
        return column

    def add_key(self, table: Table, definition: Definition) -> Key:
        """Keep a new alternate key; its index is built when its delay is over."""
        key = Key(definition, time.monotonic() + self.key_delay)
        self.save("key", table.logical, key.name, definition)
        table.keys[key.name] = key
        if key.pending:
            self.pending.add((table.logical, key.name))
        return key

    def add_relationship(self, definition: Definition) -> None:
        """Keep a one-to-many relationship whose lookup column is there."""
        self.save("relationship", "", definition["SchemaName"], definition)
        self.relationships[definition["SchemaName"]] = definition
        self.relate()

    def add_association(self, definition: Definition) -> None:
        """Keep a many-to-many relationship whose intersect table is there."""
        self.save("association", "", definition["SchemaName"], definition)
        columns = definition["Entity1IntersectAttribute"], definition["Entity2IntersectAttribute"]
        with self._store.write() as connection:
            ddl.pair_index(connection, self.tables[definition["IntersectEntityName"]], columns)
        self.associations[definition["SchemaName"]] = definition
        self.relate()

    def remove_table(self, table: Table) -> None:
        """Forget a table with its columns, keys and rows; its relationships must be gone."""
        self.version += 1
        with self._store.write() as connection:
            connection.execute(
                "DELETE FROM dv_definitions WHERE parent = ? OR (kind = 'entity' AND name = ?)",
                (table.logical, table.logical),
            )
            ddl.drop_table(connection, table)
        del self.tables[table.logical], self.sets[table.set_name]
        self.pending = {one for one in self.pending if one[0] != table.logical}

    def remove_column(self, table: Table, column: Column) -> None:
        self._forget("attribute", table.logical, column.name)
        with self._store.write() as connection:
            ddl.drop_column(connection, table, column)
        table.remove(column)

    def remove_key(self, table: Table, key: Key) -> None:
        self._forget("key", table.logical, key.name)
        with self._store.write() as connection:
            ddl.drop_key(connection, table, key)
        del table.keys[key.name]
        self.pending.discard((table.logical, key.name))

    def remove_relationship(self, definition: Definition) -> None:
        self._forget("relationship", "", definition["SchemaName"])
        del self.relationships[definition["SchemaName"]]
        self.relate()

    def remove_association(self, definition: Definition) -> None:
        self._forget("association", "", definition["SchemaName"])
        del self.associations[definition["SchemaName"]]
        self.relate()

    def remove_option_set(self, name: str) -> None:
        self._forget("optionset", "", name)
        del self.option_sets[name]

    def relate(self) -> None:
        """Let every table know its collections, after a change of relationships."""
        found = relations.collections(self.relationships.values(), self.associations.values())
        for table in self.tables.values():
            table.collections = found.get(table.logical, {})

    def settle_keys(self) -> None:
        """Build the indexes that are due; a key over duplicate values fails."""
        if not self.pending:
            return
        now = time.monotonic()
        due = [(table, name) for table, name in self.pending if self.tables[table].keys[name].due <= now]
        if not due:
            return
        with self._store.write() as connection:
            for logical, name in due:
                self._build_index(connection, self.tables[logical], self.tables[logical].keys[name])

    def _build_index(self, connection: sqlite3.Connection, table: Table, key: Key) -> None:
        if not key.pending:
            return
        try:
            ddl.create_key(connection, table, key)
            key.definition["EntityKeyIndexStatus"] = "Active"
        except sqlite3.IntegrityError:
            key.definition["EntityKeyIndexStatus"] = "Failed"
        self.save("key", table.logical, key.name, key.definition)
        self.pending.discard((table.logical, key.name))

    def reactivate_key(self, table: Table, key: Key) -> None:
        """Let the index of a failed key be built again."""
        key.definition["EntityKeyIndexStatus"] = "Pending"
        key.due = time.monotonic() + self.key_delay
        self.save("key", table.logical, key.name, key.definition)
        self.pending.add((table.logical, key.name))
