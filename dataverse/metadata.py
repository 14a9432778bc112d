"""What a table of the environment is like, read once and kept (reference: dataverse.md section 8).

Definitions hardly ever change while a process lives, and reading them is slow: one call for a table, then none for
an hour. The service itself caches them for about 30 seconds; `fresh` passes that cache by.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from connectors.odata import literal
from dataverse.client import DataverseClient
from sync.errors import ConfigurationError, NotFound, OutcomeUnknown

LIFETIME = 3600.0  # seconds that a definition is believed
_TABLE = "LogicalName,EntitySetName,PrimaryIdAttribute,PrimaryNameAttribute,ChangeTrackingEnabled"
_COLUMNS = "LogicalName,AttributeType,IsValidForCreate,IsValidForUpdate,AttributeOf"
_KEYS = "LogicalName,KeyAttributes,EntityKeyIndexStatus"


@dataclass(frozen=True)
class ColumnFacts:
    """One column as the service describes it."""

    name: str
    kind: str  # AttributeType, such as String, Lookup, Picklist
    on_create: bool
    on_update: bool


@dataclass(frozen=True)
class KeyFacts:
    """One alternate key; rows can be addressed by it only while its index is active."""

    name: str
    columns: tuple[str, ...]
    active: bool


@dataclass(frozen=True)
class TableFacts:
    """One table. `columns` leaves out the virtual companions that OData cannot select."""

    name: str
    entity_set: str
    primary_id: str
    primary_name: str
    change_tracking: bool
    columns: Mapping[str, ColumnFacts]
    keys: tuple[KeyFacts, ...]

    def key_on(self, columns: frozenset[str]) -> KeyFacts | None:
        """The active key over just these columns."""
        return next((key for key in self.keys if key.active and set(key.columns) == columns), None)


class Metadata:
    """The tables of one environment. Threads may share it."""

    def __init__(self, client: DataverseClient, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._monotonic = monotonic
        self._guard = threading.Lock()
        self._known: dict[str, tuple[float, TableFacts]] = {}

    def table(self, name: str) -> TableFacts:
        """The table of a logical name, at most an hour old.

        Raises ConfigurationError when the environment has none of that name, else the RemoteError tree.
        """
        with self._guard:
            known = self._known.get(name)
        if known is not None and self._monotonic() - known[0] < LIFETIME:
            return known[1]
        return self._read(name, strong=False)

    def fresh(self, name: str) -> TableFacts:
        """The table as it is now, past all caches: after a change of definitions."""
        return self._read(name, strong=True)

    def forget(self, name: str) -> None:
        """Read the table anew when it is asked for next."""
        with self._guard:
            self._known.pop(name, None)

    def _read(self, name: str, *, strong: bool) -> TableFacts:
        path = (
            f"EntityDefinitions(LogicalName={literal(name)})?$select={_TABLE}"
            f"&$expand=Attributes($select={_COLUMNS}),Keys($select={_KEYS})"
        )
        try:
            facts = _facts(self._client.get(path, consistency_strong=strong))
        except NotFound:
            raise ConfigurationError(
                f"the environment has no table {name!r}; check the name or run the provisioning"
            ) from None
        with self._guard:
            self._known[name] = (self._monotonic(), facts)
        return facts


def _facts(said: Mapping[str, object]) -> TableFacts:
    columns = [each for each in _entries(said, "Attributes") if each.get("AttributeOf") is None]
    return TableFacts(
        name=_text(said, "LogicalName"),
        entity_set=_text(said, "EntitySetName"),
        primary_id=_text(said, "PrimaryIdAttribute"),
        primary_name=_text(said, "PrimaryNameAttribute"),
        change_tracking=said.get("ChangeTrackingEnabled") is True,
        columns={_text(each, "LogicalName"): _column(each) for each in columns},
        keys=tuple(_key(each) for each in _entries(said, "Keys")),
    )


def _column(said: Mapping[str, object]) -> ColumnFacts:
    return ColumnFacts(
        name=_text(said, "LogicalName"),
        kind=_text(said, "AttributeType"),
        on_create=said.get("IsValidForCreate") is True,
        on_update=said.get("IsValidForUpdate") is True,
    )


def _key(said: Mapping[str, object]) -> KeyFacts:
    columns = said.get("KeyAttributes")
    return KeyFacts(
        name=_text(said, "LogicalName"),
        columns=tuple(map(str, columns)) if isinstance(columns, list) else (),
        active=said.get("EntityKeyIndexStatus") == "Active",
    )


def _entries(said: Mapping[str, object], member: str) -> list[Mapping[str, object]]:
    found = said.get(member)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _text(said: Mapping[str, object], member: str) -> str:
    value = said.get(member)
    if not isinstance(value, str):
        raise OutcomeUnknown(f"Dataverse described a table without its {member}")
    return value
