"""Money, numbers, choices, people: as written, and canonical."""

import pytest

from rules.intake.choices import read_choice
from rules.intake.figures import read_integer, read_money, read_phone
from rules.intake.values import Values
from tests.unit.conversation.world import mail
from tests.unit.northgate import CATALOGUE, DIRECTORY


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("£14.60", "14.60"), ("GBP 48,000", "48000.00"), ("£1,180.00 before VAT", "1180.00"), ("1 240,00 £", "1240.00"),
        ("€1.240,50", "1240.50"), ("1.240.000", "1240000.00"), ("48k", "48000.00"), ("2.5 million", "2500000.00"),
        ("86,25", "86.25"), ("about 20", "20.00"), ("0.99", "0.99"), ("£ 1'200.00", "1200.00"), ("20 m", "20.00"),
    ],
)  # fmt: skip
def test_money_is_a_plain_decimal(text: str, amount: str) -> None:
    assert read_money(text) == amount


@pytest.mark.parametrize("text", ["", "free", "PO118204", "none"])
def test_what_is_no_money_is_none(text: str) -> None:
    assert read_money(text) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [("1", "1"), ("two", "2"), ("x 3 please", "3"), ("12 monitors", "12"), ("1.5", None), ("many", None)],
)
def test_whole_numbers(text: str, number: str | None) -> None:
    assert read_integer(text) == number


@pytest.mark.parametrize(
    ("text", "phone"),
    [("01632 960417", "01632 960417"), ("+44 1632 960417 after 10", "+44 1632 960417"), ("ext 4407", "ext 4407"),
     ("4407", "4407"), ("ask me", None)],
)  # fmt: skip
def test_telephone_numbers(text: str, phone: str | None) -> None:
    assert read_phone(text) == phone


LEVELS = ("read", "standard user", "approver", "administrator")
ITEMS = ("laptop", "monitor", "dock", "mobile phone", "keyboard and mouse")
SITES = ("Town Hall", "Civic Centre", "Riverside Depot")


@pytest.mark.parametrize(
    ("text", "offered", "value"),
    [
        ("Standard User", LEVELS, "standard user"),
        ("standard", LEVELS, "standard user"),
        ("read only", LEVELS, "read"),
        ("administrater", LEVELS, "administrator"),
        ("monitors", ITEMS, "monitor"),
        ("a new laptop please", ITEMS, "laptop"),
        ("keyboard & mouse", ITEMS, "keyboard and mouse"),
        ("Civic Center", SITES, "Civic Centre"),
        ("Civic Centre, first floor", SITES, "Civic Centre"),
        ("the Town Hall", SITES, "Town Hall"),
        ("yes, it could fall", ("yes", "no"), "yes"),
        ("No.", ("yes", "no"), "no"),
        ("none", ("yes", "no"), "no"),
        ("nein", ("yes", "no"), "no"),
        ("not known", ("yes", "no", "not known"), "not known"),
    ],
)
def test_a_choice_is_known_again(text: str, offered: tuple[str, ...], value: str) -> None:
    found = read_choice(text, offered)
    assert found is not None
    assert found[0] == value


@pytest.mark.parametrize(
    ("text", "offered"),
    [("", LEVELS), ("the usual", LEVELS), ("laptop and monitor", ITEMS), ("either laptop or monitor", ITEMS),
     ("somewhere", SITES), ("maybe", ("yes", "no"))],
)  # fmt: skip
def test_an_unclear_choice_is_none(text: str, offered: tuple[str, ...]) -> None:
    assert read_choice(text, offered) is None


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("customer.manager@northgate.example", "customer.manager@northgate.example"),
        ("Customer.Manager@Northgate.example.", "customer.manager@northgate.example"),
        ("Housing Services Manager (this message is my approval)", "housing.manager@northgate.example"),
        ("the head of culture", "culture.head@northgate.example"),
        ("me", "housing.officer12@northgate.example"),
        ("my manager", "housing.manager@northgate.example"),
        ("my line manager", "housing.manager@northgate.example"),
        ("agency.temp31@northgate.example", "agency.temp31@northgate.example"),
        ("employee E007804", "housing.officer4@northgate.example"),
        ("somebody", None),
        ("the agency person", None),
    ],
)
def test_a_person_is_known_by_address_or_name(text: str, address: str | None) -> None:
    values = Values(CATALOGUE, DIRECTORY, mail("x"))
    assert values.person(text) == address


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("employee_number", "e004512", "E004512"),
        ("employee_number", "E 004512", "E004512"),
        ("employee_number", "E004512 (mine)", "E004512"),
        ("asset_tag", "ng-lt-20417.", "NG-LT-20417"),
        ("share_code", "W4X 9P2 K7T", "W4X 9P2 K7T"),
        ("employee_number", "4512", None),
        ("cost_centre", "LB21000", None),
    ],
)
def test_named_formats(name: str, text: str, value: str | None) -> None:
    kinds = CATALOGUE.request_types.values()
    field = next(field for kind in kinds for field in kind.fields if field.format == name)
    found = Values(CATALOGUE, DIRECTORY, mail("x")).read(field, text)
    assert (found[0] if found else None) == value
