"""People, files, gaps and places of a request; and that nothing a mail holds can make the rules fail."""

# ruff: noqa: E501 - mails stand as they would be written

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.conversation import classify, wanted
from rules.intake import read_answer, read_request, sort_files
from schemas.mail import Address, Attachment, AttachmentKind, Forwarded, MailMessage
from schemas.reading import FieldValue
from schemas.thread import ThreadHits, Verdict
from tests.unit.conversation.world import RECEIVED, mail
from tests.unit.intake.world import understood
from tests.unit.northgate import CATALOGUE, DIRECTORY

ACCESS = "System: housing system\nAccess level: read\nAccount: me\nNeeded by: Friday\nImpact: I cannot work\nApprover: my manager"
COLLEAGUE = Address(address="housing.officer4@northgate.example", name="Housing Officer 4")
OUTSIDER = Address(address="billing@sparkle-sitecare.example", name="Sparkle")


def file(name: str, kind: AttachmentKind = AttachmentKind.FILE, **values: object) -> Attachment:
    basics = {"content_type": "application/pdf", "size": 900, "sha256": name, "kind": kind}
    return Attachment.model_validate({"name": name, **basics, **values})


def passed_on(
    sender: Address, text: str = "My screen is broken.", note: str = "Please sort this."
) -> MailMessage:
    return mail(note, subject="FW: screen").model_copy(
        update={"forwarded": (Forwarded(sender=sender, text=text, subject="screen"),)}
    )


def test_a_forward_of_a_colleague_asks_for_the_colleague() -> None:
    found = understood(passed_on(COLLEAGUE))
    assert (found.requester, found.on_behalf_of) == (COLLEAGUE.address, COLLEAGUE.address)
    assert found.participants == ("housing.officer12@northgate.example",)
    assert "My screen is broken." in found.need


def test_a_forward_from_outside_asks_for_the_forwarder() -> None:
    assert understood(passed_on(OUTSIDER)).requester == "housing.officer12@northgate.example"


def test_a_long_note_above_a_forward_is_a_request_of_its_own() -> None:
    note = "I would like to have a second screen for my own desk. " * 8
    assert understood(passed_on(COLLEAGUE, note=note)).requester == "housing.officer12@northgate.example"


def test_known_colleagues_in_copy_take_part() -> None:
    given_ = mail(
        ACCESS, to="it.help@northgate.example, housing.manager@northgate.example, all.staff@northgate.example"
    )
    assert understood(given_).participants == ("housing.manager@northgate.example",)


def test_sensitive_work_leaves_a_common_inbox() -> None:
    text = "Employee number: E008405\nFirst day: 10 February 2026\nExpected return: 13 February 2026"
    found = understood(mail(text, mailbox="hr@northgate.example"))
    assert (found.request_type, found.queue, found.move_to) == (
        "hr.absence",
        "hr_confidential",
        "hr_confidential",
    )
    assert found.missing == ()


def test_a_fit_note_is_asked_for_after_seven_days() -> None:
    text = "Employee number: E008405\nFirst day: 4 February 2026\nExpected return: 13 February 2026"
    absent = mail(text, mailbox="hr@northgate.example")
    assert understood(absent).missing == ("fit_note",)
    assert understood(absent.model_copy(update={"attachments": (file("note.jpg"),)})).missing == ()


def test_a_value_that_fits_nothing_is_still_missing() -> None:
    found = understood(mail(ACCESS.replace("read", "the usual one"), mailbox="access@northgate.example"))
    assert found.missing == ("access_level",)


def test_administrators_need_an_end_date() -> None:
    found = understood(mail(ACCESS.replace("read", "administrator"), mailbox="access@northgate.example"))
    assert found.missing == ("access_until",)


