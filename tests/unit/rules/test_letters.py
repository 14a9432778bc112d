from datetime import UTC, datetime
from pathlib import Path

from rules.letters import confirmation
from rules.sla import due_times
from schemas.events import CaseOpened
from schemas.loading import load_catalogue

CATALOGUE = load_catalogue(
    (Path(__file__).parents[3] / "examples" / "northgate" / "catalogue.yaml").read_text(encoding="utf-8")
)
START = datetime(2026, 3, 28, 22, 50, tzinfo=UTC)


def opened(**changes: object) -> CaseOpened:
    return CaseOpened.model_validate(
        {
            "reference": "NC-004211",
            "source_key": "s",
            "request_type": "it.account_recovery",
            "title": "access",
            "need": "x",
            "requester": "a@northgate.example",
            "channel": "mail",
            "received_on": START,
            "department": "IT",
            "queue": "it_help",
            "owner": "IT Service Desk Lead",
            "owner_address": "it.manager@northgate.example",
            "backup": "it.duty@northgate.example",
            "sensitive": False,
            "catalogue_version": "1",
            **changes,
        }
    )


def letter(**changes: object):
    case = opened(**changes)
    kind = CATALOGUE.request_types.get(case.request_type or "")
    promise = due_times(kind.sla, "P3", CATALOGUE.calendars, START) if kind else None
    return confirmation(case, kind, promise, CATALOGUE)


def test_a_confirmation_names_reference_owner_promised_times_and_next_step() -> None:
    text = letter()
    assert text.subject == "[NC-004211] Received: access"
    for words in (
        "NC-004211",
        "Password or sign-in method reset",
        "IT Service Desk Lead, IT Help",
        "Monday 30 March 2026, 09:00",
        "Monday 30 March 2026, 12:30",
        "What happens next",
        "keep the reference in the subject",
    ):
        assert words in text.text
        assert words in text.html


def test_a_sensitive_case_repeats_nothing_that_was_written() -> None:
    text = letter(sensitive=True, title="canary-subject", need="canary-need")
    assert text.subject == "[NC-004211] Received"
    assert "canary" not in text.text + text.html
    assert "Password or sign-in" not in text.text + text.html


def test_a_subject_cannot_smuggle_in_a_header() -> None:
    text = letter(title="hello\r\nBcc: everyone@northgate.example\x00\u2028x")
    assert text.subject == "[NC-004211] Received: hello Bcc: everyone@northgate.example x"
    assert text.subject.isprintable()


def test_a_request_without_a_type_promises_no_time() -> None:
    text = letter(request_type=None, queue="front_door", owner="Service Desk Front Door")
    assert "First reply by" not in text.text
    assert "chooses the right team" in text.text


def test_html_is_escaped() -> None:
    text = letter(owner="<script>alert(1)</script>")
    assert "<script>" not in text.html
