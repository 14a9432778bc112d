"""Faults that change a good answer: pages of feeds out of order, missing links, empty tags, a clock that is off."""

import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal

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
    """Give the answer with its JSON object changed; other answers stay as they are."""
    if response.status_code != 200 or response.mimetype != "application/json":
        return response
    page = json.loads(response.get_data())
    if isinstance(page, dict):
        change(page)
        response.set_data(json.dumps(page, ensure_ascii=False))
    return response


class _OfPages(Kind):
    """A fault of one page of a feed, by the seed of the rule."""

    def fits(self, asked: Asked) -> bool:
        return of_a_feed(asked)

    def answer(self, asked: Asked, serve: Serve) -> Response:
        def change(page: Page) -> None:
            if isinstance(page.get("value"), list):
                page["value"] = self.mixed(page["value"], asked.chance)

        return bent(serve(asked.request), change)

    def mixed(self, entries: list[Page], chance: random.Random) -> list[Page]:
        """Give the entries as the fault leaves them."""
        raise NotImplementedError


class Duplicate(_OfPages):
    """A share of the entries, at least one, comes twice. The last of one id still is its newest."""

    share: Annotated[float, Field(gt=0, le=1)] = 0.3

    def mixed(self, entries: list[Page], chance: random.Random) -> list[Page]:
        often = Counter(entry.get("id") for entry in entries if "id" in entry)
        alone = [n for n, entry in enumerate(entries) if often.get(entry.get("id"), 1) == 1]
        chosen = set(chance.sample(alone, -(-len(alone) * int(self.share * 100) // 100)))
        found: list[Page] = []
        for n in sorted(range(len(entries)), reverse=True):
            found.insert(0, entries[n])
            if n in chosen:
                found.insert(chance.randint(1, len(found)), entries[n])
        return found


class Shuffle(_OfPages):
    """The entries come in another order; those of one id keep theirs."""

    def mixed(self, entries: list[Page], chance: random.Random) -> list[Page]:
        ids = [str(entry.get("id", n)) for n, entry in enumerate(entries)]
        waiting: defaultdict[str, list[Page]] = defaultdict(list)
        for name, entry in zip(ids, entries, strict=True):
            waiting[name].append(entry)
        chance.shuffle(ids)
        return [waiting[name].pop(0) for name in ids]


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
