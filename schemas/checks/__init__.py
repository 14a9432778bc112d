"""What the models alone cannot see: names that must exist elsewhere in the file, hours that make sense.

Each check reads only the places it needs, so that all faults of a file come in one go, of form and of meaning.
"""

import re

from schemas.checks.calendars import calendar_findings
from schemas.checks.desk import desk_findings
from schemas.checks.request_types import Menu
from schemas.documents import Document, Fault
from schemas.parts import Findings, Part, used_once

_ADDRESS = re.compile(r"^[^@\s]+@[^@\s]+$")


def catalogue_faults(document: Document) -> list[Fault]:
    """Faults of meaning in a catalogue, as far as its form is right."""
    file = Part(document.content)
    return _faults(document, _catalogue(file))


def directory_faults(document: Document) -> list[Fault]:
    """Addresses that are none or stand twice."""
    return _faults(document, _addresses(Part(document.content)["people"]))


def knowledge_faults(document: Document) -> list[Fault]:
    """Articles that stand twice."""
    articles = Part(document.content)["articles"]
    return _faults(document, used_once(list(articles.parts()), "in the list"))


def _faults(document: Document, findings: Findings) -> list[Fault]:
    return [document.fault(path, rule) for path, rule in findings]


def _catalogue(file: Part) -> Findings:
    yield from desk_findings(file)
    for calendar in file["calendars"].parts():
        yield from calendar_findings(calendar)
    yield from used_once(list(file["request_types"].parts()), "in the catalogue")
    yield from Menu(file).findings()


def _addresses(people: Part) -> Findings:
    seen: set[str] = set()
    for person in people.parts():
        address = person["address"]
        if address.text is None:
            continue
        if not _ADDRESS.match(address.text):
            yield address.path, f"{address.text!r} is not a mail address"
        if address.text.lower() in seen:
            yield address.path, f"{address.text} stands twice; keep one"
        seen.add(address.text.lower())
