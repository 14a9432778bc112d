"""Priority is computed from impact and urgency, never typed (PRI-1)."""

from schemas.catalogue import Level, Priority, PriorityRules


def priority_of(rules: PriorityRules, impact: Level, urgency: Level) -> Priority:
    """The cell of the matrix."""
    return rules.matrix[impact][urgency]
