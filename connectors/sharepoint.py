"""One SharePoint list through Microsoft Graph: items, their feed, and writes that can be sent again (graph.md 4).

Dates of the kind "date only" are instants of local midnight; converting them needs the site's zone and is not done
here. A page that fails raises: it is never the end.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

from connectors.graph import GraphClient
from connectors.graph_batch import Answer, Request, Row
from sync.errors import NotFound, OutcomeUnknown, PreconditionFailed, Rejected
from sync.feeds import FeedPage

PAGE = 200
LANE = "SharePoint"  # its budget is one for the app, whatever the site (graph.md 7)


@dataclass(frozen=True)
class ListItem:
    """One item. `etag` also grows without a change of content: compare values (graph.md 4.2)."""

    item_id: str
    etag: str
    fields: Mapping[str, object]


class SharePointList:
    """A list by its ids. `fields` are the internal names of the columns to read."""

    def __init__(self, graph: GraphClient, site_id: str, list_id: str, *, fields: Sequence[str]) -> None:
        self._graph = graph
        self._path = f"/sites/{quote(site_id, safe=',')}/lists/{quote(list_id)}/items"
        self._expand = f"$expand=fields($select={','.join(fields)})"

    @property
    def retention(self) -> timedelta | None:
        """Nobody says how long a token lives: sync.feeds.Feed."""
        return None

    def page(self, link: str | None) -> FeedPage[ListItem]:
        """One page of the list's feed: see sync.feeds.Feed.page. Of an id that repeats the last one counts."""
        if link is None:
            first = Request("GET", f"{self._path}/delta?{self._expand}&$top={PAGE}")
            answer = self._graph.send(first, lane=LANE)
        else:
            answer = self._graph.follow(link, {}, lane=LANE)
        last = {_id(entry): entry for entry in _entries(answer)}
        changed = {key: _item(entry) for key, entry in last.items() if "deleted" not in entry}
        following, later = answer.row.get("@odata.nextLink"), answer.row.get("@odata.deltaLink")
        onward = following if isinstance(following, str) else later
        if not isinstance(onward, str):
            raise OutcomeUnknown("a page of the list's feed came without a link; the feed does not end there")
        return FeedPage(changed, last.keys() - changed.keys(), onward, last=onward is not following)

    def items(self) -> Iterator[ListItem]:
        """All items, page by page. For following changes use the feed: this reads the whole list."""
        for answer in self._graph.pages(
            Request("GET", f"{self._path}?{self._expand}&$top={PAGE}"), lane=LANE
        ):
            yield from map(_item, _entries(answer))

    def item(self, item_id: str) -> ListItem | None:
        """One item as it is now; None when it is gone."""
        try:
            return _item(self._graph.send(self._one(item_id), lane=LANE).row)
        except NotFound:
            return None

    def find(self, column: str, value: str) -> list[ListItem]:
        """The items with a value in an indexed text column."""
        wanted = quote(f"fields/{column} eq '{value.replace("'", "''")}'", safe="/")
        request = Request("GET", f"{self._path}?$filter={wanted}&{self._expand}")
        return [
            _item(entry) for answer in self._graph.pages(request, lane=LANE) for entry in _entries(answer)
        ]

    def create(self, fields: Mapping[str, object], *, key: str) -> ListItem:
        """Create an item whose column `key` is unique and indexed; a lost answer is looked up by it.

        Raises PreconditionFailed when an item of this key was there before with other content.
        """
        request = Request("POST", self._path, {"fields": dict(fields)})
        try:
            return self._read_back(_id(self._graph.send(request, lane=LANE).row))
        except (OutcomeUnknown, Rejected):
            # The first try of ours, or of a process that died, may have made it; else the refusal stands.
            found = self.find(key, str(fields[key]))
            if not found:
                raise
        if not _holds(found[0].fields, fields):
            raise PreconditionFailed(
                "an item with this key is there with other content; read it and decide again"
            )
        return found[0]

    def update(self, item_id: str, fields: Mapping[str, object], *, etag: str) -> ListItem:
        """Change fields over one version only, and give the item as it is afterwards (one read more)."""
        request = Request("PATCH", f"{self._path}/{quote(item_id)}/fields", dict(fields), {"If-Match": etag})
        try:
            self._graph.send(request, lane=LANE)
        except PreconditionFailed as refused:
            found = self.item(item_id) if refused.doubtful else None
            if found is None or not _holds(found.fields, fields):
                raise
            return found
        return self._read_back(item_id)

    def delete(self, item_id: str, *, etag: str) -> None:
        """Delete one version of an item; gone already is fine."""
        request = Request("DELETE", f"{self._path}/{quote(item_id)}", headers={"If-Match": etag})
        try:
            self._graph.send(request, lane=LANE)
        except NotFound:
            return

    def _one(self, item_id: str) -> Request:
        return Request("GET", f"{self._path}/{quote(item_id)}?{self._expand}")

    def _read_back(self, item_id: str) -> ListItem:
        found = self.item(item_id)
        if found is None:
            raise NotFound("the item was written and is gone again", status=404)
        return found


def _entries(answer: Answer) -> list[Row]:
    """The entries of a page. Raises OutcomeUnknown for a page that is none."""
    if not isinstance(answer.row.get("value"), list):
        raise OutcomeUnknown("a page of the list came without its items; the data does not end there")
    return answer.rows


def _item(entry: Row) -> ListItem:
    etag, fields = entry.get("eTag") or entry.get("@odata.etag"), entry.get("fields")
    if not isinstance(etag, str) or not isinstance(fields, dict):
        raise OutcomeUnknown("an item of the list came without its version or its fields; it is read again")
    return ListItem(_id(entry), etag, {k: v for k, v in fields.items() if not k.startswith("@")})


def _id(entry: Row) -> str:
    value = entry.get("id")
    if not isinstance(value, str):
        raise OutcomeUnknown("an item of the list came without its id; it is read again")
    return value


def _holds(stored: Mapping[str, object], sent: Mapping[str, object]) -> bool:
    """Whether an item shows all that was sent; annotations and columns that are not read do not count."""
    return all(
        stored.get(name) == value for name, value in sent.items() if name in stored and "@" not in name
    )
