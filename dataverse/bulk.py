"""Many rows in few calls, and one bad row never stops the others (reference: dataverse.md section 6).

A bulk message of a standard table is one transaction and does not say which row it refuses. A refused request is
halved until the rows left are few; those are sent once more as parts of a `$batch`, which names each bad row.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID

from connectors.odata import Key, row_path
from dataverse import looking, operations
from dataverse.client import DataverseClient
from dataverse.metadata import TableFacts
from dataverse.operations import Operation, Result, Row, dump
from sync.errors import NotFound, OutcomeUnknown, PreconditionFailed, Rejected, RemoteError

MOST = 1000  # rows of one request: what the documentation calls fine without plug-ins
LARGEST = 8_000_000  # bytes of one request; the service takes about 100 MB, but a call should stay quick
FEW = 16  # rows that are not halved any more
TRIES = 4  # of a chunk whose answer was lost and whose rows are not there
THREADS = 4  # requests at once; the limiter of the client may allow fewer

_ACTION = "Microsoft.Dynamics.CRM."


@dataclass(frozen=True)
class BadRow:
    """A row that was not written, by its place in what was given."""

    index: int
    error: RemoteError


@dataclass(frozen=True)
class Written:
    """What became of the rows: how many were written, and which were not, in order."""

    rows: int
    bad: tuple[BadRow, ...] = ()


type _Numbered = tuple[int, Mapping[str, object]]
type _Single = Callable[[Mapping[str, object]], Operation]


class Bulk:
    """Writes rows of one environment in bulk. Methods raise nothing for bad rows; they name them."""

    def __init__(self, client: DataverseClient, *, most: int = MOST, threads: int = THREADS) -> None:
        self._client = client
        self._most = most
        self._threads = threads

    def create(self, table: TableFacts, rows: Sequence[Mapping[str, object]]) -> Written:
        """Create rows under ids of ours: each needs the primary id. A row that exists already is a bad row."""
        _need(rows, (table.primary_id,))

        def single(row: Mapping[str, object]) -> Operation:
            return operations.create(
                table.entity_set, _without(row, (table.primary_id,)), row_id=_id(table, row)
            )

        return self._run(_Message(self._client, table, "CreateMultiple", single, _typed(table)), rows)

    def update(self, table: TableFacts, rows: Sequence[Mapping[str, object]]) -> Written:
        """Change existing rows, named by their primary id. Versions are not compared: for that use a batch."""
        _need(rows, (table.primary_id,))

        def single(row: Mapping[str, object]) -> Operation:
            return operations.update(table.entity_set, _id(table, row), _without(row, (table.primary_id,)))

        return self._run(_Message(self._client, table, "UpdateMultiple", single, _typed(table)), rows)

    def upsert(
        self, table: TableFacts, rows: Sequence[Mapping[str, object]], *, key: Sequence[str] = ()
    ) -> Written:
        """Create rows or change them, named by the columns of an alternate key, else by their primary id.

        Raises ValueError when the table has no active key over these columns, or a row lacks one of them.
        """
        names = tuple(key) or (table.primary_id,)
        if key and table.key_on(frozenset(key)) is None:
            raise ValueError(f"{table.name} has no active alternate key over {', '.join(key)}")
        _need(rows, names)

        def named(row: Mapping[str, object]) -> Key:
            return {name: _key_value(row[name]) for name in names} if key else _id(table, row)

        def single(row: Mapping[str, object]) -> Operation:
            return operations.upsert(table.entity_set, named(row), _without(row, names))

        def target(row: Mapping[str, object]) -> Row:
            plain = _without(row, names)
            return {
                "@odata.type": _ACTION + table.name,
                "@odata.id": row_path(table.entity_set, named(row)),
                **plain,
            }

        message = _Message(self._client, table, "UpsertMultiple", single, target if key else _typed(table))
        return self._run(message, rows, names)

    def _run(
        self, message: "_Message", rows: Sequence[Mapping[str, object]], names: Sequence[str] = ()
    ) -> Written:
        bad: list[BadRow] = []
        for wave in _waves(rows, names or (message.table.primary_id,)):
            chunks = list(_chunks(wave, self._most))
            with ThreadPoolExecutor(min(self._threads, len(chunks) or 1)) as pool:
                for found in pool.map(message.settle, chunks):
                    bad += found
        return Written(len(rows) - len(bad), tuple(sorted(bad, key=lambda each: each.index)))


@dataclass(frozen=True)
class _Message:
    """One kind of bulk message for one table."""

    client: DataverseClient
    table: TableFacts
    name: str
    single: _Single
    target: Callable[[Mapping[str, object]], Row]

    def settle(self, chunk: Sequence[_Numbered]) -> list[BadRow]:
        """Write a chunk and give the rows that cannot be written."""
        lost: RemoteError | None = None
        for _ in range(TRIES):
            try:
                self._send(chunk)
            except (Rejected, PreconditionFailed) as refused:
                # The lost try may have been carried out only after we had looked.
                late = lost is not None and self._is_there(chunk)
                return [] if late else self._refused(chunk, refused)
            except OutcomeUnknown as unknown:
                lost = unknown
                there = self._is_there(chunk) if self.looks else None
                if there is not False:
                    return [] if there else _all_bad(chunk, lost)
            except RemoteError as failed:
                one_is_gone = failed.status == 404 and len(chunk) > 1
                return self._one_by_one(chunk) if one_is_gone else _all_bad(chunk, failed)
            else:
                return []
        assert lost is not None, "each try ends the loop or loses an answer"
        return _all_bad(chunk, lost)

    def _refused(self, chunk: Sequence[_Numbered], refused: RemoteError) -> list[BadRow]:
        if len(chunk) == 1 and not refused.doubtful:
            return [BadRow(chunk[0][0], refused)]
        if len(chunk) <= FEW or refused.doubtful:
            return self._one_by_one(chunk)
        middle = len(chunk) // 2
        return [*self.settle(chunk[:middle]), *self.settle(chunk[middle:])]

    def _is_there(self, chunk: Sequence[_Numbered]) -> bool | None:
        """After a lost answer: whether every row is there as it was sent; None when nobody can tell. One call."""
        parts = [self.single(row) for _, row in chunk]
        entries = self.client.batch([looking.question(part) for part in parts])
        if not all(isinstance(entry, Result | NotFound) for entry in entries):
            return None
        return all(
            isinstance(entry, Result) and looking.shown(part, entry) is not None
            for part, entry in zip(parts, entries, strict=True)
        )

    def _send(self, chunk: Sequence[_Numbered]) -> None:
        body: Row = {"Targets": [self.target(row) for _, row in chunk]}
        path = f"{self.table.entity_set}/{_ACTION}{self.name}"
        # Under ids or keys of ours an update or upsert that is sent twice does no more than once.
        self.client.send(Operation("POST", path, body, repeatable=not self.looks))

    @property
    def looks(self) -> bool:
        """Whether a lost answer is looked into: a second create would be refused by its own first."""
        return self.name == "CreateMultiple"

    def _one_by_one(self, chunk: Sequence[_Numbered]) -> list[BadRow]:
        """Every row as a part of its own: the outcome of each is known."""
        entries = self.client.batch([self.single(row) for _, row in chunk])
        return [
            BadRow(index, _error(entry))
            for (index, _), entry in zip(chunk, entries, strict=True)
            if not isinstance(entry, Result)
        ]


def _all_bad(chunk: Sequence[_Numbered], error: RemoteError) -> list[BadRow]:
    return [BadRow(index, error) for index, _ in chunk]


def _error(entry: object) -> RemoteError:
    return entry if isinstance(entry, RemoteError) else OutcomeUnknown("the batch gave no answer to this row")


def _typed(table: TableFacts) -> Callable[[Mapping[str, object]], Row]:
    return lambda row: {"@odata.type": _ACTION + table.name, **row}


def _waves(rows: Sequence[Mapping[str, object]], names: Sequence[str]) -> Iterator[list[_Numbered]]:
    """Rows in their order, no row twice in a wave: the service wants the rows of a request to differ."""
    left: list[_Numbered] = list(enumerate(rows))
    while left:
        seen: set[tuple[str, ...]] = set()
        wave: list[_Numbered] = []
        later: list[_Numbered] = []
        for index, row in left:
            named = tuple(str(row[name]).lower() for name in names)
            (later if named in seen else wave).append((index, row))
            seen.add(named)
        yield wave
        left = later


def _chunks(rows: Sequence[_Numbered], most: int) -> Iterator[list[_Numbered]]:
    chunk: list[_Numbered] = []
    size = 0
    for index, row in rows:
        length = len(dump(row))
        if chunk and (len(chunk) >= most or size + length > LARGEST):
            yield chunk
            chunk, size = [], 0
        chunk.append((index, row))
        size += length
    if chunk:
        yield chunk


def _need(rows: Sequence[Mapping[str, object]], names: Sequence[str]) -> None:
    for index, row in enumerate(rows):
        for name in names:
            if row.get(name) in (None, ""):
                raise ValueError(f"row {index} names no {name}: without it the row cannot be written safely")


def _without(row: Mapping[str, object], names: Sequence[str]) -> Row:
    return {name: value for name, value in row.items() if name not in names}


def _id(table: TableFacts, row: Mapping[str, object]) -> UUID:
    return UUID(str(row[table.primary_id]))


def _key_value(value: object) -> str | int | UUID:
    return value if isinstance(value, int | UUID) else str(value)
