"""What a table, a column and a choice are (DESIGN.md section 5; dataverse.md sections 2, 8 and 12)."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, cast

from pydantic import Field, model_validator

from schemas.base import Configured

PREFIX = "plb"
OPTION_PREFIX = 72700
FIRST_OPTION = OPTION_PREFIX * 10_000

type Kind = Literal["text", "memo", "integer", "decimal", "boolean", "datetime", "date", "choice", "lookup"]

_TYPE = (
    r"^(text\([0-9]+\)|memo\([0-9]+\)|integer|decimal|boolean|datetime|date|choice\([a-z0-9_]+\)"
    r"|lookup\([a-z0-9_]+\))$"
)


class Column(Configured):
    """A column. `type` is written as in the files: text(20), choice(plb_channel), lookup(plb_case)."""

    name: str
    type: str = Field(pattern=_TYPE)
    label: str = Field(min_length=1, max_length=100)
    about: str = ""
    schema_name: str = Field(default="", alias="schema")

    @model_validator(mode="before")
    @classmethod
    def _schema_is_the_name(cls, content: dict[str, object]) -> dict[str, object]:
        return {"schema": content.get("name", ""), **content}

    @property
    def kind(self) -> Kind:
        """The type without what stands in brackets."""
        return cast("Kind", self.type.partition("(")[0])

    @property
    def max_length(self) -> int | None:
        """Characters that a text or memo may hold, None for other types."""
        return int(self._argument) if self.kind in {"text", "memo"} else None

    @property
    def choice(self) -> str | None:
        """The global choice of a choice column."""
        return self._argument if self.kind == "choice" else None

    @property
    def target(self) -> str | None:
        """The table that a lookup points to."""
        return self._argument if self.kind == "lookup" else None

    @property
    def read_name(self) -> str:
        """The name in a row that is read and in `$select`: lookups read as `_name_value`."""
        return f"_{self.name}_value" if self.kind == "lookup" else self.name

    @property
    def bind_name(self) -> str:
        """The member that sets a lookup, in the casing of its schema name."""
        return f"{self.schema_name}@odata.bind"

    @property
    def _argument(self) -> str:
        return self.type.partition("(")[2].rstrip(")")


class Key(NamedTuple):
    """An alternate key."""

    name: str
    columns: tuple[str, ...]


class Table(Configured):
    """A table with its own columns after the ones that all tables share."""

    name: str
    schema_name: str = Field(alias="schema")
    entity_set: str = Field(alias="set")
    labels: tuple[str, str] = Field(alias="label")
    about: str = Field(min_length=1)
    columns: tuple[Column, ...]
    key_columns: tuple[tuple[str, ...], ...] = Field(alias="keys")

    @property
    def id_column(self) -> str:
        """The primary id."""
        return f"{self.name}id"

    @property
    def keys(self) -> tuple[Key, ...]:
        """Alternate keys; the first one is on `plb_key`."""
        return tuple(
            Key(f"{self.name}_{'_'.join(column.removeprefix(f'{PREFIX}_') for column in key)}", key)
            for key in self.key_columns
        )

    @property
    def lookups(self) -> tuple[Column, ...]:
        """Columns that point to another table."""
        return tuple(column for column in self.columns if column.kind == "lookup")

    def column(self, name: str) -> Column:
        """The column of that logical name. Raises KeyError with the names there are."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}; see docs/tables.md")


class Option(NamedTuple):
    """One value of a choice: stored number, name in code, label for people."""

    value: int
    name: str
    label: str


class Choice(Configured):
    """A global choice."""

    id: str
    title: str = Field(alias="label")
    about: str = ""
    options: tuple[Option, ...] = Field(min_length=1)

    def value(self, name: str) -> int:
        """The number stored for a name. Raises KeyError when the choice has no such name."""
        return self._one(name, [option for option in self.options if option.name == name]).value

    def name(self, value: int) -> str:
        """The name of a stored number. Raises KeyError when the choice has no such number."""
        return self._one(value, [option for option in self.options if option.value == value]).name

    def label(self, value: int) -> str:
        """What people see for a stored number. Raises KeyError when the choice has no such number."""
        return self._one(value, [option for option in self.options if option.value == value]).label

    def _one(self, wanted: str | int, found: list[Option]) -> Option:
        if not found:
            known = ", ".join(option.name for option in self.options)
            raise KeyError(f"choice {self.id} has no {wanted}; it has {known}")
        return found[0]


class Schema(Configured):
    """All tables and choices, checked."""

    tables: Mapping[str, Table]
    choices: Mapping[str, Choice]

    def table(self, name: str) -> Table:
        """The table of that logical name. Raises KeyError."""
        if name not in self.tables:
            raise KeyError(f"there is no table {name}; see docs/tables.md")
        return self.tables[name]

    def choice(self, name: str) -> Choice:
        """The global choice of that name. Raises KeyError."""
        if name not in self.choices:
            raise KeyError(f"there is no choice {name}; see docs/tables.md")
        return self.choices[name]
