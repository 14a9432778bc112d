"""What stands after a label, and what only looks like it."""

# ruff: noqa: E501 - mails stand as they would be written

import pytest

from rules.labels import labelled_pairs, loose_sentences

KNOWN = frozenset(
    {"site", "room", "cost centre", "from", "impact", "what is blocked", "amount", "employee number", "item"}
)


def pairs(text: str) -> list[tuple[str, str]]:
    return [(pair.label, pair.value) for pair in labelled_pairs(text, (), KNOWN)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Site: Town Hall", [("site", "Town Hall")]),
        ("SITE:Town Hall", [("site", "Town Hall")]),
        ("Cost center: LB2100", [("cost centre", "LB2100")]),
        ("Cost centres: LB2100", [("cost centre", "LB2100")]),
        ("Amount (GBP): 12.50", [("amount", "12.50")]),
        ("Your employee number: E004512", [("employee number", "E004512")]),
        ("Number of employee: E004512", [("employee number", "E004512")]),
        ("What is blocked? Two teams", [("what is blocked", "Two teams")]),
        ("> - Site: Town Hall", [("site", "Town Hall")]),
        (
            "Item: monitor, Site: Town Hall; Room: TH-1.05",
            [("item", "monitor"), ("site", "Town Hall"), ("room", "TH-1.05")],
        ),
        (
            "The fan rattles. Site: Town Hall. Room: men's room.",
            [("site", "Town Hall"), ("room", "men's room")],
        ),
        ("Impact:\n  two teams wait", [("impact", "two teams wait")]),
        ("Site: Town Hall\nSite: Town Hall", [("site", "Town Hall")]),
        ("Site\nTown Hall\n\nRoom\nTH-1.05", [("site", "Town Hall"), ("room", "TH-1.05")]),
        ("Site\nTown Hall", []),
    ],
)
def test_values_after_labels(text: str, expected: list[tuple[str, str]]) -> None:
    assert pairs(text) == expected


def test_a_wrapped_value_is_joined() -> None:
    text = (
        "Impact: the play area stays closed until it is topped up, the last\ninspection failed it\n\nThanks"
    )
    assert pairs(text) == [
        ("impact", "the play area stays closed until it is topped up, the last inspection failed it")
    ]


def test_a_short_value_does_not_swallow_the_next_line() -> None:
    assert pairs("Cost centre: BN2200\nReceipt attached.") == [("cost centre", "BN2200")]


@pytest.mark.parametrize("text", ["Site:", "Site: -", "Site: n/a", "Room: ?", "Site: TBC"])
def test_an_empty_answer_is_no_answer(text: str) -> None:
    assert pairs(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "On site we saw a leak: it drips",
        "https://site.example",
        "The amount is wrong",
        "Websites: broken",
        "14:30",
    ],
)
def test_what_is_no_label(text: str) -> None:
    assert pairs(text) == []


def test_the_head_of_a_passed_on_message_is_not_read_as_labels() -> None:
    text = "From: Housing Officer 4 <h4@northgate.example>\nSent: 12 February 2026\nTo: Desk\nSubject: blind\n\nFrom: 7 April 2026"
    assert pairs(text) == [("from", "7 April 2026")]


def test_loose_sentences_leave_labels_out() -> None:
    text = "Hello,\n\nThe fan rattles again. Site: Town Hall.\nRoom: TH-1.05\n\nThe door\nsqueaks."
    assert loose_sentences(text, KNOWN) == ("Hello,", "The fan rattles again.", "The door squeaks.")
