"""Carrying out a FetchXML query: one SQL query for each page (reference dataverse.md section 3).

Empty columns are left out. A paging cookie comes with its annotation only, while there are more rows, and never
for a query that is distinct, aggregated, or ordered by a linked table: these have simple paging up to 50,000 rows."""

from dataclasses import dataclass
from typing import Any

from sandbox.dataverse import aggregates
from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import DataverseError, bad_query
from sandbox.dataverse.fetchxml import cookie
from sandbox.dataverse.fetchxml.columns import Columns
from sandbox.dataverse.fetchxml.cookie import Terms
from sandbox.dataverse.fetchxml.model import Fetch, Order, refused
from sandbox.dataverse.fetchxml.parse import parse
from sandbox.dataverse.fetchxml.sources import Source, Sources
from sandbox.dataverse.operators import Bound
from sandbox.dataverse.options import LARGEST_PAGE, Options
from sandbox.dataverse.projection import COOKIE, EXCEEDED, MORE, TOTAL, JsonRow
from sandbox.dataverse.query import after
from sandbox.dataverse.schema import Table
from sandbox.dataverse.values import Value

SIMPLE_PAGING = 50_000


@dataclass(frozen=True)
class Query:
    """A query put together: what to show, from where, under which condition, and in what order."""

    fetch: Fetch
    sources: Sources
    columns: Columns
    body: str
    values: list[Value]
    order: list[tuple[str, bool]]
    terms: Terms | None
    """What a cookie is made of, None where there is none."""

    @property
    def size(self) -> int:
        return min(self.fetch.top or self.fetch.count or LARGEST_PAGE, LARGEST_PAGE)


def read(engine: Engine, table: Table, options: Options) -> JsonRow:
    """Give the body for `GET /{set}?fetchXml=...`."""
    for name in options.query:
        if name.startswith("$") and name != "$count":
            raise bad_query(f"The query option '{name}' cannot be used together with fetchXml.")
    fetch = parse(options.query["fetchXml"])
    query = _prepared(engine, fetch)
    if query.sources.root.table is not table:
        words = (
            f"The entity '{fetch.entity.name}' of the query is not that of the entity set '{table.set_name}'."
        )
        raise refused("0x80041128", words)
    if fetch.aggregate:
        aggregates.check_limit(engine, query.body, query.values, fetch.limit)
    found, marks = _page(engine, query, options)
    body: JsonRow = {"@odata.context": _context(options, query)}
    body |= _counts(engine, query, options)
    if len(found) > query.size and fetch.top is None:
        body |= _more(engine, query, options, marks)
    body["value"] = found[: query.size]
    return body


def _prepared(engine: Engine, fetch: Fetch) -> Query:
    sources = Sources.of(engine, fetch.entity)
    columns = Columns.of(engine, fetch, sources)
    where, values = sources.where()
    joins = " ".join(sources.joins)
    body = f"{sources.root.table.sql} t {joins} WHERE {where}"
    order, terms = _order(fetch, sources, columns)
    return Query(fetch, sources, columns, body, [*sources.values, *values], order, terms)


def _order(fetch: Fetch, sources: Sources, columns: Columns) -> tuple[list[tuple[str, bool]], Terms | None]:
    """Give the order of the rows, made unique by ids or by all columns, and what a cookie holds of it."""
    if fetch.aggregate or fetch.distinct:
        sorted_by = [
            (_sql(fetch, source, one, sources, columns), one.descending) for source, one in _orders(sources)
        ]
        known = {sql for sql, _ in sorted_by}
        shown = [cell.sql for cell in columns.cells if cell.grouped or not fetch.aggregate]
        return [*sorted_by, *((sql, False) for sql in shown if sql not in known)], None
    terms: Terms = []
    linked = False
    for source, one in _orders(sources):
        target = sources.named(one.entityname) if one.entityname else source
        linked |= target is not sources.root
        if one.alias:
            raise refused("0x8004110a", "Only aggregate queries are ordered by an alias.")
        terms.append((one.attribute, target.at(one.attribute), one.descending))
    for source in sources.all:
        name = source.table.id if source is sources.root else f"{source.sql}.{source.table.id}"
        terms.append((name, source.at(source.table.id), False))
    return [(operand.sql, down) for _, operand, down in terms], None if linked else terms


