"""A mail that opens or answers a case, understood: type, people, values, gaps, files (INT-2, INT-4)."""

import re
from dataclasses import dataclass

from rules.intake import filling
from rules.intake.files import Files, sort_files
from rules.intake.filling import Source
from rules.intake.missing import Gaps
from rules.intake.people import People, read_people
from rules.intake.types import ENOUGH, safe_type, score_types, spoken
from rules.intake.values import Values
from rules.intake.warnings import warnings_of
from rules.labels import all_labels, labelled_pairs, loose_sentences
from rules.text import bare_subject, domain_of, within, words
from schemas.catalogue import Catalogue, RequestType
from schemas.directory import Directory
from schemas.mail import MailMessage
from schemas.reading import Answer, FieldValue, Reading, TypeScore
from schemas.thread import Verdict

_LONGEST_TITLE = 150
_SHOWN_SCORES = 5


@dataclass(frozen=True)
class _Request:
    mail: MailMessage
    verdict: Verdict
    values: Values
    people: People
    files: Files
    source: Source
    queue: str | None

    @property
    def outsider(self) -> bool:
        rules = self.values.catalogue.mail_rules
        return not within(domain_of(self.mail.sender.address), tuple(rules.internal_domains))


def read_request(mail: MailMessage, verdict: Verdict, catalogue: Catalogue, directory: Directory) -> Reading:
    """Understand a mail that opens a case. Never raises; what is not safe stays open for a person."""
    request = _request(mail, verdict, catalogue, directory)
    scores, chosen = _choose_type(request)
    kind = catalogue.request_types.get(chosen or "")
    known = _known(kind, request) if kind else {}
    queue = kind.owner.queue if kind else request.queue or _front_door(catalogue)
    return Reading(
        request_type=chosen,
        type_evidence=scores[:_SHOWN_SCORES],
        triage=kind is None,
        queue=queue,
        move_to=queue if kind and kind.sensitive and queue != request.queue else None,
        values=tuple(known.values()),
        missing=_missing(kind, known, request),
        requester=request.people.requester,
        on_behalf_of=request.people.on_behalf_of,
        participants=request.people.participants,
        attachments_kept=request.files.kept,
        attachments_dropped=request.files.dropped,
        attachments_quarantined=request.files.quarantined,
        title=_title(request, kind),
        need=_need(request),
        warnings=warnings_of(kind, known, request.values.sent.date()) if kind else (),
    )


def read_answer(
    mail: MailMessage,
    request_type: str | None,
    known: tuple[FieldValue, ...],
    catalogue: Catalogue,
    directory: Directory,
    *,
    requester: str | None = None,
) -> Answer:
    """Understand a follow-up to an open case: the values it adds or changes, and what is missing then.

    `known` are the values that the case has; `requester` is its requester, the sender when not given. For a
    case without a type only files are read.
    """
    request = _request(mail, Verdict(action="follow_up"), catalogue, directory)
    kind = catalogue.request_types.get(request_type or "")
    before = {value.field: value for value in known}
    after = _answered(kind, request, before) if kind else before
    day = request.values.sent.date()
    return Answer(
        values=tuple(value for name, value in after.items() if before.get(name) != value),
        missing=Gaps(kind, after, directory, requester or mail.sender.address, day).missing() if kind else (),
        attachments_kept=request.files.kept,
        attachments_dropped=request.files.dropped,
        attachments_quarantined=request.files.quarantined,
    )


def _answered(kind: RequestType, request: _Request, before: dict[str, FieldValue]) -> dict[str, FieldValue]:
    """The values of a case after an answer: new labels replace, files add up, defaults follow their origin."""
    given = filling.labelled(kind, request.source, request.values)
    shapes = filling.by_shape(kind, request.source, request.values, {*before, *given})
    files = {
        name: filling.with_earlier(value, before.get(name))
        for name, value in filling.from_files(kind, request.source).items()
    }
    after = {**before, **files, **shapes, **given}
    defaults = filling.defaults(kind, after)
    moved = {
        name: value for name, value in defaults.items() if name not in after or after[name].source == "rule"
    }
    return {**after, **moved}


def _request(mail: MailMessage, verdict: Verdict, catalogue: Catalogue, directory: Directory) -> _Request:
    people = read_people(mail, catalogue, directory)
    files = sort_files(mail, verdict, catalogue)
    text = "\n\n".join((mail.new_text, *(each.text for each in mail.forwarded)))
    labels = all_labels(catalogue)
    source = Source(labelled_pairs(text, mail.cells, labels), text, loose_sentences(text, labels), files.kept)
    queue = catalogue.queue_of(mail.mailbox)
    values = Values(catalogue, directory, mail)
    return _Request(mail, verdict, values, people, files, source, queue)


def _choose_type(request: _Request) -> tuple[tuple[TypeScore, ...], str | None]:
    """The type that sender or queue fix, else the safe winner among those the sender may ask for."""
    catalogue = request.values.catalogue
    allowed = catalogue.mail_rules.external_allowed.get(request.queue or "") if request.outsider else None
    candidates = [each for each in catalogue.request_types.values() if not allowed or each.id in allowed]
    hint = request.verdict.request_type_hint
    if hint in catalogue.request_types:
        return (
            TypeScore(request_type=hint, score=ENOUGH, signs=("fixed by the sender or the mailbox",)),
        ), hint
    said = spoken(_subject(request), request.source.loose, request.source.pairs)
    scores = score_types(said, candidates, request.queue, request.values)
    guarded = {kind.id for kind in candidates if kind.access is not None}
    return scores, safe_type(scores, guarded)


def _subject(request: _Request) -> str:
    inner = request.people.passed.subject if request.people.passed else ""
    outer = bare_subject(request.mail.subject)
    return outer if bare_subject(inner) in outer else f"{outer} {bare_subject(inner)}"


def _known(kind: RequestType, request: _Request) -> dict[str, FieldValue]:
    """All values, the strongest source first: labels, then shapes, then files, then what is known anyway."""
    given = filling.labelled(kind, request.source, request.values)
    shapes = filling.by_shape(kind, request.source, request.values, given)
    files = filling.from_files(kind, request.source)
    anyway = filling.known_anyway(kind, request.values, request.people.requester, request.outsider)
    found = {**anyway, **files, **shapes, **given}
    own_words = filling.in_own_words(kind, request.source, found)
    return {**filling.defaults(kind, found), **own_words, **found}


def _missing(kind: RequestType | None, known: dict[str, FieldValue], request: _Request) -> tuple[str, ...]:
    if kind is None:
        return ("request_type",)
    day = request.values.sent.date()
    return Gaps(kind, known, request.values.directory, request.people.requester, day).missing()


def _front_door(catalogue: Catalogue) -> str | None:
    """Where people sort what nothing else fits: the queue of this name, else one that no request type belongs to."""
    if "front_door" in catalogue.queues:
        return "front_door"
    owned = {kind.owner.queue for kind in catalogue.request_types.values()}
    return next((name for name in catalogue.queues if name not in owned), None)


def _title(request: _Request, kind: RequestType | None) -> str:
    subject = re.sub(r"\s+", " ", bare_subject(_subject(request))).strip()
    if words(subject):
        return subject[:_LONGEST_TITLE]
    first = next((line.strip() for line in _need(request).split("\n") if line.strip()), "")
    return kind.name if kind else first[:_LONGEST_TITLE] or "(no subject)"


def _need(request: _Request) -> str:
    """The request in the sender's words; a mail without text needs what its subject says."""
    return request.source.text.strip() or bare_subject(request.mail.subject)