@pytest.mark.parametrize(
    ("amount", "quotes", "missing"),
    [("£900", 1, ()), ("£5,001", 2, ("evidence",)), ("£5,001", 3, ()), ("£900", 0, ("evidence",))],
)
def test_dear_purchases_need_three_quotes(amount: str, quotes: int, missing: tuple[str, ...]) -> None:
    text = (f"Description: bark\nAmount: {amount}\nSupplier: Greenfold\nCost centre: PK5300\nNeeded by: 6 March 2026\n"
            "Impact: closed\nApprover: Environment Manager")  # fmt: skip
    files = tuple(file(f"quote{number}.pdf") for number in range(quotes))
    found = understood(
        mail(text, mailbox="procurement@northgate.example").model_copy(update={"attachments": files})
    )
    assert found.missing == missing


def test_a_cost_centre_that_nobody_owns_finds_no_approver() -> None:
    text = "Item: monitor\nQuantity: 1\nDeliver to: TH-1.05\nCost centre: ZZ9999\nNeeded by: 27 February 2026"
    assert understood(mail(text)).missing == ("approver",)


def test_the_requesters_own_number_is_known() -> None:
    text = "Pay period: January 2026\nProblem: pension"
    found = understood(mail(text, mailbox="payroll@northgate.example"))
    assert found.value("employee_number") == "E007812"
    assert found.missing == ()


def test_a_mail_without_a_safe_type_waits_for_a_person() -> None:
    found = understood(mail("Please help.", subject="Question", mailbox="servicedesk@northgate.example"))
    assert (found.request_type, found.triage, found.queue, found.missing) == (
        None,
        True,
        "front_door",
        ("request_type",),
    )


def test_a_concern_never_becomes_an_ordinary_question() -> None:
    text = "My manager wrote that the annual leave policy is not for people like me. I want to raise a grievance about bullying."
    assert understood(mail(text, subject="Annual leave", mailbox="hr@northgate.example")).request_type in {
        None,
        "hr.grievance",
    }


def test_a_word_in_passing_to_another_department_is_no_request() -> None:
    text = "We are at annual leave policy training on Friday, please book a room."
    assert understood(mail(text, subject="Room", mailbox="facilities@northgate.example")).request_type is None


def test_a_plain_request_to_the_wrong_desk_still_finds_its_queue() -> None:
    found = understood(
        mail("I was underpaid by £45.", subject="Payslip January", mailbox="hr@northgate.example")
    )
    assert (found.request_type, found.queue) == ("fin.payroll_query", "payroll")


def test_an_outsider_can_only_ask_for_what_the_queue_takes_from_outside() -> None:
    given_ = mail("Password reset please. New supplier form and bank details.", subject="New supplier", sender="a@b.test",
                  mailbox="procurement@northgate.example")  # fmt: skip
    assert understood(given_).request_type in {"fin.supplier_setup", "fin.invoice_query", None}


def test_a_title_is_never_empty() -> None:
    assert understood(
        mail("Pay period: January 2026\nProblem: pension", subject="", mailbox="payroll@northgate.example")
    ).title
    assert understood(mail("", subject="")).title == "(no subject)"
    assert understood(mail("x", subject="Re: FW: AW: screen")).title == "screen"


def test_files_are_sorted() -> None:
    logo = {"content_type": "image/png", "inline": True, "content_id": "i"}
    files = (
        file("invoice.pdf"), file("image001.png", **logo), file("screenshot.png", **logo), file("image002.png", **{**logo, "size": 90_000}),
        file("smime.p7s", AttachmentKind.SIGNATURE), file("winmail.dat", AttachmentKind.TNEF), file("run.exe"),
        file("film.pdf", size=26_000_000),
    )  # fmt: skip
    given_ = mail("x").model_copy(update={"attachments": files})
    found = sort_files(given_, Verdict(action="new_case"), CATALOGUE)
    assert found.kept == ("invoice.pdf", "screenshot.png", "image002.png")
    assert found.dropped == ("image001.png", "smime.p7s", "winmail.dat")
    assert found.quarantined == ("run.exe", "film.pdf")
    held = sort_files(given_, Verdict(action="hold", reason="phishing"), CATALOGUE)
    assert held.kept == ()
    assert "invoice.pdf" in held.quarantined


