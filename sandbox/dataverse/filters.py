"""`$filter` and `$orderby` to SQL on alias `t` (reference dataverse.md section 3)."""

import json
import re
from collections.abc import Callable
from typing import Any

from odata_query import ast
from odata_query.exceptions import ODataException
from odata_query.grammar import ODataLexer, ODataParser

from sandbox.dataverse.catalogue import Catalogue
from sandbox.dataverse.errors import DataverseError, bad_query, not_offered, unknown_property
from sandbox.dataverse.schema import CHOICES, Column, Table, quoted
from sandbox.dataverse.values import Value, instant_text, literal

ALIAS = re.compile(r"'(?:[^']|'')*'|(?P<alias>@\w+)")
IN = re.compile(
    r"Microsoft\.Dynamics\.CRM\.In\(\s*PropertyName\s*=\s*'(?P<name>\w+)'\s*,"
    r'\s*PropertyValues\s*=\s*(?P<items>\[(?:\s*"(?:[^"\\]|\\.)*"\s*,?)*\s*\])\s*\)'
)
MOST_TERMS = 500  # a guess; it keeps the database from refusing
MARK = "In__"
OPERATORS = {"Eq": "=", "NotEq": "IS NOT", "Gt": ">", "GtE": ">=", "Lt": "<", "LtE": "<="}
WILDCARD = re.compile(r"\[(?P<inside>[^\]]*)\]|(?P<backslash>\\)")
KINDS = {
    "String": "Edm.String", "Integer": "Edm.Int32", "Float": "Edm.Double", "Boolean": "Edm.Boolean",
    "GUID": "Edm.Guid", "Date": "Edm.Date", "DateTime": "Edm.DateTimeOffset",
}  # fmt: skip
FITTING = {
    "String": ("String",), "Memo": ("String",), "Boolean": ("Boolean",), "Uniqueidentifier": ("GUID",),
    "Lookup": ("GUID",), "Owner": ("GUID",), "DateTime": ("DateTime", "Date"),
    "Decimal": ("Integer", "Float"), "Double": ("Integer", "Float"), "Money": ("Integer", "Float"),
}  # fmt: skip


