"""What each trigger does, in plain values: function_app.py only packs and unpacks.

A failure of a service is no failure of the trigger where waiting helps: the next minute plans the same work again.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass

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
    """The use cases as triggers call them."""

    def __init__(self, app: Plumbline) -> None:
        self._app = app

    def plan(self) -> Plan:
        """One message for each mailbox and one for the outbox."""
        return Plan(
            [_message(mailbox=address) for address in self._app.mailboxes()], _message(reason="timer")
        )

    def pull(self, body: bytes) -> After:
        """Take in one mailbox. Raises what another try may mend; reports what it cannot."""
        mailbox = str(json.loads(body)["mailbox"])
        try:
            pulled = self._app.pull(mailbox)
        except (Forbidden, NotFound) as error:
            # A person has to grant or mend something; five quick tries would not help.
            log.error("mailbox %s cannot be read: %s", mailbox, error)
            return After()
        except Throttled:
            log.warning("mailbox %s is throttled; it is read again in the next round", mailbox)
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
        drained = self._app.drain()
        if drained.given_up:
            log.error("%d effects were given up; plb_error of their rows says why", drained.given_up)
        return _message(reason="more") if drained.more else None

    def poisoned(self, body: bytes) -> None:
        """Work that failed five times."""
        log.error("work given up for this round", extra={"work": sorted(json.loads(body))})

    def health(self) -> Reply:
        """200 when settings and configuration can be read, else 503; no details for strangers."""
        try:
            self._app.mailboxes()
        except ConfigurationError:
            log.exception("configuration cannot be read")
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
        except Throttled as error:
            log.warning("the case store asks to wait: %s", error)
            return problem(503, "Busy", "The case store asks for a pause. Try again in a minute.")
        except RemoteError as error:
            log.error("the case store failed: %s", error)
            return problem(
                502, "Case store not reached", "The case store did not answer. Try again in a minute."
            )


def _message(**content: str) -> str:
    return json.dumps(content)
