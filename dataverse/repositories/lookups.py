"""The look-ups that place a mail: which threads, references and earlier mails are known."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from connectors import odata
from dataverse.operations import Operation, read
from dataverse.repositories import rows
from dataverse.repositories.codes import name
from rules import keys
from schemas.thread import CaseSummary, ThreadHits
from sync.stores import Found, Lookup

CASE_COLUMNS = (
    "plb_reference,plb_requesttype,plb_status,plb_requester,plb_participants,plb_approver,plb_closedon,"
    "plb_sensitive"
)
MESSAGE_COLUMNS = "plb_key,plb_messagekey,plb_fingerprint,plb_from,plb_on,plb_action,_plb_case_value"
WINDOW = timedelta(days=1)  # the longest duplicate window that is looked at; the catalogue's own is shorter
AT_ONCE = 200  # values of one In(): 64 characters each stay well below the limit of a URL in a batch

type Row = Mapping[str, object]


def questions(lookups: Sequence[Lookup]) -> list[Operation]:
    """The reads that answer all look-ups together."""
    return [*_message_questions(lookups), *_case_questions(lookups)]


def answers(lookups: Sequence[Lookup], found: Sequence[Sequence[Row]]) -> list[Found]:
    """Sort what came back into one answer for each look-up."""
    by_message = len(list(_message_questions(lookups)))
    messages = _distinct(row for page in found[:by_message] for row in page)
    cases = [row for page in found[by_message:] for row in page]
    by_reference = {case.reference: case for case in map(_summary, cases)}
    return [_found(lookup, messages, by_reference) for lookup in lookups]


def _message_questions(lookups: Sequence[Lookup]) -> Iterable[Operation]:
    since = odata.compare("plb_on", "ge", min(lookup.received_at for lookup in lookups) - WINDOW)
    own = [lookup.key for lookup in lookups]
    ids = [value for lookup in lookups for value in (*lookup.wanted.message_ids, lookup.own_message_id or "")]
    threads = [keys.message_key(value) for value in ids if value]
    prints = [lookup.wanted.fingerprint for lookup in lookups if lookup.wanted.fingerprint]
    yield from _ask("plb_key", own, "")
    yield from _ask("plb_messagekey", threads, "")
    yield from _ask("plb_fingerprint", prints, since)


def _ask(column: str, values: Sequence[str], more: str) -> Iterable[Operation]:
    distinct = list(dict.fromkeys(values))
    for start in range(0, len(distinct), AT_ONCE):
        one_of, parameters = odata.In(column, distinct[start : start + AT_ONCE])
        options = {
            "$select": MESSAGE_COLUMNS,
            "$filter": odata.both(one_of, more),
            "$expand": f"plb_Case($select={CASE_COLUMNS})",
            **parameters,
        }
        yield read(odata.address(rows.MESSAGES, options))


def _case_questions(lookups: Sequence[Lookup]) -> Iterable[Operation]:
    references = list(dict.fromkeys(value for lookup in lookups for value in lookup.wanted.references))
    for start in range(0, len(references), AT_ONCE):
        one_of, parameters = odata.In("plb_reference", references[start : start + AT_ONCE])
        options = {"$select": CASE_COLUMNS, "$filter": one_of, **parameters}
        yield read(odata.address(rows.CASES, options))


def _distinct(found: Iterable[Row]) -> list[Row]:
    return list({str(row["plb_key"]): row for row in found}.values())


def _found(lookup: Lookup, messages: Sequence[Row], by_reference: Mapping[str, CaseSummary]) -> Found:
    wanted = lookup.wanted
    on_case = [row for row in messages if row.get("plb_Case")]
    seen = any(row["plb_key"] == lookup.key for row in messages)
    named = {keys.message_key(value): value for value in wanted.message_ids}
    return Found(
        seen,
        ThreadHits(
            by_message_id={
                named[str(row["plb_messagekey"])]: _case_of(row)
                for row in on_case
                if row.get("plb_messagekey") in named
            },
            by_reference={key: by_reference[key] for key in wanted.references if key in by_reference},
            same_message=_first(on_case, lambda row: _same_message(row, lookup)),
            same_fingerprint=tuple(
                (_case_of(row), _on(row))
                for row in on_case
                if wanted.fingerprint and row.get("plb_fingerprint") == wanted.fingerprint
            ),
        ),
    )


def _same_message(row: Row, lookup: Lookup) -> bool:
    own = lookup.own_message_id
    return (
        own is not None
        and row["plb_key"] != lookup.key
        and row.get("plb_messagekey") == keys.message_key(own)
        and row.get("plb_from") == lookup.sender
    )


def _first(found: Sequence[Row], matches: Callable[[Row], bool]) -> CaseSummary | None:
    return next((_case_of(row) for row in found if matches(row)), None)


def _on(row: Row) -> datetime:
    return datetime.fromisoformat(str(row["plb_on"]))


def _case_of(row: Row) -> CaseSummary:
    case = row["plb_Case"]
    assert isinstance(case, Mapping)
    return _summary(case)


def _summary(case: Row) -> CaseSummary:
    closed = case.get("plb_closedon")
    return CaseSummary(
        case_id=UUID(str(case["plb_caseid"])),
        reference=str(case["plb_reference"]),
        request_type=str(case["plb_requesttype"] or ""),
        status=name("plb_case", "plb_status", case["plb_status"]),
        requester=str(case["plb_requester"]),
        participants=tuple(str(case["plb_participants"] or "").split()),
        approver=str(case["plb_approver"]) if case.get("plb_approver") else None,
        closed_on=datetime.fromisoformat(str(closed)) if closed else None,
        opened_by_message=None,
        sensitive=bool(case["plb_sensitive"]),
    )
