"""The tokens of delta feeds: opaque, bound to their query, refused when edited or lapsed (reference 3.2)."""

import base64
import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

from sandbox.graph import switches
from sandbox.graph.call import Call
from sandbox.graph.errors import GraphError, bad
from sandbox.graph.messages import setting


@dataclass(frozen=True)
class Token:
    """Where a round stands. It is bound to the folder, the form of the ids and the query of the first call.

    A round reports the changes with numbers above `since` up to `upto`; `after` is the last one reported.
    `held` says that the round leaves changes to the next one, `rested` that its last page was empty."""

    generation: int
    issued: str
    folder: str
    immutable: bool
    select: str | None
    expand: str | None
    filter: str | None
    newest: bool
    kind: str | None
    page: int | None
    since: int
    upto: int
    after: tuple[str, int] | None = None
    count: int = 0
    round: int = 0
    pages: int = 0
    held: bool = False
    rested: bool = False

    def text(self) -> str:
        """The opaque form."""
        return seal(list(asdict(self).values()))


def seal(values: list[Any]) -> str:
    """Values as a text that shows when it was edited."""
    content = json.dumps(values).encode()
    return f"{base64.urlsafe_b64encode(content).decode()}.{_mark(content)}"


def _mark(content: bytes) -> str:
    return hashlib.sha256(b"delta" + content).hexdigest()[:24]


def unseal(said: str) -> list[Any]:
    """The values of a text. Raises 400 SyncStateInvalid for one that was edited."""
    packed, _, mark = said.partition(".")
    try:
        content = base64.urlsafe_b64decode(packed)
        if mark != _mark(content):
            raise ValueError("the token was edited")
        return list(json.loads(content))
    except (ValueError, TypeError) as exc:
        raise bad("The sync state is invalid.", "SyncStateInvalid") from exc


def read(call: Call, folder: str, said: str) -> Token:
    """The token of a link. Raises 400 for one of another query, 410 for a lapsed one."""
    try:
        token = Token(*unseal(said))
        token = replace(token, after=(str(token.after[0]), int(token.after[1])) if token.after else None)
    except (TypeError, IndexError) as exc:
        raise bad("The sync state is invalid.", "SyncStateInvalid") from exc
    if token.folder != folder or token.immutable != call.prefer.immutable:
        raise bad("The sync state was made for another query.", "SyncStateInvalid")
    check_age(call, token.generation, token.issued)
    return token


def check_age(call: Call, generation: int, issued: str) -> None:
    """Raises 410 for a lapsed token, with the address that starts anew."""
    highest, minutes = setting(call.db, "deltaGeneration"), switches.get(call.db, "deltaMinutes")
    if generation != highest:
        words = f"The sync state generation is not found; generation={generation};[highest={highest}]."
        raise _lapsed(call, "SyncStateNotFound", words)
    age = call.now - call.now.fromisoformat(issued)
    if minutes and age > timedelta(minutes=minutes):
        raise _lapsed(call, "resyncRequired", "Resync required. The sync state has expired.")


def _lapsed(call: Call, code: str, words: str) -> GraphError:
    error = GraphError(410, code, words)
    error.headers = {"Location": call.link(call.keys["path"], **{"$deltatoken": ""})}
    return error
