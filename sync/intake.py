"""From mails to stored decisions, many mails in few calls.

A wave is a run of mails of one mailbox that cannot depend on each other; its look-ups are one call and its change
sets are another. Two mails that may belong together (an answer, a duplicate) never share a wave.
"""

import logging
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from uuid import UUID

from rules import keys
from rules.case import Case
from rules.conversation import classify, wanted
from rules.decision import Organisation, Refusal, World
from rules.intake import read_answer, read_request
from rules.receive import receive
from rules.records import failed, set_aside
from schemas.commands import ReceiveMail
from schemas.mail import MailMessage, UnreadableMail
from schemas.thread import Verdict, Wanted
from sync.errors import NotFound, PreconditionFailed, Rejected, RemoteError
from sync.ports import Clock
from sync.stores import CaseStore, Change, Found, Lookup, StoredCase

log = logging.getLogger("plumbline")

type Mail = MailMessage | UnreadableMail

WAVE = 40  # mails; a change set holds about 20 rows and a batch at most 1,000 requests
TRIES = 6  # turns in a row in which none of the mails left could be stored
CHANGES_A_CASE = ("follow_up", "duplicate", "delivery_failure")


@dataclass(frozen=True)
class Taken:
    """What one wave did: mails decided, mails set aside, and whether the outbox has something to do."""

    decided: int = 0
    set_aside: int = 0
    effects: bool = False

    def __add__(self, other: "Taken") -> "Taken":
        return Taken(
            self.decided + other.decided, self.set_aside + other.set_aside, self.effects or other.effects
        )


class Intake:
    """Decides on mails and stores the decisions."""

    def __init__(self, organisation: Organisation, cases: CaseStore, clock: Clock) -> None:
        self._organisation = organisation
        self._cases = cases
        self._clock = clock

    def take(self, mails: Sequence[Mail]) -> Taken:
        """Decide on mails in the order in which they were received. Returns when all are stored.

        A mail on which no decision can be made or stored is set aside with the reason; the others go on. Raises
        RemoteError (Throttled, NotSent, OutcomeUnknown, Forbidden) when the store cannot be reached: nothing is
        lost then, since the caller keeps its cursor and the same mails come again.
        """
        done = Taken()
        sound = [self._sound(mail) for mail in mails]
        for wave in waves(sorted(sound, key=lambda mail: mail.received_at), self._organisation):
            done += self._take_wave(wave)
        return done

    def _sound(self, mail: Mail) -> Mail:
        if isinstance(mail, UnreadableMail):
            return mail
        try:
            wanted(mail, self._organisation.catalogue)
        except Exception as fault:
            return broken(mail, fault)
        return mail

    def _take_wave(self, mails: Sequence[Mail]) -> Taken:
        done = Taken()
        left, turns = list(mails), 0
        while left and turns < TRIES:
            changes = self._decide(left)
            outcomes = self._cases.commit([change for _, change in changes]) if changes else []
            again: list[tuple[Mail, Change]] = []
            for (mail, change), outcome in zip(changes, outcomes, strict=True):
                if isinstance(outcome, PreconditionFailed | NotFound):
                    again.append((mail, change))
                else:
                    done += self._settle(mail, change, outcome)
            # Two mails for one case are stored one after the other: only turns that store nothing count.
            turns = turns + 1 if len(again) == len(left) else 0
            left = [mail for mail, _ in again]
        return done + self._stuck(again) if left else done

    def _stuck(self, refused: Sequence[tuple[Mail, Change]]) -> Taken:
        """Set aside what will be refused for ever; raise when another worker was merely quicker each time.

        A case whose mail records were deleted is not found for its mail, yet it is there: without this the mail
        would hold up its mailbox for good.
        """
        done = Taken()
        present = self._cases.load([change.after.case_id for _, change in refused if change.after])
        for mail, change in refused:
            if not _for_ever(change, present):
                raise PreconditionFailed("cases kept changing while mails were added; they will come again")
            done += self._poison(
                mail, "what this mail leads to is stored already, but no record of the mail is"
            )
        return done

    def _settle(self, mail: Mail, change: Change, outcome: RemoteError | None) -> Taken:
        if outcome is None:
            aside = int(any(record.kind == "unreadable" for record in change.decision.messages))
            return Taken(1 - aside, aside, bool(change.decision.effects))
        if isinstance(outcome, Rejected):
            return self._poison(mail, str(outcome))
        raise outcome

    def _poison(self, mail: Mail, reason: str) -> Taken:
        """A mail whose decision the store will never accept is kept with the reason; the others go on."""
        [outcome] = self._cases.commit([Change(failed(mail, reason))])
        if outcome is not None and not isinstance(outcome, PreconditionFailed):
            raise outcome
        return Taken(0, 1, False)

    def _decide(self, mails: Sequence[Mail]) -> list[tuple[Mail, Change]]:
        found = self._cases.find([self._lookup(mail) for mail in mails])
        fresh = [(mail, hit) for mail, hit in zip(mails, found, strict=True) if not hit.seen]
        judged = [(mail, self._judge(mail, hit)) for mail, hit in fresh]
        named = _cases_of(verdict for _, verdict in judged if not isinstance(verdict, UnreadableMail))
        stored = self._cases.load(named)
        numbers = _Numbers(self._cases)
        return [(mail, self._change(mail, verdict, stored, numbers)) for mail, verdict in judged]

    def _lookup(self, mail: Mail) -> Lookup:
        key = keys.mail_key(mail.mailbox, mail.remote_id)
        if isinstance(mail, UnreadableMail):
            nothing = Wanted(message_ids=(), references=(), fingerprint="")
            return Lookup(key, nothing, mail.received_at)
        question = wanted(mail, self._organisation.catalogue)
        return Lookup(key, question, mail.received_at, mail.internet_message_id, mail.sender.address)

    def _judge(self, mail: Mail, found: Found) -> Verdict | UnreadableMail:
        if isinstance(mail, UnreadableMail):
            return mail
        organisation = self._organisation
        try:
            return classify(mail, organisation.catalogue, organisation.directory, found.hits)
        except Exception as fault:
            return broken(mail, fault)

    def _change(
        self,
        mail: Mail,
        verdict: Verdict | UnreadableMail,
        stored: Mapping[UUID, StoredCase],
        numbers: "_Numbers",
    ) -> Change:
        if isinstance(mail, UnreadableMail):
            return Change(set_aside(mail))
        if isinstance(verdict, UnreadableMail):
            return Change(set_aside(verdict))
        number = numbers.take() if verdict.action == "new_case" else None
        reference = "" if number is None else self._organisation.catalogue.reference(number)
        world = World(self._organisation, self._clock.now(), reference)
        try:
            return self._decided(mail, verdict, stored, world)
        except Exception as fault:
            return Change(set_aside(broken(mail, fault)))

    def _decided(
        self, mail: MailMessage, verdict: Verdict, stored: Mapping[UUID, StoredCase], world: World
    ) -> Change:
        changes = verdict.case if verdict.action in CHANGES_A_CASE else None
        before = stored.get(changes.case_id) if changes else None
        case = before.case if before else None
        decision = receive(case, self._understand(mail, verdict, case), world)
        if isinstance(decision, Refusal):
            return Change(failed(mail, decision.reason))
        return Change(decision, before, decision.after(case))

    def _understand(self, mail: MailMessage, verdict: Verdict, case: Case | None) -> ReceiveMail:
        catalogue, directory = self._organisation.catalogue, self._organisation.directory
        if verdict.action == "new_case":
            return ReceiveMail(
                mail=mail, verdict=verdict, reading=read_request(mail, verdict, catalogue, directory)
            )
        if verdict.action == "follow_up" and case:
            opened = case.opened
            answer = read_answer(
                mail, opened.request_type, case.values, catalogue, directory, requester=opened.requester
            )
            return ReceiveMail(mail=mail, verdict=verdict, answer=answer)
        return ReceiveMail(mail=mail, verdict=verdict)


