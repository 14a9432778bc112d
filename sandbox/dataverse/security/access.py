"""Checks before something is written: rights on the row, on the rows it refers to, on secured columns.

Everything here is skipped for an administrator, except that an owner must be able to read what he is given."""

from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import DataverseError
from sandbox.dataverse.schema import Table, quoted
from sandbox.dataverse.security.catalogue_view import reach
from sandbox.dataverse.security.rights import Caller, Depth, Rights, privilege
from sandbox.dataverse.values import Value

type Row = dict[str, Value]
OWNER = ("ownerid", "owninguser", "owningteam", "owningbusinessunit")


def creating(engine: Engine, table: Table, given: Row) -> None:
    """Raise unless the caller may create such a row; `given` are the values from the body."""
    _owner(engine, table, given, None)
    rights = engine.caller.rights
    if rights is None:
        return
    caller = engine.caller
    _depth(caller, rights, "Create", table)
    _columns(caller, rights, table, given, creating=True)
    _references(engine, rights, table, given)


def updating(engine: Engine, table: Table, row_id: str, given: Row) -> None:
    """Raise unless the caller may change these columns of a row."""
    _owner(engine, table, given, row_id)
    rights = engine.caller.rights
    if rights is None:
        return
    on_row(engine, "Write", table, row_id)
    _columns(engine.caller, rights, table, given, creating=False)
    _references(engine, rights, table, given, row_id)


def on_row(engine: Engine, right: str, table: Table, row_id: str) -> None:
    """Raise unless a right reaches the row."""
    caller = engine.caller
    if caller.rights is None:
        return
    depth = _depth(caller, caller.rights, right, table)
    if table.user_owned and not _reached(engine, table, row_id, depth):
        raise out_of_reach(caller, table, row_id)


def pairing(engine: Engine, first: tuple[Table, str], second: tuple[Table, str]) -> None:
    """Raise unless the caller may connect or part two rows: Append on the one, AppendTo on the other."""
    if engine.caller.rights is not None:
        on_row(engine, "Append", *first)
        on_row(engine, "AppendTo", *second)


def everything(engine: Engine, table: Table) -> None:
    """Raise unless the caller may read all rows: change tracking asks for that (dataverse.md section 4)."""
    rights = engine.caller.rights
    if rights is not None and rights.depth("Read", table) is not Depth.ORGANISATION:
        raise engine.caller.missing(privilege("Read", table), table)


def holds(engine: Engine, name: str) -> None:
    """Raise unless the caller has a privilege that belongs to no table, such as `prvCreateEntity`."""
    rights = engine.caller.rights
    if rights is not None and not rights.depths.get(name):
        raise engine.caller.missing(name)


def unseen(engine: Engine, table: Table, where: str, values: list[Value]) -> bool:
    """Tell whether an address has a row that only the caller cannot see; raises its refusal in that case."""
    if engine.caller.rights is None:
        return False
    with engine.store.read() as connection:
        sql = f"SELECT {quoted(table.id)} FROM {table.kept} WHERE {where}"
        row = connection.execute(sql, values).fetchone()
    if row is not None:
        raise out_of_reach(engine.caller, table, str(row[0]))
    return False


def out_of_reach(caller: Caller, table: Table, row_id: str) -> DataverseError:
    """Give the refusal for a row that the depth of a privilege does not reach."""
    # documented guess: the code is in Microsoft's list, status and words are those of published reports
    words = (
        f"SecLib::AccessCheckEx failed. Returned hr = -2147187962, ObjectID: {row_id}, OwnerId: , "
        f"CallingUser: {caller.user_id}. ObjectTypeCode: {table.definition['ObjectTypeCode']}. "
        f"Not enough privilege to access the Microsoft Dynamics 365 object or perform the requested operation."
    )
    return DataverseError(403, "0x80048306", words)


def _depth(caller: Caller, rights: Rights, right: str, table: Table) -> Depth:
    depth = rights.depth(right, table)
    if depth is Depth.NONE:
        raise caller.missing(privilege(right, table), table)
    return depth


def _reached(engine: Engine, table: Table, row_id: str, depth: Depth) -> bool:
    if depth is Depth.ORGANISATION:
        return True
    sql = f"SELECT 1 FROM {table.kept} WHERE {quoted(table.id)} = ? AND {reach(engine.caller, depth)}"
    with engine.store.read() as connection:
        return connection.execute(sql, (row_id,)).fetchone() is not None


def _owner(engine: Engine, table: Table, given: Row, row_id: str | None) -> None:
    """Check a change of the owner: the caller may assign, the new owner may read."""
    owner = given.get("ownerid")
    if not isinstance(owner, str) or owner == engine.caller.user_id:
        return
    if row_id is not None:
        on_row(engine, "Assign", table, row_id)
    elif engine.caller.rights is not None:
        _depth(engine.caller, engine.caller.rights, "Assign", table)
    kind = str(given.get("ownerid__type") or "systemuser")
    rights = engine.security.rights_of(kind, owner)
    if rights is not None and rights.depth("Read", table) is Depth.NONE:
        raise DataverseError(403, "0x80040231", "Target user or team does not hold required privileges.")


def _columns(caller: Caller, rights: Rights, table: Table, given: Row, *, creating: bool) -> None:
    for name in given:
        column = table.columns.get(name)
        if column is None or not column.definition.get("IsSecured"):
            continue
        allowed = rights.on_column(table, name)
        if creating and not allowed.create:
            words = "The user does not have create permissions to a secured field."
            raise DataverseError(
                403, "0x8004f502", f"{words} The requested operation could not be completed."
            )
        if not creating and not allowed.update:
            words = f"Caller user with Id {caller.user_id} does not have update permissions to a {name} secured field"
            raise DataverseError(
                403,
                "0x8004f507",
                f"{words} on entity {table.logical}. The requested operation could not be completed.",
            )


def _references(engine: Engine, rights: Rights, table: Table, given: Row, row_id: str | None = None) -> None:
    """Check every lookup that gets a row: Append on this row, AppendTo on that one."""
    for name, value in given.items():
        column = table.columns.get(name)
        if column is None or not column.is_lookup or name in OWNER or not isinstance(value, str):
            continue
        if row_id is None:
            _depth(engine.caller, rights, "Append", table)
        else:
            on_row(engine, "Append", table, row_id)
        target = engine.catalogue.tables[str(given.get(f"{name}__type") or column.targets[0])]
        on_row(engine, "AppendTo", target, value)
