"""Which required facts a request does not answer (requirement INT-2; catalogue: intake, fields, approval)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from rules.intake.conditions import holds
from rules.intake.filling import COMMON, rule_of
from schemas.catalogue import ApprovalStep, IntakeField, RequestType
from schemas.directory import Directory
from schemas.reading import FieldValue


@dataclass(frozen=True)
class Gaps:
    """Finds the gaps of one request. `today` is the day of the mail in the organisation's zone."""

    kind: RequestType
    known: Mapping[str, FieldValue]
    directory: Directory
    requester: str
    today: date

    def missing(self) -> tuple[str, ...]:
        """Ids of required fields without a value: the type's own in catalogue order, then the common ones."""
        own = (field.id for field in self.kind.fields if field.id not in self.known and self._required(field))
        return (*own, *(name for name in COMMON if self._lacks(name)))

    @property
    def _values(self) -> dict[str, str]:
        return {name: value.value for name, value in self.known.items()}

    def _required(self, field: IntakeField) -> bool:
        if field.required_when is not None:
            return holds(field.required_when, self._values, self.today) is True
        return field.required

    def _lacks(self, name: str) -> bool:
        rule = rule_of(self.kind, name)
        if name == "evidence":
            return rule in {"required", "conditional"} and not self._evidenced(rule)
        if name in self.known:
            return False
        return rule == "required" or (
            rule == "from_rule" and name == "approver" and not self._rule_finds_approver()
        )

    def _evidenced(self, rule: str) -> bool:
        """Whether the evidence rule is met. A conditional type without such a rule asks for nothing."""
        wanted = self.kind.evidence_rule
        given = self.known["evidence"].value.split("; ") if "evidence" in self.known else []
        if wanted is None:
            return bool(given) or rule == "conditional"
        if wanted.not_needed_when is not None and holds(wanted.not_needed_when, self._values, self.today):
            return True
        if any(name in self.known for name in wanted.satisfied_by):
            return True
        counts = [each.count or 1 for each in wanted.minimum_by if holds(each, self._values, self.today)]
        return len(given) >= max([1, *counts])

    def _rule_finds_approver(self) -> bool:
        """Whether the approval rule leads to somebody, or will once the other gaps are closed."""
        approval = self.kind.approval
        auto = approval.auto_approve_when
        if auto is not None and holds(auto, self._values, self.today):
            return True
        return all(self._finds(step) for step in approval.steps if self._applies(step))

    def _applies(self, step: ApprovalStep) -> bool:
        return step.when is None or holds(step.when, self._values, self.today) is True

    def _finds(self, step: ApprovalStep) -> bool:
        if step.approver == "requester_manager":
            person = self.directory.person(self.requester)
            return person is not None and person.manager is not None
        if step.approver == "cost_centre_owner" and "cost_centre" in self.known:
            return self.known["cost_centre"].value in self.directory.cost_centre_owners
        return True
