"""The switches of the mail service: what each takes, and its value when nobody set it. They outlive the process."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from sqlite3 import Connection
from typing import Any

from sandbox.graph.values import row

QUIRKS = ("sizes", "empty", "repeats", "partial", "replays", "lag", "ghosts", "changed")


class BadSwitch(Exception):
    """A value that a switch does not take; the words say what it takes."""


@dataclass(frozen=True)
class Switch:
    """One switch."""

    default: Any
    fits: Callable[[Any], bool]
    takes: str


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _is_patterns(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(pattern, str) and pattern for pattern in value)


def _is_quirks(value: Any) -> bool:
    """`{"seed": 7, "rate": 0.3}` for all quirks, or a rate for each by its name."""
    if not isinstance(value, dict) or not set(value) <= {"seed", "rate", *QUIRKS}:
        return False
    rates = [rate for name, rate in value.items() if name != "seed"]
    return isinstance(value.get("seed", 0), int) and all(_is_number(rate) and rate <= 1 for rate in rates)


SWITCHES = {
    "keepMessageId": Switch(True, _is_bool, "true or false"),
    "deltaMinutes": Switch(0, _is_number, "minutes after which a delta token lapses, 0 for never"),
    "quirks": Switch({}, _is_quirks, f"seed, rate, and rates from 0 to 1 for any of {', '.join(QUIRKS)}"),
    "bounce": Switch([], _is_patterns, "patterns of addresses such as *@nowhere.example"),
    "bounceSeconds": Switch(60, _is_number, "seconds until a non-delivery report arrives"),
    "perMinute": Switch(30, _is_number, "messages that a mailbox sends in a minute, 0 for no limit"),
    "mailConsent": Switch(False, _is_bool, "true or false"),
    "batchSeed": Switch(None, lambda value: value is None or isinstance(value, int), "a seed or null"),
}


def get(db: Connection, name: str) -> Any:
    """The present value of a switch."""
    found = row(db, "SELECT value FROM graph_switch WHERE name = ?", name)
    return json.loads(found["value"]) if found else SWITCHES[name].default


def put(db: Connection, name: str, value: object) -> None:
    """Set a switch. Raises `BadSwitch`."""
    if name not in SWITCHES:
        raise BadSwitch(f"'{name}' is no switch; there are {', '.join(SWITCHES)}.")
    if not SWITCHES[name].fits(value):
        raise BadSwitch(f"'{name}' takes {SWITCHES[name].takes}.")
    db.execute("INSERT OR REPLACE INTO graph_switch VALUES (?, ?)", (name, json.dumps(value)))


def matches(patterns: list[str], address: str) -> bool:
    """Whether an address in lower case fits one of the patterns."""
    return any(fnmatchcase(address, pattern.lower()) for pattern in patterns)
