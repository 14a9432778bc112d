"""Rules in a file: YAML or JSON, one rule or a list."""

from pathlib import Path

from sandbox.faults.rules import read_rule
from sandbox.strict import Unusable


def read_file(path: Path) -> list[object]:
    """Give the rules of a file as JSON values, all of them checked. Raises `Unusable` with the place of the fault."""
    import yaml  # noqa: PLC0415 - few tenants read a file, and all want to be ready soon

    try:
        said = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as exc:
        raise Unusable(f"The file is neither YAML nor JSON: {exc}") from exc
    rules = said if isinstance(said, list) else [said]
    for number, rule in enumerate(rules, 1):
        try:
            read_rule(rule, str(number))
        except Unusable as exc:
            raise Unusable(f"Rule {number}: {exc}") from exc
    return rules
