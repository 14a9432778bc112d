"""What becomes of parcels that are due: which go now, which later, twice or never, and which travel together."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

from sandbox.outgoing import waiting
from sandbox.outgoing.addresses import logged_path
from sandbox.outgoing.courier import Courier
from sandbox.outgoing.model import Channel, Faults, Outcome, Parcel
from sandbox.store import Store

DROPPED = Outcome(None, 0.0, "dropped")
LOST = Outcome(None, 0.0, "lost by a fault")


class Planner:
    """Asks faults and channels about each new parcel once."""

    def __init__(
        self, store: Store, faults: Faults, courier: Courier, channels: Mapping[str, Channel]
    ) -> None:
        self._store, self._faults, self._courier, self._channels = store, faults, courier, channels

    def ready(self, found: list[Parcel], now: datetime) -> list[list[Parcel]]:
        """Give what goes now, in groups that travel in one call."""
        return self._groups([parcel for parcel in found if parcel.planned or self._goes(parcel, now)])

    def _goes(self, parcel: Parcel, now: datetime) -> bool:
        delays = self._faults.deliveries(parcel.channel, logged_path(parcel.url))
        hold = self._channels[parcel.channel].hold(parcel.url)
        if delays == [0.0] and hold == 0.0:
            return True
        if not delays:
            self._give_up(parcel, LOST)
        elif hold is None:
            self._give_up(parcel, DROPPED)
        else:
            self._put_off(parcel, [now + timedelta(seconds=delay + hold) for delay in delays])
        return False

    def _give_up(self, parcel: Parcel, outcome: Outcome) -> None:
        with self._store.write() as db:
            waiting.remove(db, [parcel])
            if outcome is DROPPED:
                self._channels[parcel.channel].finished(db, [parcel], outcome)
        self._courier.note(parcel, outcome)

    def _put_off(self, parcel: Parcel, times: list[datetime]) -> None:
        with self._store.write() as db:
            waiting.remove(db, [parcel])
            for due in times:
                waiting.add(db, replace(parcel, planned=True), due)

    def _groups(self, parcels: list[Parcel]) -> list[list[Parcel]]:
        groups = []
        parcels.sort(key=lambda parcel: (parcel.channel, parcel.url, parcel.attempt, parcel.id))
        for (name, _, _), found in groupby(parcels, key=lambda one: (one.channel, one.url, one.attempt)):
            same, most = list(found), self._channels[name].together
            groups += [same[at : at + most] for at in range(0, len(same), most)]
        return sorted(groups, key=lambda group: group[0].id)
