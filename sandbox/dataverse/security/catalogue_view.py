"""Tables as one caller may read them: rows out of reach and secured values are not there, for whatever query.

Every reader takes the rows of a table from `Table.sql`, so this is the only place that hides any. Writers use
`Table.kept`."""

from sandbox.dataverse.catalogue import Catalogue
from sandbox.dataverse.errors import DataverseError
from sandbox.dataverse.schema import Table, quoted
from sandbox.dataverse.security.rights import Caller, Depth, privilege


class Unreadable(Table):
    """A table that the caller may not read: whatever asks for its rows is refused."""

    refusal: DataverseError

    def readable(self) -> None:
        raise self.refusal

    @property
    def sql(self) -> str:  # type: ignore[override]
        raise self.refusal


class Views:
    """Catalogues as callers see them, kept until definitions or rights change."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Caller, Catalogue, int, Catalogue]] = {}

    def of(self, caller: Caller, catalogue: Catalogue) -> Catalogue:
        """Give the catalogue for a caller."""
        kept = self._kept.get(caller.user_id)
        if kept is not None and kept[0] is caller and kept[1] is catalogue and kept[2] == catalogue.version:
            return kept[3]
        seen = seen_by(caller, catalogue)
        self._kept[caller.user_id] = (caller, catalogue, catalogue.version, seen)
        return seen


def seen_by(caller: Caller, catalogue: Catalogue) -> Catalogue:
    """Give the catalogue with the tables as the caller may read them."""
    seen = object.__new__(Catalogue)
    seen.__dict__ |= catalogue.__dict__
    seen.tables = {name: _seen(caller, table) for name, table in catalogue.tables.items()}
    seen.sets = {table.set_name: table for table in seen.tables.values()}
    return seen


def _seen(caller: Caller, table: Table) -> Table:
    rights = caller.rights
    if rights is None:
        return table
    depth = rights.depth("Read", table)
    if depth is Depth.NONE:
        return _unreadable(caller, table)
    hidden = {
        column.name
        for column in table.columns.values()
        if column.definition.get("IsSecured") and not rights.on_column(table, column.name).read
    }
    where = reach(caller, depth) if table.user_owned else "1"
    if where == "1" and not hidden:
        return table
    names = [f"NULL AS {quoted(name)}" if name in hidden else quoted(name) for name in stored(table)]
    copied = object.__new__(Table)
    copied.__dict__ |= table.__dict__
    copied.sql = f"(SELECT {', '.join(names)} FROM {table.kept} WHERE {where})"
    return copied


def _unreadable(caller: Caller, table: Table) -> Table:
    closed = object.__new__(Unreadable)
    closed.__dict__ |= {name: value for name, value in table.__dict__.items() if name != "sql"}
    closed.refusal = caller.missing(privilege("Read", table), table)
    return closed


def stored(table: Table) -> list[str]:
    """Give the names under which the values of a table are kept."""
    kept = []
    for column in table.columns.values():
        kept.append(column.name)
        if column.polymorphic:
            kept.append(f"{column.name}__type")
    return kept


def reach(caller: Caller, depth: Depth) -> str:
    """Give the SQL condition for the rows that a depth reaches; ids are the tenant's own, so they are no input."""
    if depth is Depth.ORGANISATION:
        return "1"
    teams = f"SELECT teamid FROM row_teammembership WHERE systemuserid = '{caller.user_id}'"
    own = f"(owninguser = '{caller.user_id}' OR owningteam IN ({teams}))"
    if depth is Depth.USER:
        return own
    # documented guess: the units below one's own are not looked at, because the sandbox has a flat organisation
    return f"({own} OR owningbusinessunit = '{caller.business_unit_id}')"
