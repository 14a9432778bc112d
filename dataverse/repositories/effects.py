"""The outbox on Dataverse."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from connectors import odata
from dataverse.client import DataverseClient
from dataverse.operations import ChangeSet, Operation, create, update
from dataverse.repositories import rows
from dataverse.repositories.codes import code
from schemas.effects import EFFECT
from sync.errors import PreconditionFailed, RemoteError
from sync.stores import EffectOutcome, PendingEffect

COLUMNS = ("plb_key", "plb_payload", "plb_state", "plb_attempts", "_plb_case_value")


class DataverseEffects:
    """Implements sync.stores.EffectStore."""

    def __init__(self, client: DataverseClient) -> None:
        self._client = client

    def claim(self, now: datetime, limit: int, lease_seconds: int) -> list[PendingEffect]:
        """See sync.stores.EffectStore.claim; one call where nothing is due, else two."""
        due = self._due(now, limit)
        if not due:
            return []
        until = rows.moment(now + timedelta(seconds=lease_seconds))
        taken = self._client.batch([_take(row, until) for row in due])
        return [_pending(row) for row, answer in zip(due, taken, strict=True) if not _lost(answer)]

    def settle(self, outcomes: Sequence[EffectOutcome]) -> None:
        """See sync.stores.EffectStore.settle; one call."""
        answers = self._client.batch([ChangeSet(tuple(_settled(outcome))) for outcome in outcomes])
        for answer in answers:
            # Another worker that finished the same letter has left the same record: nothing is lost.
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
        "plb_attempts": int(str(row["plb_attempts"] or 0)) + 1,
        "plb_notbefore": until,
    }
    return update(rows.EFFECTS, UUID(str(row["plb_effectid"])), change, if_match=str(row["@odata.etag"]))


def _lost(answer: object) -> bool:
    if isinstance(answer, RemoteError) and not isinstance(answer, PreconditionFailed):
        raise answer
    return isinstance(answer, PreconditionFailed)


def _pending(row: Mapping[str, object]) -> PendingEffect:
    case = row.get("_plb_case_value")
    return PendingEffect(
        row_id=UUID(str(row["plb_effectid"])),
        etag=str(row["@odata.etag"]),
        effect=EFFECT.validate_json(str(row["plb_payload"])),
        case_id=UUID(str(case)) if case else None,
        attempts=int(str(row["plb_attempts"] or 0)) + 1,
        doubtful=row["plb_state"] == code("plb_effect", "plb_state", "sending"),
    )


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
    operations = [update(rows.EFFECTS, pending.row_id, change)]
    if outcome.message:
        row = rows.message_row(outcome.message, pending.case_id)
        operations.append(create(rows.MESSAGES, row, row_id=rows.row_id("message", outcome.message.key)))
    return operations
