"""Which of the ways to read a table a query asks for: changes, aggregates, FetchXML, or plain rows."""

from sandbox.dataverse import changes, query
from sandbox.dataverse.apply import answer as apply
from sandbox.dataverse.engine import Engine
from sandbox.dataverse.fetchxml import answer as fetchxml
from sandbox.dataverse.options import Options
from sandbox.dataverse.projection import JsonRow
from sandbox.dataverse.query import Rows
from sandbox.dataverse.schema import Table


def many(engine: Engine, table: Table, options: Options) -> JsonRow:
    """Give the body for a GET of an entity set."""
    if changes.wanted(options) or changes.tracking_page(engine, options):
        return changes.read(engine, table, options)
    if options.get("$apply") is not None:
        return apply.read(engine, Rows(table), options)
    if options.get("fetchXml") is not None:
        return fetchxml.read(engine, table, options)
    return query.read_many(engine, Rows(table), options)