class Filter:
    """Compiles one query's conditions for one table."""

    def __init__(self, catalogue: Catalogue, table: Table, query: dict[str, str]) -> None:
        self._catalogue, self._table, self._query = catalogue, table, query
        self.values: list[Value] = []

    def where(self, text: str) -> str:
        """Give the SQL of a `$filter`; its values are in `values`."""
        try:
            tree = ODataParser().parse(ODataLexer().tokenize(self._prepared(text)))
            condition = self._condition(tree)
        except ODataException as exc:
            raise bad_query(f"The filter could not be read: {exc}") from exc
        except RecursionError as exc:
            raise bad_query("The filter is nested too deep.") from exc
        if condition.count(" OR ") + condition.count(" AND ") > MOST_TERMS:
            raise bad_query(f"The filter has more than {MOST_TERMS} conditions.")
        return condition

    def order(self, text: str) -> list[tuple[str, bool]]:
        """Give the expressions of an `$orderby` with True for descending."""
        terms = []
        for part in text.split(","):
            path, _, direction = part.strip().partition(" ")
            if direction.strip() not in ("", "asc", "desc"):
                raise bad_query(f"The orderby clause '{part.strip()}' could not be read.")
            owner, _, name = path.rpartition("/")
            sql, _ = self._column_at(owner, name)
            terms.append((sql, direction.strip() == "desc"))
        return terms

    def _prepared(self, text: str) -> str:
        """Put in the parameter aliases and turn the query function `In` into what the grammar knows."""
        filled = ALIAS.sub(self._alias, text)
        return IN.sub(_in_list, filled)

    def _alias(self, match: re.Match[str]) -> str:
        name = match["alias"]
        if name is None:
            return match[0]
        if name not in self._query:
            raise bad_query(f"The parameter alias '{name}' has no value in the query.")
        return self._query[name]

    def _condition(self, node: Any) -> str:
        compiled = _CONDITIONS.get(type(node).__name__)
        if compiled is None:
            raise not_offered(f"'{type(node).__name__}' in a filter")
        return compiled(self, node)

    def _both(self, node: Any) -> str:
        word = "AND" if type(node.op).__name__ == "And" else "OR"
        return f"({self._condition(node.left)} {word} {self._condition(node.right)})"

    def _not(self, node: Any) -> str:
        if type(node.op).__name__ != "Not":
            raise not_offered("arithmetic in a filter")
        return f"NOT coalesce({self._condition(node.operand)}, 0)"

    def _compare(self, node: Any) -> str:
        operator = type(node.comparator).__name__
        if isinstance(node.left, ast.Identifier) and node.left.name.startswith(MARK):
            return self._in(node.left.name.removeprefix(MARK), node.right)
        if operator not in OPERATORS:
            raise bad_query("The operator 'in' is not supported; use the function Microsoft.Dynamics.CRM.In.")
        sql, column = self._operand(node.left)
        if isinstance(node.right, ast.Null) and operator not in ("Eq", "NotEq"):
            raise bad_query("null can be compared by eq and ne only.")
        if isinstance(node.right, ast.Null):
            return f"{sql} IS {'NOT ' if operator == 'NotEq' else ''}NULL"
        self.values.append(self._literal(column, node.right, operator))
        return f"{sql} {OPERATORS[operator]} ?"

    def _in(self, name: str, right: Any) -> str:
        sql, column = self._column_at("", name)
        items: list[Any] = right.val if isinstance(right, ast.List) else [right]
        self.values += [literal(self._table, column, item.val) for item in items]
        return f"{sql} IN ({', '.join('?' for _ in items)})"

    def _call(self, node: Any) -> str:
        name = node.func.name
        shapes = {"contains": "%{}%", "startswith": "{}%", "endswith": "%{}"}
        if name not in shapes or not isinstance(node.args[1], ast.String):
            raise not_offered(f"the function '{name}' in a filter")
        sql, column = self._operand(node.args[0])
        if column.type not in ("String", "Memo"):
            raise bad_query(f"The function '{name}' needs a text column, not '{column.prop}'.")
        self.values.append(shapes[name].format(_pattern(node.args[1].val)))
        return f"{sql} LIKE ? ESCAPE '\\'"

    def _truth(self, node: Any) -> str:
        sql, column = self._operand(node)
        if column.type != "Boolean":
            raise bad_query(f"The property '{column.prop}' is no condition.")
        return f"{sql} = 1"

    def _operand(self, node: Any) -> tuple[str, Column]:
        if isinstance(node, ast.Identifier):
            return self._column_at("", node.name)
        if isinstance(node, ast.Attribute) and isinstance(node.owner, ast.Identifier):
            return self._column_at(node.owner.name, node.attr)
        raise not_offered("this left side of a comparison in a filter")

    def _column_at(self, navigation: str, name: str) -> tuple[str, Column]:
        """Give the SQL and the column for `name` or `navigation/name`."""
        if not navigation:
            column = self._table.by_property.get(name)
            if column is None:
                raise unknown_property(name, self._table.logical)
            return _collated(f"t.{quoted(column.name)}", column), column
        lookup = self._table.by_navigation.get(navigation)
        if lookup is None:
            raise unknown_property(navigation, self._table.logical)
        return self._through(lookup, name)

    def _through(self, lookup: Column, name: str) -> tuple[str, Column]:
        parts, column = [], None
        for logical in lookup.targets:
            target = self._catalogue.table(logical)
            found = target.by_property.get(name)
            if found is not None:
                column = found
                parts.append(
                    f"(SELECT n.{quoted(found.name)} FROM {target.sql} n "
                    f"WHERE n.{quoted(target.id)} = t.{quoted(lookup.name)})"
                )
        if column is None:
            raise unknown_property(name, lookup.targets[0])
        return _collated(f"coalesce({', '.join(parts)}, NULL)", column), column

    def _literal(self, column: Column, node: Any, operator: str) -> Value:
        kind = type(node).__name__
        fitting = (
            ("Integer",) if column.type in ("Integer", "BigInt", *CHOICES) else FITTING.get(column.type, ())
        )
        if kind not in fitting:
            raise _incompatible(column, kind, operator)
        if kind == "Integer" and abs(int(node.val)) >= 2**63:
            raise bad_query(f"'{node.val}' is beyond the range of whole numbers.")
        if column.type == "DateTime":
            return self._date(column, node.val, kind)
        return node.val if kind == "String" else literal(self._table, column, node.val)

    def _date(self, column: Column, text: str, kind: str) -> Value:
        if column.date_only:
            return text[:10]
        return instant_text(self._table, column, text if kind == "DateTime" else f"{text}T00:00:00Z")


_CONDITIONS: dict[str, Callable[[Filter, Any], str]] = {
    "BoolOp": Filter._both,
    "UnaryOp": Filter._not,
    "Compare": Filter._compare,
    "Call": Filter._call,
    "Identifier": Filter._truth,
    "Attribute": Filter._truth,
}


def _collated(sql: str, column: Column) -> str:
    return f"{sql} COLLATE NOCASE" if column.type in ("String", "Memo") else sql


def _incompatible(column: Column, kind: str, operator: str) -> DataverseError:
    found = KINDS.get(kind, kind)
    words = (
        f"A binary operator with incompatible types was detected. Found operand types of property "
        f"'{column.prop}' ({column.type}) and '{found}' for operator kind '{operator}'."
    )
    return bad_query(words)


def _in_list(match: re.Match[str]) -> str:
    items = [str(item).replace("'", "''") for item in json.loads(match["items"])]
    if not items:
        raise bad_query("The function Microsoft.Dynamics.CRM.In needs at least one value.")
    listed = ",".join(f"'{item}'" for item in items)
    return f"{MARK}{match['name']} in ({listed})" if len(items) > 1 else f"{MARK}{match['name']} eq {listed}"


def _pattern(text: str) -> str:
    """Give the LIKE pattern: `%` and `_` stay wildcards as in the cloud, `[%]` is the character itself."""

    def plain(match: re.Match[str]) -> str:
        if match["backslash"]:
            return "\\\\"
        if len(match["inside"]) != 1:
            raise not_offered("character sets in a text search")
        inside = match["inside"]
        return f"\\{inside}" if inside in "%_\\" else str(inside)

    return WILDCARD.sub(plain, text)
