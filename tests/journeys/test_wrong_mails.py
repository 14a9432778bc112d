"""Bad mails between good ones: each has a record with its reason, and nothing stands still."""

import random
from typing import Any

import pytest
from rich.console import Console

from cli.demo import replay_folder
from tests.journeys.mails import IT, mail, write_manifest

pytestmark = pytest.mark.timeout(120)
DICE = random.Random(7)


def with_file(number: int, size: int) -> bytes:
    made = mail(number, f"Quote {number}", text="Please order this for me.\n")
    made.add_attachment(DICE.randbytes(size), maintype="application", subtype="pdf", filename="quote.pdf")
    return made.as_bytes()


def cut_in_the_middle() -> bytes:
    raw = with_file(3, 3000)
    return raw[: len(raw) * 2 // 3]


def with_ten_thousand_recipients() -> bytes:
    made = mail(6, "Rota for everybody", text="The rota system shows no shifts for May.\n")
    del made["To"]
    made["To"] = ", ".join((IT, *(f"person{n}@northgate.example" for n in range(9_999))))
    return made.as_bytes()


def forged() -> bytes:
    made = mail(
        8,
        "Change of bank details",
        text="Please pay to this account.\n",
        sender="Stranger <stranger@elsewhere.example>",
        message_id="<wrong-1@mail.northgate.example>",
    )
    return made.as_bytes()


def bad_mails() -> dict[str, bytes]:
    charset = mail(5, "Phone", text="My desk phone hums.\n").as_bytes()
    nul = mail(7, "Printer", text="The printer on floor 2 jams.\n").as_bytes()
    return {
        "good1": mail(1).as_bytes(),
        "rubbish": DICE.randbytes(5_000),
        "blank": b"\r\n",
        "cut": cut_in_the_middle(),
        "good2": mail(4, "GIS maps", text="I need access to the maps.\n").as_bytes(),
        "large": with_file(4, 30_000_000),
        "charset": charset.replace(b'charset="utf-8"', b'charset="x-unheard-of"'),
        "crowd": with_ten_thousand_recipients(),
        "nul": nul.replace(b"floor", b"flo\0or").replace(b"Printer", b"Pri\0nter"),
        "forged": forged(),
        "long": mail(10, "Log", text="The server said that it is out of order.\n" * 30_000).as_bytes(),
        "good3": mail(11, "Mouse", text="My mouse is broken.\n").as_bytes(),
    }


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder, state = tmp_path_factory.mktemp("mails"), tmp_path_factory.mktemp("state")
    document: Any = replay_folder(write_manifest(folder, bad_mails()), {}, state, Console(quiet=True))
    log = (state / "host.log").read_text()
    return {"mails": {each["id"]: each for each in document["mails"]}, "log": log}


@pytest.mark.parametrize(
    ("name", "words"),
    [("rubbish", "no mail"), ("blank", "no mail"), ("large", "the limit is 30 MB")],
)
def test_what_cannot_be_read_is_held_with_the_reason(run: dict[str, Any], name: str, words: str) -> None:
    found = run["mails"][name]
    assert (found["action"], found["reason"]) == ("hold", "unreadable")
    assert words in found["unreadable"]


@pytest.mark.parametrize(
    ("name", "fault"),
    [("cut", "ends before its last part"), ("charset", "'x-unheard-of' is not known"), ("nul", "NUL bytes")],
)
def test_what_can_be_read_in_part_names_its_fault(run: dict[str, Any], name: str, fault: str) -> None:
    found = run["mails"][name]
    assert found["action"] == "new_case"
    assert any(fault in each for each in found["faults"])


@pytest.mark.parametrize("name", ["crowd", "long"])
def test_a_crowd_of_recipients_or_a_book_is_a_case_like_any_other(run: dict[str, Any], name: str) -> None:
    assert run["mails"][name]["action"] == "new_case"


def test_a_forged_message_id_opens_nothing_and_is_no_duplicate(run: dict[str, Any]) -> None:
    found = run["mails"]["forged"]
    assert (found["action"], found.get("case")) == ("hold", None)


def test_the_good_mails_between_them_become_cases_and_are_answered(run: dict[str, Any]) -> None:
    for name in ("good1", "good2", "good3"):
        assert run["mails"][name]["action"] == "new_case"
        assert len(run["mails"][name]["sent"]) == 1


def test_the_log_of_the_host_has_no_error(run: dict[str, Any]) -> None:
    assert " ERROR " not in run["log"]
