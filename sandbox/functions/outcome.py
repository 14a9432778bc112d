"""What a function invocation gave back, as plain values."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class HttpReply:
    """An HTTP answer. A header may repeat only as Set-Cookie (azure-functions.md 3)."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True)
class Outcome:
    """The end of one invocation. `texts` holds the text of each output binding that was set."""

    succeeded: bool
    error: str = ""
    http: HttpReply | None = None
    texts: dict[str, str] = field(default_factory=dict)
