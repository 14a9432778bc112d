"""Typed calls to the Dataverse Web API over one `Http` (reference: dataverse.md sections 0 to 5)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from connectors.calls import Call, Reply
from connectors.http import Http, Service
from connectors.odata import Key, Query, address, row_path
from dataverse import looking
from dataverse.batches import BatchEntry, send_batch
from dataverse.errors import failure
from dataverse.operations import Operation, Part, Result, Row, read
from dataverse.replies import json_row, result
from sync.errors import NotFound, OutcomeUnknown, RemoteError

ROOT = "/api/data/v9.2/"
SERVICE = Service(
    name="Dataverse",
    explain=failure,
    correlation=("x-ms-client-request-id", "x-ms-correlation-request-id"),
    concurrency=16,
)
"""How Http is to treat Dataverse."""

_COMMON = {"Accept": "application/json", "OData-MaxVersion": "4.0", "OData-Version": "4.0"}


@dataclass(frozen=True)
class ChangePage:
    """One page of a table's change feed: exactly one of the two links is set.

    `rows` hold all selected columns, new or changed, nobody says which. `deleted` are ids, some never seen.
    Keep `delta_link` only after every page before it is stored.
    """

    rows: tuple[Row, ...]
    deleted: tuple[UUID, ...]
    next_link: str | None = None
    delta_link: str | None = None


class DataverseClient:
    """One environment. Every method raises the RemoteError tree."""

    def __init__(self, http: Http, base_url: str) -> None:
        """`base_url` is the organisation's address, such as https://contoso.crm4.dynamics.com."""
        self._http = http
        self._root = base_url.rstrip("/") + ROOT

    def who_am_i(self) -> dict[str, object]:
        """The ids of user, business unit and organisation: the cheapest call there is."""
        return self.get("WhoAmI()")

    def get(self, path: str, *, consistency_strong: bool = False, annotations: str | None = None) -> Row:
        """Read any path below the root. `annotations` names those to include, "*" for all."""
        headers = {"Consistency": "Strong"} if consistency_strong else {}
        if annotations is not None:
            headers["Prefer"] = f'odata.include-annotations="{annotations}"'
        return json_row(self._call(Operation("GET", path, None, headers)))

    def send(self, operation: Operation) -> Result:
        """Make one call. After a lost answer a refusal is looked into: an echo of our own write is a success."""
        try:
            return result(self._call(operation))
        except RemoteError as failed:
            if not looking.suspect(operation, failed):
                raise
            found = self._look(operation)
            if found is None:
                raise
            return found

    def _look(self, operation: Operation) -> Result | None:
        try:
            return looking.shown(operation, result(self._call(looking.question(operation))))
        except NotFound:
            return looking.shown(operation, None)

    def row(self, entity_set: str, key: Key, *, select: Sequence[str]) -> Row | None:
        """One row with its `@odata.etag`; None when it is not there."""
        path = address(row_path(entity_set, key), {"$select": ",".join(select)})
        try:
            return json_row(self._call(read(path)))
        except NotFound:
            return None

    def rows(self, query: Query, *, page_size: int = 1000) -> Iterator[Row]:
        """All rows of a query, page by page. A page that fails raises: it is never the end.

        With `top` the service gives one page of that many rows (it ignores $top beside a page size).
        """
        headers = {} if query.top is not None else {"Prefer": f"odata.maxpagesize={page_size}"}
        link: str | None = self._root + query.path
        while link is not None:
            page = json_row(self._fetch(link, headers))
            yield from _values(page)
            link = _link(page, "@odata.nextLink") if query.top is None else None

    def batch(self, parts: Sequence[Part], *, continue_on_error: bool = True) -> list[BatchEntry]:
        """Many calls and change sets in few requests: one entry per part, in order; failures are values.

        Split at 1,000 requests and about 8 MB. Parts refused unread are sent again. Without
        `continue_on_error` the parts after the first failure are not tried and are NotSent values.
        """
        return send_batch(self._http, self._root, parts, continue_on_error=continue_on_error)

    def changes(
        self, entity_set: str, *, select: Sequence[str], link: str | None = None, page_size: int = 500
    ) -> Iterator[ChangePage]:
        """The pages of a table's change feed, from the start or from a kept link.

        Raises FeedExpired when the link is too old: then read anew and drop what is not seen.
        """
        here = link
        while True:
            page = self.change_page(entity_set, select=select, link=here, page_size=page_size)
            yield page
            if (here := page.next_link) is None:
                return

    def change_page(
        self, entity_set: str, *, select: Sequence[str], link: str | None, page_size: int = 500
    ) -> ChangePage:
        """One page of the feed. Raises FeedExpired when the link is too old."""
        prefer = f"odata.maxpagesize={page_size}"
        if link is None or "deltatoken" not in link:
            prefer = f"odata.track-changes,{prefer}"
        here = link or self._root + Query(entity_set, select).path
        return _change_page(json_row(self._fetch(here, {"Prefer": prefer})))

    def _call(self, operation: Operation) -> Reply:
        headers = dict(operation.headers)
        data = operation.data
        if data is not None:
            headers["Content-Type"] = "application/json; charset=utf-8"
        if operation.method == "GET":
            headers.setdefault("If-None-Match", "null")  # section 0: stops cached answers
        url = self._root + operation.path
        return self._http.request(
            Call(operation.method, url, {**_COMMON, **headers}, data, operation.replayable)
        )

    def _fetch(self, link: str, headers: Mapping[str, str]) -> Reply:
        """Follow a link as it is; Http refuses one that leads to another host."""
        common = {**_COMMON, "If-None-Match": "null"}
        return self._http.request(Call("GET", _absolute(link, self._root), {**common, **headers}, None, True))


def _absolute(link: str, root: str) -> str:
    return link if urlsplit(link).scheme else root + link.removeprefix(ROOT)


def _values(page: Row) -> list[Row]:
    value = page.get("value")
    if not isinstance(value, list):
        raise OutcomeUnknown("a page of Dataverse came without its rows; the data does not end there")
    return [each for each in value if isinstance(each, dict)]


def _link(page: Row, member: str) -> str | None:
    link = page.get(member)
    return link if isinstance(link, str) and link else None


def _change_page(page: Row) -> ChangePage:
    following, delta = _link(page, "@odata.nextLink"), _link(page, "@odata.deltaLink")
    if following is None and delta is None:
        raise OutcomeUnknown("a page of the change feed came without a link; the feed does not end there")
    entries = _values(page)
    gone = [each for each in entries if _is_deletion(each)]
    rows = [each for each in entries if not _is_deletion(each)]
    if not all(isinstance(each.get("@odata.etag"), str) for each in rows):
        raise OutcomeUnknown("a page of the change feed came without the versions of its rows; read it again")
    return ChangePage(
        rows=tuple(rows),
        deleted=tuple(UUID(str(each["id"])) for each in gone),
        next_link=following,
        delta_link=None if following else delta,
    )


def _is_deletion(entry: Row) -> bool:
    return str(entry.get("@odata.context", "")).endswith("/$deletedEntity") and "id" in entry
