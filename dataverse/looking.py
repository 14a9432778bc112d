"""After a doubtful outcome: look whether the write is there, instead of hoping (DESIGN.md section 6, sync.md 6, 9).

A guarded write whose answer was lost is sent again, and its own first try then refuses it: 412 for a create or a
guarded update, 404 for a delete. Reading the row tells that echo from somebody else's doing. What cannot be proven
stays the error that it was.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from connectors.odata import address
from dataverse.operations import ChangeSet, ChangeSetResult, Operation, Part, Result, Row, read
from sync.errors import NotFound, PreconditionFailed, RemoteError

BIND = "@odata.bind"


def suspect(part: Part, entry: object) -> bool:
    """Whether the error of a part may be the echo of its own success."""
    if not isinstance(entry, RemoteError) or not entry.doubtful:
        return False
    if isinstance(part, ChangeSet):
        return isinstance(entry, PreconditionFailed | NotFound) and bool(_witnesses(part))
    if part.method == "DELETE":
        return isinstance(entry, NotFound)
    return isinstance(entry, PreconditionFailed) and bool(part.proof)


def questions(part: Part) -> list[Operation]:
    """The reads that settle a suspect part: one for each of its operations."""
    return [question(each) for each in _operations(part)]


def question(operation: Operation) -> Operation:
    """The read that settles a suspect operation."""
    path, _, query = operation.path.partition("?")
    columns = [each for each in query.removeprefix("$select=").split(",") if each]
    columns += [_column(each) for each in operation.proof]
    return read(address(path, {"$select": ",".join(dict.fromkeys(columns))}))


def proven(part: Part, found: Sequence[Result | None]) -> Result | ChangeSetResult | None:
    """What the part gave, if the rows found show that it was carried out; None when they do not.

    `found` answers `questions`, in their order; None stands for a row that is not there.
    """
    if isinstance(part, Operation):
        return shown(part, found[0])
    rows = dict(zip(map(id, part.operations), found, strict=True))
    if not all(_shows(each, rows[id(each)]) for each in _witnesses(part)):
        return None
    return ChangeSetResult(tuple(_result(each, rows[id(each)]) for each in part.operations))


def shown(operation: Operation, found: Result | None) -> Result | None:
    """What one operation gave, if the row found shows that it was carried out."""
    return _result(operation, found) if _shows(operation, found) else None


def _operations(part: Part) -> tuple[Operation, ...]:
    return part.operations if isinstance(part, ChangeSet) else (part,)


def _witnesses(part: ChangeSet) -> list[Operation]:
    """A change set happens as a whole, so what one of its writes shows holds for all."""
    return [each for each in part.operations if each.proof and each.method != "DELETE"]


def _column(member: str) -> str:
    """Where a member of a body is read: a lookup under the lower-case name of its column (dataverse.md 2)."""
    return f"_{member.removesuffix(BIND).lower()}_value" if member.endswith(BIND) else member


def _shows(operation: Operation, found: Result | None) -> bool:
    if operation.method == "DELETE":
        return found is None
    if found is None or found.row is None:
        return False
    body: Row = json.loads(operation.data or b"{}", parse_float=Decimal)
    row = found.row
    return all(_same(member, body[member], row.get(_column(member))) for member in operation.proof)


def _same(member: str, sent: object, read_back: object) -> bool:
    if sent == read_back:
        return True
    if not isinstance(sent, str) or not isinstance(read_back, str):
        return False
    if member.endswith(BIND):
        return f"({read_back.lower()})" in sent.lower()
    moment, other = _instant(sent), _instant(read_back)
    return sent.lower() == read_back.lower() if moment is None else moment == other


def _instant(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC).replace(microsecond=0) if moment.tzinfo else None


def _result(operation: Operation, found: Result | None) -> Result:
    returning = operation.headers.get("Prefer") == "return=representation"
    if found is None:
        return Result(status=204)
    return Result(status=200 if returning else 204, row=found.row if returning else None, etag=found.etag)
