"""What a decision wants done in the world. Each effect is a row first and an action after (DESIGN.md section 1)."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from schemas.base import Frozen
from schemas.mail import Address


class SendLetter(Frozen):
    """Send one mail from a shared mailbox, exactly once for its key."""

    kind: Literal["letter"] = "letter"
    key: str  # [a-z0-9-]; the sent mail carries it
    mailbox: str
    answers: str | None
    to: tuple[Address, ...]
    cc: tuple[Address, ...] = ()
    subject: str
    text: str
    html: str
    message_id: str | None = None
    headers: Mapping[str, str] = {}
    purpose: str = "confirmation"


class MarkMail(Frozen):
    """Show on a mail in the mailbox what became of it. Doing it twice changes nothing."""

    kind: Literal["mark"] = "mark"
    key: str
    mailbox: str
    remote_id: str
    categories: tuple[str, ...]


type Effect = Annotated[SendLetter | MarkMail, Field(discriminator="kind")]

EFFECT: TypeAdapter[Effect] = TypeAdapter(Effect, config=ConfigDict(defer_build=True))
