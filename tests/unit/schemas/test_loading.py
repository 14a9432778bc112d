# ruff: noqa: E501 - faults are planted as they stand in the file
from pathlib import Path

import pytest
import yaml

from schemas.documents import ConfigurationFaults
from schemas.loading import load_catalogue, load_directory, load_knowledge

EXAMPLES = Path(__file__).parents[3] / "examples" / "northgate"
CATALOGUE = (EXAMPLES / "catalogue.yaml").read_text(encoding="utf-8")


def faults_of(text: str) -> list[str]:
    with pytest.raises(ConfigurationFaults) as caught:
        load_catalogue(text)
    return [str(fault) for fault in caught.value.faults]


def changed(*changes: tuple[str, str]) -> str:
    text = CATALOGUE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def test_the_shipped_files_load() -> None:
    assert len(load_catalogue(CATALOGUE).request_types) == 22
    assert len(load_directory((EXAMPLES / "directory.yaml").read_text(encoding="utf-8")).people) == 64
    assert len(load_knowledge((EXAMPLES / "knowledge.yaml").read_text(encoding="utf-8")).articles) == 28


def test_a_text_with_commas_in_a_flow_mapping_stays_one_text() -> None:
    assert load_catalogue(CATALOGUE).priority.urgency["high"].means == "Needed today, or a service cannot run"
    assert load_catalogue(CATALOGUE).queues["hr_service_desk"].on_call is None


def test_the_same_content_has_the_same_version_and_a_change_another() -> None:
    assert load_catalogue(CATALOGUE).version == load_catalogue(CATALOGUE + "\n# remark\n").version
    other = changed(("name: Expense claim", "name: Expenses"))
    assert load_catalogue(other).version != load_catalogue(CATALOGUE).version


# fmt: off
PLANTED = [
    ("owner: {role: HR Service Desk Lead, queue: hr_service_desk}", "owner: {role: HR Service Desk Lead, queue: hr_desk}", "hr_desk"),
    ("retention: health", "retention: healthy", "healthy"),
    ("sla:\n      clock: office\n      P1: {first_response: 30m, resolution: 4h}", "sla:\n      clock: offce\n      P1: {first_response: 30m, resolution: 4h}", "offce"),
    ("format: vacancy_reference, required: true", "format: vacancy_ref, required: true", "vacancy_ref"),
    ("journey: leaver", "journey: leavers", "leavers"),
    ("time_zone: Europe/London\n    hours", "time_zone: Europe/Londinium\n    hours", "Londinium"),
    ('fri: [["08:30", "16:30"]]', 'fri: [["08:30", "23:59"]]', "24:00"),
    ("medium: {high: P2, medium: P3, low: P4}", "medium: {high: P2, medium: P3}", "all nine cells"),
    ("depends_on: [contract], creates: hr.right_to_work", "depends_on: [day_one], creates: hr.right_to_work", "circle"),
    ('pattern: "^PO\\\\d{6}$"', 'pattern: "^PO(\\\\d{6}$"', "regular expression"),
]
# fmt: on


@pytest.mark.parametrize(("old", "new", "word"), PLANTED)
def test_each_fault_of_meaning_is_named_with_its_line(old: str, new: str, word: str) -> None:
    [fault] = faults_of(changed((old, new)))
    assert word in fault
    assert fault.startswith("line ")


def test_ten_faults_are_reported_in_one_go() -> None:
    faults = faults_of(changed(*((old, new) for old, new, _ in PLANTED)))
    assert len(faults) == 10


@pytest.mark.parametrize("fact", ["name", "owner", "fields", "sla", "definition_of_done"])
def test_each_of_the_five_facts_is_needed(fact: str) -> None:
    content = yaml.safe_load(CATALOGUE)
    del content["request_types"][4][fact]
    [fault] = [fault for fault in faults_of(yaml.safe_dump(content)) if "request_types[4]" in fault]
    assert fact in fault
    assert "missing" in fault


def test_a_typing_error_names_the_nearest_known_name() -> None:
    faults = faults_of(changed(("default_priority: {impact: low", "defualt_priority: {impact: low")))
    assert any("'default_priority' is near" in fault for fault in faults)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "missing"),
        ("[1, 2", "not YAML"),
        ("a: &x 1\nb: *x\n", "alias"),
        ("queues: {}\nqueues: {}\n", "twice"),
        ("just words", "catalogue"),
        ("x: 2026-99-99\n", "known name"),
    ],
)
def test_what_is_no_catalogue_is_refused_in_words(text: str, word: str) -> None:
    with pytest.raises(ConfigurationFaults) as caught:
        load_catalogue(text)
    assert word in str(caught.value)


def test_people_stand_once() -> None:
    text = "people:\n- {address: a@b.example, display_name: A}\n- {address: A@b.example, display_name: B}\n"
    with pytest.raises(ConfigurationFaults, match="twice"):
        load_directory(text)
