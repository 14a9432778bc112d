"""All kinds of faults by the names that rules give them."""

from sandbox.faults.bending import ClockSkew, DropLink, Duplicate, Ghost, NullEtag, Shuffle, UnknownMember
from sandbox.faults.expiring import ExpiredFeed
from sandbox.faults.losing import LostAnswer, Reset, ResetAfter, Slow, Trickle, Truncate
from sandbox.faults.notifying import Double, Late, Lose, Notice
from sandbox.faults.refusing import (
    ExpiredToken,
    Html,
    Kind,
    Precondition,
    Status,
    Throttle,
    Unauthorized,
    Unavailable,
)

OF_CALLS: dict[str, type[Kind]] = {
    "throttle": Throttle,
    "unavailable": Unavailable,
    "status": Status,
    "html": Html,
    "unauthorized": Unauthorized,
    "expired-token": ExpiredToken,
    "precondition": Precondition,
    "expired-feed": ExpiredFeed,
    "lost-answer": LostAnswer,
    "reset": Reset,
    "reset-after": ResetAfter,
    "truncate": Truncate,
    "trickle": Trickle,
    "slow": Slow,
    "duplicate": Duplicate,
    "shuffle": Shuffle,
    "ghost": Ghost,
    "unknown-member": UnknownMember,
    "null-etag": NullEtag,
    "drop-link": DropLink,
    "clock-skew": ClockSkew,
}
OF_NOTICES: dict[str, type[Notice]] = {"lose": Lose, "double": Double, "late": Late}
