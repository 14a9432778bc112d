"""Request types: names that must exist elsewhere in the file, and facts that contradict each other."""

from dataclasses import dataclass

from pydantic import TypeAdapter

from schemas.conditions import Condition
from schemas.durations import Duration, DurationText
from schemas.parts import Findings, Names, Part, known, used_once

_CONDITION = TypeAdapter(Condition)
_DURATION: TypeAdapter[Duration] = TypeAdapter(DurationText)
_MODES = ("required", "optional", "none", "conditional", "from_rule", "defaulted_statutory")
_GIVEN_BY_MAIL = frozenset({"attachment"})  # not fields, but an evidence rule may ask for them


@dataclass(frozen=True)
class Menu:
    """The file, and the names that request types use."""

    file: Part

    @property
    def common(self) -> Names:
        """The common fields of the intake."""
        return self.file["intake"]["fields"].names

    @property
    def all_fields(self) -> Names:
        """Fields of any type: a legal limit may run from a date that another type records."""
        own = [kind["fields"].ids for kind in self.file["request_types"].parts()]
        return joined(self.common, *own)

    def readable(self, kind: Part) -> Names:
        """The fields that conditions of a type may read."""
        return joined(kind["fields"].ids, self.common)

    def findings(self) -> Findings:
        """All faults of all types."""
        for kind in self.file["request_types"].parts():
            yield from self._references(kind)
            yield from self._people(kind)
            yield from self._promises(kind)
            yield from self._intake(kind)
            yield from self._fields(kind)
            yield from self._evidence(kind)
            yield from self._approval(kind)
            yield from self._limits(kind)

    def _references(self, kind: Part) -> Findings:
        queues = self.file["queues"].names
        yield from known(kind["owner"]["queue"], queues, "queue")
        for queue in kind["access"]["only_queues"].parts():
            yield from known(queue, queues, "queue")
        yield from known(kind["retention"], self.file["retention_classes"].names, "retention class")
        yield from known(kind["journey"], self.file["journeys"].names, "journey")
        categories = self.file["urgent_policy"]["categories"].names
        yield from known(kind["urgent"]["category"], categories, "category")

    def _people(self, kind: Part) -> Findings:
        owner, backup = kind["owner"], kind["backup"]
        queue = self.file["queues"][owner["queue"].text or ""]
        if owner["role"].text and owner["role"].text == backup["role"].text:
            yield backup.path, "is the owner; name somebody else, or nobody stands in (CAT-3)"
        elif backup["address"].text and backup["address"].text == queue["address"].text:
            yield (
                backup["address"].path,
                "is the mailbox of the queue itself; name a person's address (CAT-3)",
            )

    def _promises(self, kind: Part) -> Findings:
        calendars = self.file["calendars"].names
        yield from known(kind["sla"]["clock"], calendars, "calendar")
        for priority in ("P1", "P2", "P3", "P4"):
            target = kind["sla"][priority]
            yield from known(target["clock"], calendars, "calendar")
            for part in (target["first_response"], target["resolution"]):
                amount = part.read(_DURATION)
                if amount and amount.amount <= 0:
                    yield part.path, "must be more than nothing"

    def _intake(self, kind: Part) -> Findings:
        for mode in kind["intake"].parts():
            yield from known(Part(mode.name, mode.path), self.common, "common field")
            if mode.text is None or mode.text in _MODES:
                continue
            word, _, source = mode.text.partition(" ")
            if word == "defaulted_from" and source:
                yield from known(Part(source, mode.path), kind["fields"].ids, "field of this type")
            else:
                yield (
                    mode.path,
                    f"{mode.text!r} is not known; write {', '.join(_MODES)} or defaulted_from <field>",
                )

    def _fields(self, kind: Part) -> Findings:
        yield from used_once(list(kind["fields"].parts()), "in a type")
        for field in kind["fields"].parts():
            form = field["format"]
            if field["type"].text == "format":
                given = form if form.value is not None else Part("(none)", form.path)
                yield from known(given, self.file["formats"].names, "format")
            if field["type"].text == "enum" and field["values"].value in (None, []):
                yield field["values"].path, "is empty; a choice needs at least one value"
            yield from conditions(field["required_when"], self.readable(kind))

    def _evidence(self, kind: Part) -> Findings:
        rule, readable = kind["evidence_rule"], self.readable(kind)
        for name in rule["satisfied_by"].parts():
            yield from known(name, joined(readable, _GIVEN_BY_MAIL), "field of this type, or attachment")
        yield from conditions(rule["not_needed_when"], readable)
        for condition in rule["minimum_by"].parts():
            yield from conditions(condition, readable)

    def _approval(self, kind: Part) -> Findings:
        yield from conditions(kind["approval"]["auto_approve_when"], self.readable(kind))
        for step in kind["approval"]["steps"].parts():
            yield from conditions(step["when"], self.readable(kind))

    def _limits(self, kind: Part) -> Findings:
        choices = frozenset(
            value.text
            for field in kind["fields"].parts()
            if field["type"].text == "enum"
            for value in field["values"].parts()
            if value.text
        )
        for limit in kind["statutory_clock"].parts():
            yield from known(Part(limit.name, limit.path), choices, "value of a choice of this type")
            yield from known(limit["from"], self.all_fields, "field")
            yield from known(limit["clock"], self.file["calendars"].names, "calendar")
            amounts = [limit["due_in_months"].value, limit["decide_within_hours"].value]
            given = [amount for amount in amounts if amount is not None]
            if len(given) != 1 or (isinstance(given[0], int) and given[0] <= 0):
                yield limit.path, "needs one amount above 0; give due_in_months or decide_within_hours"


def conditions(part: Part, readable: Names) -> Findings:
    """Findings for fields that a condition reads and nobody fills."""
    condition = part.read(_CONDITION)
    for name in sorted(condition.fields()) if condition else ():
        yield from known(Part(name, part.path), readable, "field of this type")


def joined(*names: Names) -> Names:
    """All names; not to be told where one part of them is not."""
    told = [each for each in names if each is not None]
    return None if len(told) < len(names) else frozenset().union(*told)
