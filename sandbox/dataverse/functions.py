"""Query functions `Microsoft.Dynamics.CRM.X(...)` in a filter: found in the text, since no OData grammar knows their
arrays, and handed over as conditions (reference dataverse.md section 3)."""

import json
import re
from dataclasses import dataclass

from sandbox.dataverse.errors import bad_query, not_offered

NAMESPACE = "Microsoft.Dynamics.CRM."
CALL = re.compile(r"""'(?:[^']|'')*'|Microsoft\.Dynamics\.CRM\.(?P<name>\w+)\(""")
ARGUMENT = re.compile(
    r"""\s*(?P<name>\w+)\s*=\s*(?P<value>\[(?:"(?:[^"\\]|\\.)*"|[^\]"])*\]|'(?:[^']|'')*'|[^,()'\[\]]+)\s*(?P<end>[,)])"""
)
MARK = "Call"
# What each function is called among the operators.
NAMES = {
    "In": "in", "NotIn": "not-in", "Between": "between", "NotBetween": "not-between",
    "ContainValues": "contain-values", "DoesNotContainValues": "not-contain-values",
    "EqualUserId": "eq-userid", "NotEqualUserId": "ne-userid",
    "EqualBusinessId": "eq-businessid", "NotEqualBusinessId": "ne-businessid",
    "On": "on", "NotOn": "not-on", "OnOrAfter": "on-or-after", "OnOrBefore": "on-or-before",
    "Last7Days": "last-seven-days", "Next7Days": "next-seven-days",
    **{word: word.lower() for word in ("Yesterday", "Today", "Tomorrow")},
    **{
        f"{word}{unit}": f"{word.lower()}-{unit.lower()}"
        for word in ("Last", "This", "Next") for unit in ("Week", "Month", "Year")
    },
    **{
        f"{word}X{unit}": f"{word.lower()}-x-{unit.lower()}"
        for word in ("Last", "Next", "OlderThan") for unit in ("Hours", "Days", "Weeks", "Months", "Years")
    },
    "OlderThanXMinutes": "olderthan-x-minutes",
}  # fmt: skip
HIERARCHY = (
    "Above", "AboveOrEqual", "Under", "UnderOrEqual", "NotUnder", "EqualUserLanguage", "EqualUserTeams", "Contains",
    "EqualUserOrUserTeams", "EqualUserOrUserHierarchy", "EqualUserOrUserHierarchyAndTeams",
)  # fmt: skip


@dataclass(frozen=True)
class FunctionCall:
    """One call: the operator, the property, the values as texts."""

    operator: str
    path: list[str]
    values: list[str]


def taken_out(text: str) -> tuple[str, list[FunctionCall]]:
    """Give the filter with a mark in place of each call, and the calls by the numbers of their marks."""
    calls: list[FunctionCall] = []
    parts, position = [], 0
    while (found := CALL.search(text, position)) is not None:
        parts.append(text[position : found.start()])
        position = found.end()
        if found["name"] is None:
            parts.append(found[0])
            continue
        arguments, position = _arguments(text, position, found["name"])
        parts.append(f"{NAMESPACE}{MARK}{len(calls)}")
        calls.append(_call(found["name"], arguments))
    return "".join([*parts, text[position:]]), calls


def _arguments(text: str, position: int, name: str) -> tuple[dict[str, str], int]:
    arguments: dict[str, str] = {}
    while True:
        found = ARGUMENT.match(text, position)
        if found is None or found["name"] in arguments:
            raise bad_query(f"The parameters of the function {NAMESPACE}{name} could not be read.")
        arguments[found["name"]] = found["value"].strip()
        position = found.end()
        if found["end"] == ")":
            return arguments, position


def _call(name: str, arguments: dict[str, str]) -> FunctionCall:
    operator = NAMES.get(name)
    if operator is None and (name in HIERARCHY or "Fiscal" in name):
        raise not_offered(f"the query function '{name}'")
    if operator is None:
        raise bad_query(f"An unknown function with name '{NAMESPACE}{name}' was found.")
    expected = {"PropertyName"}
    if operator in ("in", "not-in", "between", "not-between", "contain-values", "not-contain-values"):
        expected.add("PropertyValues")
    elif "-x-" in operator or operator in ("on", "not-on", "on-or-after", "on-or-before"):
        expected.add("PropertyValue")
    if set(arguments) != expected:
        needed = ", ".join(sorted(expected))
        raise bad_query(f"The function {NAMESPACE}{name} takes the parameters {needed}.")
    path = _plain(arguments["PropertyName"]).split("/")
    if "PropertyValues" in arguments:
        return FunctionCall(operator, path, _list(arguments["PropertyValues"]))
    single = arguments.get("PropertyValue")
    return FunctionCall(operator, path, [] if single is None else [_plain(single)])


def _plain(text: str) -> str:
    return text[1:-1].replace("''", "'") if text.startswith("'") else text


def _list(text: str) -> list[str]:
    try:
        items = json.loads(text)
    except ValueError as exc:
        words = "Invalid JSON. A comma character ',' was expected in scope 'Array'. Every two elements in an array and"
        raise bad_query(f"{words} properties of an object must be separated by commas.") from exc
    if not isinstance(items, list) or not items or not all(isinstance(item, str) for item in items):
        raise bad_query("PropertyValues must be an array of one or more texts in double quotes.")
    return items
