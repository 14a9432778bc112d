"""What every operation on rows works with: the store, the definitions, the clock, and the global version."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from werkzeug import Request

from sandbox.authority import Identity
from sandbox.clock import VirtualClock, stamp
from sandbox.dataverse.catalogue import Catalogue
from sandbox.dataverse.customizing import Customizing
from sandbox.dataverse.feeds import Feeds
from sandbox.dataverse.paging import Pager
from sandbox.dataverse.schema import Table
from sandbox.dataverse.security.callers import Security
from sandbox.dataverse.security.catalogue_view import Views
from sandbox.dataverse.security.rights import Caller
from sandbox.dataverse.seed import FIRST_VERSION, organisation
from sandbox.dataverse.values import Value
from sandbox.store import Store

DELETED = """CREATE TABLE IF NOT EXISTS dv_deleted (
    entity TEXT NOT NULL, version INTEGER NOT NULL, id TEXT NOT NULL, PRIMARY KEY (entity, version)) WITHOUT ROWID"""

VERSION = "dataverse version"


class Watch(Protocol):
    """Is told of every row that is written, inside of the transaction."""

    def before(self, message: str, table: Table, row_id: str) -> dict[str, Value] | None:
        """Give the row as it is, when somebody wants to know it later."""
        ...

    def wrote(
        self,
        message: str,
        table: Table,
        row_id: str,
        values: dict[str, Value],
        before: dict[str, Value] | None,
    ) -> None:
        """Take note of a write of some columns; an error raised here undoes it."""
        ...


class Unwatched:
    """Nobody looks."""

    def before(self, message: str, table: Table, row_id: str) -> dict[str, Value] | None: ...

    def wrote(
        self,
        message: str,
        table: Table,
        row_id: str,
        values: dict[str, Value],
        before: dict[str, Value] | None,
    ) -> None: ...


class _Reader(threading.local):
    """How the request that a thread serves reads definitions."""

    strong: bool = True
    request: Request | None = None
    rows: bool = False
    caller: Caller | None = None


class Engine:
    """Shared by all operations. Take a version inside `write()` only: the writer's lock guards the counter."""

    def __init__(self, store: Store, clock: VirtualClock, identity: Identity) -> None:
        self.store, self.clock = store, clock
        self.pager = Pager(identity.signing_key)
        self.feeds = Feeds(store)
        with store.write() as connection:
            connection.execute(DELETED)
        self._live = Catalogue(store)
        self.customizing = Customizing(self._live)
        self._reader = _Reader()
        self.ids = organisation(store, self._live, identity)
        self.watch: Watch = Unwatched()
        self.application_id = identity.client_id
        self.security = Security(store)
        self._everybody = Caller(self.ids.user_id, self.ids.business_unit_id)
        self._views = Views()
        with store.read() as connection:
            self._version = self._highest(connection)

    @property
    def catalogue(self) -> Catalogue:
        """The definitions that the request of this thread sees; for a data route with the rows it may read."""
        reader = self._reader
        found = self._live if reader.strong else self.customizing.seen()
        if not reader.rows or reader.caller is None or reader.caller.rights is None:
            return found
        return self._views.of(reader.caller, found)

    @property
    def live(self) -> Catalogue:
        """The definitions as they are now."""
        return self._live

    @property
    def request(self) -> Request | None:
        """The request that this thread serves, None in the tenant's own threads."""
        return self._reader.request

    def serve(self, request: Request) -> None:
        """Begin with a request, or with one part of a batch."""
        self._reader.request = request

    def read_definitions(self, *, strong: bool, rows: bool = False) -> None:
        """Tell whether the request of this thread sees changes of definitions at once, and is about rows."""
        self._reader.strong, self._reader.rows = strong, rows

    @property
    def caller(self) -> Caller:
        """Who the request of this thread runs as."""
        return self._reader.caller or self._everybody

    def rest(self) -> None:
        """End a request: what this thread does next is done by the tenant itself."""
        self._reader.caller, self._reader.rows = None, False
        self.security.settle()

    def act_as(self, caller: Caller | None) -> None:
        """Tell who the request of this thread runs as."""
        self._reader.caller = caller

    @contextmanager
    def as_tenant(self) -> Iterator[None]:
        """Write rows that the tenant itself keeps, whatever the rights of the caller."""
        caller = self._reader.caller
        self._reader.caller = None
        try:
            yield
        finally:
            self._reader.caller = caller

    def _highest(self, connection: sqlite3.Connection) -> int:
        parts = [f"SELECT max(versionnumber) FROM {table.sql}" for table in self.catalogue.tables.values()]
        parts.append("SELECT max(version) FROM dv_deleted")
        found = [connection.execute(part).fetchone()[0] for part in parts]
        found.append(int(self.store.setting(VERSION) or 0))
        return max(FIRST_VERSION, *(version or 0 for version in found))

    def keep_version(self) -> None:
        """Remember the newest version by itself, before the rows that may carry it are dropped."""
        self.store.set_setting(VERSION, str(self._version))

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
