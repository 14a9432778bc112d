"""Which calls a rule is about, and on which of them it fires."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from sandbox.faults.model import CHANNELS, SERVICES, draw
from sandbox.models import Model

type Count = Annotated[int, Field(ge=1)]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as exc:
        raise ValueError(f"it is no regular expression ({exc})") from exc
    return text


def _service(name: str) -> str:
    known = (*SERVICES, *CHANNELS)
    if name not in known:
        raise ValueError(f"services are {', '.join(known)}")
    return name


def _method(name: str) -> str:
    if name not in METHODS:
        raise ValueError(f"methods are {', '.join(METHODS)}, in capitals")
    return name


class Match(Model):
    """Conditions of a rule. All that are given must hold.

    `path` is searched in path and query as written. `part` wants the parts of batches instead of whole calls.
    Of the calls that match, the first `after` pass; then `nth` counts, `probability` is drawn with the `seed`,
    and after `times` effects the rule is spent."""

    service: Annotated[str, AfterValidator(_service)] | None = None
    method: Annotated[str, AfterValidator(_method)] | None = None
    path: Annotated[str, AfterValidator(_pattern)] | None = None
    part: bool = False
    nth: Count | Annotated[list[Count], Field(min_length=1)] | None = None
    after: Annotated[int, Field(ge=0)] = 0
    times: Count | None = None
    probability: Annotated[float, Field(gt=0, le=1)] | None = None
    seed: int = 0

    def concerns(self, service: str, method: str, target: str, part: bool) -> bool:
        """Say whether the call is counted by this rule."""
        return (
            part == self.part
            and self.service in (None, service)
            and self.method in (None, method)
            and (self.path is None or re.search(self.path, target) is not None)
        )

    def due(self, seen: int) -> bool:
        """Say whether the rule fires on the matching call with this number, counted from 1."""
        number = seen - self.after
        if number < 1:
            return False
        if self.nth is not None and number not in ([self.nth] if isinstance(self.nth, int) else self.nth):
            return False
        return self.probability is None or draw(self.seed, seen).random() < self.probability
