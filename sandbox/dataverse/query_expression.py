"""`QueryExpression` as JSON: which rows of one table an action is to work on.

The form is that of Microsoft's page on the complex type; what it means is left to the query builder of FetchXML."""

import re
from typing import Any

from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import not_offered, payload_error
from sandbox.dataverse.fetchxml.model import Condition, Entity, Filter
from sandbox.dataverse.fetchxml.sources import Sources
from sandbox.dataverse.schema import Table, quoted

OPERATORS = {
    "Equal": "eq",
    "NotEqual": "ne",
    "GreaterThan": "gt",
    "GreaterEqual": "ge",
    "LessThan": "lt",
    "LessEqual": "le",
    "DoesNotBeginWith": "not-begin-with",
    "DoesNotEndWith": "not-end-with",
}
EXPRESSION = ("EntityName", "ColumnSet", "Criteria", "Distinct", "NoLock", "Orders", "PageInfo", "TopCount")
FILTER = ("FilterOperator", "Conditions", "Filters", "IsQuickFindFilter")
CONDITION = ("EntityName", "AttributeName", "Operator", "Values")


def checked(engine: Engine, where: str, expression: Any) -> tuple[Table, Sources]:
    """Give the table and the prepared query of an expression; refuses what it cannot mean."""
    _members(where, expression, EXPRESSION, also=("LinkEntities",))
    if expression.get("LinkEntities"):
        raise not_offered("'LinkEntities' in a QueryExpression")
    table = engine.catalogue.table(str(expression.get("EntityName")))
    criteria = expression.get("Criteria")
    filters = [] if criteria is None else [_filter(where, criteria)]
    return table, Sources.of(engine, Entity(table.logical, filters=filters))


def ids(engine: Engine, expression: Any) -> tuple[Table, list[str]]:
    """Give the table and the ids of the rows that an expression means, inside the caller's `write()`."""
    table, sources = checked(engine, "QueryExpression", expression)
    where, values = sources.where()
    sql = f"SELECT t.{quoted(table.id)} FROM {table.sql} t WHERE {where}"
    return table, [str(row[0]) for row in engine.store.inside().execute(sql, values).fetchall()]


def _members(where: str, node: Any, known: tuple[str, ...], also: tuple[str, ...] = ()) -> None:
    if not isinstance(node, dict):
        raise payload_error(where, "A query, filter or condition must be an object.")
    for name in node:
        if "@" not in name and name not in (*known, *also):
            raise payload_error(where, f"The property '{name}' does not exist in a QueryExpression.")


def _list(where: str, node: dict[str, Any], name: str) -> list[Any]:
    found = node.get(name) or []
    if not isinstance(found, list):
        raise payload_error(where, f"'{name}' of a filter must be a list.")
    return found


def _filter(where: str, node: Any) -> Filter:
    _members(where, node, FILTER)
    word = node.get("FilterOperator", "And")
    if word not in ("And", "Or"):
        raise payload_error(where, "'FilterOperator' must be 'And' or 'Or'.")
    conditions = [_condition(where, one) for one in _list(where, node, "Conditions")]
    filters = [_filter(where, one) for one in _list(where, node, "Filters")]
    return Filter(word == "Or", conditions, filters)


def _condition(where: str, node: Any) -> Condition:
    _members(where, node, CONDITION)
    values = []
    for one in _list(where, node, "Values"):
        _members(where, one, ("Value", "Type"))
        values.append(str(one.get("Value")))
    name = str(node.get("Operator"))
    return Condition(str(node.get("AttributeName")), OPERATORS.get(name) or _kebab(name), values)


def _kebab(name: str) -> str:
    """Spell an operator as FetchXML does: `OnOrAfter` is `on-or-after`, `OlderThanXDays` is `olderthan-x-days`."""
    return re.sub(r"(?<=[A-Za-z])(?=[A-Z])", "-", name).lower().replace("older-than", "olderthan")
