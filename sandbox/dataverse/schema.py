"""The table definitions of the organisation in memory, as the row operations need them.

The definitions themselves are JSON objects as the metadata API shows them; these classes are a view on them."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sandbox.collation import NAME as COLLATION

type Definition = dict[str, Any]

LOOKUPS = ("Lookup", "Owner", "Customer")
CHOICES = ("Picklist", "State", "Status")
REQUIRED = {
    "publisher": ("uniquename", "friendlyname", "customizationprefix", "customizationoptionvalueprefix"),
    "solution": ("uniquename", "friendlyname", "publisherid"),
}


def quoted(name: str) -> str:
    """Spell an SQL identifier. Names come from definitions that `names.checked` has passed."""
    return f'"{name}"'


@dataclass(frozen=True)
class Column:
    """One column. `prop` is its name in rows and queries: lookups appear as `_name_value`."""

    definition: Definition
    options: dict[int, str] = field(default_factory=dict)

    @cached_property
    def name(self) -> str:
        return str(self.definition["LogicalName"])

    @cached_property
    def type(self) -> str:
        return str(self.definition["AttributeType"])

    @cached_property
    def prop(self) -> str:
        return f"_{self.name}_value" if self.is_lookup else self.name

    @cached_property
    def is_lookup(self) -> bool:
        return self.type in LOOKUPS

    @cached_property
    def is_choice(self) -> bool:
        return self.type in CHOICES

    @cached_property
    def targets(self) -> tuple[str, ...]:
        return tuple(self.definition.get("Targets") or ())

    @cached_property
    def polymorphic(self) -> bool:
        """Whether the row must also keep which table the id belongs to."""
        return len(self.targets) > 1

    @cached_property
    def navigation(self) -> str:
        """The single-valued navigation property, case-sensitive."""
        custom = bool(self.definition.get("IsCustomAttribute"))
        return str(self.definition["SchemaName"]) if custom else self.name

    @cached_property
    def navigations(self) -> dict[str, str | None]:
        """The navigation properties and the one table that each leads to; None: to all targets.

        A lookup to several tables has one for each target, the owner one for all (dataverse.md section 2)."""
        if self.type == "Owner" or not self.polymorphic:
            return {self.navigation: None}
        return {f"{self.navigation}_{target}": target for target in self.targets}

    def navigation_to(self, logical: str | None) -> str:
        """Give the navigation property that leads to a table."""
        found = (name for name, target in self.navigations.items() if target in (None, logical))
        return next(found, self.navigation)

    @cached_property
    def date_only(self) -> bool:
        behaviour = (self.definition.get("DateTimeBehavior") or {}).get("Value")
        return self.type == "DateTime" and behaviour == "DateOnly"

    @cached_property
    def sql_type(self) -> str:
        if self.type in ("Integer", "BigInt", "Boolean", *CHOICES):
            return "INTEGER"
        if self.type in ("Decimal", "Double", "Money"):
            return "REAL"
        if self.type in ("String", "Memo"):
            return f"TEXT COLLATE {COLLATION}"
        return "TEXT"

    @cached_property
    def on_create(self) -> bool:
        return bool(self.definition.get("IsValidForCreate", True))

    @cached_property
    def on_update(self) -> bool:
        return bool(self.definition.get("IsValidForUpdate", True))

    @cached_property
    def system_required(self) -> bool:
        level = self.definition.get("RequiredLevel") or {}
        return bool(level.get("Value") == "SystemRequired")

    @cached_property
    def required(self) -> bool:
        return self.system_required and bool(self.definition.get("EnforceRequired"))


@dataclass(frozen=True)
class Collection:
    """A collection-valued navigation property: the rows of `table` that belong to one row.

    One-to-many: `lookup` is the column of those rows that refers back. Many-to-many: `intersect` is the table
    between both, `own` and `other` are its columns for this row and for those rows."""

    navigation: str
    table: str
    relationship: str
    lookup: str = ""
    intersect: str = ""
    own: str = ""
    other: str = ""


@dataclass
class Key:
    """One alternate key. Only an active one addresses rows and keeps values unique."""

    definition: Definition
    due: float = 0.0

    @property
    def name(self) -> str:
        return str(self.definition["LogicalName"])

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.definition["KeyAttributes"])

    @property
    def active(self) -> bool:
        return bool(self.definition["EntityKeyIndexStatus"] == "Active")

    @property
    def pending(self) -> bool:
        return self.definition["EntityKeyIndexStatus"] in ("Pending", "InProgress")


@dataclass
class Table:
    """One table with its columns by logical name."""

    definition: Definition
    columns: dict[str, Column] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.logical = str(self.definition["LogicalName"])
        self.set_name = str(self.definition["EntitySetName"])
        self.id = str(self.definition["PrimaryIdAttribute"])
        self.name = str(self.definition["PrimaryNameAttribute"] or self.id)
        self.kept = self.sql = quoted(f"row_{self.logical}")
        self.by_property = {column.prop: column for column in self.columns.values()}
        self.by_navigation = {
            name: column
            for column in self.columns.values()
            if column.is_lookup
            for name in column.navigations
        }
        self.collections: dict[str, Collection] = {}
        """Collection-valued navigation properties by name; the catalogue keeps them."""
        self._defaults: dict[str, int] | None = None
        self._required: list[str] | None = None

    @property
    def defaults(self) -> dict[str, int]:
        """What a new row has in the columns that the caller leaves out."""
        if self._defaults is None:
            self._defaults = {
                column.name: int(bool(column.definition.get("DefaultValue")))
                for column in self.columns.values()
                if column.type == "Boolean"
            }
        return self._defaults

    @property
    def required(self) -> list[str]:
        """The columns without which no row is taken: those of level `SystemRequired` that callers fill.

        Business-required ones bind forms only (reference dataverse.md section 2)."""
        if self._required is None:
            custom = [
                column for column in self.columns.values() if column.definition.get("IsCustomAttribute")
            ]
            named = [column.name for column in custom if column.system_required and column.on_create]
            self._required = [*REQUIRED.get(self.logical, ()), *named]
        return self._required

    def readable(self) -> None:
        """Raise when the caller may not read any row; a table as it is kept is open."""

    def add(self, column: Column) -> None:
        self._defaults = self._required = None
        self.columns[column.name] = column
        self.by_property[column.prop] = column
        if column.is_lookup:
            self.by_navigation |= dict.fromkeys(column.navigations, column)

    def remove(self, column: Column) -> None:
        self._defaults = self._required = None
        del self.columns[column.name], self.by_property[column.prop]
        for name in column.navigations if column.is_lookup else ():
            del self.by_navigation[name]

    @property
    def intersect(self) -> bool:
        """Whether it only holds the pairs of a many-to-many relationship."""
        return bool(self.definition.get("IsIntersect"))

    @property
    def read_only(self) -> bool:
        """Whether the service alone writes its rows: pairs come by `$ref`, messages with their tables."""
        return self.intersect or self.logical in ("sdkmessage", "sdkmessagefilter")

    @property
    def tracked(self) -> bool:
        return bool(self.definition.get("ChangeTrackingEnabled"))

    @property
    def user_owned(self) -> bool:
        return bool(self.definition.get("OwnershipType") == "UserOwned")

    @property
    def optimistic(self) -> bool:
        return bool(self.definition.get("IsOptimisticConcurrencyEnabled"))

    def active_key(self, columns: frozenset[str]) -> Key | None:
        """Give the active key on exactly these columns."""
        return next((k for k in self.keys.values() if k.active and frozenset(k.columns) == columns), None)