def _orders(sources: Sources) -> list[tuple[Source, Order]]:
    return [(source, one) for source in sources.all for one in source.element.orders]


def _sql(fetch: Fetch, source: Source, order: Order, sources: Sources, columns: Columns) -> str:
    if order.alias:
        return columns.named(order.alias).sql
    if fetch.aggregate:
        words = "An aggregate query is ordered by 'alias', not by 'attribute'"
        raise refused("0x80041107", f"{words} ('{order.attribute}').")
    return (sources.named(order.entityname) if order.entityname else source).at(order.attribute).sql


def _page(engine: Engine, query: Query, options: Options) -> tuple[list[JsonRow], list[list[Any]]]:
    """Give up to one row more than a page has, and the values each is ordered by."""
    fetch = query.fetch
    beyond, offset = _begin(engine, query)
    select = query.columns.select(options.notes, query.sources.root)
    marks = [sql for sql, _ in query.order] if query.terms else []
    groups = [cell.sql for cell in query.columns.cells if cell.grouped]
    sql = f"SELECT {'DISTINCT ' if fetch.distinct else ''}{', '.join([select, *marks])} FROM {query.body}"
    sql += f" AND {beyond[0]}" + (f" GROUP BY {', '.join(groups)}" if groups else "")
    order = ", ".join(f"{term}{' DESC' if down else ''}" for term, down in query.order)
    sql += (f" ORDER BY {order}" if order else "") + f" LIMIT {query.size + 1} OFFSET {offset}"
    with engine.store.read() as connection:
        found = connection.execute(sql, [*query.values, *beyond[1]]).fetchall()
    root = query.sources.root
    shaped = [query.columns.row(values, options.notes, root) for values in found]
    return shaped, [list(values)[len(values) - len(marks) :] for values in found]


def _begin(engine: Engine, query: Query) -> tuple[Bound, int]:
    """Give where a page begins: behind the values of a cookie, or after a number of rows."""
    fetch = query.fetch
    if fetch.cookie and query.terms:
        values = cookie.read(engine.pager.secret, query.terms, fetch.page, fetch.cookie)
        return after(query.order, values), 0
    if fetch.page * query.size > SIMPLE_PAGING and fetch.page > 1:
        words = (
            "Over upper limit of records that can be requested without a paging cookie. A paging cookie is"
        )
        raise DataverseError(400, "0x8004430a", f"{words} required when retrieving a high page number.")
    return ("1", []), (fetch.page - 1) * query.size


def _more(engine: Engine, query: Query, options: Options, marks: list[list[Any]]) -> JsonRow:
    found: JsonRow = {}
    if query.terms and options.notes.cookie:
        ends = marks[0], marks[query.size - 1]
        found[f"@{COOKIE}"] = cookie.make(engine.pager.secret, query.terms, query.fetch.page, *ends)
    if options.notes.more:
        found[f"@{MORE}"] = True
    return found


def _counts(engine: Engine, query: Query, options: Options) -> JsonRow:
    wanted = query.fetch.total or options.get("$count") == "true"
    number = _number(engine, query) if wanted else -1
    found: JsonRow = {"@odata.count": min(number, LARGEST_PAGE)} if wanted else {}
    if options.notes.total:
        found[f"@{TOTAL}"] = min(number, LARGEST_PAGE)
    if options.notes.exceeded:
        found[f"@{EXCEEDED}"] = number > LARGEST_PAGE
    return found


def _number(engine: Engine, query: Query) -> int:
    select = ", ".join(cell.sql for cell in query.columns.cells) if query.fetch.distinct else "1"
    groups = [cell.sql for cell in query.columns.cells if cell.grouped]
    grouped = f" GROUP BY {', '.join(groups)}" if groups else ""
    inner = f"SELECT {'DISTINCT ' if query.fetch.distinct else ''}{select} FROM {query.body}{grouped}"
    with engine.store.read() as connection:
        statement = f"SELECT count(*) FROM ({inner} LIMIT {LARGEST_PAGE + 1})"
        return int(connection.execute(statement, query.values).fetchone()[0])


def _context(options: Options, query: Query) -> str:
    root = query.sources.root
    names = [cell.name for cell in query.columns.cells if cell.source is root]
    if query.columns.keyed and root.table.id not in names:
        names.append(root.table.id)
    return f"{options.base}$metadata#{root.table.set_name}({','.join(names)})"
