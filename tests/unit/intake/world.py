"""Labelled requests of every type, written in the ways people write."""

from rules.intake import read_request
from schemas.catalogue import IntakeField, RequestType
from schemas.mail import Attachment, LabelledCell, MailMessage
from schemas.reading import Reading
from schemas.thread import Verdict
from tests.unit.conversation.world import mail
from tests.unit.northgate import CATALOGUE, DIRECTORY

_BY_TYPE = {
    "string": "Kestrel Counts Ltd",
    "text": "the door on the left side does not close",
    "date": "16 February 2026",
    "datetime": "11 February 2026, 10:15",
    "money": "£120.50",
    "integer": "1",
    "month": "January 2026",
    "person": "housing.officer4@northgate.example",
    "phone": "01632 960417",
}


def sample(field: IntakeField) -> str:
    """A value that this field takes."""
    if field.type == "enum":
        return field.values[0]
    if field.type == "format":
        return CATALOGUE.formats[field.format or ""].example
    return "9 February 2026" if "not_after" in field.rule else _BY_TYPE[field.type]


def answers(kind: RequestType, alias: int = 0) -> list[tuple[str, str]]:
    """Label and value of every field and every common field that the type may ask for."""
    asked = [field for field in kind.fields if field.type != "attachment"]
    pairs = [(field.labels[alias % len(field.labels)], sample(field)) for field in asked]
    common = {
        "deadline": ("Needed by", "27 February 2026"),
        "business_impact": ("Business impact", "two teams cannot work"),
        "approver": ("Approver", "Housing Services Manager"),
    }
    return pairs + [pair for name, pair in common.items() if kind.intake.get(name) == "required"]


def files(kind: RequestType) -> tuple[Attachment, ...]:
    """One file of each kind that the type wants."""
    wanted = {each for field in kind.fields for each in field.accept[:1]}
    wanted |= set(kind.evidence_rule.accept[:1]) if kind.evidence_rule else set()
    return tuple(
        Attachment(name=f"file.{each}", content_type="application/octet-stream", size=900, sha256=each * 8)
        for each in sorted(wanted)
    )


def request(
    kind: RequestType, text: str, *, cells: tuple[LabelledCell, ...] = (), mailbox: str = ""
) -> MailMessage:
    """A mail of this type from an officer, with its files."""
    box = mailbox or CATALOGUE.queues[kind.owner.queue].address
    given = mail(text, subject="A request", mailbox=box, to=box)
    return given.model_copy(update={"attachments": files(kind), "cells": cells})


def understood(given: MailMessage) -> Reading:
    return read_request(given, Verdict(action="new_case"), CATALOGUE, DIRECTORY)
