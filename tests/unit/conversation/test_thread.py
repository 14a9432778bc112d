"""Which case a mail belongs to, and who may touch it (MAIL-1, MAIL-2)."""

# ruff: noqa: E501 - mails stand as they would be written

import pytest

from rules.conversation import wanted
from tests.unit.conversation.world import OFFICER, STRANGER, became, case, judge, mail
from tests.unit.northgate import CATALOGUE

OURS = "<nc-004101.1ac1bbdefa40d45dfef13e8d@cases.northgate.example>"
ANSWERED = {"In-Reply-To": OURS, "References": f"<first@mail.example> {OURS}"}
COLLEAGUE = "Planning Manager <planning.manager@northgate.example>"
GRIEVANCE = case("NC-004152", request_type="hr.grievance", sensitive=True)


def test_an_answer_to_a_known_message_belongs_to_its_case() -> None:
    verdict = judge(mail("It closes there too.", headers=ANSWERED), ids={OURS: case()})
    assert (verdict.action, verdict.case) == ("follow_up", case())


def test_the_nearest_known_message_decides() -> None:
    headers = {"In-Reply-To": "<unknown@x>", "References": "<old@x> <new@x> <unknown@x>"}
    verdict = judge(
        mail("News.", headers=headers), ids={"<old@x>": case("NC-000001"), "<new@x>": case("NC-000002")}
    )
    assert verdict.case is not None
    assert verdict.case.reference == "NC-000002"


def test_the_message_answered_outweighs_a_reference_in_the_subject() -> None:
    given = mail("News.", subject="[NC-000001] old", headers=ANSWERED)
    verdict = judge(given, case("NC-000001"), ids={OURS: case()})
    assert verdict.case == case()


@pytest.mark.parametrize(
    "subject", ["NC-004101 again", "Re: [NC-004101] x", "nc-004101", "Ref NC 004101:", "(NC-004101)"]
)
def test_a_participant_may_quote_the_reference(subject: str) -> None:
    verdict = judge(mail("One more thing.", subject=subject), case())
    assert (verdict.action, verdict.case) == ("follow_up", case())


@pytest.mark.parametrize("subject", ["XNC-004101", "NC-0041019", "NC-41", "Re: A request"])
def test_what_is_no_reference_finds_nothing(subject: str) -> None:
    assert wanted(mail("x", subject=subject), CATALOGUE).references == ()
    assert judge(mail("One more thing.", subject=subject), case()).action == "new_case"


def test_the_approver_is_on_the_case() -> None:
    verdict = judge(
        mail("Approved.", subject="[NC-004101] x", sender=COLLEAGUE),
        case(approver="planning.manager@northgate.example"),
    )
    assert verdict.action == "follow_up"


def test_an_outsider_who_quotes_a_reference_is_held() -> None:
    verdict = judge(mail("Please send the export.", subject="Re: [NC-004101] x", sender=STRANGER), case())
    assert became(verdict) == ("hold", "spoofed_reference")
    assert (verdict.related, verdict.case) == ("NC-004101", None)


def test_a_colleague_who_is_not_on_the_case_is_held() -> None:
    verdict = judge(mail("Any news?", subject="[NC-004101] x", sender=COLLEAGUE), case())
    assert became(verdict) == ("hold", "not_a_participant")


def test_a_participant_may_answer_from_another_address() -> None:
    verdict = judge(
        mail("It works now on the old one.", sender="H O <private@mailbox.test>", headers=ANSWERED),
        ids={OURS: case()},
    )
    assert verdict.action == "follow_up"


def test_a_sensitive_case_takes_answers_of_its_own_people_only() -> None:
    answered = mail("I heard about it.", sender=COLLEAGUE, headers=ANSWERED)
    assert became(judge(answered, ids={OURS: GRIEVANCE})) == ("hold", "not_a_participant")
    assert judge(mail("More.", sender=OFFICER, headers=ANSWERED), ids={OURS: GRIEVANCE}).action == "follow_up"


