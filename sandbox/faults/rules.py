"""Rules: read from JSON, strictly, and matched with calls."""

from dataclasses import dataclass

from sandbox.faults.chaos import Chaos, Preset
from sandbox.faults.kinds import OF_CALLS, OF_NOTICES
from sandbox.faults.match import Match
from sandbox.faults.model import CHANNELS, SERVICES
from sandbox.faults.notifying import Notice
from sandbox.faults.refusing import Kind
from sandbox.strict import Unusable, listed

KINDS: dict[str, type[Kind | Notice]] = {**OF_CALLS, **OF_NOTICES, "chaos": Chaos}
MEMBERS = ("match", "do", "name")


@dataclass
class Rule:
    """One rule, with how many calls it matched and on how many it fired."""

    name: str
    match: Match
    kind: Kind | Notice
    given: dict[str, object]
    seen: int = 0
    fired: int = 0

    def due(self) -> bool:
        """Count one matching call; say whether the rule is due on it."""
        self.seen += 1
        spent = self.match.times is not None and self.fired >= self.match.times
        return not spent and self.match.due(self.seen)

    def shown(self) -> dict[str, object]:
        """Give the rule as JSON."""
        return {"name": self.name, **self.given, "seen": self.seen, "fired": self.fired}


def read_rule(value: object, name: str) -> Rule:
    """Give the rule that a JSON object describes. Raises `Unusable`; `name` is for a rule that has none."""
    if not isinstance(value, dict):
        raise Unusable("A rule must be a JSON object with 'match' and 'do', or with 'chaos' alone.")
    if set(value) == {"chaos"}:
        value = Preset.read(value["chaos"], "chaos").rule()
    for member in value:
        if member not in MEMBERS:
            raise Unusable(f"A rule has no member '{member}'; known are: {listed(MEMBERS)}.")
    if "do" not in value:
        raise Unusable("A rule needs the member 'do': what shall happen.")
    match = Match.read(value.get("match", {}), "match")
    kind = _kind(value["do"])
    _fitting(match, kind)
    given = {member: value[member] for member in ("match", "do") if member in value}
    return Rule(str(value.get("name", name)), match, kind, given)


def _kind(value: object) -> Kind | Notice:
    said = {"kind": value} if isinstance(value, str) else value
    if not isinstance(said, dict) or not isinstance(said.get("kind"), str):
        raise Unusable("'do' must be the name of a fault or an object with its name as 'kind'.")
    found = KINDS.get(said["kind"])
    if found is None:
        raise Unusable(f"There is no fault '{said['kind']}'; known are: {listed(KINDS)}.")
    return found.read({name: part for name, part in said.items() if name != "kind"}, f"do {said['kind']}")


def _fitting(match: Match, kind: Kind | Notice) -> None:
    of_calls = isinstance(kind, Kind)
    if match.part and not (isinstance(kind, Kind) and kind.on_parts):
        raise Unusable("This fault does not happen to parts of a batch: leave out match.part.")
    if match.service is not None and (match.service in CHANNELS) == of_calls:
        raise Unusable(
            f"match.service of this fault is one of: {listed(SERVICES if of_calls else CHANNELS)}."
        )
    if isinstance(kind, Kind):
        kind.check(match.service)
