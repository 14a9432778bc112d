"""The outbox on Dataverse."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from connectors import odata
from dataverse.client import DataverseClient
from dataverse.operations import ChangeSet, Operation, Result, create, update
from dataverse.repositories import rows
from dataverse.repositories.codes import code, fitted
from schemas.effects import EFFECT, Effect
from sync.errors import OutcomeUnknown, PreconditionFailed, RemoteError
from sync.stores import EffectOutcome, PendingEffect

COLUMNS = ("plb_key", "plb_payload", "plb_state", "plb_attempts", "_plb_case_value")


class DataverseEffects:
    """Implements sync.stores.EffectStore."""

    def __init__(self, client: DataverseClient) -> None:
        self._client = client

    def claim(self, now: datetime, limit: int, lease_seconds: int) -> list[PendingEffect]:
        """See sync.stores.EffectStore.claim; one call where nothing is due, else two."""
        until = rows.moment(now + timedelta(seconds=lease_seconds))
        due = [(row, _effect(row)) for row in self._due(now, limit)]
        if not due:
            return []
        taken = self._client.batch(
            [_take(row, until) if effect else _give_up(row) for row, effect in due],
        )
        return [
            _pending(row, effect, answer)
            for (row, effect), answer in zip(due, taken, strict=True)
            if not _lost(answer) and effect
        ]

    def settle(self, outcomes: Sequence[EffectOutcome]) -> None:
        """See sync.stores.EffectStore.settle; one call."""
        answers = self._client.batch([ChangeSet(tuple(_settled(outcome))) for outcome in outcomes])
        for answer in answers:
            # Another worker has claimed the effect since, and settles it by what it finds under the stamp.
            if isinstance(answer, RemoteError) and not isinstance(answer, PreconditionFailed):
                raise answer

    def open_count(self) -> int:
        """How many effects are not carried out yet, at most one page of them."""
        open_states = [
            odata.eq("plb_state", code("plb_effect", "plb_state", name)) for name in ("waiting", "sending")
        ]
        query = odata.Query(rows.EFFECTS, ("plb_key",), odata.either(*open_states), top=1)
        return len(list(self._client.rows(query)))

    def _due(self, now: datetime, limit: int) -> list[Mapping[str, object]]:
        open_states = [
            odata.eq("plb_state", code("plb_effect", "plb_state", name)) for name in ("waiting", "sending")
        ]
        condition = odata.both(odata.either(*open_states), odata.compare("plb_notbefore", "le", now))
        query = odata.Query(rows.EFFECTS, COLUMNS, condition, orderby="plb_notbefore,plb_key", top=limit)
        return list(self._client.rows(query))


def _take(row: Mapping[str, object], until: str | None) -> Operation:
    change: rows.Row = {
        "plb_state": code("plb_effect", "plb_state", "sending"),
        "plb_attempts": _attempts(row) + 1,
        "plb_notbefore": until,
    }
    # The answer names the version that only this worker knows.
    return update(rows.EFFECTS, _id(row), change, if_match=_etag(row), returning=("plb_attempts",))


def _give_up(row: Mapping[str, object]) -> Operation:
    change: rows.Row = {
        "plb_state": code("plb_effect", "plb_state", "quarantined"),
        "plb_error": "plb_payload cannot be read as an effect; correct it and set the state to waiting",
    }
    return update(rows.EFFECTS, _id(row), change, if_match=_etag(row))


def _lost(answer: object) -> bool:
    if isinstance(answer, RemoteError) and not isinstance(answer, PreconditionFailed):
        raise answer
    return isinstance(answer, PreconditionFailed)


def _effect(row: Mapping[str, object]) -> Effect | None:
    try:
        return EFFECT.validate_json(str(row["plb_payload"]))
    except ValueError:
        return None  # one damaged row must not hold up all others


def _pending(row: Mapping[str, object], effect: Effect, taken: object) -> PendingEffect:
    if not isinstance(taken, Result) or taken.etag is None:
        raise OutcomeUnknown("a claimed effect came back without its version; it is claimed again later")
    case = row.get("_plb_case_value")
    return PendingEffect(
        row_id=_id(row),
        etag=taken.etag,
        effect=effect,
        case_id=UUID(str(case)) if case else None,
        attempts=_attempts(row) + 1,
        doubtful=row["plb_state"] == code("plb_effect", "plb_state", "sending"),
    )


def _id(row: Mapping[str, object]) -> UUID:
    return UUID(str(row["plb_effectid"]))


def _etag(row: Mapping[str, object]) -> str:
    return str(row["@odata.etag"])


def _attempts(row: Mapping[str, object]) -> int:
    return int(str(row["plb_attempts"] or 0))


def _settled(outcome: EffectOutcome) -> list[Operation]:
    pending = outcome.pending
    change: rows.Row = {
        "plb_state": code("plb_effect", "plb_state", outcome.state),
        "plb_error": outcome.error,
        "plb_senton": rows.moment(outcome.sent_at),
        "plb_remoteid": outcome.remote_id,
        "plb_internetmessageid": outcome.internet_message_id,
    }
    if outcome.not_before:
        change["plb_notbefore"] = rows.moment(outcome.not_before)
    row = fitted("plb_effect", change)
    operations = [update(rows.EFFECTS, pending.row_id, row, if_match=pending.etag)]
    if outcome.message:
        record = rows.message_row(outcome.message, pending.case_id)
        operations.append(create(rows.MESSAGES, record, row_id=rows.row_id("message", outcome.message.key)))
    return operations
