"""What every operation on rows works with: the store, the definitions, the clock, and the global version."""

import sqlite3

from sandbox.authority import Identity
from sandbox.clock import VirtualClock, stamp
from sandbox.dataverse.catalogue import Catalogue
from sandbox.dataverse.paging import Pager
from sandbox.dataverse.seed import FIRST_VERSION, organisation
from sandbox.store import Store

DELETED = """CREATE TABLE IF NOT EXISTS dv_deleted (
    entity TEXT NOT NULL, version INTEGER NOT NULL, id TEXT NOT NULL, PRIMARY KEY (entity, version)) WITHOUT ROWID"""


class Engine:
    """Shared by all operations. Take a version inside `write()` only: the writer's lock guards the counter."""

    def __init__(self, store: Store, clock: VirtualClock, identity: Identity) -> None:
        self.store, self.clock = store, clock
        self.pager = Pager(identity.signing_key)
        with store.write() as connection:
            connection.execute(DELETED)
        self.catalogue = Catalogue(store)
        self.ids = organisation(store, self.catalogue, identity)
        with store.read() as connection:
            self._version = self._highest(connection)

    def _highest(self, connection: sqlite3.Connection) -> int:
        parts = [f"SELECT max(versionnumber) FROM {table.sql}" for table in self.catalogue.tables.values()]
        parts.append("SELECT max(version) FROM dv_deleted")
        found = [connection.execute(part).fetchone()[0] for part in parts]
        return max(FIRST_VERSION, *(version or 0 for version in found))

    @property
    def version(self) -> int:
        """The version that the newest write got."""
        return self._version

    def next_version(self) -> int:
        """Give the version of the write that is going on; every write has its own."""
        self._version += 1
        return self._version

    def now(self) -> str:
        """Give the virtual instant as columns keep it."""
        return stamp(self.clock.now())