def test_a_reference_that_no_case_has_is_an_ordinary_word() -> None:
    assert judge(mail("My screen is broken.", subject="NC-999999")).action == "new_case"


def test_a_reference_in_the_text_changes_nothing_but_is_shown() -> None:
    verdict = judge(mail("Like in NC-004101 my screen is broken.", sender=COLLEAGUE), case())
    assert (verdict.action, verdict.case, verdict.related) == ("new_case", None, "NC-004101")


def test_the_same_subject_alone_joins_nothing() -> None:
    assert judge(mail("Still broken.", subject="Re: Housing system closes"), case()).action == "new_case"


@pytest.mark.parametrize(
    ("closed", "action", "reopen", "linked"),
    [
        ("2026-02-11T09:00:00Z", "follow_up", True, None),
        ("2026-01-29T09:00:00Z", "follow_up", True, None),
        ("2026-01-29T08:59:59Z", "new_case", False, "NC-004101"),
    ],
)
def test_a_closed_case_reopens_within_fourteen_days(
    closed: str, action: str, reopen: bool, linked: str | None
) -> None:
    done = case(status="done", closed_on=closed)
    verdict = judge(mail("It is broken again.", headers=ANSWERED), ids={OURS: done})
    assert (verdict.action, verdict.reopen, verdict.linked_to) == (action, reopen, linked)


@pytest.mark.parametrize(
    "text",
    ["Thanks!", "Brilliant, thank you!", "Thank you so much for your quick help.\n\nKind regards\nHousing Officer 12",
     "Vielen Dank für die schnelle Hilfe!", "Merci beaucoup", "Dziękuję bardzo", "👍", "Many thanks, all working now."],
)  # fmt: skip
def test_thanks_change_nothing(text: str) -> None:
    for closed in ("2026-02-11T09:00:00Z", "2025-11-20T09:00:00Z"):
        done = case(status="done", closed_on=closed)
        verdict = judge(mail(text, headers=ANSWERED), ids={OURS: done})
        assert (verdict.action, verdict.only_thanks, verdict.reopen) == ("follow_up", True, False)


@pytest.mark.parametrize(
    "text",
    ["Thanks, but it is still broken.", "Thank you. When will it be done?", "Approved, thanks", "Yes thanks", "No thanks",
     "Thanks, the number is 4407", "It works now on the old one", "OK"],
)  # fmt: skip
def test_thanks_with_news_are_news(text: str) -> None:
    verdict = judge(mail(text, headers=ANSWERED), ids={OURS: case()})
    assert (verdict.action, verdict.only_thanks) == ("follow_up", False)


def test_an_outsider_writes_where_outsiders_may() -> None:
    given = mail(
        "When will it be paid?",
        subject="Invoice BW-1",
        sender=STRANGER,
        mailbox="finance.help@northgate.example",
    )
    verdict = judge(given)
    assert (verdict.action, verdict.request_type_hint) == ("new_case", "fin.invoice_query")


def test_an_outsider_is_held_elsewhere() -> None:
    assert became(judge(mail("My screen is broken.", sender=STRANGER))) == ("hold", "unknown_sender")


def test_an_employee_with_a_private_address_is_held_until_known() -> None:
    given = mail(
        "What do you hold about me?",
        sender="Housing Officer 12 <h12@mailbox.test>",
        mailbox="dpo@northgate.example",
    )
    assert became(judge(given)) == ("hold", "unknown_sender")


def test_a_forward_of_a_colleague_comes_round_the_door() -> None:
    text = ("Can you sort this please.\n\nFrom: Housing Officer 4 <housing.officer4@northgate.example>\nSent: 12 February 2026 08:20\n"
            "To: Housing Officer 12 <housing.officer12@northgate.example>\nSubject: screen\n\nMy screen is broken.\n")  # fmt: skip
    assert judge(mail(text, subject="FW: screen")).channel_bypass
    assert judge(mail("As discussed on the phone, my screen is broken.")).channel_bypass
    assert not judge(mail("My screen is broken.")).channel_bypass
