"""What each trigger does, in plain values: function_app.py only packs and unpacks.

A failure of a service is no failure of the trigger where waiting helps: the next minute plans the same work again.
"""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from api import cases
from api.replies import Reply, ok, problem
from app.wiring import Plumbline
from sync.errors import ConfigurationError, Forbidden, NotFound, RemoteError, Throttled

log = logging.getLogger("plumbline")


@dataclass(frozen=True)
class Plan:
    """Messages for the queues: one for each mailbox, one for the outbox."""

    mailboxes: list[str]
    outbox: str


@dataclass(frozen=True)
class After:
    """Messages that a pull leaves behind."""

    outbox: str | None = None
    again: str | None = None


class Triggers:
    """The use cases as triggers call them. The log says what goes wrong, in words to act on."""

    def __init__(self, load: Callable[[], Plumbline]) -> None:
        """`load` gives the app, or raises ConfigurationError; it is asked again until it succeeds."""
        self._load = load

    @cached_property
    def _app(self) -> Plumbline:
        return self._load()

    def plan(self) -> Plan:
        """One message for each mailbox and one for the outbox."""
        with _told("the round"):
            addresses = self._app.mailboxes()
        return Plan([_message(mailbox=address) for address in addresses], _message(reason="timer"))

    def pull(self, body: bytes) -> After:
        """Take in one mailbox. Raises what another try may mend; reports what it cannot."""
        mailbox = str(json.loads(body)["mailbox"])
        try:
            with _told(f"mailbox {mailbox}"):
                pulled = self._app.pull(mailbox)
        except (Forbidden, NotFound) as error:
            # A person has to grant or mend something; five quick tries would not help.
            log.error("mailbox %s cannot be taken in: %s", mailbox, error)
            return After()
        except Throttled:
            return After()
        taken = pulled.taken
        if taken.decided or taken.set_aside:
            log.info("mailbox %s: %d decided, %d set aside", mailbox, taken.decided, taken.set_aside)
        return After(
            outbox=_message(reason="mail") if taken.effects else None,
            again=_message(mailbox=mailbox) if pulled.more else None,
        )

    def drain(self, _: bytes) -> str | None:
        """One round of the outbox; a message when another is needed."""
        try:
            with _told("the outbox"):
                drained = self._app.drain()
        except Throttled:
            return None
        if drained.given_up:
            log.error("%d effects were given up; plb_error of their rows says why", drained.given_up)
        return _message(reason="more") if drained.more else None

    def poisoned(self, body: bytes) -> None:
        """Work that failed five times, whatever the message holds: one that fails here as well would go unheard."""
        try:
            work = json.loads(body)
        except ValueError:
            work = "a message that is no work of ours"
        what = work.get("mailbox") or "the outbox" if isinstance(work, dict) else work
        log.error("work given up for this round: %s", what)

    def health(self) -> Reply:
        """200 when settings and configuration can be read, else 503; no details for strangers."""
        try:
            self._app.mailboxes()
        except ConfigurationError as error:
            log.error("not ready: %s", error)
            return problem(503, "Not ready", "The configuration cannot be read. The log of the app says why.")
        return ok({"status": "ok"})

    def case(self, reference: str) -> Reply:
        """Where a case stands."""
        return self._answer(lambda: cases.show(self._app.cases, reference))

    def explain(self, reference: str) -> Reply:
        """How a case came to stand there."""
        return self._answer(lambda: cases.explain(self._app.cases, reference))

    def _answer(self, use_case: Callable[[], Reply]) -> Reply:
        try:
            return use_case()
        except ConfigurationError as error:
            log.error("a call cannot be answered: %s", error)
            return problem(
                503,
                "Not ready",
                "The app is not set up completely. Its log says what is missing; tell the person who runs it.",
            )
        except Throttled as error:
            log.warning("the case store asks to wait: %s", error)
            return problem(503, "Busy", "The case store asks for a pause. Try again in a minute.")
        except RemoteError as error:
            log.error("the case store failed: %s", error)
            return problem(
                502, "Case store not reached", "The case store did not answer. Try again in a minute."
            )


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Say why something failed; it still fails, so that the queue or the next minute tries it again."""
    try:
        yield
    except ConfigurationError as error:
        log.error("%s waits until a person acts: %s", what, error)
        raise
    except (Forbidden, NotFound):
        raise
    except RemoteError as error:
        log.warning("%s failed, it is tried again: %s", what, error)
        raise


def _message(**content: str) -> str:
    return json.dumps(content)
