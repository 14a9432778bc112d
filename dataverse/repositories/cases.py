"""Cases, events and mail records on Dataverse: one decision is one change set, many decisions are one call."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from connectors import odata
from dataverse.client import DataverseClient
from dataverse.operations import ChangeSet, ChangeSetResult, Operation, Result, create, read, update, upsert
from dataverse.repositories import lookups, rows
from dataverse.repositories.numbers import QUESTION, Numbers
from rules import keys
from rules.case import Case, fold
from schemas.events import Event
from sync.errors import NotFound, OutcomeUnknown, PreconditionFailed, Rejected, RemoteError
from sync.ports import Clock
from sync.stores import Change, Found, Lookup, StoredCase

log = logging.getLogger("plumbline")

AT_ONCE = 200  # values of one In()
KEY_TAKEN = ("0x80040237", "0x80060892")  # of the row id, of an alternate key (dataverse.md section 2)
EVENT_COLUMNS = "plb_key,_plb_case_value,plb_sequence,plb_at,plb_actor,plb_cause,plb_kind,plb_payload"


class DataverseCases:
    """Implements sync.stores.CaseStore."""

    def __init__(self, client: DataverseClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._numbers = Numbers()

    def find(self, lookups_: Sequence[Lookup]) -> list[Found]:
        """See sync.stores.CaseStore.find; one call. The counter is read along with it."""
        if not lookups_:
            return []
        questions = lookups.questions(lookups_)
        *answers, counted = self._client.batch([*questions, QUESTION])
        self._numbers.heard(counted)
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
            head, logged = answers[2 * place], answers[2 * place + 1]
            if isinstance(head, NotFound):
                continue
            case, etag = _folded(case_id, _rows(logged)), _result(head).etag
            if etag is None:
                raise OutcomeUnknown("a case came without its version; nothing can be written over it safely")
            if case is not None:
                stored[case_id] = StoredCase(case, etag)
        return stored

    def commit(self, changes: Sequence[Change]) -> list[RemoteError | None]:
        """See sync.stores.CaseStore.commit; one call for up to 1,000 rows."""
        sets = [self._built(change) for change in changes]
        ready = {place: built for place, built in enumerate(sets) if isinstance(built, list)}
        advance = self._numbers.advance([changes[place] for place in ready])
        if advance:
            first, operation = advance
            list(ready.values())[first].append(operation)
        written = self._client.batch([ChangeSet(tuple(operations)) for operations in ready.values()])
        outcomes = dict(zip(ready, written, strict=True))
        self._taken(changes, outcomes)
        self._numbers.forget()
        answers = [outcomes.get(place, built) for place, built in enumerate(sets)]
        return [answer if isinstance(answer, RemoteError) else None for answer in answers]

    def next_number(self) -> int:
        """See sync.stores.CaseStore.next_number."""
        if not self._numbers.known:
            [counted] = self._client.batch([QUESTION])
            self._numbers.heard(counted)
        return self._numbers.next()

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
        self._numbers.forget()
        return self.next_number()

    def set_next_number(self, number: int) -> None:
        """Let the next case have this number, as an administrator does after a migration."""
        row = {"plb_key": rows.COUNTER_KEY, "plb_name": "Next case reference", "plb_next": number}
        self._client.send(upsert(rows.COUNTERS, rows.COUNTER_ID, row))
        self._numbers.forget()

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

    def _built(self, change: Change) -> list[Operation] | Rejected:
        """The rows of a change; Rejected where a part that must stay whole does not fit, or a choice lacks a name."""
        try:
            return self._change_set(change)
        except Rejected as refusal:
            return refusal
        except KeyError as unknown:
            return Rejected(f"the tables do not know this choice: {unknown}; correct the catalogue")

    def _taken(self, changes: Sequence[Change], outcomes: Mapping[int, object]) -> None:
        """A case that could not be opened under its number asks for another one next time.

        Which key was doubled, the service says in words only: a case that is there already costs one number at most.
        """
        for place, outcome in outcomes.items():
            after = changes[place].after
            if after and not changes[place].before and _doubled(outcome):
                self._numbers.taken(keys.reference_number(after.reference))


def _doubled(outcome: object) -> bool:
    return isinstance(outcome, PreconditionFailed) and outcome.code in KEY_TAKEN


def _folded(case_id: UUID, log_rows: Sequence[Mapping[str, object]]) -> Case | None:
    """The case; None where its log cannot be read, so that one damaged log does not stop a mailbox."""
    try:
        return fold(tuple(rows.event_of(row) for row in log_rows))
    except (ValueError, KeyError) as error:
        log.error("log of a case cannot be read", extra={"case": str(case_id), "fault": type(error).__name__})
        return None


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
