"""`$filter` and `$orderby` to SQL (reference dataverse.md section 3)."""

import re
from collections.abc import Callable
from typing import Any

from sandbox.dataverse import operators
from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import DataverseError, bad_query, not_offered
from sandbox.dataverse.functions import MARK, NAMESPACE, FunctionCall, taken_out
from sandbox.dataverse.operators import Operand
from sandbox.dataverse.schema import CHOICES, Column, Table
from sandbox.dataverse.scope import Scope
from sandbox.dataverse.values import Value, instant_text, literal
from sandbox.odata import Unreadable, tree

ALIAS = re.compile(r"""'(?:[^']|'')*'|"(?:[^"\\]|\\.)*"|(?P<alias>@\w+)""")
# Texts, which may hold anything, and operators in any case.
OPERATOR = re.compile(r"'(?:[^']|'')*'|(?<![\w.])(?:eq|ne|gt|ge|lt|le|and|or|not)\b", re.IGNORECASE)
MOST_CONDITIONS = 500
COMPARED = {"Eq": "=", "NotEq": "IS NOT", "Gt": ">", "GtE": ">=", "Lt": "<", "LtE": "<="}
SHAPES = {"contains": "%{}%", "startswith": "{}%", "endswith": "%{}"}
KINDS = {
    "String": "Edm.String", "Integer": "Edm.Int32", "Float": "Edm.Double", "Boolean": "Edm.Boolean",
    "GUID": "Edm.Guid", "Date": "Edm.Date", "DateTime": "Edm.DateTimeOffset",
}  # fmt: skip
WHOLE = ("Integer",)
NUMBER = ("Integer", "Float")
FITTING = {
    **dict.fromkeys(("Integer", "BigInt", *CHOICES), WHOLE),
    **dict.fromkeys(("Decimal", "Double", "Money"), NUMBER),
    "String": ("String",), "Memo": ("String",), "Boolean": ("Boolean",), "DateTime": ("DateTime", "Date"),
    "Uniqueidentifier": ("GUID",), "Lookup": ("GUID",), "Owner": ("GUID",), "Customer": ("GUID",),
}  # fmt: skip

type Order = list[tuple[str, bool]]


