"""Sending batches: split, repeat what was refused unread, one entry per part (reference: dataverse.md 5)."""

import uuid
from collections.abc import Sequence
from itertools import chain
from urllib.parse import urlsplit

from connectors.calls import Call, Reply
from connectors.http import Http
from dataverse import looking
from dataverse.batch import Answers, Damaged, decode, encode, split
from dataverse.errors import failure, is_batch
from dataverse.operations import ChangeSet, ChangeSetResult, Operation, Part, Result
from dataverse.replies import result
from sync.errors import NotFound, NotSent, OutcomeUnknown, RemoteError, Throttled

type BatchEntry = Result | ChangeSetResult | RemoteError

ROUNDS = 4  # of one batch; parts that are still refused are handed back
LONGEST_WAIT = 20.0  # seconds of waiting in one batch; a longer wait is handed back


def send_batch(http: Http, root: str, parts: Sequence[Part], *, continue_on_error: bool) -> list[BatchEntry]:
    """One entry per part, in order."""
    entries: list[BatchEntry] = []
    attempt = _patiently if continue_on_error else _until_failure
    for chunk in split(parts):
        stopped = _stopped(entries, continue_on_error)
        if stopped is not None:
            entries += [stopped] * len(chunk)
            continue
        try:
            entries += _looked(http, root, chunk, attempt(http, root, chunk))
        except RemoteError as failed:
            entries += [failed] * len(chunk)
    return entries


def _looked(http: Http, root: str, parts: Sequence[Part], entries: list[BatchEntry]) -> list[BatchEntry]:
    """Read the rows of those parts whose failure may be the echo of their own success."""
    suspects = [place for place, part in enumerate(parts) if looking.suspect(part, entries[place])]
    if not suspects:
        return entries
    asked = [looking.questions(parts[place]) for place in suspects]
    answers = iter(send_batch(http, root, list(chain.from_iterable(asked)), continue_on_error=True))
    for place, questions in zip(suspects, asked, strict=True):
        found = [next(answers) for _ in questions]
        if all(isinstance(each, Result | NotFound) for each in found):
            rows = [each if isinstance(each, Result) else None for each in found]
            entries[place] = looking.proven(parts[place], rows) or entries[place]
    return entries


def _stopped(entries: Sequence[BatchEntry], continue_on_error: bool) -> RemoteError | None:
    """Why the next chunk is not sent: an earlier part failed, or the service cannot take more now."""
    if not entries:
        return None
    last = entries[-1]
    if not continue_on_error and any(isinstance(each, RemoteError) for each in entries):
        return last if isinstance(last, NotSent) else NotSent("not sent: an earlier part of the batch failed")
    return last if isinstance(last, NotSent | Throttled) else None


def _until_failure(http: Http, root: str, parts: Sequence[Part]) -> list[BatchEntry]:
    return _once(http, root, parts, continue_on_error=False)


def _patiently(http: Http, root: str, parts: Sequence[Part]) -> list[BatchEntry]:
    """Send, and send again the parts that were refused unread while the wait is short."""
    entries = _once(http, root, parts, continue_on_error=True)
    left = LONGEST_WAIT
    for number in range(1, ROUNDS):
        again = [index for index, entry in enumerate(entries) if isinstance(entry, Throttled)]
        wait = max((_wait(entries[index], number) for index in again), default=0.0)
        if not again or wait > left:
            break
        left -= wait
        http.pause(wait)
        try:
            fresh = _once(http, root, [parts[index] for index in again], continue_on_error=True)
        except RemoteError as failed:
            fresh = [failed] * len(again)
        for index, entry in zip(again, fresh, strict=True):
            entries[index] = entry
    return entries


def _wait(entry: BatchEntry, number: int) -> float:
    asked = entry.retry_after if isinstance(entry, RemoteError) else None
    return max(asked or 0.0, 0.5 * 2.0**number)


def _once(http: Http, root: str, parts: Sequence[Part], *, continue_on_error: bool) -> list[BatchEntry]:
    """One request. Raises the RemoteError tree when it fails as a whole."""
    boundary = f"batch_{uuid.uuid4()}"
    path = urlsplit(root).path
    headers = {
        "Content-Type": f'multipart/mixed; boundary="{boundary}"',
        "Accept": "application/json",
        "OData-MaxVersion": "4.0",
        "OData-Version": "4.0",
    }
    if continue_on_error:
        headers["Prefer"] = "odata.continue-on-error"
    body = encode(parts, root=path, boundary=boundary)
    replayable = all(part.replayable for part in parts)
    reply = http.request(Call("POST", f"{root}$batch", headers, body, replayable))
    answers = _decoded(reply)
    missing = _missing(answers, continue_on_error)
    filled = chain(answers, [missing] * (len(parts) - len(answers)))
    entries = [_entry(part, answer) for part, answer in zip(parts, filled, strict=False)]
    for entry in entries:
        if isinstance(entry, RemoteError):
            entry.doubtful = reply.doubtful
    return entries


def _decoded(reply: Reply) -> list[Reply | Answers]:
    if not is_batch(reply):
        raise OutcomeUnknown("Dataverse answered a batch with something else; look before repeating")
    try:
        return decode(reply.body, reply.headers["content-type"])
    except Damaged as damage:
        raise OutcomeUnknown(f"{damage}; look before repeating") from damage


def _missing(answers: Sequence[Reply | Answers], continue_on_error: bool) -> RemoteError:
    last = answers[-1] if answers else None
    if not continue_on_error and isinstance(last, Reply) and last.status >= 400:
        return NotSent("not tried: an earlier part of the batch failed")
    return OutcomeUnknown("the batch came back without an answer to this part; look before repeating")


def _entry(part: Part, answer: Reply | Answers | RemoteError) -> BatchEntry:
    if isinstance(answer, RemoteError):
        return answer
    if isinstance(answer, Answers):
        return _set_entry(part, answer)
    shown = part.operations[0] if isinstance(part, ChangeSet) else part
    try:
        return failure(_call(shown, part), answer) or result(answer)
    except RemoteError as failed:
        return failed


def _set_entry(part: Part, answers: Answers) -> BatchEntry:
    wanted = len(part.operations) if isinstance(part, ChangeSet) else 1
    if len(answers.replies) != wanted:
        return OutcomeUnknown(
            "the change set came back with another number of answers; look before repeating"
        )
    try:
        return ChangeSetResult(tuple(result(each) for each in answers.replies))
    except RemoteError as failed:
        return failed


def _call(operation: Operation, part: Part) -> Call:
    """What an error text names. For a failed change set nobody says which change was at fault."""
    if isinstance(part, ChangeSet):
        return Call("change set", f"/({len(part.operations)} changes)")
    return Call(operation.method, "/" + operation.path)
