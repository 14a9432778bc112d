"""Carrying out an `$apply`: one grouped SQL query; empty values are left out of the answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.dataverse import aggregates
from sandbox.dataverse.aggregates import Aggregate
from sandbox.dataverse.apply import parse
from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import bad_query, not_offered
from sandbox.dataverse.filters import Filter
from sandbox.dataverse.operators import Operand
from sandbox.dataverse.options import LARGEST_PAGE, Options
from sandbox.dataverse.projection import FORMATTED, LOOKUP_TABLE, JsonRow, formatted, name_of
from sandbox.dataverse.query import Rows
from sandbox.dataverse.schema import quoted
from sandbox.wire import is_number

BESIDE = ("$filter", "$select", "$expand", "$count", "$deltatoken")


@dataclass(frozen=True)
class Group:
    """A column that rows are grouped by, and its name in the answer."""

    text: str
    name: str
    operand: Operand

    @property
    def own(self) -> bool:
        return "/" not in self.text


def read(engine: Engine, rows: Rows, options: Options) -> JsonRow:
    """Give one page of groups with their aggregates."""
    for name in BESIDE:
        if options.get(name) is not None:
            raise not_offered(f"'{name}' beside $apply; put filter(...) into it")
    wanted = parse.read(options.query["$apply"])
    compiled = Filter(engine, rows.table, options.query)
    where = " AND ".join([f"({rows.where})", *(f"({compiled.where(text)})" for text in wanted.filters)])
    groups = [_group(compiled, text) for text in wanted.groups]
    measures = [(alias, _measure(compiled, path, function)) for path, function, alias in wanted.aggregates]
    _check_names([one.name for one in groups] + [alias for alias, _ in measures])
    source, values = f"{rows.table.sql} t WHERE {where}", [*rows.values, *compiled.values]
    aggregates.check_limit(engine, source, values)
    page, state = engine.pager.read(options) or (1, {"offset": 0})
    size = options.page_size
    sql = _statement(engine, groups, measures, source) + _order(groups, options)
    with engine.store.read() as connection:
        found = connection.execute(f"{sql} LIMIT {size + 1} OFFSET {state['offset']}", values).fetchall()
    shaped = [_shaped(groups, measures, values, options) for values in found[:size]]
    body: JsonRow = {"@odata.context": f"{options.base}$metadata#{rows.table.set_name}"}
    top = _top(options)
    body["value"] = shaped[:top]
    if len(found) > size and top is None:
        after = {"offset": state["offset"] + size}
        body["@odata.nextLink"] = engine.pager.next_link(options, page + 1, after)
    return body


def _group(compiled: Filter, text: str) -> Group:
    operand = compiled.at(text.split("/"))
    if operand.column.type == "DateTime":
        raise bad_query(
            f"Grouping by the date column '{text}' is not supported; FetchXML groups by date parts."
        )
    through = "/" in text
    name = f"{operand.table.logical}_{operand.column.name}" if through else operand.column.prop
    return Group(text, name, operand)


def _measure(compiled: Filter, path: str | None, function: str) -> Aggregate:
    found = Aggregate(function, None if path is None else compiled.at(path.split("/")))
    found.check(path or "")
    return found


def _check_names(names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise bad_query(f"The name '{name}' occurs more than once in $apply; give another alias.")


def _statement(
    engine: Engine, groups: list[Group], measures: list[tuple[str, Aggregate]], source: str
) -> str:
    parts = [one.operand.sql for one in groups]
    parts += [one.sql for _, one in measures]
    for one in groups:  # the names behind lookups, and the tables these lead to
        column, noted = one.operand.column, one.own and one.operand.column.is_lookup
        parts.append(name_of(engine.catalogue, column, "t") if noted else "NULL")
        parts.append(f"t.{quoted(column.name + '__type')}" if noted and column.polymorphic else "NULL")
    grouped = f" GROUP BY {', '.join(str(place + 1) for place in range(len(groups)))}" if groups else ""
    return f"SELECT {', '.join(parts)} FROM {source}{grouped}"


def _order(groups: list[Group], options: Options) -> str:
    text = options.get("$orderby")
    terms = []
    for part in text.split(",") if text else ():
        path, _, direction = part.strip().partition(" ")
        if direction.strip() not in ("", "asc", "desc"):
            raise bad_query(f"The orderby clause '{part.strip()}' could not be read.")
        place = next((at for at, one in enumerate(groups) if path in (one.text, one.name)), None)
        if place is None:
            raise bad_query("The query node SingleValueOpenPropertyAccess is not supported")
        terms.append(f"{place + 1}{' DESC' if direction.strip() == 'desc' else ''}")
    terms += [str(place + 1) for place in range(len(groups))]
    return f" ORDER BY {', '.join(terms)}" if terms else ""


def _top(options: Options) -> int | None:
    top = options.get("$top")
    if top is None or "odata.maxpagesize" in options.preferences:
        return None
    if not is_number(top):
        raise bad_query(f"Invalid value '{top}' for $top query option found.")
    return min(int(top), LARGEST_PAGE)


def _shaped(
    groups: list[Group], measures: list[tuple[str, Aggregate]], values: Sequence[Any], options: Options
) -> JsonRow:
    row: JsonRow = {}
    notes = len(groups) + len(measures)
    for place, one in enumerate(groups):
        value = values[place]
        if value is None:
            continue
        column = one.operand.column
        row[one.name] = bool(value) if column.type == "Boolean" else value
        text = values[notes + 2 * place] if column.is_lookup else formatted(column, value)
        if options.notes.formatted and text is not None:
            row[f"{one.name}@{FORMATTED}"] = text
        if options.notes.lookup and column.is_lookup and one.own:
            row[f"{one.name}@{LOOKUP_TABLE}"] = values[notes + 2 * place + 1] or column.targets[0]
    for place, (alias, measure) in enumerate(measures):
        value = measure.shown(values[len(groups) + place])
        if value is None:
            continue
        row[alias] = value
        if options.notes.formatted:
            row[f"{alias}@{FORMATTED}"] = measure.text(value)
    return row
