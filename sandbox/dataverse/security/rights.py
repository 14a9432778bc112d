"""What one caller may do: privileges by name with the depth to which each reaches (dataverse.md section 11)."""

from dataclasses import dataclass, field
from enum import IntEnum

from sandbox.dataverse.errors import DataverseError
from sandbox.dataverse.schema import Table

NO_ID = "00000000-0000-0000-0000-000000000000"
# What every user sees, whatever the role: the organisation itself and the list of what the service can do.
OPEN = ("organization", "privilege", "sdkmessage", "sdkmessagefilter")


class Depth(IntEnum):
    """Masks as the service keeps them; deeper is greater."""

    NONE = 0
    USER = 1
    BUSINESS_UNIT = 2
    PARENT_CHILD = 4
    ORGANISATION = 8


@dataclass(frozen=True)
class Permission:
    """What a secured column allows: reading, a value in a new row, a change."""

    read: bool = False
    create: bool = False
    update: bool = False


@dataclass(frozen=True)
class Rights:
    """Privileges of somebody who is no administrator, and what secured columns allow by (table, column)."""

    depths: dict[str, Depth]
    roles: int = 1
    columns: dict[tuple[str, str], Permission] = field(default_factory=dict)

    def depth(self, right: str, table: Table) -> Depth:
        """Give how far a right on a table reaches; the rows between tables belong to nobody and are free."""
        if table.intersect or (right == "Read" and table.logical in OPEN):
            return Depth.ORGANISATION
        return self.depths.get(privilege(right, table), Depth.NONE)

    def on_column(self, table: Table, column: str) -> Permission:
        return self.columns.get((table.logical, column), Permission())


def privilege(right: str, table: Table) -> str:
    """Give the name of a privilege such as `prvReadplt_Item`."""
    return f"prv{right}{table.definition['SchemaName']}"


def intersection(first: Rights | None, second: Rights | None) -> Rights | None:
    """Give what both may do; None is an administrator, who may do everything."""
    if first is None or second is None:
        return second if first is None else first
    depths = {name: min(depth, second.depths.get(name, Depth.NONE)) for name, depth in first.depths.items()}
    columns = {
        name: Permission(one.read and other.read, one.create and other.create, one.update and other.update)
        for name, one in first.columns.items()
        if (other := second.columns.get(name)) is not None
    }
    return Rights(depths, first.roles, columns)


@dataclass(frozen=True)
class Caller:
    """Who a request runs as. `real_user` is who sent it, when that is somebody else."""

    user_id: str
    business_unit_id: str
    rights: Rights | None = None
    real_user: str | None = None

    def missing(self, name: str, table: Table | None = None) -> DataverseError:
        """Give the refusal that names a privilege, in the words of the service."""
        held = self.rights
        counts = f"roleCount={held.roles if held else 0}, privilegeCount={len(held.depths) if held else 0}"
        known = (
            {each["Name"]: each["PrivilegeId"] for each in table.definition["Privileges"]} if table else {}
        )
        where = (
            f" on OTC={table.definition['ObjectTypeCode']} for entity '{table.logical}'." if table else "."
        )
        words = (
            f"Principal user (Id={self.user_id}, type=8, {counts}, accessMode=4), is missing {name} privilege "
            f"(Id={known.get(name, NO_ID)}){where} context.Caller={self.user_id}"
        )
        return DataverseError(403, "0x80040220", words)
