"""Read back what became of each mail, from the stored rows alone."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol
from uuid import UUID

from app.wiring import Plumbline
from cli.manifest import ManifestMail
from connectors.odata import Query
from dataverse.repositories import rows
from dataverse.repositories.codes import name
from rules import keys
from rules.case import Case, fold
from schemas.events import CaseOpened, Event, LetterQueued, MessageReceived

type Row = Mapping[str, object]

MESSAGE_COLUMNS = (
    "plb_key", "plb_direction", "plb_kind", "plb_action", "plb_reason", "plb_mailbox", "plb_remoteid", "plb_to",
    "plb_subject", "plb_newtext", "plb_attachments", "plb_details", "plb_related", "_plb_case_value",
)  # fmt: skip
EVENT_COLUMNS = (
    "plb_key", "_plb_case_value", "plb_sequence", "plb_at", "plb_actor", "plb_cause", "plb_kind", "plb_payload",
)  # fmt: skip


class Unsettled(Exception):
    """A mail did not come to an end."""


class Copies(Protocol):
    """A delivered mail: which one, and where its copies lie."""

    mail: ManifestMail
    copies: list[tuple[str, str]]


class Readback:
    """The rows of one run, turned into the words of the example answers."""

    def __init__(self, app: Plumbline, delivered: Sequence[Copies]) -> None:
        client = app.dataverse
        self._delivered = delivered
        self._messages = {
            str(row["plb_key"]): row
            for row in client.rows(Query(rows.MESSAGES, MESSAGE_COLUMNS, orderby="plb_key"))
        }
        self._events: dict[UUID, list[Event]] = {}
        for row in client.rows(Query(rows.EVENTS, EVENT_COLUMNS, orderby="plb_sequence,plb_key")):
            event = rows.event_of(row)
            self._events.setdefault(event.case_id, []).append(event)
        self._cases: dict[UUID, Case] = {}
        for case_id, events in self._events.items():
            case = fold(tuple(events))
            if case:
                self._cases[case_id] = case
        self._opener = dict(self._openers())

    def document(self) -> dict[str, object]:
        """`{"mails": [...], "cases": [...]}`. A key that is absent means "not decided"."""
        return {
            "mails": [self._mail(entry) for entry in self._delivered],
            "cases": [
                self._case(case) for case in sorted(self._cases.values(), key=lambda case: case.reference)
            ],
        }

    def _openers(self) -> Iterable[tuple[UUID, str]]:
        ids = {
            keys.mail_key(mailbox.lower(), remote_id): entry.mail.id
            for entry in self._delivered
            for mailbox, remote_id in entry.copies
        }
        for case_id, events in self._events.items():
            if events[0].cause in ids:
                yield case_id, ids[events[0].cause]

    def _mail(self, entry: Copies) -> dict[str, object]:
        copies = [
            self._messages.get(keys.mail_key(box.lower(), remote_id)) for box, remote_id in entry.copies
        ]
        found = [row for row in copies if row]
        if not found:
            return {"id": entry.mail.id}
        # Of several copies the one that opened the case speaks for the mail.
        row = min(found, key=lambda copy: copy["plb_action"] == "duplicate")
        return {"id": entry.mail.id, **_without_none(self._decided(row))}

    def _decided(self, row: Row) -> dict[str, object]:
        case_id = UUID(str(row["_plb_case_value"])) if row.get("_plb_case_value") else None
        case = self._cases.get(case_id) if case_id else None
        details = json.loads(str(row["plb_details"] or "{}"))
        files = json.loads(str(row["plb_attachments"] or "{}"))
        common = {
            "action": row["plb_action"],
            "reason": row["plb_reason"],
            "related": row["plb_related"],
            "new_text": row["plb_newtext"],
            **{f"attachments_{name_}": names for name_, names in files.items() if names or name_ == "kept"},
            **details,
        }
        if case is None or case_id is None:
            return common
        common |= {"case": case.reference, "sent": self._sent(case_id, str(row["plb_key"]))}
        if row["plb_action"] == "new_case":
            return {**common, **_opened(case)}
        return {**common, "of": self._opener.get(case_id, case.reference)}

    def _sent(self, case_id: UUID, cause: str) -> list[dict[str, object]]:
        """What this mail made us send, from the records of sent mails."""
        keys_ = [
            keys.digest("out", event.fact.effect)
            for event in self._events[case_id]
            if event.cause == cause and isinstance(event.fact, LetterQueued)
        ]
        return [
            {
                "kind": name("plb_message", "plb_kind", row["plb_kind"]),
                "to": str(row["plb_to"]).split(),
                "subject": row["plb_subject"],
            }
            for row in map(self._messages.get, keys_)
            if row
        ]

    def _case(self, case: Case) -> dict[str, object]:
        return _without_none(
            {
                "reference": case.reference,
                "status": case.status,
                "queue": case.opened.queue,
                "owner": case.opened.owner,
                "opened_by": self._opener.get(case.case_id),
                "reopened_count": case.reopened_count,
                "events": [event.kind for event in self._events[case.case_id]],
                "messages": sum(isinstance(e.fact, MessageReceived) for e in self._events[case.case_id]),
                **_opened(case),
            }
        )


def _opened(case: Case) -> dict[str, object]:
    opened: CaseOpened = case.opened
    promise = case.promise
    return {
        "request_type": opened.request_type,
        "requester": opened.requester,
        "participants": list(case.participants),
        "sensitive": opened.sensitive,
        "triage": opened.triage or None,
        "journey": opened.journey,
        "linked_to": opened.linked_to,
        "missing": case.missing,
        "move_to": opened.move_to,
        "priority": case.priority.priority if case.priority else None,
        "due": {
            "first_response": promise.first_response_due.isoformat(),
            "resolution": promise.resolution_due.isoformat(),
        }
        if promise
        else None,
    }


def _without_none(value: Mapping[str, object]) -> dict[str, object]:
    return {key: item for key, item in value.items() if item is not None}
