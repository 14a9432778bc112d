"""Bring the tables into an environment: `plan` says what is missing, `apply` does it (SYN-9)."""

from dataverse.provisioning.applying import apply
from dataverse.provisioning.planning import plan
from dataverse.provisioning.steps import Outcome, Plan, Step

__all__ = ["Outcome", "Plan", "Step", "apply", "plan"]
