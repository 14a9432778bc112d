"""$filter and $orderby of list items as SQL, with what SharePoint refuses (reference 4.6)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from sqlite3 import Connection

from odata_query import ast

from sandbox.graph.errors import GraphError, not_offered
from sandbox.graph.sites.columns import Column, Columns
from sandbox.graph.sites.errors import invalid
from sandbox.graph.sites.values import parsed_instant
from sandbox.odata import Unreadable, tree
from sandbox.wire import is_number

THRESHOLD = 5000
COMPARE = {ast.Eq: "=", ast.NotEq: "<>", ast.Gt: ">", ast.GtE: ">=", ast.Lt: "<", ast.LtE: "<="}
HONOR = "HonorNonIndexedQueriesWarningMayFailRandomly"
ORDER = re.compile(r"^\s*fields/(\w+)(?:\s+(asc|desc))?\s*$", re.I)
SERVICE = {
    "ID": "id",
    "Created": "created",
    "Modified": "modified",
    "AuthorLookupId": "author",
    "EditorLookupId": "editor",
}


@dataclass(frozen=True)
class Condition:
    """SQL over sp_item with its values, the columns it names, and the condition that is tried first."""

    sql: str
    values: tuple[object, ...]
    columns: tuple[Column, ...]
    first: "Condition | None" = None


@dataclass(frozen=True)
class Query:
    """What a list of items is narrowed and sorted by. `order` is the SQL of one column."""

    condition: Condition | None
    order: str | None
    descending: bool
    columns: tuple[Column, ...]


def read(known: Columns, wanted: str | None, order: str | None) -> Query:
    """Read both options. Raises 400 for what SharePoint cannot read and 501 for kinds that are not offered."""
    condition = None if wanted is None else _condition(known, wanted)
    named = condition.columns if condition else ()
    if order is None:
        return Query(condition, None, False, named)
    match = ORDER.match(order)
    if match is None:
        raise not_offered("this kind of $orderby; it takes one fields/<name>")
    column = _column(known, match.group(1))
    descending = (match.group(2) or "").lower() == "desc"
    return Query(condition, _sql_of(match.group(1), column), descending, (*named, column))


def check(db: Connection, owner: str, size: int, found: Query, *, honor: bool) -> None:
    """Raise 400 for columns without an index, and above the list view threshold of 5,000 items."""
    bare = next((column for column in found.columns if not column.doc["indexed"]), None)
    if bare is not None and not honor:
        raise invalid(
            f"Field '{bare.name}' cannot be referenced in filter or orderby as it is not indexed."
            f" Provide the 'Prefer: {HONOR}' header to allow this, but be warned that such queries may"
            " fail on large lists."
        )
    if len({column.name for column in found.condition.columns} if found.condition else ()) > 1 and not honor:
        # The page on listing items: one indexed field at a time. documented guess: status, code and words.
        raise invalid("Only one indexed field can be referenced in filter.")
    if size <= THRESHOLD or not found.columns:
        return
    first = found.condition.first or found.condition if found.condition else None
    narrow = first is not None and all(column.doc["indexed"] for column in first.columns)
    if first is None and bare is None:
        return  # sorted by an index, page by page
    if not narrow or _count(db, owner, first) > THRESHOLD:
        # documented guess: status and code; the words are SharePoint's own.
        raise GraphError(
            400,
            "invalidRequest",
            "The attempted operation is prohibited because it exceeds the list view threshold.",
        )


def _count(db: Connection, owner: str, condition: Condition | None) -> int:
    assert condition is not None, "only narrow conditions are counted"
    sql = f"SELECT count(*) FROM (SELECT 1 FROM sp_item WHERE list = ? AND {condition.sql} LIMIT ?)"
    return int(db.execute(sql, (owner, *condition.values, THRESHOLD + 1)).fetchone()[0])


def _condition(known: Columns, text: str) -> Condition:
    try:
        found = tree(text)
    except Unreadable as exc:
        raise invalid("Invalid filter clause.") from exc
    if found is None:
        raise invalid("Invalid filter clause.")
    try:
        return _sql(known, found)
    except RecursionError as exc:
        raise invalid("Invalid filter clause.") from exc


def _sql(known: Columns, node: object) -> Condition:
    match node:
        case ast.BoolOp(op=op, left=left, right=right):
            word = "AND" if isinstance(op, ast.And) else "OR"
            one, other = _sql(known, left), _sql(known, right)
            both = (one.columns + other.columns, one.first or one)
            merged = Condition(f"({one.sql} {word} {other.sql})", one.values + other.values, *both)
            return merged if word == "AND" else Condition(merged.sql, merged.values, merged.columns)
        case ast.Compare(comparator=comparator, left=left, right=right) if type(comparator) in COMPARE:
            name = _field(left)
            return _compared(name, _column(known, name), COMPARE[type(comparator)], right)
        case ast.Call(func=function, args=[left, ast.String(val=value)]) if function.name == "startswith":
            column = _column(known, name := _field(left))
            if column.kind.name not in ("text", "choice"):
                raise invalid(f"startswith needs a text, which '{name}' is not.")
            return Condition(f"instr(lower({_sql_of(name, column)}), ?) = 1", (value.lower(),), (column,))
    raise not_offered("this kind of $filter")


def _field(node: object) -> str:
    match node:
        case ast.Attribute(owner=ast.Identifier(name="fields"), attr=name):
            return str(name)
    raise not_offered("$filter by anything but fields/<name>")


def _column(known: Columns, name: str) -> Column:
    column = known.by_key.get("ID" if name == "id" else name)
    if column is None:
        raise invalid(f"Field '{name}' is not recognized")
    if column.kind.name in ("note", "multichoice", "url", "computed") or column.kind.many:
        raise invalid(f"Field '{name}' cannot be referenced in filter or orderby.")
    if column.refers and name == column.name:
        raise not_offered("$filter and $orderby by the text of a person or lookup; use its LookupId")
    if not column.own and name != "id" and name not in SERVICE:
        raise not_offered(f"$filter and $orderby by '{name}'")
    return column


def _sql_of(name: str, column: Column) -> str:
    """The SQL of a column. Texts are compared without regard to case, as in SharePoint."""
    if not column.own:
        return SERVICE["ID" if name == "id" else name]
    bare = f"json_extract(fields, '$.\"{column.name}\"')"
    return f"{bare} COLLATE NOCASE" if column.kind.name in ("text", "choice") else bare


def _compared(name: str, column: Column, sign: str, node: object) -> Condition:
    sql = _sql_of(name, column)
    if isinstance(node, ast.Null):
        if sign not in ("=", "<>"):
            raise invalid("null is compared by eq and ne only.")
        return Condition(f"{sql} IS {'NOT ' if sign == '<>' else ''}NULL", (), (column,))
    value = next(_literal(column, node), None)
    if value is None:
        raise invalid(f"The value compared with 'fields/{name}' has the wrong type.")
    either = f"({sql} <> ? OR {sql} IS NULL)" if sign == "<>" else f"{sql} {sign} ?"
    return Condition(either, (value,), (column,))


def _literal(column: Column, node: object) -> Iterator[object]:
    """The value of a literal that suits the column; nothing for another."""
    number = column.refers or column.name == "ID"
    match column.kind.name, node:
        case _, ast.String(val=value) if number and is_number(value):
            yield float(value)
        case (("number" | "currency" | "user" | "lookup"), ast.Integer(val=value) | ast.Float(val=value)):
            yield float(value)
        case "boolean", ast.Boolean(val=value):
            yield value == "true"
        case "boolean", ast.Integer(val=value) if value in ("0", "1"):
            yield value == "1"
        case "dateTime", ast.String(val=value) | ast.DateTime(val=value) | ast.Date(val=value):
            found = parsed_instant(value)
            if found is not None:
                yield found.strftime("%Y-%m-%dT%H:%M:%SZ")
        case (("text" | "choice" | "calculated"), ast.String(val=value)) if not number:
            yield value