class _Numbers:
    """Counts up from the next free number, asked for once and only when a case is opened."""

    def __init__(self, cases: CaseStore) -> None:
        self._cases = cases
        self._next: int | None = None

    def take(self) -> int:
        number = self._cases.next_number() if self._next is None else self._next
        self._next = number + 1
        return number


def broken(mail: MailMessage, fault: Exception) -> UnreadableMail:
    """A mail on which the rules themselves fail: held for a person. Names the place, never the text."""
    place = traceback.extract_tb(fault.__traceback__)[-1]
    where = f"{type(fault).__name__} in {PurePath(place.filename).name}, line {place.lineno}"
    log.error("no decision on a mail", extra={"mailbox": mail.mailbox, "fault": where})
    return UnreadableMail(
        mailbox=mail.mailbox,
        remote_id=mail.remote_id,
        internet_message_id=mail.internet_message_id,
        received_at=mail.received_at,
        reason=f"the rules could not decide on this mail: {where}",
    )


def waves(mails: Sequence[Mail], organisation: Organisation) -> Iterator[list[Mail]]:
    """Cut mails into runs without ties between them, at most WAVE long, keeping their order."""
    wave: list[Mail] = []
    ties: set[str] = set()
    for mail in mails:
        mine = _ties(mail, organisation)
        if wave and (len(wave) >= WAVE or ties & mine):
            yield wave
            wave, ties = [], set()
        wave.append(mail)
        ties |= mine
    if wave:
        yield wave


def _ties(mail: Mail, organisation: Organisation) -> set[str]:
    if isinstance(mail, UnreadableMail):
        return set()
    question = wanted(mail, organisation.catalogue)
    own = {mail.internet_message_id} if mail.internet_message_id else set()
    return {*question.message_ids, *question.references, question.fingerprint, *own}


def _for_ever(change: Change, present: Mapping[UUID, StoredCase]) -> bool:
    """Whether the refusal cannot come from somebody who was quicker: the case is as it was, or is there already."""
    if change.after is None:
        return True
    now = present.get(change.after.case_id)
    return now is not None and (change.before is None or now.etag == change.before.etag)


def _cases_of(verdicts: Iterable[Verdict | None]) -> list[UUID]:
    named = [verdict.case for verdict in verdicts if verdict and verdict.action in CHANGES_A_CASE]
    return list(dict.fromkeys(case.case_id for case in named if case))
