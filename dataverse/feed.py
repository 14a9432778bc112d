"""A table's change tracking as a feed (reference: dataverse.md section 4)."""

from collections.abc import Sequence
from datetime import timedelta

from dataverse.client import DataverseClient
from dataverse.operations import Row
from sync.errors import OutcomeUnknown
from sync.feeds import FeedPage

RETENTION = timedelta(days=7)  # the service's default today; organization.ExpireChangeTrackingInDays


class TableFeed:
    """Implements sync.feeds.Feed for the rows of one table, keyed by their primary id."""

    def __init__(
        self,
        client: DataverseClient,
        entity_set: str,
        primary_id: str,
        *,
        select: Sequence[str],
        page_size: int = 500,
        retention: timedelta = RETENTION,
    ) -> None:
        self._client = client
        self._set = entity_set
        self._id = primary_id
        self._select = select
        self._page_size = page_size
        self._retention = retention

    @property
    def retention(self) -> timedelta | None:
        """How long the service keeps a token."""
        return self._retention

    def page(self, link: str | None) -> FeedPage[Row]:
        """See sync.feeds.Feed.page."""
        page = self._client.change_page(self._set, select=self._select, link=link, page_size=self._page_size)
        rows = {self._key(row): row for row in page.rows}
        gone = frozenset(str(each) for each in page.deleted)
        following = page.next_link or page.delta_link
        assert following is not None, "a page has one of the two"
        # Deletions stand behind the rows: a row that is in both was deleted after it had been changed.
        changed = {key: row for key, row in rows.items() if key not in gone}
        return FeedPage(changed, gone, following, last=page.delta_link is not None)

    def _key(self, row: Row) -> str:
        value = row.get(self._id)
        if not isinstance(value, str):
            raise OutcomeUnknown(f"a row of {self._set} came without its {self._id}; the page is read again")
        return value