class Filter:
    """Compiles the conditions of one query; the values of its SQL are in `values`, in order."""

    def __init__(self, engine: Engine, table: Table, query: dict[str, str]) -> None:
        self._engine, self._query = engine, query
        self._root = Scope(engine.catalogue, table)
        self._scopes: dict[str, Scope] = {}
        self._calls: list[FunctionCall] = []
        self._conditions = 0
        self.values: list[Value] = []

    def where(self, text: str) -> str:
        """Give the SQL of a `$filter` on alias `t`."""
        prepared, self._calls = taken_out(ALIAS.sub(self._alias, text))
        _check_operators(prepared)
        try:
            return self._condition(tree(prepared))
        except Unreadable as exc:
            raise bad_query(f"The filter could not be read: {exc}") from exc
        except RecursionError as exc:
            raise bad_query("The filter is nested too deep.") from exc

    def order(self, text: str) -> Order:
        """Give the expressions of an `$orderby` with True for descending."""
        terms = []
        for part in text.split(","):
            path, _, direction = part.strip().partition(" ")
            if direction.strip() not in ("", "asc", "desc"):
                raise bad_query(f"The orderby clause '{part.strip()}' could not be read.")
            terms.append((self._root.at(path.split("/")).sql, direction.strip() == "desc"))
        return terms

    def at(self, path: list[str]) -> Operand:
        """Give the column that a path names; it may begin with the variable of a lambda."""
        scope = self._scopes.get(path[0]) if len(path) > 1 else None
        return scope.at(path[1:]) if scope is not None else self._root.at(path)

    def _alias(self, match: re.Match[str]) -> str:
        name = match["alias"]
        if name is None:
            return match[0]
        if name not in self._query:
            raise bad_query(f"The parameter alias '{name}' has no value in the query.")
        return self._query[name]

    def _condition(self, node: Any) -> str:
        compiled = _CONDITIONS.get(_kind(node))
        if compiled is None:
            raise not_offered(f"'{_kind(node)}' in a filter")
        return compiled(self, node)

    def _one(self) -> None:
        self._conditions += 1
        if self._conditions > MOST_CONDITIONS:
            words = "Number of conditions in query exceeded maximum limit."
            raise DataverseError(400, "0x8004430c", words)

    def _both(self, node: Any) -> str:
        """A chain such as `a or b or c` is nested to the left: taken apart here, or 500 would be too deep."""
        kind, operands = type(node.op), []
        while _kind(node) == "BoolOp" and isinstance(node.op, kind):
            operands.append(node.right)
            node = node.left
        parts = [self._condition(one) for one in (node, *reversed(operands))]
        return f"({f' {kind.__name__.upper()} '.join(parts)})"

    def _not(self, node: Any) -> str:
        if _kind(node.op) != "Not":
            raise not_offered("arithmetic in a filter")
        return f"({self._condition(node.operand)} IS NOT TRUE)"

    def _compare(self, node: Any) -> str:
        operator = _kind(node.comparator)
        if operator not in COMPARED:
            raise bad_query("The operator 'in' is not supported; use the function Microsoft.Dynamics.CRM.In.")
        self._one()
        left = self._operand(node.left)
        if _kind(node.right) == "Null":
            if operator not in ("Eq", "NotEq"):
                raise bad_query("null can be compared by eq and ne only.")
            return f"{left.sql} IS {'NOT ' if operator == 'NotEq' else ''}NULL"
        if _kind(node.right) in ("Identifier", "Attribute"):
            return f"{left.sql} {COMPARED[operator]} {self._column_like(left, node.right, operator)}"
        self.values.append(_literal(left, node.right, operator))
        return f"{left.sql} {COMPARED[operator]} ?"

    def _column_like(self, left: Operand, node: Any, operator: str) -> str:
        right = self._operand(node)
        if right.column.type != left.column.type:
            raise _incompatible(left.column, right.column.type, operator)
        return right.sql

    def _call(self, node: Any) -> str:
        name = node.func.name
        if name not in SHAPES or _kind(node.args[1]) != "String":
            raise not_offered(f"the function '{name}' in a filter")
        self._one()
        operand = self._operand(node.args[0])
        if not operand.is_text:
            raise bad_query(f"The function '{name}' needs a text column, not '{operand.column.prop}'.")
        self.values.append(SHAPES[name].format(node.args[1].val))
        return f"matches(?, {operand.sql})"

    def _truth(self, node: Any) -> str:
        self._one()
        if getattr(node, "namespace", ()):
            return self._function(node.full_name())
        operand = self._operand(node)
        if operand.column.type != "Boolean":
            raise bad_query(f"The property '{operand.column.prop}' is no condition.")
        return f"{operand.sql} = 1"

    def _function(self, mark: str) -> str:
        number = mark.removeprefix(f"{NAMESPACE}{MARK}")
        if not number.isdigit() or int(number) >= len(self._calls):
            raise bad_query(f"An unknown function with name '{mark}' was found.")
        call = self._calls[int(number)]
        sql, values = operators.condition(self._engine, call.operator, self._named(call.path), call.values)
        self.values += values
        return sql

    def _named(self, path: list[str]) -> Operand:
        """Query functions take a lookup by its logical name too."""
        column = self._root.table.columns.get(path[-1])
        if len(path) == 1 and column is not None:
            return self.at([column.prop])
        return self.at(path)

    def _lambda(self, node: Any) -> str:
        found, parent = self._root_of(node.owner)
        inner = self._root.inner(found.target)
        rows = f"SELECT 1 FROM {found.target.sql} {inner.alias} WHERE {found.holds(inner.alias, parent)}"
        if node.lambda_ is None:
            return f"EXISTS ({rows})"
        variable = node.lambda_.identifier.name
        if variable in self._scopes:
            raise bad_query(f"The range variable '{variable}' has already been declared.")
        self._scopes[variable] = inner
        condition = self._condition(node.lambda_.expression)
        del self._scopes[variable]
        if _kind(node.operator) == "Any":
            return f"EXISTS ({rows} AND {condition})"
        return f"NOT EXISTS ({rows} AND ({condition} IS NOT TRUE))"

    def _root_of(self, node: Any) -> Any:
        path = _path(node)
        scope = self._scopes.get(path[0]) if len(path) > 1 else None
        return scope.collection(path[1:]) if scope is not None else self._root.collection(path)

    def _operand(self, node: Any) -> Operand:
        return self.at(_path(node))


def _kind(node: Any) -> str:
    return type(node).__name__


def _path(node: Any) -> list[str]:
    if _kind(node) == "Identifier" and not node.namespace:
        return [node.name]
    if _kind(node) == "Attribute":
        return [*_path(node.owner), node.attr]
    raise not_offered("this left side of a comparison in a filter")


_CONDITIONS: dict[str, Callable[[Filter, Any], str]] = {
    "BoolOp": Filter._both,
    "UnaryOp": Filter._not,
    "Compare": Filter._compare,
    "Call": Filter._call,
    "Identifier": Filter._truth,
    "Attribute": Filter._truth,
    "CollectionLambda": Filter._lambda,
}


def _literal(operand: Operand, node: Any, operator: str) -> Value:
    kind, column = _kind(node), operand.column
    if kind not in FITTING.get(column.type, ()):
        raise _incompatible(column, KINDS.get(kind, kind), operator)
    if kind == "Integer" and abs(int(node.val)) >= 2**63:
        raise bad_query(f"'{node.val}' is beyond the range of whole numbers.")
    if column.type == "DateTime":
        return _date(operand, node.val, kind)
    if kind == "String":
        return str(node.val)
    return literal(operand.table, column, node.val)


def _date(operand: Operand, text: str, kind: str) -> Value:
    if operand.column.date_only:
        return text[:10]
    return instant_text(operand.table, operand.column, text if kind == "DateTime" else f"{text}T00:00:00Z")


def _check_operators(text: str) -> None:
    """Refuse operators in capitals, which the grammar of OData does not have (documented guess: the words)."""
    for found in OPERATOR.finditer(text):
        if not found[0].startswith("'") and not found[0].islower():
            raise bad_query(f"Syntax error: the operator '{found[0]}' is spelled '{found[0].lower()}'.")


def _incompatible(column: Column, found: str, operator: str) -> DataverseError:
    words = (
        f"A binary operator with incompatible types was detected. Found operand types of property "
        f"'{column.prop}' ({column.type}) and '{found}' for operator kind '{operator}'."
    )
    return bad_query(words)
