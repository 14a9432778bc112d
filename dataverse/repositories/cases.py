"""Cases, events and mail records on Dataverse: one decision is one change set, many decisions are one call."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from connectors import odata
from dataverse.client import DataverseClient
from dataverse.operations import ChangeSet, ChangeSetResult, Operation, Result, create, read, update, upsert
from dataverse.repositories import lookups, rows
from rules import keys
from rules.case import fold
from schemas.events import Event
from sync.errors import NotFound, PreconditionFailed, RemoteError
from sync.ports import Clock
from sync.stores import Change, Found, Lookup, StoredCase

AT_ONCE = 200  # values of one In()
EVENT_COLUMNS = "plb_key,_plb_case_value,plb_sequence,plb_at,plb_actor,plb_cause,plb_kind,plb_payload"


class DataverseCases:
    """Implements sync.stores.CaseStore."""

    def __init__(self, client: DataverseClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._counter: tuple[int, str] | None = None  # value and etag, fresh from the last look-up
        self._floor = 1  # a number below this has been refused as taken

    def find(self, lookups_: Sequence[Lookup]) -> list[Found]:
        """See sync.stores.CaseStore.find; one call. The counter is read along with it."""
        if not lookups_:
            return []
        questions = lookups.questions(lookups_)
        counter = read(f"{rows.COUNTERS}({rows.COUNTER_ID})?$select=plb_next")
        *answers, counted = self._client.batch([*questions, counter])
        self._remember(counted)
        return lookups.answers(lookups_, [_rows(answer) for answer in answers])

    def load(self, case_ids: Sequence[UUID]) -> dict[UUID, StoredCase]:
        """See sync.stores.CaseStore.load; one call."""
        if not case_ids:
            return {}
        parts: list[Operation] = []
        for case_id in case_ids:
            parts.append(read(f"{rows.CASES}({case_id})?$select=plb_eventcount"))
            parts.append(_log(odata.eq("_plb_case_value", case_id)))
        answers = self._client.batch(parts)
        stored: dict[UUID, StoredCase] = {}
        for place, case_id in enumerate(case_ids):
            head, log = answers[2 * place], answers[2 * place + 1]
            if isinstance(head, NotFound):
                continue
            case = fold(tuple(rows.event_of(row) for row in _rows(log)))
            if case is not None:
                stored[case_id] = StoredCase(case, _result(head).etag or "*")
        return stored

    def commit(self, changes: Sequence[Change]) -> list[RemoteError | None]:
        """See sync.stores.CaseStore.commit; one call for up to 1,000 rows."""
        sets = [self._change_set(change) for change in changes]
        self._advance(changes, sets)
        outcomes = self._client.batch([ChangeSet(tuple(operations)) for operations in sets])
        self._counter = None
        return [
            self._refused(change, outcome) if isinstance(outcome, RemoteError) else None
            for change, outcome in zip(changes, outcomes, strict=True)
        ]

    def next_number(self) -> int:
        """See sync.stores.CaseStore.next_number."""
        if self._counter is None:
            [counted] = self._client.batch([read(f"{rows.COUNTERS}({rows.COUNTER_ID})?$select=plb_next")])
            self._remember(counted)
        value = self._counter[0] if self._counter else 1
        return max(value, self._floor)

    def recorded(self, message_keys: Sequence[str]) -> int:
        """How many of these mails have their record."""
        keys_ = list(dict.fromkeys(message_keys))
        chunks = [keys_[start : start + AT_ONCE] for start in range(0, len(keys_), AT_ONCE)]
        asked = [odata.In("plb_key", chunk) for chunk in chunks]
        parts = [
            read(odata.address(rows.MESSAGES, {"$select": "plb_key", "$filter": one_of, **parameters}))
            for one_of, parameters in asked
        ]
        return sum(len(_rows(answer)) for answer in self._client.batch(parts))

    def current_number(self) -> int:
        """The next free number as it is stored now, whatever was read before."""
        self._counter = None
        return self.next_number()

    def set_next_number(self, number: int) -> None:
        """Let the next case have this number, as an administrator does after a migration."""
        row = {"plb_key": rows.COUNTER_KEY, "plb_name": "Next case reference", "plb_next": number}
        self._client.send(upsert(rows.COUNTERS, rows.COUNTER_ID, row))
        self._counter, self._floor = None, 1

    def events(self, reference: str) -> tuple[Event, ...]:
        """See sync.stores.CaseStore.events."""
        answer = self._client.batch([_log(odata.eq("plb_Case/plb_reference", reference))])
        return tuple(rows.event_of(row) for row in _rows(answer[0]))

    def _change_set(self, change: Change) -> list[Operation]:
        decision, after = change.decision, change.after
        case_id = after.case_id if after else None
        return [
            *self._case_operations(change),
            *(create(rows.EVENTS, rows.event_row(e), row_id=e.event_id) for e in decision.events),
            *(
                create(rows.MESSAGES, rows.message_row(m, case_id), row_id=rows.row_id("message", m.key))
                for m in decision.messages
            ),
            *(
                create(
                    rows.EFFECTS,
                    rows.effect_row(e, case_id, self._clock.now()),
                    row_id=rows.row_id("effect", e.key),
                )
                for e in decision.effects
            ),
        ]

    def _case_operations(self, change: Change) -> Iterable[Operation]:
        before, after = change.before, change.after
        if after is None:
            return
        if before is None:
            yield create(rows.CASES, rows.case_row(after), row_id=after.case_id)
        else:
            yield update(rows.CASES, after.case_id, rows.case_row(after), if_match=before.etag)
        events = change.decision.events
        known = before.case if before else None
        for table, pairs in (
            (rows.VALUES, rows.value_rows(after, events)),
            (rows.CLOCKS, rows.clock_rows(after, events)),
            (rows.SPANS, rows.span_rows(known, after)),
        ):
            for row_id, row in pairs:
                yield upsert(table, row_id, row)

    def _advance(self, changes: Sequence[Change], sets: list[list[Operation]]) -> None:
        """The first case that is opened carries the counter past all numbers of this call."""
        numbers = {
            place: keys.reference_number(change.after.reference)
            for place, change in enumerate(changes)
            if change.after and not change.before and change.after.opened.channel != "import"
        }
        if not numbers:
            return
        row: rows.Row = {"plb_next": max(numbers.values()) + 1}
        first = min(numbers)
        if self._counter:
            sets[first].append(update(rows.COUNTERS, rows.COUNTER_ID, row, if_match=self._counter[1]))
        else:
            row |= {"plb_key": rows.COUNTER_KEY, "plb_name": "Next case reference"}
            sets[first].append(upsert(rows.COUNTERS, rows.COUNTER_ID, row))

    def _refused(self, change: Change, failure: RemoteError) -> RemoteError:
        """A taken number asks for a higher one next time; nothing else is known to be wrong with it."""
        opened = change.after is not None and change.before is None
        if opened and change.after and isinstance(failure, PreconditionFailed):
            self._floor = max(self._floor, keys.reference_number(change.after.reference))
            if "0x80040237" in (failure.code or ""):
                self._floor += 1
        return failure

    def _remember(self, counted: object) -> None:
        if isinstance(counted, Result) and counted.row:
            self._counter = (int(str(counted.row["plb_next"])), counted.etag or "*")
        elif isinstance(counted, NotFound):
            self._counter = None
        elif isinstance(counted, RemoteError):
            raise counted


def _log(condition: str) -> Operation:
    options = {"$select": EVENT_COLUMNS, "$filter": condition, "$orderby": "plb_sequence"}
    return read(odata.address(rows.EVENTS, options))


def _result(answer: Result | ChangeSetResult | RemoteError) -> Result:
    if isinstance(answer, RemoteError):
        raise answer
    assert isinstance(answer, Result)
    return answer


def _rows(answer: Result | ChangeSetResult | RemoteError) -> list[Mapping[str, object]]:
    row = _result(answer).row or {}
    found = row.get("value")
    return list(found) if isinstance(found, list) else []
