"""From decisions to rows and back. Column names appear here and in the table definitions, nowhere else."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from uuid import UUID, uuid5

from dataverse.repositories.codes import code, fitted
from rules import keys
from rules.case import Case, Span
from schemas.effects import EFFECT, Effect
from schemas.events import FACT, Event, FieldsSupplied, PromiseMade
from schemas.reading import FieldValue
from schemas.records import MessageRecord

CASES, EVENTS, MESSAGES = "plb_cases", "plb_events", "plb_messages"
VALUES, SPANS, CLOCKS, EFFECTS = "plb_fieldvalues", "plb_statusspans", "plb_slaclocks", "plb_effects"
COUNTERS = "plb_counters"
COUNTER_KEY = "case-reference"
COUNTER_ID = uuid5(UUID("0b7c1c8e-5f41-5f6d-8a1e-6d1c9a0f4b52"), COUNTER_KEY)
type Row = dict[str, object]


def moment(value: datetime | None) -> str | None:
    """UTC with Z, whole seconds: the only form that every column of ours is written in."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if value else None


def row_id(*parts: str) -> UUID:
    """The id of a row, made from its natural key, so that a repeated write meets the same row."""
    return keys.case_id(keys.digest(*parts))


def bind_case(case_id: UUID | None) -> Row:
    """The lookup to the case, where there is one."""
    return {"plb_Case@odata.bind": f"/{CASES}({case_id})"} if case_id else {}


def case_row(case: Case) -> Row:
    """Everything that the case row shows. It is derived: the events are the truth."""
    opened = case.opened
    row: Row = {
        "plb_key": case.case_id.hex,
        "plb_name": _name(opened.title or opened.reference),
        "plb_reference": opened.reference,
        "plb_sourcekey": opened.source_key,
        "plb_requesttype": opened.request_type,
        "plb_need": opened.need,
        "plb_sensitive": opened.sensitive,
        "plb_triage": opened.triage,
        "plb_journey": opened.journey,
        "plb_channel": code("plb_case", "plb_channel", opened.channel),
        "plb_catalogueversion": opened.catalogue_version,
        "plb_missing": "\n".join(case.missing) if case.missing is not None else None,
    }
    if opened.linked_to:
        row["plb_LinkedCase@odata.bind"] = f"/{CASES}(plb_reference='{opened.linked_to}')"
    return fitted("plb_case", {**row, **_people(case), **_standing(case), **_answered(case)})


def _people(case: Case) -> Row:
    opened = case.opened
    return {
        "plb_department": opened.department,
        "plb_queue": opened.queue,
        "plb_owner": opened.owner,
        "plb_owneraddress": opened.owner_address,
        "plb_backup": opened.backup,
        "plb_requester": opened.requester,
        "plb_onbehalfof": opened.on_behalf_of,
        "plb_participants": "\n".join(case.participants),
        "plb_approver": opened.approver,
    }


def _standing(case: Case) -> Row:
    """Status, priority and promised times."""
    row: Row = {
        "plb_status": code("plb_case", "plb_status", case.status),
        "plb_receivedon": moment(case.opened.received_on),
        "plb_closedon": moment(case.closed_on),
        "plb_reopenedcount": case.reopened_count,
        "plb_eventcount": case.sequence,
    }
    if case.priority:
        for name in ("impact", "urgency", "priority"):
            row[f"plb_{name}"] = code("plb_case", f"plb_{name}", getattr(case.priority, name))
    if case.promise:
        row["plb_firstresponsedue"] = moment(case.promise.first_response_due)
        row["plb_resolutiondue"] = moment(case.promise.resolution_due)
    return row


def _answered(case: Case) -> Row:
    """The common facts that have columns of their own; all values have rows besides."""
    values = {value.field: value.value for value in case.values}
    row: Row = {"plb_businessimpact": values.get("business_impact")}
    if "deadline" in values:
        row["plb_deadline"] = _deadline(values["deadline"])
    return row


