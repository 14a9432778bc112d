"""The clients that are compared: each does the same tasks as its documentation tells to."""

import itertools
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote

import requests

from benchmarks.clients.world import World, row
from connectors.odata import Query
from dataverse.bulk import Bulk
from dataverse.metadata import Metadata
from dataverse.operations import update
from sync.errors import RemoteError

CHUNK = 1000  # rows of one bulk request, as the documentation advises
PAGE = 5000

type Row = dict[str, Any]


class NotOffered(Exception):
    """The client cannot do this task; the words say why."""


class Contestant(Protocol):
    """One client, and the prefix of its tables."""

    name: str

    def upsert(self, prefix: str, numbers: Sequence[int]) -> None: ...
    def read(self, prefix: str) -> list[Row]: ...
    def change(self, prefix: str, rows: Sequence[Row]) -> int:
        """Change rows only where nobody else did since; give how many were changed."""

    def create(self, prefix: str, numbers: Sequence[int]) -> None: ...


class Ours:
    """The client of this project."""

    name = "ours"

    def __init__(self, world: World) -> None:
        self.client = world.ours()
        self.metadata = Metadata(self.client)

    def upsert(self, prefix: str, numbers: Sequence[int]) -> None:
        written = Bulk(self.client).upsert(
            self.metadata.table(f"plb_{prefix}"),
            [row(prefix, number) for number in numbers],
            key=[f"plb_{prefix}_key"],
        )
        assert not written.bad, written.bad[0].error

    def read(self, prefix: str) -> list[Row]:
        columns = [f"plb_{prefix}_key", f"plb_{prefix}_name", f"plb_{prefix}_text"]
        query = Query(f"plb_{prefix}s", columns, orderby=f"plb_{prefix}id")
        return list(self.client.rows(query, page_size=PAGE))

    def change(self, prefix: str, rows: Sequence[Row]) -> int:
        name = f"plb_{prefix}_name"
        parts = [
            update(
                f"plb_{prefix}s",
                uuid.UUID(str(each[f"plb_{prefix}id"])),
                {name: f"changed {uuid.uuid4()}"},
                if_match=str(each["@odata.etag"]),
                proof=[name],
            )
            for each in rows
        ]
        return sum(not isinstance(each, RemoteError) for each in self.client.batch(parts))

    def create(self, prefix: str, numbers: Sequence[int]) -> None:
        made = [{f"plb_{prefix}id": str(uuid.uuid4()), **row(prefix, number)} for number in numbers]
        written = Bulk(self.client, most=50).create(self.metadata.table(f"plb_{prefix}"), made)
        assert not written.bad, written.bad[0].error


@dataclass(frozen=True)
class _Token:
    token: str
    expires_on: int


class _Credential:
    """The sandbox's sign-in as the SDK wants it."""

    def __init__(self, world: World) -> None:
        self._world = world

    def get_token(self, *_: str, **__: object) -> _Token:
        return _Token(self._world.token(), int(time.time()) + 600)


class Sdk:
    """Microsoft's PowerPlatform-Dataverse-Client. It raises 429 and lost answers: the caller repeats."""

    name = "PowerPlatform-Dataverse-Client"

    def __init__(self, world: World) -> None:
        from PowerPlatform.Dataverse.client import DataverseClient  # noqa: PLC0415 - slow to load

        self._client = DataverseClient(world.url, _Credential(world))  # type: ignore[arg-type]

    def upsert(self, prefix: str, numbers: Sequence[int]) -> None:
        key = f"plb_{prefix}_key"
        for chunk in itertools.batched(numbers, CHUNK, strict=False):
            items = []
            for record in (row(prefix, number) for number in chunk):
                items.append({"alternate_key": {key: record.pop(key)}, "record": record})
            again(lambda items=items: self._client.records.upsert(f"plb_{prefix}", items))

    def read(self, prefix: str) -> list[Row]:
        columns = [f"plb_{prefix}_key", f"plb_{prefix}_name", f"plb_{prefix}_text"]
        pages = self._client.records.list_pages(f"plb_{prefix}", select=columns, page_size=PAGE)
        return [each.to_dict() for page in pages for each in page]

    def change(self, prefix: str, rows: Sequence[Row]) -> int:  # noqa: ARG002 - the task is the same for all
        raise NotOffered("it sends If-Match: * only and offers no etag")

    def create(self, prefix: str, numbers: Sequence[int]) -> None:
        for chunk in itertools.batched(numbers, 50, strict=False):
            made = [row(prefix, number) for number in chunk]
            again(lambda made=made: self._client.records.create(f"plb_{prefix}", made))


