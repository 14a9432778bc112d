"""The same mail twice is one case (INT-8)."""

from datetime import timedelta

import pytest

from rules.conversation import classify, fingerprint
from schemas.mail import MailMessage
from schemas.thread import ThreadHits, Verdict
from tests.unit.conversation.world import RECEIVED, became, case, mail
from tests.unit.northgate import CATALOGUE, DIRECTORY

LONG = (
    "The outside tap at the depot wash bay is burst and sprays across the yard. Water is running towards the main"
    " gate. No one is hurt, we have put cones round it, but the sweepers go out at 14:00."
)


def judge(given: MailMessage, hits: ThreadHits) -> Verdict:
    return classify(given, CATALOGUE, DIRECTORY, hits)


def test_a_copy_in_a_second_inbox_is_a_duplicate() -> None:
    verdict = judge(mail("My screen is broken."), ThreadHits(same_message=case()))
    assert became(verdict) == ("duplicate", "same_message_id")
    assert verdict.case == case()


@pytest.mark.parametrize(("minutes", "action"), [(7, "duplicate"), (60, "duplicate"), (61, "new_case")])
def test_the_same_text_counts_within_the_window(minutes: int, action: str) -> None:
    hits = ThreadHits(same_fingerprint=((case(), RECEIVED - timedelta(minutes=minutes)),))
    assert judge(mail(LONG), hits).action == action


def test_the_same_short_answer_on_another_case_is_no_duplicate() -> None:
    given = mail("Approved.", headers={"In-Reply-To": "<b@x>"})
    other = case("NC-000002")
    hits = ThreadHits(by_message_id={"<b@x>": other}, same_fingerprint=((case(), RECEIVED),))
    assert judge(given, hits).case == other


@pytest.mark.parametrize(
    "again",
    [
        f"Not sure which address is right so sending here too.\n\n{LONG}",
        f"Hello,\n\n{LONG}\n\nKind regards\nHousing Officer 12",
        f"Resending this in case you did not get it.\n\n{LONG}",
        LONG.replace(". ", ".\n"),
        LONG.upper(),
    ],
)
def test_a_mail_sent_again_by_hand_has_the_same_fingerprint(again: str) -> None:
    assert fingerprint(mail(again, subject="FW: tap")) == fingerprint(mail(LONG, subject="tap"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (mail(LONG), mail(LONG.replace("14:00", "15:00"))),
        (mail(LONG), mail(LONG, sender="housing.officer4@northgate.example")),
        (
            mail("Please set this up.", subject="Laptop for A"),
            mail("Please set this up.", subject="Laptop for B"),
        ),
        (mail("Employee number: E000001\n\nPlease pay."), mail("Employee number: E000002\n\nPlease pay.")),
        (mail("", subject="one"), mail("", subject="two")),
    ],
)
def test_another_request_has_another_fingerprint(one: MailMessage, other: MailMessage) -> None:
    assert fingerprint(one) != fingerprint(other)
