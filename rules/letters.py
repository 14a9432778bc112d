"""The texts that leave the desk, as pure functions (COM-1).

Two forms of one content: plain text, and plain accessible HTML with automatic escaping. A sensitive case names
neither the subject nor anything that was written.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from jinja2 import Environment, Template

from rules.sla import Promise
from schemas.catalogue import Catalogue, RequestType
from schemas.events import CaseOpened

SUBJECT_MAX = 180

_HTML = """<!doctype html>
<html lang="{{ language }}"><body style="font-family: sans-serif; font-size: 11pt">
<p>{{ greeting }}</p>
<table role="presentation" cellpadding="3">
{%- for label, value in rows %}
<tr><th scope="row" align="left">{{ label }}</th><td>{{ value }}</td></tr>
{%- endfor %}
</table>
<p>{{ next_step }}</p>
<p>{{ how_to_reply }}</p>
</body></html>
"""


@dataclass(frozen=True)
class Text:
    """One letter: a subject on one line, plain text, and HTML."""

    subject: str
    text: str
    html: str


def confirmation(
    opened: CaseOpened, kind: RequestType | None, promise: Promise | None, catalogue: Catalogue
) -> Text:
    """Tell the requester the reference, the owner, what is promised and what happens next."""
    queue = catalogue.queues[opened.queue].name
    greeting = f"Thank you. Your request is logged as {opened.reference}."
    rows = [("Reference", opened.reference)]
    if kind and not opened.sensitive:
        rows.append(("Request", kind.name))
    rows.append(("Owner", f"{opened.owner}, {queue}" if opened.owner != queue else queue))
    first_reply = None
    if promise:
        zone = ZoneInfo(catalogue.organisation.time_zone)
        first_reply = in_words(promise.first_response.due, zone)
        rows.append(("First reply by", first_reply))
        rows.append(("Done by", in_words(promise.resolution.due, zone)))
    next_step = _next_step(opened, first_reply)
    how = "Reply to this message to add anything, and keep the reference in the subject."
    lines = [greeting, "", *(f"{label}: {value}" for label, value in rows), "", next_step, "", how]
    html = _template().render(
        language=catalogue.organisation.language,
        greeting=greeting,
        rows=rows,
        next_step=next_step,
        how_to_reply=how,
    )
    return Text(subject(opened, catalogue), "\n".join(lines) + "\n", html)


def subject(opened: CaseOpened, catalogue: Catalogue) -> str:
    """`[NC-004211] Received: access`; without the requester's words where the case is sensitive (SEN-1)."""
    form = catalogue.organisation.case_reference.subject_form
    number = opened.reference.rpartition("-")[2]
    mark = form.replace("0" * catalogue.organisation.case_reference.digits, number)
    words = one_line(opened.title)
    return f"{mark} Received" if opened.sensitive or not words else f"{mark} Received: {words}"[:SUBJECT_MAX]


def one_line(text: str) -> str:
    """Text without line ends or control characters, so that a subject can never smuggle in a header."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def in_words(instant: datetime, zone: ZoneInfo) -> str:
    """An instant as local people say it: Tuesday 10 February 2026, 09:04."""
    local = instant.astimezone(zone)
    return f"{local:%A} {local.day} {local:%B %Y, %H:%M}"


def _next_step(opened: CaseOpened, first_reply: str | None) -> str:
    if opened.request_type is None:
        return "What happens next: somebody reads your message, chooses the right team and tells you."
    when = f"by {first_reply}" if first_reply else "as soon as possible"
    return f"What happens next: the {opened.owner} reads your request and answers you {when}."


@lru_cache(maxsize=1)
def _template() -> Template:
    return Environment(autoescape=True).from_string(_HTML)
