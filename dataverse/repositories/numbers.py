"""The counter of case references: the next free number, and the change that carries it past those taken."""

import threading
from collections.abc import Sequence

from dataverse.operations import Operation, Result, create, read, update
from dataverse.repositories import rows
from rules import keys
from sync.errors import NotFound, RemoteError
from sync.stores import Change

QUESTION: Operation = read(f"{rows.COUNTERS}({rows.COUNTER_ID})?$select=plb_next")
"""Reads the counter; its answer goes to `Numbers.heard`."""


class Numbers(threading.local):
    """What this thread last read of the counter: one worker's numbers must not move the counter of another."""

    value: int | None = None
    etag: str | None = None
    _known = False
    _refused_at: str | None = None  # the version of the counter under which numbers were found taken
    _floor = 0
    _step = 1

    @property
    def known(self) -> bool:
        """Whether the counter was read since the last write."""
        return self._known

    def heard(self, answer: object) -> None:
        """Take over the answer to QUESTION. Raises the RemoteError that it may be."""
        if isinstance(answer, RemoteError) and not isinstance(answer, NotFound):
            raise answer
        found = answer.row if isinstance(answer, Result) and answer.row else None
        self.value = int(str(found["plb_next"])) if found else None
        self.etag = answer.etag if isinstance(answer, Result) else None
        self._known = True

    def forget(self) -> None:
        """The counter may have moved."""
        self._known = False

    def next(self) -> int:
        """The next number that is not known to be taken."""
        value = self.value or 1
        return max(value, self._floor) if self.etag == self._refused_at else value

    def taken(self, number: int) -> None:
        """A number was refused while the counter stood still: go past it, faster each time.

        Cases that were brought in may hold a long run of numbers; one step at a time would block a mailbox.
        """
        if self.etag != self._refused_at:
            self._refused_at, self._floor, self._step = self.etag, 0, 1
        self._floor = max(self._floor, number + self._step)
        self._step *= 2

    def advance(self, changes: Sequence[Change]) -> tuple[int, Operation] | None:
        """Which change carries the counter past the numbers of all of them, and how; None when none opens."""
        numbers = {
            place: keys.reference_number(change.after.reference)
            for place, change in enumerate(changes)
            if change.after and not change.before and change.after.opened.channel != "import"
        }
        if not numbers:
            return None
        row: rows.Row = {"plb_next": max(numbers.values()) + 1}
        if self.value is not None and self.etag:
            return min(numbers), update(rows.COUNTERS, rows.COUNTER_ID, row, if_match=self.etag)
        row |= {"plb_key": rows.COUNTER_KEY, "plb_name": "Next case reference"}
        return min(numbers), create(rows.COUNTERS, row, row_id=rows.COUNTER_ID)