def _deadline(text: str) -> str | None:
    """A deadline that was read as an instant; one that is only a day, or words, stays in its value row."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment(found) if found.tzinfo else None


def event_row(event: Event) -> Row:
    """One row of the log. The hash lets anybody see that the payload was not touched."""
    payload = event.fact.model_dump_json(exclude={"kind"})
    return fitted(
        "plb_event",
        {
            "plb_key": event.event_id.hex,
            "plb_name": event.kind,
            "plb_sequence": event.sequence,
            "plb_at": moment(event.at),
            "plb_actor": event.actor,
            "plb_kind": event.kind,
            "plb_cause": event.cause,
            "plb_payload": payload,
            "plb_hash": keys.digest(event.kind, payload),
            **bind_case(event.case_id),
        },
        whole=("plb_payload",),
    )


def event_of(row: Mapping[str, object]) -> Event:
    """The event that a row holds."""
    payload = json.loads(str(row["plb_payload"]))
    return Event(
        event_id=UUID(str(row["plb_key"])),
        case_id=UUID(str(row["_plb_case_value"])),
        sequence=int(str(row["plb_sequence"])),
        at=datetime.fromisoformat(str(row["plb_at"])),
        actor=str(row["plb_actor"]),
        cause=str(row["plb_cause"]),
        fact=FACT.validate_python({"kind": row["plb_kind"], **payload}),
    )


def message_row(record: MessageRecord, case_id: UUID | None) -> Row:
    """The row that keeps one mail."""
    attachments = {
        "kept": record.attachments_kept,
        "dropped": record.attachments_dropped,
        "quarantined": record.attachments_quarantined,
    }
    return fitted(
        "plb_message",
        {
            "plb_key": record.key,
            "plb_name": _name(f"{record.kind} {record.mailbox}"),
            "plb_direction": code("plb_message", "plb_direction", record.direction),
            "plb_kind": code("plb_message", "plb_kind", record.kind),
            "plb_action": record.action,
            "plb_reason": record.reason,
            "plb_mailbox": record.mailbox,
            "plb_remoteid": record.remote_id,
            "plb_internetmessageid": record.internet_message_id,
            "plb_messagekey": record.message_key,
            "plb_fingerprint": record.fingerprint,
            "plb_conversationid": record.conversation_id,
            "plb_from": record.sender,
            "plb_to": "\n".join(record.to),
            "plb_subject": record.subject,
            "plb_on": moment(record.on),
            "plb_newtext": record.new_text,
            "plb_fulltext": record.full_text,
            "plb_attachments": json.dumps(attachments, ensure_ascii=False),
            "plb_details": json.dumps(record.details, ensure_ascii=False),
            "plb_related": record.related,
            **bind_case(case_id),
        },
        whole=("plb_attachments", "plb_details"),
    )


def value_rows(case: Case, events: Iterable[Event]) -> Iterable[tuple[UUID, Row]]:
    """The values that these events bring, one row for each field of the case."""
    for event in events:
        if isinstance(event.fact, FieldsSupplied):
            for value in event.fact.values:
                yield row_id("value", case.case_id.hex, value.field), _value(case, event, value)


def _value(case: Case, event: Event, value: FieldValue) -> Row:
    return fitted(
        "plb_fieldvalue",
        {
            "plb_key": keys.digest("value", case.case_id.hex, value.field),
            "plb_name": _name(value.field),
            "plb_field": value.field,
            "plb_value": value.value,
            "plb_source": code("plb_fieldvalue", "plb_source", value.source),
            "plb_confidence": value.confidence,
            "plb_evidence": value.evidence,
            "plb_suppliedon": moment(event.at),
            **bind_case(case.case_id),
        },
    )


def clock_rows(case: Case, events: Iterable[Event]) -> Iterable[tuple[UUID, Row]]:
    """The clocks of the first two promises."""
    for event in events:
        if isinstance(event.fact, PromiseMade):
            for kind in ("first_response", "resolution"):
                yield row_id("clock", case.case_id.hex, kind), _clock(case, event.fact, kind)


def _clock(case: Case, promise: PromiseMade, kind: str) -> Row:
    return fitted(
        "plb_slaclock",
        {
            "plb_key": keys.digest("clock", case.case_id.hex, kind),
            "plb_name": f"{case.reference} {kind.replace('_', ' ')}",
            "plb_kind": code("plb_slaclock", "plb_kind", kind),
            "plb_priority": code("plb_slaclock", "plb_priority", promise.priority),
            "plb_calendar": getattr(promise, f"{kind}_clock"),
            "plb_targetseconds": getattr(promise, f"{kind}_seconds"),
            "plb_startedon": moment(case.opened.received_on),
            "plb_dueon": moment(getattr(promise, f"{kind}_due")),
            "plb_state": code("plb_slaclock", "plb_state", "running"),
            "plb_cycle": 1,
            "plb_policyversion": case.opened.catalogue_version,
            **bind_case(case.case_id),
        },
    )


def span_rows(before: Case | None, after: Case) -> Iterable[tuple[UUID, Row]]:
    """The spans that are new or have ended since `before`."""
    known = set(before.spans) if before else set()
    for place, span in enumerate(after.spans):
        if span not in known:
            yield row_id("span", after.case_id.hex, str(place)), _span(after, place, span)


def _span(case: Case, place: int, span: Span) -> Row:
    return fitted(
        "plb_statusspan",
        {
            "plb_key": keys.digest("span", case.case_id.hex, str(place)),
            "plb_name": f"{case.reference} {span.status}",
            "plb_status": code("plb_statusspan", "plb_status", span.status),
            "plb_holder": span.holder,
            "plb_from": moment(span.since),
            "plb_to": moment(span.to),
            **bind_case(case.case_id),
        },
    )


def effect_row(effect: Effect, case_id: UUID | None, due: datetime) -> Row:
    """One row of the outbox."""
    return fitted(
        "plb_effect",
        {
            "plb_key": effect.key,
            "plb_name": effect.kind,
            "plb_kind": effect.kind,
            "plb_payload": EFFECT.dump_json(effect).decode(),
            "plb_state": code("plb_effect", "plb_state", "waiting"),
            "plb_attempts": 0,
            "plb_notbefore": moment(due),
            **bind_case(case_id),
        },
        whole=("plb_payload",),
    )


def _name(text: str) -> str:
    return " ".join(text.split()) or "-"
