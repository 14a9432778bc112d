"""Reading rows: one by its address, many by query options, page by page (reference dataverse.md section 3)."""

from dataclasses import dataclass
from typing import Any

from werkzeug import Response

from sandbox.dataverse import find
from sandbox.dataverse.address import Segment
from sandbox.dataverse.attach import Expander
from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import NotModified, bad_query
from sandbox.dataverse.expand import Expansion, expansions
from sandbox.dataverse.filters import Filter, Order
from sandbox.dataverse.options import LARGEST_PAGE, Options
from sandbox.dataverse.projection import JsonRow, Projection
from sandbox.dataverse.schema import Table, quoted
from sandbox.dataverse.security import access
from sandbox.dataverse.values import Value
from sandbox.wire import is_number

MANY_ONLY = ("$filter", "$orderby", "$top", "$count", "$skiptoken", "$deltatoken")


@dataclass(frozen=True)
class Rows:
    """The rows that a query begins with: all of a table, or those that belong to one row."""

    table: Table
    where: str = "1"
    values: tuple[Value, ...] = ()


@dataclass(frozen=True)
class Page:
    """One SQL query for rows on alias `t`, and the expressions that a next page begins after."""

    tail: str
    values: list[Value]
    order: Order


def context(options: Options, table: Table, suffix: str, expanded: list[Expansion] | None = None) -> str:
    """Give the `@odata.context` of an answer."""
    inside = ",".join([*(options.select or ()), *_shown(expanded or [])])
    return f"{options.base}$metadata#{table.set_name}{f'({inside})' if inside else ''}{suffix}"


def _shown(expanded: list[Expansion]) -> list[str]:
    found = []
    for one in expanded:
        inside = ",".join([*(one.select or ()), *_shown(one.nested)])
        found += [one.way.name, f"{one.way.name}/$ref()"] if one.reference else [f"{one.way.name}({inside})"]
    return found


def read_one(
    engine: Engine, table: Table, segment: Segment, options: Options, known: str | None = None
) -> JsonRow:
    """Give the addressed row; raises `NotModified` when the caller knows its version."""
    where, values = find.condition(table, segment)
    row = single_row(engine, Rows(table, where, tuple(values)), options, known)
    if row is None:
        access.unseen(engine, table, where, values)
        raise find.missing(table, segment)
    return row


def single_row(engine: Engine, rows: Rows, options: Options, known: str | None = None) -> JsonRow | None:
    """Give the only row, None when there is none; raises for options that are for collections."""
    for name in MANY_ONLY:
        if options.get(name) is not None:
            raise bad_query(f"The query option '{name}' can only be applied to collections of rows.")
    expander = Expander(engine, options, expansions(engine.catalogue, rows.table, options.get("$expand")))
    found = _fetch(expander, rows.table, Page(f"WHERE {rows.where}", list(rows.values), []))[0]
    if not found:
        return None
    plain = not expander.expansions and not options.notes.any
    if plain and known is not None and known == found[0]["@odata.etag"]:
        raise NotModified
    return {"@odata.context": context(options, rows.table, "/$entity", expander.expansions), **found[0]}


def _fetch(expander: Expander, table: Table, page: Page) -> tuple[list[JsonRow], list[Any]]:
    """Give the shaped rows, and for each the values of the order that a next page begins after."""
    engine, options = expander.engine, expander.options
    projection = Projection(engine.catalogue, table, options.select, options.notes)
    lookups = expander.places(table, projection, expander.expansions)
    places = [projection.also(sql) for sql, _ in page.order]
    with engine.store.read() as connection:
        sql = f"SELECT {projection.sql} FROM {table.sql} t {page.tail}"
        found = connection.execute(sql, page.values).fetchall()
    shaped = [projection.row(row) for row in found]
    if expander.expansions:
        expander.attach(table, expander.expansions, lookups, list(zip(found, shaped, strict=True)))
    return shaped, [[row[place] for place in places] for row in found]


