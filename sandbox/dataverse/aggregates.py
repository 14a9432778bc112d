"""What sums, averages and counts are in SQL and in answers, for `$apply` and FetchXML alike."""

from dataclasses import dataclass

from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import DataverseError, bad_query
from sandbox.dataverse.operators import Operand
from sandbox.dataverse.projection import formatted
from sandbox.dataverse.values import Value

MOST_ROWS = 50_000
NUMBERS = ("Integer", "BigInt", "Decimal", "Double", "Money")
EXACT = ("Decimal", "Money")
SQL = {
    "sum": "sum({})",
    "avg": "avg({})",
    "min": "min({})",
    "max": "max({})",
    "distinct": "count(DISTINCT {})",
    "column": "count({})",
}


@dataclass(frozen=True)
class Aggregate:
    """A function over the rows of a group: of a column, or the number of rows when there is none."""

    function: str
    operand: Operand | None = None

    @property
    def sql(self) -> str:
        return "count(*)" if self.operand is None else SQL[self.function].format(self.operand.sql)

    def check(self, name: str) -> None:
        """Raise for a function that the type of the column does not have."""
        kind = self.operand.column.type if self.operand is not None else ""
        summing = self.function in ("sum", "avg") and kind not in NUMBERS
        if summing or (self.function in ("min", "max") and kind not in (*NUMBERS, "DateTime")):
            raise bad_query(f"The aggregate '{self.function}' cannot be taken of '{name}' ({kind}).")

    def shown(self, value: Value) -> Value:
        """Give the number as the service shows it: decimals with the digits of their column."""
        if self.operand is None or not isinstance(value, float):
            return value
        column = self.operand.column
        if self.function == "avg" and column.type == "Integer":
            return int(value)  # documented guess: whole numbers have whole averages
        digits = int(column.definition.get("Precision") or 10) if column.type in EXACT else 10
        return round(value, 10 if self.function == "avg" else digits)

    def text(self, value: Value) -> str | None:
        """Give the number or date as a person reads it."""
        if value is None:
            return None
        if self.operand is None or self.function in ("distinct", "column"):
            return f"{value:,}"
        return formatted(self.operand.column, value)


def check_limit(engine: Engine, source: str, values: list[Value], most: int = MOST_ROWS) -> None:
    """Raise when an aggregate would go over more rows than the service takes: `source` is FROM and WHERE."""
    with engine.store.read() as connection:
        statement = f"SELECT count(*) FROM (SELECT 1 FROM {source} LIMIT {most + 1})"
        if connection.execute(statement, values).fetchone()[0] > most:
            words = "The maximum record limit is exceeded. Reduce the number of records."
            raise DataverseError(400, "0x8004e023", words)
