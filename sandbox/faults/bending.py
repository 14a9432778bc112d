"""Faults that change a good answer: pages of feeds out of order, missing links, empty tags, a clock that is off."""

import re
import uuid
from abc import abstractmethod
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal

import simplejson
from pydantic import Field
from werkzeug import Response

from sandbox.faults.model import Asked
from sandbox.faults.refusing import Kind
from sandbox.wire import SKEW, Serve

type Page = dict[str, Any]
FEED = re.compile(r"/delta\b|deltatoken=", re.IGNORECASE)
NEXT, LATER = "@odata.nextLink", "@odata.deltaLink"
LINKS = {"next": [NEXT], "delta": [LATER], "both": [NEXT, LATER]}


def of_a_feed(asked: Asked) -> bool:
    """Say whether a call reads a feed of changes, first or later pages."""
    if asked.request.method != "GET":
        return False
    return bool(FEED.search(asked.target)) or "track-changes" in asked.request.headers.get("Prefer", "")


def bent(response: Response, change: Callable[[Page], None]) -> Response:
    """Give the answer with its JSON object changed; other answers stay as they are, and so does every digit."""
    if response.status_code != 200 or response.mimetype != "application/json":
        return response
    page = simplejson.loads(response.get_data(), use_decimal=True)
    if isinstance(page, dict):
        change(page)
        response.set_data(simplejson.dumps(page, ensure_ascii=False, use_decimal=True))
    return response


class _OfPages(Kind):
    """A fault of one page of a feed, by the seed of the rule."""

    def fits(self, asked: Asked) -> bool:
        return of_a_feed(asked)

    def answer(self, asked: Asked, serve: Serve) -> Response:
        def change(page: Page) -> None:
            if isinstance(page.get("value"), list):
                page["value"] = self.mixed(page["value"], asked)

        return bent(serve(asked.request), change)

    @abstractmethod
    def mixed(self, entries: list[Page], asked: Asked) -> list[Page]:
        """Give the entries as the fault leaves them."""


class Duplicate(_OfPages):
    """A share of the entries, at least one, comes twice. The last of one id still is its newest."""

    share: Annotated[float, Field(gt=0, le=1)] = 0.3

    def mixed(self, entries: list[Page], asked: Asked) -> list[Page]:
        often = Counter(entry.get("id") for entry in entries if "id" in entry)
        alone = [n for n, entry in enumerate(entries) if often.get(entry.get("id"), 1) == 1]
        chosen = set(asked.chance.sample(alone, -(-len(alone) * int(self.share * 100) // 100)))
        found: list[Page] = []
        for n in sorted(range(len(entries)), reverse=True):
            found.insert(0, entries[n])
            if n in chosen:
                found.insert(asked.chance.randint(1, len(found)), entries[n])
        return found


class Shuffle(_OfPages):
    """The entries come in another order; those of one id keep theirs."""

    def mixed(self, entries: list[Page], asked: Asked) -> list[Page]:
        ids = [str(entry.get("id", n)) for n, entry in enumerate(entries)]
        waiting: defaultdict[str, list[Page]] = defaultdict(list)
        for name, entry in zip(ids, entries, strict=True):
            waiting[name].append(entry)
        asked.chance.shuffle(ids)
        return [waiting[name].pop(0) for name in ids]


class Ghost(_OfPages):
    """The page tells that something was removed which nobody has ever seen."""

    def mixed(self, entries: list[Page], asked: Asked) -> list[Page]:
        removed = _removed(asked, str(uuid.UUID(int=asked.chance.getrandbits(128), version=4)))
        place = asked.chance.randint(0, len(entries))
        return [*entries[:place], removed, *entries[place:]]


def _removed(asked: Asked, name: str) -> Page:
    """Give the mark of a removal in the feed of a table, a mailbox or a list."""
    path, host = asked.request.path, asked.request.host
    if asked.service == "dataverse":
        table = path.rpartition("/")[2]
        context = f"https://{host}{path.removesuffix(table)}$metadata#{table}/$deletedEntity"
        return {"@odata.context": context, "id": name, "reason": "deleted"}
    if "/sites/" in path:
        return {"id": str(int(name[:7], 16)), "deleted": {"state": "deleted"}}
    return {"@odata.type": "#microsoft.graph.message", "id": name, "@removed": {"reason": "deleted"}}


class UnknownMember(Kind):
    """Objects have a member of the next version of the service."""

    def answer(self, asked: Asked, serve: Serve) -> Response:
        def change(page: Page) -> None:
            several = page.get("value")
            for entry in several if isinstance(several, list) else [page]:
                if isinstance(entry, dict):
                    entry["memberOfTomorrow"] = {"kind": "unknownFutureValue"}

        return bent(serve(asked.request), change)


class NullEtag(Kind):
    """Each `@odata.etag` is null and the header is missing."""

    def answer(self, asked: Asked, serve: Serve) -> Response:
        response = bent(serve(asked.request), _without_etags)
        response.headers.pop("ETag", None)
        return response


def _without_etags(value: Any) -> None:
    if isinstance(value, list):
        for entry in value:
            _without_etags(entry)
    elif isinstance(value, dict):
        for name, entry in value.items():
            if name == "@odata.etag":
                value[name] = None
            else:
                _without_etags(entry)


class DropLink(Kind):
    """A page without the link that it ought to have: the next one, the one for later, or whichever it has."""

    link: Literal["next", "delta", "both"] = "next"

    def fits(self, asked: Asked) -> bool:
        return asked.request.method == "GET"

    def answer(self, asked: Asked, serve: Serve) -> Response:
        def change(page: Page) -> None:
            for name in LINKS[self.link]:
                page.pop(name, None)

        return bent(serve(asked.request), change)


class ClockSkew(Kind):
    """The `Date` of the answer is off by so many seconds; negative ones lie in the past."""

    on_parts: ClassVar[bool] = False
    seconds: Annotated[float, Field(ge=-86_400, le=86_400)] = 600.0

    def answer(self, asked: Asked, serve: Serve) -> Response:
        asked.request.environ[SKEW] = self.seconds
        return serve(asked.request)
