"""Who pretends to be one of us, and who does not (MAIL-7)."""

# ruff: noqa: E501 - mails stand as they would be written

import pytest

from rules.conversation.lookalike import resembles
from tests.unit.conversation.world import PASSED, became, case, judge, mail

CHIEF = "Chief Executive <chief.executive@northgate.example>"
FAILED = PASSED.replace("=pass", "=fail")
ANONYMOUS = {"X-MS-Exchange-Organization-AuthAs": "Anonymous"}
FINANCE = {"mailbox": "finance.help@northgate.example", "to": "finance.help@northgate.example"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Authentication-Results": FAILED},
        {
            "Authentication-Results": "mx; spf=fail smtp.mailfrom=x; dkim=pass header.d=evil.test; dmarc=fail header.from=x"
        },
        {"Authentication-Results": "mx; spf=softfail smtp.mailfrom=x; dkim=none; dmarc=none"},
        {
            "Authentication-Results": "mx; spf=pass smtp.mailfrom=evil.test; dkim=pass header.d=evil.test; dmarc=none"
        },
        {},
    ],
)
def test_our_own_domain_without_proof_is_held(headers: dict[str, str]) -> None:
    given = mail("I need a payment made.", sender=CHIEF, headers={**ANONYMOUS, **headers})
    assert became(judge(given)) == ("hold", "phishing")


def test_our_own_domain_proven_from_outside_passes() -> None:
    given = mail("My screen is broken.", headers={**ANONYMOUS, "Authentication-Results": PASSED})
    assert judge(given).action == "new_case"


def test_a_spoofed_participant_may_not_answer_a_case() -> None:
    given = mail(
        "Please send the export.",
        subject="[NC-004101] x",
        headers={**ANONYMOUS, "Authentication-Results": FAILED},
    )
    verdict = judge(given, case())
    assert became(verdict) == ("hold", "phishing")
    assert (verdict.case, verdict.related) == (None, "NC-004101")


def test_a_spoofed_trusted_machine_is_held() -> None:
    headers = {**ANONYMOUS, "Authentication-Results": FAILED, "Auto-Submitted": "auto-generated"}
    given = mail("Site: Town Hall", sender="bms-alerts@northgate.example", headers=headers)
    assert became(judge(given)) == ("hold", "phishing")


@pytest.mark.parametrize(
    "domain",
    ["northgate-example.test", "northgate.test", "n0rthgate.example", "northgate.example.evil.test", "nothgate.example",
     "northgtae.example", "northgate-helpdesk.test", "nоrthgate.example".encode("idna").decode(), "northqate.example", "mail.northgate.test"],
)  # fmt: skip
def test_domains_made_to_be_mistaken_for_ours(domain: str) -> None:
    assert resembles(f"x@{domain}", ("northgate.example",))


@pytest.mark.parametrize(
    "domain", ["northgate.example", "mail.northgate.example", "brightwell-supplies.example", "gmail.example",
               "riviere-blanche.example", "homes-partner.test", "southgate.example", "", "localhost"],
)  # fmt: skip
def test_domains_that_are_ours_or_nobodys(domain: str) -> None:
    assert not resembles(f"x@{domain}", ("northgate.example",))


def test_a_look_alike_is_held_even_where_outsiders_may_write() -> None:
    given = mail("When will it be paid?", sender="Accounts <a@northgate-example.test>", **FINANCE)
    assert became(judge(given)) == ("hold", "phishing")


def test_a_name_that_shows_our_address_over_a_strangers_is_held() -> None:
    given = mail("Hello", sender='"chief.executive@northgate.example" <x@quickpost.test>', **FINANCE)
    assert became(judge(given)) == ("hold", "phishing")


def test_a_colleagues_name_with_a_wish_for_money_is_held_as_phishing() -> None:
    given = mail(
        "I need a supplier payment, keep it between us.",
        sender="Chief Executive <x@quickpost.test>",
        **FINANCE,
    )
    assert became(judge(given)) == ("hold", "phishing")


def test_a_supplier_whose_domain_disowns_the_mail_is_held() -> None:
    given = mail("Invoice", sender="a@brightwell.test", headers={"Authentication-Results": FAILED}, **FINANCE)
    assert became(judge(given)) == ("hold", "phishing")


def test_a_supplier_whose_mail_was_passed_on_by_a_server_is_not() -> None:
    checks = "mx; spf=fail smtp.mailfrom=x; dkim=pass header.d=brightwell.test; dmarc=pass header.from=x"
    given = mail(
        "Invoice BW-1", sender="a@brightwell.test", headers={"Authentication-Results": checks}, **FINANCE
    )
    assert judge(given).action == "new_case"


def test_answers_that_would_go_to_a_look_alike_are_held() -> None:
    given = mail("Invoice BW-1", sender="a@brightwell-supplies.example", **FINANCE,
                 headers={"Reply-To": "a@brightwell-suplies.test"})  # fmt: skip
    assert became(judge(given)) == ("hold", "phishing")


def test_answers_that_go_to_the_firms_own_service_are_not() -> None:
    given = mail(
        "Invoice BW-1", sender="noreply@invoicing.test", headers={"Reply-To": "a@brightwell.test"}, **FINANCE
    )
    assert judge(given).action == "new_case"


def test_a_colleague_who_reports_a_phishing_mail_is_heard() -> None:
    given = mail("I got a mail: your password expires today https://evil.test/keep What shall I do?")
    assert judge(given).action == "new_case"


def test_a_stranger_who_fishes_for_passwords_is_held_as_phishing() -> None:
    given = mail("Your mailbox password expires today: https://evil.test/keep", sender="IT <x@evil.test>")
    assert became(judge(given)) == ("hold", "phishing")


def test_a_colleagues_own_account_whose_answers_go_astray_for_money_is_held() -> None:
    given = mail(
        "I need a supplier payment, keep it between us.", headers={"Reply-To": "x@quickpost.test"}, **FINANCE
    )
    assert became(judge(given)) == ("hold", "phishing")
    assert judge(mail("My screen is broken.", headers={"Reply-To": "x@quickpost.test"})).action == "new_case"
