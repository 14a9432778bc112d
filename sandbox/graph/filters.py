"""$filter and $orderby as SQL, with what Exchange refuses (reference 3.9). Other kinds answer 501."""

import re
from dataclasses import dataclass
from datetime import datetime

from odata_query import ast

from sandbox.graph.errors import GraphError, bad, not_offered
from sandbox.graph.properties import key
from sandbox.odata import Unreadable, tree

COLUMNS = {
    "internetMessageId": "m.message_id",
    "conversationId": "m.conversation",
    "receivedDateTime": "m.received",
    "sentDateTime": "m.sent",
    "createdDateTime": "m.created",
    "lastModifiedDateTime": "m.modified",
    "parentFolderId": "m.folder",
    "isDraft": "m.is_draft",
    "isRead": "json_extract(m.doc, '$.isRead')",
    "hasAttachments": "json_extract(m.doc, '$.hasAttachments')",
    "subject": "json_extract(m.doc, '$.subject') COLLATE NOCASE",
    "importance": "json_extract(m.doc, '$.importance')",
    "from/emailAddress/address": "json_extract(m.doc, '$.from.emailAddress.address') COLLATE NOCASE",
    "sender/emailAddress/address": "json_extract(m.doc, '$.sender.emailAddress.address') COLLATE NOCASE",
    "flag/flagStatus": "json_extract(m.doc, '$.flag.flagStatus')",
}
SORTABLE = ("receivedDateTime", "sentDateTime", "createdDateTime", "lastModifiedDateTime", "subject")
COMPARE = {ast.Eq: "=", ast.NotEq: "<>", ast.Gt: ">", ast.GtE: ">=", ast.Lt: "<", ast.LtE: "<="}
MOST_TERMS = 300  # a guess; it keeps the database from refusing
YES_OR_NO = ("isDraft", "isRead", "hasAttachments")
INSTANT = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?Z$")


@dataclass(frozen=True)
class Condition:
    """SQL over the alias `m`, its values, and the properties in the order they were named."""

    sql: str
    values: tuple[object, ...] = ()
    names: tuple[str, ...] = ()


def condition(text: str) -> Condition:
    """Read a $filter. Raises 400 for what is no filter and 501 for kinds that are not offered."""
    lowered = re.sub(r"/(Any|All)\(", lambda match: match.group(0).lower(), text)
    try:
        read = tree(lowered)
        found = None if read is None else _sql(read)
    except Unreadable as exc:
        raise bad("Invalid filter clause.") from exc
    except RecursionError as exc:
        raise _inefficient() from exc
    if found is None:
        raise bad("Invalid filter clause.")
    if len(found.names) > MOST_TERMS:
        raise _inefficient()
    return found


def _inefficient() -> GraphError:
    words = "The restriction or sort order is too complex for this operation."
    return GraphError(400, "InefficientFilter", words)


def _sql(node: object) -> Condition:
    match node:
        case ast.BoolOp(op=op, left=left, right=right):
            return _both("AND" if isinstance(op, ast.And) else "OR", _sql(left), _sql(right))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = _sql(operand)
            return Condition(f"NOT ({inner.sql})", inner.values, inner.names)
        case ast.Compare(comparator=comparator, left=left, right=right) if type(comparator) in COMPARE:
            name = path(left)
            column = _column(name)
            return Condition(f"{column} {COMPARE[type(comparator)]} ?", (_value(name, right),), (name,))
        case ast.Call(func=function, args=[left, ast.String(val=value)]):
            return _call(function.name, _column(path(left)), value, path(left))
        case ast.CollectionLambda(owner=owner, operator=ast.Any(), lambda_=inner):
            return _any(path(owner), inner)
    raise not_offered("this kind of $filter")


def _both(word: str, left: Condition, right: Condition) -> Condition:
    sql = f"(({left.sql}) {word} ({right.sql}))"
    return Condition(sql, left.values + right.values, left.names + right.names)


def path(node: object) -> str:
    """`from/emailAddress/address` of the nested attributes."""
    match node:
        case ast.Identifier(name=name):
            return str(name)
        case ast.Attribute(owner=owner, attr=attr):
            return f"{path(owner)}/{attr}"
    raise not_offered("this kind of $filter")


