"""Carry out the effects that decisions left in the outbox: at least once tried, once visible.

Every letter carries its key as a stamp. A letter whose earlier attempt may have got through is looked for by that
stamp before anything is written again (graph.md 3.7, sync.md section 6).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rules import keys
from schemas.effects import MarkMail, SendLetter
from schemas.records import MessageRecord
from sync.errors import NotFound, NotSent, Rejected, RemoteError, Throttled
from sync.ports import Clock, Dispatch, Letter, MailPort, Mark
from sync.stores import EffectOutcome, EffectStore, PendingEffect

LEASE = 60  # seconds that a claimed effect is left to its worker, which sends nothing after that
LIMIT = 200  # effects of one round: a hundred letters and their marks fill their batches of twenty
MOST_ATTEMPTS = 8  # of a letter that somebody read; a service that is away does not count against it


@dataclass(frozen=True)
class Drained:
    """What a round did. `more` asks for another round."""

    sent: int
    postponed: int
    given_up: int
    more: bool


class Outbox:
    """Drains the outbox."""

    def __init__(self, effects: EffectStore, mail: MailPort, clock: Clock) -> None:
        self._effects = effects
        self._mail = mail
        self._clock = clock

    def drain(self) -> Drained:
        """Carry out one round of due effects and store what became of each."""
        claimed_at = self._clock.now()
        until = claimed_at + timedelta(seconds=LEASE)
        pending = self._effects.claim(claimed_at, LIMIT, LEASE)
        letters = [item for item in pending if isinstance(item.effect, SendLetter)]
        marks = [item for item in pending if isinstance(item.effect, MarkMail)]
        outcomes = [*self._letters(letters, until), *self._marks(marks)]
        if outcomes:
            self._effects.settle(outcomes)
        counts = defaultdict(int, sent=0)
        for outcome in outcomes:
            counts[outcome.state] += 1
        return Drained(
            counts["sent"], counts["waiting"], counts["failed"] + counts["quarantined"], len(pending) == LIMIT
        )

    def _letters(self, pending: Sequence[PendingEffect], until: datetime) -> Iterable[EffectOutcome]:
        for mailbox, items in _by_mailbox(pending).items():
            try:
                yield from self._send(mailbox, items, until)
            except RemoteError as failure:
                # A call failed as a whole: how far it came is not known, and no single letter is to blame.
                yield from (self._postponed(item, failure, doubtful=True) for item in items)

    def _send(self, mailbox: str, items: Sequence[PendingEffect], until: datetime) -> list[EffectOutcome]:
        doubtful = [item.effect.key for item in items if item.doubtful]
        known = self._mail.find(mailbox, doubtful) if doubtful else {}
        missing = [item for item in items if item.effect.key not in known]
        drafts = self._draft([_letter(item) for item in missing])
        places: dict[str, Dispatch | RemoteError] = {**known}
        places |= {item.effect.key: draft for item, draft in zip(missing, drafts, strict=True)}
        if self._clock.now() >= until:
            return []  # another worker may have the letters by now; it finds these drafts, or has sent its own
        ready = [place for place in places.values() if isinstance(place, Dispatch) and not place.sent]
        answers = self._mail.send(mailbox, [place.remote_id for place in ready]) if ready else []
        trouble = {
            place.remote_id: answer
            for place, answer in zip(ready, answers, strict=True)
            if answer is not None
        }
        return [self._outcome(item, places[item.effect.key], trouble) for item in items]

    def _draft(self, letters: Sequence[Letter]) -> list[Dispatch | RemoteError]:
        """Drafts for letters; one whose mail is gone is written as a new mail, so that the promise still arrives."""
        if not letters:
            return []
        drafts = self._mail.draft(letters)
        for place, (letter, draft) in enumerate(zip(letters, drafts, strict=True)):
            if isinstance(draft, NotFound) and letter.answers:
                [drafts[place]] = self._mail.draft([letter.model_copy(update={"answers": None})])
        return drafts

    def _outcome(
        self, item: PendingEffect, place: Dispatch | RemoteError, trouble: dict[str, RemoteError]
    ) -> EffectOutcome:
        if isinstance(place, RemoteError):
            return self._failed(item, place)
        if place.remote_id in trouble:
            return self._failed(item, trouble[place.remote_id], drafted=True)
        sent_at = place.sent_at or self._clock.now()
        return EffectOutcome(
            item,
            "sent",
            remote_id=place.remote_id,
            internet_message_id=place.internet_message_id,
            sent_at=sent_at,
            message=_sent_message(item, place, sent_at),
        )

    def _marks(self, pending: Sequence[PendingEffect]) -> list[EffectOutcome]:
        if not pending:
            return []
        try:
            answers = self._mail.mark([_mark(item) for item in pending])
        except RemoteError as failure:
            return [self._postponed(item, failure, doubtful=True) for item in pending]
        return [
            # A mail that is gone needs no mark any more.
            EffectOutcome(item, "sent", sent_at=self._clock.now())
            if answer is None or isinstance(answer, NotFound)
            else self._failed(item, answer)
            for item, answer in zip(pending, answers, strict=True)
        ]

    def _failed(self, item: PendingEffect, failure: RemoteError, *, drafted: bool = False) -> EffectOutcome:
        """Put an effect back, or give it up. What may lie in the mailbox already is looked for next time."""
        if isinstance(failure, Rejected):
            return EffectOutcome(item, "failed", error=_words(failure))
        return self._postponed(item, failure, doubtful=item.doubtful or drafted)

    def _postponed(self, item: PendingEffect, failure: RemoteError, *, doubtful: bool) -> EffectOutcome:
        nothing_done = isinstance(failure, NotSent | Throttled)
        if item.attempts >= MOST_ATTEMPTS and not nothing_done:
            return EffectOutcome(item, "quarantined", error=_words(failure))
        # What the client asks for may be its own short back-off: ours grows beyond it.
        wait = max(failure.retry_after or 0, min(60 * 2**item.attempts, 3600))
        not_before = self._clock.now() + timedelta(seconds=wait)
        state = "waiting" if nothing_done and not doubtful else "sending"
        return EffectOutcome(item, state, not_before=not_before, error=_words(failure))


def _words(failure: RemoteError) -> str:
    return f"{type(failure).__name__}: {failure}"


def _by_mailbox(pending: Sequence[PendingEffect]) -> dict[str, list[PendingEffect]]:
    groups: dict[str, list[PendingEffect]] = defaultdict(list)
    for item in pending:
        groups[item.effect.mailbox].append(item)
    return groups


def _letter(item: PendingEffect) -> Letter:
    effect = item.effect
    assert isinstance(effect, SendLetter)
    return Letter(
        key=effect.key,
        mailbox=effect.mailbox,
        answers=effect.answers,
        to=effect.to,
        cc=effect.cc,
        subject=effect.subject,
        text=effect.text,
        html=effect.html,
        message_id=effect.message_id,
        headers=effect.headers,
    )


def _mark(item: PendingEffect) -> Mark:
    effect = item.effect
    assert isinstance(effect, MarkMail)
    return Mark(mailbox=effect.mailbox, remote_id=effect.remote_id, categories=effect.categories)


def _sent_message(item: PendingEffect, place: Dispatch, sent_at: object) -> MessageRecord:
    """The record of what was sent, so that an answer to it finds its case (COM-5)."""
    effect = item.effect
    assert isinstance(effect, SendLetter)
    message_id = place.internet_message_id
    return MessageRecord.model_validate(
        {
            "key": keys.digest("out", effect.key),
            "direction": "out",
            "kind": effect.purpose,
            "mailbox": effect.mailbox,
            "remote_id": place.remote_id,
            "internet_message_id": message_id,
            "message_key": keys.message_key(message_id) if message_id else None,
            "sender": effect.mailbox,
            "to": tuple(person.address for person in (*effect.to, *effect.cc)),
            "subject": effect.subject,
            "on": sent_at,
            "new_text": effect.text,
        }
    )
