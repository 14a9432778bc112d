"""Follow any change feed into a mirror, through crashes and expired tokens (sync.md sections 1, 3 and 4).

A feed that has expired is an ordinary event: everything is read anew, and what was not seen in that round is gone.
Each round of reading anew has a number, its generation; the mirror marks every record with the generation that saw
it, so the round may break off and go on in another process. The checkpoint is saved last, after its page is stored.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from schemas.base import Frozen, Instant
from sync.errors import FeedExpired
from sync.ports import Clock, StateStore

CHECKPOINT = "feed-checkpoint"
# Share of a feed's retention after which its token is not trusted: some services answer wrongly instead of refusing.
WARY = 0.7


@dataclass(frozen=True)
class FeedPage[R]:
    """One page: the last state of each changed record, and the keys of removed ones.

    `link` leads on; after the last page it is what the next round begins with. A key is in one of the two only.
    """

    changed: Mapping[str, R]
    removed: Set[str]
    link: str
    last: bool


class Feed[R](Protocol):
    """A source that tells what has changed."""

    @property
    def retention(self) -> timedelta | None:
        """How long the service keeps a token; None where nobody says."""
        ...

    def page(self, link: str | None) -> FeedPage[R]:
        """The page at a link; None begins with everything there is.

        Raises FeedExpired for a link that is no longer honoured, else the RemoteError tree. A page that cannot be
        read in full raises: it is never the end.
        """
        ...


class Mirror[R](Protocol):
    """What holds the records. Both writing methods may be repeated with the same values."""

    def newest(self) -> int:
        """The highest mark on any record, 0 where there is none: the checkpoint may have been lost."""
        ...

    def take(self, page: FeedPage[R], generation: int) -> None:
        """Store the changed records with the mark, drop the removed ones; an unknown key is fine."""
        ...

    def sweep(self, generation: int) -> int:
        """Drop every record whose mark is older, and say how many."""
        ...


class Checkpoint(Frozen):
    """Where a reader stands. `link` is None before the first page of a round that reads everything."""

    generation: int = 0
    link: str | None = None
    full: bool = True
    saved_at: Instant


@dataclass(frozen=True)
class Progress:
    """What one pull did. `more` asks for another: its pages were used up before the feed ended."""

    pages: int = 0
    changed: int = 0
    removed: int = 0
    rounds: int = 0  # of reading everything anew
    more: bool = False


class FeedReader[R]:
    """Brings one mirror up to date with one feed. One reader at a time: the caller holds the lease."""

    def __init__(
        self, name: str, feed: Feed[R], mirror: Mirror[R], *, state: StateStore, clock: Clock
    ) -> None:
        self._name = name
        self._feed = feed
        self._mirror = mirror
        self._state = state
        self._clock = clock

    def pull(self, *, max_pages: int = 200) -> Progress:
        """Read until the feed ends, or the pages are used up.

        Raises the RemoteError tree; what was not stored comes again with the next pull. A feed that expires twice in
        one pull raises FeedExpired.
        """
        place = self._place()
        done = Progress(rounds=int(place.full and place.link is None))
        for _ in range(max_pages):
            try:
                page = self._feed.page(place.link)
            except FeedExpired:
                if place.link is None or done.rounds > 1:
                    raise
                place = self._anew(place.generation)
                done = _add(done, rounds=1)
                continue
            self._mirror.take(page, place.generation)
            swept = page.last and place.full
            gone = self._mirror.sweep(place.generation) if swept else 0
            place = self._save(place.generation, page.link, full=place.full and not page.last)
            done = _add(done, pages=1, changed=len(page.changed), removed=len(page.removed) + gone)
            # After everything was read, its token brings what has changed in the meantime.
            if page.last and not swept:
                return done
        return _add(done, more=True)

    def _place(self) -> Checkpoint:
        entry = self._state.get(CHECKPOINT, self._name)
        if entry is None:
            return self._anew(0)
        place = Checkpoint.model_validate_json(entry.value)
        return self._anew(place.generation) if self._unusable(place) else place

    def _unusable(self, place: Checkpoint) -> bool:
        """Whether to begin anew: the token is old, or a round broke off in its first page.

        What that page brought may have been deleted since, before the token of the round that now begins.
        """
        kept = self._feed.retention
        return place.link is None or (kept is not None and self._clock.now() - place.saved_at > kept * WARY)

    def _anew(self, generation: int) -> Checkpoint:
        """Begin a round that reads everything; saved first, so that a crash cannot mix two rounds."""
        return self._save(max(generation, self._mirror.newest()) + 1, None, full=True)

    def _save(self, generation: int, link: str | None, *, full: bool) -> Checkpoint:
        place = Checkpoint(generation=generation, link=link, full=full, saved_at=self._clock.now())
        self._state.put(CHECKPOINT, self._name, place.model_dump_json())
        return place


def _add(done: Progress, *, more: bool = False, **counts: int) -> Progress:
    return Progress(
        pages=done.pages + counts.get("pages", 0),
        changed=done.changed + counts.get("changed", 0),
        removed=done.removed + counts.get("removed", 0),
        rounds=done.rounds + counts.get("rounds", 0),
        more=more,
    )