def _column(name: str) -> str:
    if name not in COLUMNS:
        raise bad(f"Could not find a property named '{name}' that can be filtered.")
    return COLUMNS[name]


def _value(name: str, node: object) -> object:
    match node:
        case ast.String(val=value) if not name.endswith("DateTime") and name not in YES_OR_NO:
            return value
        case ast.Boolean(val=value) if name in YES_OR_NO:
            return value == "true"
        case ast.DateTime(val=value) if name.endswith("DateTime"):
            match = INSTANT.match(value)
            if match and _exists(match.group(1)):
                return match.group(1) + "Z"
    raise bad(f"The value compared with '{name}' has the wrong type.")


def _exists(instant: str) -> bool:
    try:
        datetime.fromisoformat(instant)
    except ValueError:
        return False
    return True


def _call(function: str, column: str, value: str, name: str) -> Condition:
    if function not in ("startswith", "contains"):
        raise not_offered(f"the function {function}")
    if name.endswith("DateTime") or name in YES_OR_NO:
        raise bad(f"The function {function} needs a text, which '{name}' is not.")
    wanted = "= 1" if function == "startswith" else "> 0"
    bare = column.removesuffix(" COLLATE NOCASE")
    return Condition(f"instr(lower({bare}), ?) {wanted}", (value.lower(),), (name,))


def _any(owner: str, inner: ast.Lambda | None) -> Condition:
    if inner is None:
        raise not_offered("any() without a condition")
    variable = inner.identifier.name
    match (owner, inner.expression):
        case (
            "categories",
            ast.Compare(comparator=ast.Eq(), left=ast.Identifier(), right=ast.String(val=value)),
        ):
            sql = "EXISTS (SELECT 1 FROM json_each(m.doc, '$.categories') c WHERE c.value = ?)"
            return Condition(sql, (value,), ("categories",))
        case ("singleValueExtendedProperties", ast.BoolOp(op=ast.And(), left=first, right=second)):
            return _stamped(variable, first, second)
    raise not_offered("this kind of $filter")


def _stamped(variable: str, first: object, second: object) -> Condition:
    """`Any(ep: ep/id eq '…' and ep/value eq '…')`; values are compared without regard to case."""
    match first:
        case ast.Compare(comparator=ast.Eq(), left=left, right=ast.String(val=name)) if (
            path(left) == f"{variable}/id"
        ):
            test, value = _value_test(variable, second)
            sql = f"m.immutable_id IN (SELECT p.message FROM graph_property p WHERE p.name = ? AND {test})"
            return Condition(sql, (key(name), value), ("singleValueExtendedProperties",))
    raise not_offered("an extended property filter that does not begin with its id")


def _value_test(variable: str, node: object) -> tuple[str, str]:
    match node:
        case ast.Compare(comparator=ast.Eq() | ast.NotEq(), left=left, right=ast.String(val=value)) if path(
            left
        ) in (f"{variable}/value", f"cast({variable}/value"):
            return f"p.value {COMPARE[type(node.comparator)]} ?", value
        case ast.Call(func=function, args=[left, ast.String(val=value)]) if path(left) == f"{variable}/value":
            test = _call(function.name, "p.value", value, "value")
            return test.sql, value.lower()
    raise not_offered("this comparison of extended properties")


def order(text: str) -> list[tuple[str, str]]:
    """$orderby as (property, ASC or DESC)."""
    wanted = []
    for clause in text.split(","):
        name, _, direction = clause.strip().partition(" ")
        if name not in SORTABLE or direction.strip().lower() not in ("", "asc", "desc"):
            raise not_offered(f"$orderby by '{name}'")
        wanted.append((name, direction.strip().upper() or "ASC"))
    return wanted


def check_order(found: Condition | None, wanted: list[tuple[str, str]]) -> None:
    """With $orderby the same properties come first, in this order, in $filter."""
    names = [name for name, _ in wanted]
    if found is not None and names and list(dict.fromkeys(found.names))[: len(names)] != names:
        raise _inefficient()
