"""Machines write, too: what is ignored, and above all what is not."""

# ruff: noqa: E501, ISC004 - mails stand as they would be written

import pytest

from schemas.mail import Attachment
from tests.unit.conversation.world import STRANGER, became, case, judge, mail

ANSWERED = {"In-Reply-To": "<ours@cases.northgate.example>", "References": "<ours@cases.northgate.example>"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"},
        {"Auto-Submitted": "auto-generated; owner-email=x"},
        {"X-Autoreply": "yes"},
        {"X-Autorespond": "vacation"},
        {"X-Auto-Reply-From": "someone"},
        {"Precedence": "auto_reply"},
        {"X-MS-Exchange-Generated-Message-Source": "Mailbox Rules Agent"},
        {"X-MS-Exchange-Inbox-Rules-Loop": "someone@northgate.example"},
    ],
)
def test_a_mail_marked_automatic_is_ignored(headers: dict[str, str]) -> None:
    verdict = judge(mail("I am away.", headers={**headers, **ANSWERED}), ids={ANSWERED["References"]: case()})
    assert became(verdict) == ("ignore", "auto_reply")
    assert verdict.related == "NC-004101"


def test_an_automatic_answer_on_a_closed_case_does_not_reopen_it() -> None:
    closed = case(status="done", closed_on="2026-02-10T09:00:00Z")
    given = mail("I am away.", headers={"Auto-Submitted": "auto-replied", **ANSWERED})
    verdict = judge(given, ids={ANSWERED["References"]: closed})
    assert (verdict.action, verdict.reopen, verdict.case) == ("ignore", False, None)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Out of office Re: Invoice", "Thank you for your email. The office is closed until Monday."),
        ("Automatic reply: Invoice", "I am on leave until 23 February. For urgent matters contact my manager."),
        ("Automatische Antwort: Rechnung", "Vielen Dank für Ihre Nachricht. Ich bin bis 3. März nicht im Büro."),
        ("Abwesenheitsnotiz", "Ich bin derzeit im Urlaub. In dringenden Fällen wenden Sie sich an Frau X."),
        ("Réponse automatique : Facture", "Je suis absent du bureau jusqu'au 3 mars."),
        ("Respuesta automática: Factura", "Estoy de vacaciones hasta el lunes."),
        ("Risposta automatica: fattura", "Sono in ferie fino al 3 marzo."),
        ("Odpowiedź automatyczna: faktura", "Jestem na urlopie do 3 marca. W pilnych sprawach proszę o kontakt z X."),
        ("Automatisch antwoord: factuur", "Ik ben met vakantie tot 3 maart."),
        ("Autosvar: Faktura", "Jag är på semester till den 3 mars."),
        ("Re: Invoice", "I am currently out of the office. I will be back on Monday 16 February."),
        ("Re: Invoice", "Hello,\n\nI am on annual leave until 3 March with no access to email.\n"
                        "For anything urgent please contact purchase@brightwell-supplies.example.\n\nKind regards\nAccounts"),
        ("Automatic reply: Invoice", "Please note that our office is closed. Please call 01632 960400 instead.\n\nPlease think before you print."),
        ("Your ticket 8812", "Your request has been received. This is an automated message, please do not reply to this."),
        ("Re: your mail", "Thank you for contacting us. We have received your message and will respond within two days."),
    ],
)  # fmt: skip
def test_wording_alone_gives_an_automatic_answer_away(subject: str, text: str) -> None:
    given = mail(text, subject=subject, sender=STRANGER, to="finance.help@northgate.example",
                 mailbox="finance.help@northgate.example")  # fmt: skip
    assert became(judge(given)) == ("ignore", "auto_reply")


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Automatic door", "The automatic door at the Civic Centre does not close any more. Please send someone."),
        ("Automatic reply", "How do I switch on an automatic reply for our team mailbox?"),
        ("Automatic reply not working", "My automatic reply is not sent since Monday."),
        ("Out of office", "Please set an out of office message on agency.temp31's mailbox, she is on leave until 3 March."),
        ("Out of office: please set it for agency.temp31", "She is on leave until 3 March."),
        ("RE: Automatic reply: dock", "Thanks for the note. The dock still does not charge, can somebody look at it?"),
        ("Laptop", "I am on annual leave until 3 March. My laptop is broken, it is on my desk for you to collect."),
        ("Laptop", "I am on leave from Monday. Could you collect my laptop before that?"),
        ("Holiday cover", "I am on leave until Monday, so my deputy approves in my absence: culture.head@northgate.example"),
        ("Mailbox", "The shared mailbox is not read by anyone, please remove it."),
        ("Read: the new policy", "I read the new policy and have a question: does it apply to agency staff?"),
    ],
)  # fmt: skip
def test_a_request_that_speaks_of_absence_or_automatics_is_a_request(subject: str, text: str) -> None:
    assert judge(mail(text, subject=subject)).action == "new_case"


