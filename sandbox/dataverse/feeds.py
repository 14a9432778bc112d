"""How long the tokens of change tracking live, and what an older one gets (reference dataverse.md 4, sync.md 7)."""

from sandbox.store import Store

ERROR, EVERYTHING = "error", "everything"


class Feeds:
    """Settings of the change feeds of one organisation."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.expired = ERROR
        """`error` as the service says it today; `everything`: all rows and no deletions, as older pages say."""

    @property
    def days(self) -> int:
        """Days that a token lives: the organisation's `ExpireChangeTrackingInDays`."""
        with self._store.read() as connection:
            row = connection.execute("SELECT expirechangetrackingindays FROM row_organization").fetchone()
        return int(row[0] or 0)

    @days.setter
    def days(self, number: int) -> None:
        with self._store.write() as connection:
            connection.execute("UPDATE row_organization SET expirechangetrackingindays = ?", (number,))
