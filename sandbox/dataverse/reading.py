"""Which of the ways to read a table a query asks for: changes, aggregates, FetchXML, or plain rows."""

import re
import sqlite3

from sandbox.dataverse import changes, query
from sandbox.dataverse.apply import answer as apply
from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import DataverseError, bad_query
from sandbox.dataverse.options import Options
from sandbox.dataverse.projection import JsonRow
from sandbox.dataverse.query import Rows
from sandbox.dataverse.schema import Table

TOO_DEEP = re.compile("parser stack overflow|tree is too large|tables in a join|too many")


def too_deep(failure: sqlite3.OperationalError) -> DataverseError:
    """Give the refusal of a query that the database cannot take in; raises other failures anew."""
    if TOO_DEEP.search(str(failure)) is None:
        raise failure
    return bad_query("The query is nested too deep or joins too many tables; ask in parts.")


def many(engine: Engine, table: Table, options: Options) -> JsonRow:
    """Give the body for a GET of an entity set."""
    if changes.wanted(options) or changes.tracking_page(engine, options):
        return changes.read(engine, table, options)
    if options.get("$apply") is not None:
        return apply.read(engine, Rows(table), options)
    if options.get("fetchXml") is not None:
        from sandbox.dataverse.fetchxml import answer as fetchxml  # noqa: PLC0415 - it brings lxml

        return fetchxml.read(engine, table, options)
    return query.read_many(engine, Rows(table), options)