def test_an_answer_that_mentions_a_holiday_is_an_answer() -> None:
    given = mail("I am on annual leave until 3 March, my deputy has the laptop.", headers=ANSWERED)
    assert judge(given, ids={ANSWERED["References"]: case()}).action == "follow_up"


def test_asking_others_not_to_answer_proves_nothing() -> None:
    given = mail("My screen is broken, please help.", headers={"X-Auto-Response-Suppress": "All"})
    assert judge(given).action == "new_case"


def test_auto_submitted_no_is_a_person() -> None:
    assert judge(mail("My screen is broken.", headers={"Auto-Submitted": "no"})).action == "new_case"


def test_a_participant_answers_from_a_bulk_system() -> None:
    given = mail("It also happens on the other laptop.", headers={"Precedence": "bulk", **ANSWERED})
    assert judge(given, ids={ANSWERED["References"]: case()}).action == "follow_up"


def test_a_request_by_a_bulk_system_to_the_desk_is_a_request() -> None:
    given = mail("The screen in TH-1.05 is broken, please repair it.", headers={"Precedence": "bulk"})
    assert judge(given).action == "new_case"


def test_a_newsletter_is_ignored() -> None:
    given = mail("Five tips. Can you afford to miss our webinar? Unsubscribe.", sender=STRANGER,
                 headers={"List-Id": "<weekly.example>", "List-Unsubscribe": "<https://x.example>"})  # fmt: skip
    assert became(judge(given)) == ("ignore", "mailing_list")


def test_an_advertisement_without_any_header_of_a_list_is_ignored() -> None:
    given = mail("Office chairs, 20 % off this week only.\n\nTo unsubscribe click here.", subject="Chairs", sender=STRANGER,
                 to="procurement@northgate.example", mailbox="procurement@northgate.example")  # fmt: skip
    assert became(judge(given)) == ("ignore", "mailing_list")


def test_a_newsletter_sent_by_a_machine_is_still_a_list() -> None:
    given = mail(
        "Five tips.", sender=STRANGER, headers={"List-Id": "<x>", "Auto-Submitted": "auto-generated"}
    )
    assert became(judge(given)) == ("ignore", "mailing_list")


def test_an_announcement_to_all_staff_asks_the_desk_for_nothing() -> None:
    given = mail("The car park is closed on Friday. Please use the depot and tell your visitors.",
                 to="all.staff@northgate.example", headers={"List-Id": "All staff <all.staff.northgate.example>"})  # fmt: skip
    assert became(judge(given)) == ("ignore", "mailing_list")


@pytest.mark.parametrize(
    ("to", "text"),
    [
        ("it.help@northgate.example", "Our projector is broken. Please repair it before Friday."),
        ("managers@northgate.example", "Could you set up the projector in TH-1.05 for us on Friday?"),
        ("managers@northgate.example", "Item: monitor\nQuantity: 2\nCost centre: HS3100"),
    ],
)
def test_a_colleague_may_ask_through_a_list(to: str, text: str) -> None:
    given = mail(text, to=to, headers={"List-Id": "Managers <managers.northgate.example>"})
    assert judge(given).action == "new_case"


def test_a_supplier_sends_an_invoice_through_a_bulk_system() -> None:
    given = mail("Our invoice BW-1 is attached.", subject="Invoice BW-1", sender=STRANGER,
                 to="finance.help@northgate.example", mailbox="finance.help@northgate.example",
                 headers={"Precedence": "bulk"})  # fmt: skip
    with_file = given.model_copy(update={"attachments": (_file("BW-1.pdf"),)})
    assert judge(with_file).action == "new_case"


def test_a_trusted_machine_opens_a_case_of_its_type() -> None:
    given = mail("Backup of the finance ledger failed.", sender="backup-monitor@northgate.example",
                 headers={"Auto-Submitted": "auto-generated", "Precedence": "bulk"})  # fmt: skip
    verdict = judge(given)
    assert (verdict.action, verdict.trusted_machine, verdict.request_type_hint) == (
        "new_case",
        True,
        "it.incident",
    )


def test_a_machine_that_nobody_trusts_opens_nothing() -> None:
    given = mail(
        "Toner low.", sender="printer9@northgate.example", headers={"Auto-Submitted": "auto-generated"}
    )
    assert became(judge(given)) == ("ignore", "auto_reply")


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("", ""),
        ("Thank you", "Thank you very much!"),
        ("Recall: Laptop order", "Housing Officer 12 would like to recall the message, \"Laptop order\"."),
        ("Power cut on Sunday", "The power in our office is off on Sunday. For information only, no action needed."),
    ],
)  # fmt: skip
def test_a_mail_that_wants_nothing_opens_nothing(subject: str, text: str) -> None:
    assert became(judge(mail(text, subject=subject))) == ("ignore", "no_request")


def test_a_subject_alone_can_be_the_request() -> None:
    assert judge(mail("", subject="Heating broken in TH-2.14")).action == "new_case"


def _file(name: str) -> Attachment:
    return Attachment(name=name, content_type="application/pdf", size=900, sha256="0" * 64)
