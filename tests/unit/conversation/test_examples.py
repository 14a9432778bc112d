"""The sixty example mails become what expected.yaml says."""

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest
import yaml

from connectors.mime import read_mail
from rules.conversation import classify, wanted
from schemas.mail import MailMessage
from schemas.thread import CaseSummary, ThreadHits, Verdict
from tests.unit.northgate import CATALOGUE, DIRECTORY, EXAMPLES

EXPECTED: dict[str, Any] = yaml.safe_load((EXAMPLES / "mail" / "expected.yaml").read_text("utf-8"))


def _existing(entry: dict[str, Any]) -> CaseSummary:
    return CaseSummary(
        case_id=uuid5(NAMESPACE_URL, entry["reference"]),
        reference=entry["reference"],
        request_type=entry["request_type"],
        status=entry["status"],
        requester=entry["requester"],
        participants=tuple(entry["participants"]),
        approver=entry.get("approver"),
        closed_on=entry.get("closed"),
        sensitive=entry["request_type"] == "hr.grievance",
    )


class Desk:
    """Remembers cases and messages as the mails arrive, as a store would."""

    def __init__(self) -> None:
        self.origin: dict[str, str] = {}
        self.references: dict[str, CaseSummary] = {}
        self.messages: dict[str, CaseSummary] = {}
        self.seen: dict[tuple[str | None, str], CaseSummary] = {}
        self.texts: dict[str, list[tuple[CaseSummary, datetime]]] = {}
        for entry in EXPECTED["existing_cases"]:
            case = _existing(entry)
            self.origin[case.reference] = self.references.setdefault(case.reference, case).reference
            self.messages.update(dict.fromkeys(entry["message_ids"], case))

    def receive(self, entry: dict[str, Any], mail: MailMessage) -> Verdict:
        asked = wanted(mail, CATALOGUE)
        own = (mail.internet_message_id, mail.sender.address)
        hits = ThreadHits(
            by_message_id={key: self.messages[key] for key in asked.message_ids if key in self.messages},
            by_reference={key: self.references[key] for key in asked.references if key in self.references},
            same_message=self.seen.get(own) if own[0] else None,
            same_fingerprint=tuple(self.texts.get(asked.fingerprint, ())),
        )
        verdict = classify(mail, CATALOGUE, DIRECTORY, hits)
        if verdict.action == "new_case":
            self._open(entry, mail, asked.fingerprint)
        return verdict

    def _open(self, entry: dict[str, Any], mail: MailMessage, fingerprint: str) -> None:
        reference = entry.get("assigned_reference", f"NC-9{entry['id'][1:].zfill(5)}")
        case = CaseSummary(
            case_id=uuid5(NAMESPACE_URL, entry["id"]), reference=reference, requester=mail.sender.address
        )
        self.origin[reference] = entry["id"]
        self.references[reference] = case
        self.texts.setdefault(fingerprint, []).append((case, mail.received_at))
        if mail.internet_message_id:
            self.messages[mail.internet_message_id] = case
            self.seen[mail.internet_message_id, mail.sender.address] = case


def read_example(entry: dict[str, Any], folder: Path = EXAMPLES / "mail") -> MailMessage:
    mail = read_mail(
        (folder / entry["file"]).read_bytes(),
        mailbox=entry["mailbox"][0],
        remote_id=entry["id"],
        received_at=datetime.fromisoformat(entry["date"]),
    )
    assert isinstance(mail, MailMessage)
    return mail


def _verdicts() -> dict[str, tuple[dict[str, Any], Verdict, str | None]]:
    desk = Desk()
    found = {}
    for entry in EXPECTED["mails"]:
        verdict = desk.receive(entry, read_example(entry))
        found[entry["id"]] = (entry, verdict, desk.origin[verdict.case.reference] if verdict.case else None)
    return found


VERDICTS = _verdicts()


@pytest.mark.parametrize("name", VERDICTS)
def test_an_example_mail_becomes_what_is_expected(name: str) -> None:
    entry, verdict, of = VERDICTS[name]
    assert verdict.action == entry["action"]
    assert verdict.reason == entry.get("reason")
    assert of == entry.get("of")
    assert verdict.related == entry.get("related")
    assert verdict.linked_to == entry.get("linked_to")
    assert verdict.reopen == entry.get("reopen", False)
    assert verdict.only_thanks == entry.get("only_thanks", False)
    assert verdict.trusted_machine == entry.get("trusted_machine", False)
    assert verdict.recipient == entry.get("recipient")
    assert verdict.permanent == entry.get("permanent")
    assert verdict.channel_bypass == (name in {"m036", "m037"})