def test_an_answer_replaces_an_earlier_value() -> None:
    known = (FieldValue(field="access_level", value="read"),)
    found = read_answer(mail("Level: administrator"), "it.access_request", known, CATALOGUE, DIRECTORY)
    assert [value.value for value in found.values if value.field == "access_level"] == ["administrator"]
    assert "access_until" in found.missing


def test_files_of_answers_add_up() -> None:
    known = (
        FieldValue(field="amount", value="6000.00"),
        FieldValue(field="evidence", value="a.pdf; b.pdf", source="attachment"),
    )
    given_ = mail("one more").model_copy(update={"attachments": (file("c.pdf"),)})
    found = read_answer(given_, "fin.purchase_request", known, CATALOGUE, DIRECTORY)
    assert [value.value for value in found.values] == ["a.pdf; b.pdf; c.pdf"]
    assert "evidence" not in found.missing


def test_a_deadline_follows_the_date_that_it_came_from() -> None:
    known = (
        FieldValue(field="start_date", value="2026-03-02"),
        FieldValue(field="deadline", value="2026-03-02", source="rule"),
    )
    found = read_answer(mail("Start date: 9 March 2026"), "hr.new_starter", known, CATALOGUE, DIRECTORY)
    assert {value.field: value.value for value in found.values} == {
        "start_date": "2026-03-09",
        "deadline": "2026-03-09",
    }


def test_a_program_in_an_answer_is_set_aside() -> None:
    given_ = mail("here").model_copy(update={"attachments": (file("run.exe"),)})
    assert read_answer(given_, "it.incident", (), CATALOGUE, DIRECTORY).attachments_quarantined == (
        "run.exe",
    )


def test_an_answer_to_a_case_without_a_type_keeps_its_files() -> None:
    given_ = mail("here").model_copy(update={"attachments": (file("a.pdf"),)})
    assert read_answer(given_, None, (), CATALOGUE, DIRECTORY).attachments_kept == ("a.pdf",)


TEXT = st.text(max_size=400) | st.sampled_from(
    [ACCESS, "Site: x\n" * 50, "From: a\nSubject: b\n", "£1,2,3.4.5 " * 20, "NC-004101", "31/02/2026 25:99"]
)
ADDRESS = st.builds(
    Address,
    address=st.text(max_size=30) | st.just("x@northgate.example") | st.just("a@xn--.test"),
    name=st.text(max_size=20),
)
FILE = st.builds(
    Attachment, name=st.text(max_size=20), content_type=st.text(max_size=20), size=st.integers(0, 10**9), sha256=st.text(max_size=5),
    kind=st.sampled_from(AttachmentKind), inline=st.booleans(),
)  # fmt: skip
MAILS = st.builds(
    MailMessage,
    mailbox=st.sampled_from(["hr@northgate.example", "x"]), remote_id=st.just("r"), internet_message_id=st.none() | st.text(max_size=20),
    in_reply_to=st.tuples(st.text(max_size=5)), references=st.tuples(st.text(max_size=5)), sender=ADDRESS, reply_to=st.tuples(ADDRESS),
    return_path=st.none() | st.text(max_size=5), to=st.tuples(ADDRESS), subject=TEXT, received_at=st.just(RECEIVED),
    headers=st.dictionaries(st.sampled_from(["precedence", "auto-submitted", "list-id", "content-class"]), st.just(()) | st.tuples(st.text(max_size=9))),
    text=TEXT, new_text=TEXT, attachments=st.tuples(FILE), forwarded=st.just(()) | st.tuples(st.builds(Forwarded, sender=st.none() | ADDRESS, text=TEXT)),
    calendar_method=st.none() | st.text(max_size=5), stamp=st.none(), faults=st.just(()),
)  # fmt: skip


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(MAILS)
def test_no_mail_makes_the_rules_fail(any_mail: MailMessage) -> None:
    wanted(any_mail, CATALOGUE)
    verdict = classify(any_mail, CATALOGUE, DIRECTORY, ThreadHits())
    found = read_request(any_mail, verdict, CATALOGUE, DIRECTORY)
    assert found.triage == (found.request_type is None)
    read_answer(any_mail, "it.access_request", (), CATALOGUE, DIRECTORY)
