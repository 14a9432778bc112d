"""What an environment holds of our tables, read in a few calls (reference: dataverse.md section 8)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import cast
from urllib.parse import quote

from dataverse.definitions import Schema
from dataverse.provisioning.steps import PUBLISHER, SOLUTION, Organisation

type Json = Mapping[str, object]

TABLES_A_CALL = 20
"""Keeps the address far below every limit on its length."""

ENGLISH = 1033

TABLE_MEMBERS = (
    "LogicalName,SchemaName,EntitySetName,PrimaryNameAttribute,OwnershipType,"
    "ChangeTrackingEnabled,IsOptimisticConcurrencyEnabled"
)


@dataclass(frozen=True)
class FoundTable:
    """A table as the environment describes it; columns and keys by logical name."""

    definition: Json
    columns: Mapping[str, Json]
    keys: Mapping[str, Json]


@dataclass(frozen=True)
class Existing:
    """What is there already. Ids are None when publisher or solution are missing."""

    publisher_id: str | None
    publisher: Json
    solution_id: str | None
    choices: Mapping[str, Json]
    tables: Mapping[str, FoundTable]


def read_existing(client: Organisation, schema: Schema) -> Existing:
    """Read publisher, solution, global choices and tables. Raises the RemoteError tree."""
    publisher = _one(
        client,
        "publishers?$select=publisherid,customizationprefix,customizationoptionvalueprefix"
        f"&$filter=uniquename eq '{PUBLISHER}'",
    )
    solution = _one(client, f"solutions?$select=solutionid&$filter=uniquename eq '{SOLUTION}'")
    return Existing(
        publisher_id=cast("str | None", publisher.get("publisherid")),
        publisher=publisher,
        solution_id=cast("str | None", solution.get("solutionid")),
        choices=read_choices(client, schema.choices),
        tables=dict(_tables(client, schema)),
    )


def read_language(client: Organisation) -> int:
    """The language in which the environment names a table that it always has; 1033 when it names none."""
    answer = client.get("EntityDefinitions(LogicalName='systemuser')?$select=DisplayName")
    name = answer.get("DisplayName")
    shown = name.get("UserLocalizedLabel") if isinstance(name, dict) else None
    code = shown.get("LanguageCode") if isinstance(shown, dict) else None
    return code if isinstance(code, int) else ENGLISH


def read_choices(client: Organisation, names: Collection[str]) -> dict[str, Json]:
    """Those of these global choices that exist, by name, past the metadata cache."""
    answer = client.get("GlobalOptionSetDefinitions", consistency_strong=True)
    found = {str(choice.get("Name")): choice for choice in members(answer, "value")}
    return {name: found[name] for name in names if name in found}


def read_key_states(client: Organisation, tables: Sequence[str]) -> dict[tuple[str, str], str]:
    """Index status of every alternate key of these tables: Pending, InProgress, Active or Failed."""
    expand = "&$expand=Keys($select=LogicalName,EntityKeyIndexStatus)"
    states: dict[tuple[str, str], str] = {}
    for found in _definitions(client, tables, f"$select=LogicalName{expand}"):
        for key in members(found, "Keys"):
            name = str(found["LogicalName"]), str(key["LogicalName"])
            states[name] = str(key.get("EntityKeyIndexStatus"))
    return states


def members(answer: Json, name: str) -> list[Json]:
    """The objects of a list member; empty when it is absent."""
    found = answer.get(name)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _tables(client: Organisation, schema: Schema) -> Iterator[tuple[str, FoundTable]]:
    # Without $select of the columns: lengths belong to the derived types, which cannot be named here.
    query = f"$select={TABLE_MEMBERS}&$expand=Attributes,Keys"
    for found in _definitions(client, list(schema.tables), query):
        columns = {str(column["LogicalName"]): column for column in members(found, "Attributes")}
        keys = {str(key["LogicalName"]): key for key in members(found, "Keys")}
        yield str(found["LogicalName"]), FoundTable(found, columns, keys)


def _definitions(client: Organisation, tables: Sequence[str], query: str) -> Iterator[Json]:
    for names in batched(tables, TABLES_A_CALL, strict=False):
        wanted = quote(" or ".join(f"LogicalName eq '{name}'" for name in names), safe="'")
        answer = client.get(f"EntityDefinitions?{query}&$filter={wanted}", consistency_strong=True)
        yield from members(answer, "value")


def _one(client: Organisation, path: str) -> Json:
    rows = members(client.get(path.replace(" ", "%20")), "value")
    return rows[0] if rows else {}