class Loop:
    """A plain loop with `requests`, as first programs are: one call a row, the same call again when it fails."""

    name = "loop with requests"

    def __init__(self, world: World) -> None:
        self._world = world
        self._session = requests.Session()
        self._session.verify = world.said["caBundle"]
        self._root = f"{world.url}/api/data/v9.2/"

    def _call(self, method: str, path: str, body: Row | None = None, **headers: str) -> requests.Response:
        url = path if path.startswith("https:") else self._root + path
        sent = {"Authorization": f"Bearer {self._world.token()}", **headers}

        def once() -> requests.Response:
            answer = self._session.request(method, url, json=body, headers=sent, timeout=60)
            answer.raise_for_status()
            return answer

        return again(once)

    def upsert(self, prefix: str, numbers: Sequence[int]) -> None:
        key = f"plb_{prefix}_key"
        for number in numbers:
            record = row(prefix, number)
            self._call("PATCH", f"plb_{prefix}s({key}='{record.pop(key)}')", record)

    def read(self, prefix: str) -> list[Row]:
        columns = f"plb_{prefix}_key,plb_{prefix}_name,plb_{prefix}_text"
        url: str | None = f"plb_{prefix}s?$select={quote(columns)}"
        found: list[Row] = []
        while url:
            page = self._call("GET", url, Prefer=f"odata.maxpagesize={PAGE}").json()
            found += page["value"]
            url = page.get("@odata.nextLink")
        return found

    def change(self, prefix: str, rows: Sequence[Row]) -> int:
        for each in rows:
            path = f"plb_{prefix}s({each[f'plb_{prefix}id']})"
            change = {f"plb_{prefix}_name": f"changed {uuid.uuid4()}"}
            self._call("PATCH", path, change, **{"If-Match": each["@odata.etag"]})
        return len(rows)

    def create(self, prefix: str, numbers: Sequence[int]) -> None:
        for number in numbers:
            self._call("POST", f"plb_{prefix}s", row(prefix, number))


def again[T](work: Callable[[], T]) -> T:
    """What callers of a client without patience write around it: wait as told, or a little, and once more."""
    for number in range(8):
        try:
            return work()
        except Exception as failed:
            if number == 7:
                raise
            time.sleep(_asked(failed) or 0.2)
    raise AssertionError("the last try raises")


def _asked(failed: Exception) -> float | None:
    """The wait that an error of the SDK or of requests names."""
    response = getattr(failed, "response", None)
    named = response.headers.get("Retry-After") if response is not None else None
    details = getattr(failed, "details", None)
    found = named or (details.get("retry_after") if isinstance(details, dict) else None)
    return float(found) if found else None


def rush(contestant: Ours, prefix: str, calls: int, threads: int) -> int:
    """Many small reads at once, for the measurement under 429; give how many came back."""
    query = Query(f"plb_{prefix}s", [f"plb_{prefix}_key"], top=1)
    done, guard = 0, threading.Lock()

    def one(_: int) -> None:
        nonlocal done
        while True:
            try:
                list(contestant.client.rows(query))
            except RemoteError as failed:
                time.sleep(failed.retry_after or 1.0)
                continue
            with guard:
                done += 1
            return

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, range(calls)))
    return done


def contestants(world: World) -> Iterator[Contestant]:
    """All of them."""
    yield Ours(world)
    yield Sdk(world)
    yield Loop(world)