def read_many(engine: Engine, rows: Rows, options: Options) -> JsonRow:
    """Give one page of the rows that a query finds."""
    table = rows.table
    compiled = Filter(engine, table, options.query)
    where = f"({rows.where}) AND ({compiled.where(text)})" if (text := options.get("$filter")) else rows.where
    filtered = [*rows.values, *compiled.values]
    order = compiled.order(text) if (text := options.get("$orderby")) else []
    order.append((f"t.{quoted(table.id)}", False))
    expander = Expander(engine, options, expansions(engine.catalogue, table, options.get("$expand")))
    page, state = engine.pager.read(options) or (1, {})
    size, total = _size(options)
    beyond, beyond_values = after(order, state["after"]) if state else ("1", [])
    sorting = ", ".join(f"{sql}{' DESC' if down else ''}" for sql, down in order)
    tail = f"WHERE ({where}) AND ({beyond}) ORDER BY {sorting} LIMIT {size + 1}"
    found, marks = _fetch(expander, table, Page(tail, [*filtered, *beyond_values], order))
    body: JsonRow = {"@odata.context": context(options, table, "", expander.expansions)}
    body |= counts(engine, options, rows, (where, filtered))
    body["value"] = found[:size]
    if len(found) > size and not total:
        body["@odata.nextLink"] = engine.pager.next_link(options, page + 1, {"after": marks[size - 1]})
    return body


def _size(options: Options) -> tuple[int, bool]:
    """Give the rows to answer and whether that is all; a page size makes `$top` be ignored."""
    top = options.get("$top")
    if top is None or "odata.maxpagesize" in options.preferences:
        return options.page_size, False
    if not is_number(top):
        raise bad_query(f"Invalid value '{top}' for $top query option found.")
    return min(int(top), LARGEST_PAGE), True


def after(order: Order, values: list[Value]) -> tuple[str, list[Value]]:
    """Give the condition for rows behind the given values; nulls come first, as SQL Server sorts them."""
    (sql, down), value = order[0], values[0]
    beyond, bound = _beyond(sql, value, down=down)
    if len(order) == 1:
        return beyond, bound
    rest, rest_bound = after(order[1:], values[1:])
    return f"({beyond} OR ({sql} IS ? AND {rest}))", [*bound, value, *rest_bound]


def _beyond(sql: str, value: Value, *, down: bool) -> tuple[str, list[Value]]:
    if value is None:
        return ("0", []) if down else (f"{sql} IS NOT NULL", [])
    return (f"({sql} < ? OR {sql} IS NULL)", [value]) if down else (f"{sql} > ?", [value])


def counts(engine: Engine, options: Options, rows: Rows, condition: tuple[str, list[Value]]) -> JsonRow:
    """Give `@odata.count` and the annotations about it, as far as they are asked for."""
    wanted = options.get("$count") == "true"
    notes = options.notes
    if not wanted and not notes.total and not notes.exceeded:
        return {}
    number = count(engine, rows.table, condition) if wanted else -1
    found: JsonRow = {"@odata.count": min(number, LARGEST_PAGE)} if wanted else {}
    if notes.total:
        found["@Microsoft.Dynamics.CRM.totalrecordcount"] = min(number, LARGEST_PAGE)
    if notes.exceeded:
        found["@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded"] = number > LARGEST_PAGE
    return found


def count(engine: Engine, table: Table, condition: tuple[str, list[Value]]) -> int:
    """Give the number of rows, counted up to one more than the service tells."""
    where, values = condition
    with engine.store.read() as connection:
        inner = f"SELECT 1 FROM {table.sql} t WHERE {where} LIMIT {LARGEST_PAGE + 1}"
        return int(connection.execute(f"SELECT count(*) FROM ({inner})", values).fetchone()[0])


def count_only(engine: Engine, rows: Rows, options: Options) -> Response:
    """Answer `/$count` as plain text, capped at 5,000."""
    compiled = Filter(engine, rows.table, options.query)
    where = f"({rows.where}) AND ({compiled.where(text)})" if (text := options.get("$filter")) else rows.where
    found = count(engine, rows.table, (where, [*rows.values, *compiled.values]))
    return Response(str(min(found, LARGEST_PAGE)), content_type="text/plain")
