"""Around the mails: a mailbox that may not be read, refusals, calls by hand; and that nothing leaks meanwhile."""

import re
from email.message import EmailMessage

import pytest

from dataverse.operations import Operation
from tests.journeys.mails import IT, mail
from tests.journeys.world import World

pytestmark = pytest.mark.timeout(120)
PAYROLL = "payroll@northgate.example"
CONFIDENTIAL = "confidential.hr@northgate.example"
CANARY = "canary7q"
REMEDY = "Application Mail.ReadWrite"


def canary(number: int, *, sender: str = "planning.officer@northgate.example") -> EmailMessage:
    """A mail that has the canary in its subject, its text, its sender's name and its attachment's name."""
    made = mail(
        number,
        f"Broken {CANARY} subject {number}",
        text=f"Needed by: 12 February 2026\nThe {CANARY} text {number} says what is broken.\n",
        sender=f"{CANARY} Name <{sender}>",
        message_id=f"<{CANARY}-{number}@mail.northgate.example>",
    )
    made.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename=f"{CANARY} file.pdf")
    return made


@pytest.fixture(scope="module")
def shut_mailbox(running: World) -> list[dict[str, object]]:
    """Payroll may not be read for two rounds, IT may; then payroll may again."""
    running.control("PUT", f"mailboxes/{PAYROLL}", {"access": False})
    waiting = running.deliver(PAYROLL, mail(1, "Payslip", text="My payslip lacks the overtime.\n").as_bytes())
    good = running.deliver(IT, mail(2, "Mouse", text="My mouse is broken.\n").as_bytes())
    running.settle(good)
    before = len(_errors(running))
    running.round()
    running.round()
    rounds = len(_errors(running)) - before
    running.control("PUT", f"mailboxes/{PAYROLL}", {"access": True})
    running.settle(waiting)
    return [*running.taken(good, waiting), {"errors": rounds}]


def _errors(running: World) -> list[str]:
    return [line for line in running.logs().splitlines() if " ERROR " in line and PAYROLL in line]


def test_a_mailbox_that_may_not_be_read_is_named_with_the_missing_role(
    running: World, shut_mailbox: object
) -> None:
    assert all(REMEDY in line for line in _errors(running))


def test_it_is_named_once_a_round(shut_mailbox: list[dict[str, object]]) -> None:
    assert shut_mailbox[2] == {"errors": 2}


def test_the_other_mailboxes_go_on_and_it_is_taken_later(shut_mailbox: list[dict[str, object]]) -> None:
    assert [each["action"] for each in shut_mailbox[:2]] == ["new_case", "new_case"]


@pytest.fixture(scope="module")
def canaries(running: World) -> dict[str, dict[str, object]]:
    """Mails of every kind, also while Dataverse refuses a row and Graph a mailbox."""
    mails = {
        "normal": running.deliver(IT, canary(10).as_bytes()),
        "sensitive": running.deliver(CONFIDENTIAL, canary(11).as_bytes()),
        "held": running.deliver(IT, canary(12, sender=f"{CANARY}@elsewhere.example").as_bytes()),
        "unreadable": running.deliver(IT, f"\r\n{CANARY}\r\n".encode() * 20),
        "damaged": running.deliver(IT, canary(13).as_bytes()[:-120]),
    }
    running.settle(*mails.values())
    _limit_subject(running, 3)
    mails["refused"] = running.deliver(IT, canary(14).as_bytes())
    running.settle(mails["refused"])
    _limit_subject(running, 400)
    running.control("PUT", f"mailboxes/{PAYROLL}", {"access": False})
    running.deliver(PAYROLL, canary(15).as_bytes())
    running.round()
    running.control("PUT", f"mailboxes/{PAYROLL}", {"access": True})
    return dict(zip(mails, running.taken(*mails.values()), strict=True))


def _limit_subject(running: World, most: int) -> None:
    """Let Dataverse refuse what is longer, as an administrator could."""
    path = "EntityDefinitions(LogicalName='plb_message')/Attributes(LogicalName='plb_subject')"
    client = running.replay.app.dataverse
    definition = client.get(f"{path}/Microsoft.Dynamics.CRM.StringAttributeMetadata")
    body = {**definition, "@odata.type": "Microsoft.Dynamics.CRM.StringAttributeMetadata", "MaxLength": most}
    client.send(Operation("PUT", path, body, {"MSCRM.MergeLabels": "true"}))


def test_each_kind_of_mail_is_what_it_should_be(canaries: dict[str, dict[str, object]]) -> None:
    assert {name: each["action"] for name, each in canaries.items()} == {
        "normal": "new_case",
        "sensitive": "new_case",
        "held": "hold",
        "unreadable": "hold",
        "damaged": "new_case",
        "refused": "hold",
    }
    assert canaries["sensitive"]["sensitive"]
    assert "plb_subject" in str(canaries["refused"]["unreadable"])
    assert CANARY not in str(canaries["refused"]).lower()


def test_nothing_private_reaches_a_log(running: World, canaries: object) -> None:
    for said in (running.logs(), running.said()):
        assert CANARY not in said.lower()


def test_no_key_secret_or_token_reaches_a_log(running: World, canaries: object) -> None:
    host, sandbox = running.host.description, running.lab.sandbox.description
    for said in (running.logs(), running.said()):
        for secret in (host["functionKey"], host["masterKey"], sandbox["clientSecret"]):
            assert secret not in said
        assert not re.search(r"eyJ[\w-]{10,}\.", said)
        assert "Bearer" not in said


def test_a_sensitive_case_shows_no_name_subject_or_value(
    running: World, canaries: dict[str, dict[str, object]]
) -> None:
    reference = canaries["sensitive"]["case"]
    for path in (f"/api/v1/cases/{reference}", f"/api/v1/cases/{reference}/explain"):
        answer = running.call("GET", path)
        assert answer.status_code == 200
        assert CANARY not in answer.text.lower()
        assert "planning.officer" not in answer.text


@pytest.mark.parametrize(
    ("path", "key", "status", "words"),
    [
        (f"/api/v1/cases/{CANARY}", "functionKey", 400, "such as NC-004211"),
        ("/api/v1/cases/NC-999999", "functionKey", 404, "There is no case NC-999999. Check the reference."),
        ("/api/v1/cases/NC-999999/explain", "functionKey", 404, "There is no case NC-999999."),
    ],
)
def test_a_wrong_call_is_told_what_is_wrong_and_the_remedy(
    running: World, path: str, key: str, status: int, words: str
) -> None:
    answer = running.call("GET", path, key=key)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert words in answer.json()["detail"]
    assert CANARY not in answer.text


@pytest.mark.parametrize("key", ["wrong", None])
def test_a_wrong_or_missing_key_is_401(running: World, key: str | None) -> None:
    answer = running.call("GET", "/api/v1/cases/NC-000001", key=key)
    assert answer.status_code == 401
