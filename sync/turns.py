"""One worker for one source at a time: saves calls. Safety rests on unique keys and etags (sync.md section 4)."""

from datetime import datetime, timedelta

from sync.errors import PreconditionFailed
from sync.ports import Clock, StateStore

TURN = "turn"  # until when a worker has the source; may be lost, then two work at once without harm
ASKED = "turn-asked"  # somebody came while the source was taken
SECONDS = 60  # a worker that died keeps others out no longer


class Turns:
    """Turns at sources, by name."""

    def __init__(self, state: StateStore, clock: Clock) -> None:
        self._state = state
        self._clock = clock

    def begin(self, source: str) -> bool:
        """Take the turn; False when another worker has it, who is told that somebody came."""
        if self._take(source):
            return True
        self._state.put(ASKED, source, "yes")
        # The other one may have ended before it could see this.
        if not self._take(source):
            return False
        self._state.delete(ASKED, source)
        return True

    def keep(self, source: str) -> None:
        """Go on: the turn would lapse otherwise."""
        self._state.put(TURN, source, self._until())

    def end(self, source: str) -> bool:
        """Give the turn up. True when somebody came meanwhile: look once more."""
        self._state.put(TURN, source, "")
        if self._state.get(ASKED, source) is None:
            return False
        self._state.delete(ASKED, source)
        return True

    def _take(self, source: str) -> bool:
        entry = self._state.get(TURN, source)
        if entry and entry.value and datetime.fromisoformat(entry.value) > self._clock.now():
            return False
        try:
            self._state.put(TURN, source, self._until(), etag=entry.etag if entry else None)
        except PreconditionFailed:
            return False
        return True

    def _until(self) -> str:
        return (self._clock.now() + timedelta(seconds=SECONDS)).isoformat()
