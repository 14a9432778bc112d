"""Reading rows: one by its address, many by query options, page by page (reference dataverse.md section 3)."""

from typing import Any

from werkzeug import Response

from sandbox.dataverse import find
from sandbox.dataverse.address import Segment
from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import NotModified, bad_query, not_offered
from sandbox.dataverse.expand import attach, expansions
from sandbox.dataverse.filters import Filter
from sandbox.dataverse.options import LARGEST_PAGE, Options
from sandbox.dataverse.paging import Pager
from sandbox.dataverse.projection import JsonRow, Projection
from sandbox.dataverse.schema import Table, quoted
from sandbox.dataverse.values import Value

MANY_ONLY = ("$filter", "$orderby", "$top", "$count", "$skiptoken", "$deltatoken")

type Order = list[tuple[str, bool]]


def context(options: Options, table: Table, suffix: str) -> str:
    """Give the `@odata.context` of an answer."""
    inside = ",".join(options.select or ())
    return f"{options.base}$metadata#{table.set_name}{f'({inside})' if inside else ''}{suffix}"


def read_one(
    engine: Engine, table: Table, segment: Segment, options: Options, known: str | None = None
) -> JsonRow:
    """Give the addressed row; raises `NotModified` when the caller knows its version."""
    for name in MANY_ONLY:
        if options.get(name) is not None:
            raise bad_query(f"The query option '{name}' can only be applied to collections of rows.")
    where, values = find.condition(table, segment)
    rows = _fetch(engine, table, options, f"WHERE {where}", values)[0]
    if not rows:
        raise find.missing(table, segment)
    plain = not options.get("$expand") and not options.notes.any
    if plain and known is not None and known == rows[0]["@odata.etag"]:
        raise NotModified
    return {"@odata.context": context(options, table, "/$entity"), **rows[0]}


def _fetch(
    engine: Engine, table: Table, options: Options, tail: str, values: list[Value], order: Order | None = None
) -> tuple[list[JsonRow], list[Any]]:
    """Give the shaped rows, and for each the values of the order that a next page begins after."""
    catalogue = engine.catalogue
    projection = Projection(catalogue, table, options.select, options.notes)
    wanted = [
        (one, projection.also(f"t.{quoted(one.column.name)}"))
        for one in expansions(catalogue, table, options.get("$expand"))
    ]
    places = [projection.also(sql) for sql, _ in order or ()]
    with engine.store.read() as connection:
        found = connection.execute(f"SELECT {projection.sql} FROM {table.sql} t {tail}", values).fetchall()
    shaped = [projection.row(row) for row in found]
    attach(engine.store, catalogue, wanted, (found, shaped), options.notes)
    return shaped, [[row[place] for place in places] for row in found]


def read_many(engine: Engine, pager: Pager, table: Table, options: Options) -> JsonRow:
    """Give one page of the rows that a query finds."""
    compiled = Filter(engine.catalogue, table, options.query)
    where = compiled.where(text) if (text := options.get("$filter")) else "1"
    filtered = list(compiled.values)
    order = compiled.order(text) if (text := options.get("$orderby")) else []
    order.append((f"t.{quoted(table.id)}", False))
    page, state = pager.read(options) or (1, {})
    size, total = _size(options)
    after, after_values = _after(order, state["after"]) if state else ("1", [])
    sorting = ", ".join(f"{sql}{' DESC' if down else ''}" for sql, down in order)
    tail = f"WHERE ({where}) AND ({after}) ORDER BY {sorting} LIMIT {size + 1}"
    rows, marks = _fetch(engine, table, options, tail, [*filtered, *after_values], order)
    body: JsonRow = {"@odata.context": context(options, table, "")}
    body |= _counts(engine, table, options, (where, filtered))
    body["value"] = rows[:size]
    if len(rows) > size and not total:
        link = pager.next_link(options, table.set_name, page + 1, {"after": marks[size - 1]})
        body["@odata.nextLink"] = link
    return body


def _size(options: Options) -> tuple[int, bool]:
    """Give the rows to answer and whether that is all; a page size makes `$top` be ignored."""
    top = options.get("$top")
    if top is None or "odata.maxpagesize" in options.preferences:
        return options.page_size, False
    if not top.isascii() or not top.isdigit():
        raise bad_query(f"Invalid value '{top}' for $top query option found.")
    return min(int(top), LARGEST_PAGE), True


def _after(order: Order, values: list[Value]) -> tuple[str, list[Value]]:
    """Give the condition for rows behind the given values; nulls come first, as SQL Server sorts them."""
    (sql, down), value = order[0], values[0]
    beyond, bound = _beyond(sql, value, down=down)
    if len(order) == 1:
        return beyond, bound
    rest, rest_bound = _after(order[1:], values[1:])
    return f"({beyond} OR ({sql} IS ? AND {rest}))", [*bound, value, *rest_bound]


def _beyond(sql: str, value: Value, *, down: bool) -> tuple[str, list[Value]]:
    if value is None:
        return ("0", []) if down else (f"{sql} IS NOT NULL", [])
    return (f"({sql} < ? OR {sql} IS NULL)", [value]) if down else (f"{sql} > ?", [value])


def _counts(engine: Engine, table: Table, options: Options, condition: tuple[str, list[Value]]) -> JsonRow:
    wanted = options.get("$count") == "true"
    if not wanted and not options.notes.everything:
        return {}
    number = count(engine, table, condition) if wanted else -1
    counts: JsonRow = {"@odata.count": min(number, LARGEST_PAGE)} if wanted else {}
    if options.notes.everything:
        counts["@Microsoft.Dynamics.CRM.totalrecordcount"] = min(number, LARGEST_PAGE)
        counts["@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded"] = number > LARGEST_PAGE
    return counts


def count(engine: Engine, table: Table, condition: tuple[str, list[Value]]) -> int:
    """Give the number of rows, counted up to one more than the service tells."""
    where, values = condition
    with engine.store.read() as connection:
        inner = f"SELECT 1 FROM {table.sql} t WHERE {where} LIMIT {LARGEST_PAGE + 1}"
        return int(connection.execute(f"SELECT count(*) FROM ({inner})", values).fetchone()[0])


def count_only(engine: Engine, table: Table, options: Options) -> Response:
    """Answer `/{set}/$count` as plain text, capped at 5,000."""
    if options.get("$deltatoken") is not None:
        raise not_offered("counting changes")
    compiled = Filter(engine.catalogue, table, options.query)
    where = compiled.where(text) if (text := options.get("$filter")) else "1"
    number = min(count(engine, table, (where, compiled.values)), LARGEST_PAGE)
    return Response(str(number), content_type="text/plain")
