# ruff: noqa: E501 - faults are planted as they stand in the file
import json
from copy import deepcopy
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.documents import ConfigurationFaults, Fault, read
from schemas.loading import check_together, load_catalogue, load_directory, load_knowledge

EXAMPLES = Path(__file__).parents[3] / "examples" / "northgate"
CATALOGUE = (EXAMPLES / "catalogue.yaml").read_text(encoding="utf-8")
CONTENT: dict = read(CATALOGUE, "catalogue").content


def faults_of(text: str) -> list[str]:
    with pytest.raises(ConfigurationFaults) as caught:
        load_catalogue(text)
    return [str(fault) for fault in caught.value.faults]


def fresh() -> dict:
    return deepcopy(CONTENT)


def written(content: dict) -> str:
    return json.dumps(content, default=str)  # JSON is YAML, and quickly written


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
    ("subject access: {due_in_months: 1, from: received_on}", "subject acess: {due_in_months: 1, from: received_on}", "subject acess"),
    ("from: received_on}", "from: recieved_on}", "recieved_on"),
    ("from: noticed_at, clock: always", "from: noticed_at, clock: allways", "allways"),
    ("only_queues: [it_security, information_rights]", "only_queues: [it_securty, information_rights]", "it_securty"),
    ("when: {field: equipment_profile", "when: {field: equipment_profle", "equipment_profle"),
    ("auto_approve_when: {all: [{field: item,", "auto_approve_when: {all: [{field: itm,", "itm"),
    ("not_needed_when: {field: category", "not_needed_when: {field: categry", "categry"),
    ("minimum_by: [{field: amount", "minimum_by: [{field: amont", "amont"),
    ("satisfied_by: [attachment, error_text]", "satisfied_by: [attachment, eror_text]", "eror_text"),
    ("skip_when: {field: work_location", "skip_when: {field: wrk_location", "wrk_location"),
    ("{after: 30m, clock: always, if", "{after: 30m, clock: nights, if", "nights"),
    ("proof_waived_for: [security_incident,", "proof_waived_for: [security_incidents,", "security_incidents"),
    ("not_sent_for: [hr.grievance,", "not_sent_for: [hr.grievances,", "hr.grievances"),
    ("intake: {deadline: optional, business_impact: none,", "intake: {deadline: optionl, business_impact: none,", "optionl"),
    ("intake: {deadline: defaulted_from access_from,", "intake: {deadline: defaulted_from,", "'defaulted_from' is not known"),
    ("  front_door: {name", "  frontdoor: {name", "front_door"),
    ("  - {id: received, label: Received, clock: running}\n", "", "received"),
    ('sat: []', 'sat: [["20:00", "02:00"], ["21:00", "22:00"]]', "overlap"),
    ('sun: []', 'sun: [["24:00", "06:00"]]', "next day"),
    ('sun: []', 'sun: [["22:00", "09:00"]]', "overlaps the night that runs over from sun"),
    ("  always:\n    time_zone: Europe/London\n    continuous: true", "  always:\n    time_zone: Europe/London\n    continuous: true\n  shop: {time_zone: UTC, hours: {mon: [['09:00', '17:00']]}, overrides: {2026-06-01: [['17:00', '09:00']]}}", "stay within it"),
]
# fmt: on


def planted() -> dict[str, str]:
    """All planted faults at once: one for each place."""
    return {old: new for old, new, _ in PLANTED}


@pytest.mark.parametrize(("old", "new", "word"), PLANTED)
def test_each_fault_of_meaning_is_named_with_its_line(old: str, new: str, word: str) -> None:
    [fault] = faults_of(changed((old, new)))
    assert word in fault
    assert fault.startswith("line ")


def test_all_of_them_are_reported_in_one_go() -> None:
    faults = faults_of(changed(*planted().items()))
    assert len(faults) == len(planted())


@pytest.mark.parametrize("fact", ["name", "owner", "fields", "sla", "definition_of_done"])
def test_each_of_the_five_facts_is_needed(fact: str) -> None:
    content = fresh()
    del content["request_types"][4][fact]
    [fault] = [fault for fault in faults_of(written(content)) if "request_types[4]" in fault]
    assert fact in fault
    assert "missing" in fault


# fmt: off
EMPTY = [
    ("name: HR policy question", 'name: " "', "name"),
    ("owner: {role: HR Service Desk Lead,", 'owner: {role: "",', "owner.role"),
    ("fields:\n      - {id: policy_topic", "fields: []\n    _: \n      - {id: policy_topic", "fields"),
    ("- The answer names the policy paragraph relied on and links the article", '- ""', "definition_of_done[0]"),
    ("{first_response: 1d, resolution: 5d}", "{first_response: 0d, resolution: 5d}", "first_response"),
]
FORM = [
    ("type: enum, required: true, values: [annual leave", "type: enumm, required: true, values: [annual leave", "type"),
    ("required_when: {days_since: first_day, op: \">\", value: 7}", "required_when: {}", "required_when"),
    ("required_when: {days_since: first_day, op: \">\", value: 7}", "required_when: {days_since: first_day}", "op"),
    ("when: {field: equipment_profile, op: in, value: [standard laptop, field tablet]}", "when: {field: equipment_profile, op: in}", "value"),
]
# fmt: on


@pytest.mark.parametrize(("old", "new", "word"), [*EMPTY, *FORM])
def test_an_empty_fact_and_a_wrong_word_are_refused(old: str, new: str, word: str) -> None:
    assert any(word in fault and fault.startswith("line ") for fault in faults_of(changed((old, new))))


def test_faults_of_form_and_of_meaning_come_in_one_go() -> None:
    faults = faults_of(changed(*planted().items(), *((old, new) for old, new, _ in FORM[:2])))
    assert len(faults) == len(planted()) + 2


def test_a_fault_of_form_hides_no_fault_of_meaning_in_the_same_type() -> None:
    wrong = changed(
        ("{role: Onboarding Coordinator, queue: hr_service_desk}", '{role: "", queue: hr_desk}'),
        ("type: format, format: vacancy_reference,", "type: formt, format: vacancy_reference,"),
        ("intake: {deadline: defaulted_from start_date,", "intake: {deadline: defaulted_from start,"),
        ("when: {field: equipment_profile", "when: {field: profile"),
    )
    faults = faults_of(wrong)
    assert len(faults) == 5
    assert all("request_types[1]" in fault for fault in faults)


@pytest.mark.parametrize("section", list(CONTENT))
@pytest.mark.parametrize("wrong", [None, "text"])
def test_a_wrong_section_is_the_only_thing_reported_beside_what_it_names(section: str, wrong: object) -> None:
    content = fresh()
    if wrong is None:
        del content[section]
    else:
        content[section] = wrong
    faults = faults_of(written(content))
    assert section in " ".join(faults)
    assert all("known:" not in fault for fault in faults)


@pytest.mark.parametrize(("first", "days", "faulty"), [("2026-01-01", 365, True), ("2026-02-02", 300, False)])
def test_a_year_without_an_open_day_is_refused(first: str, days: int, faulty: bool) -> None:
    content = fresh()
    begin = date.fromisoformat(first)
    content["calendars"]["office"]["closed_days"] = [
        {"date": begin + timedelta(days=n), "name": "closed"} for n in range(days)
    ]
    if faulty:
        assert "for a year" in faults_of(written(content))[0]
    else:
        load_catalogue(written(content))


def test_a_night_that_ends_before_the_next_opening_is_right() -> None:
    content = fresh()
    content["calendars"]["office"]["hours"]["sun"] = [["22:00", "08:30"]]
    content["calendars"]["office"]["overrides"] = {
        "2026-06-01": [["00:00", "24:00"]],
        "2026-06-02": [],
    }
    assert load_catalogue(written(content))


def test_unknown_articles_are_found_between_the_files() -> None:
    knowledge = load_knowledge((EXAMPLES / "knowledge.yaml").read_text(encoding="utf-8"))
    assert check_together(load_catalogue(CATALOGUE), knowledge) == []
    [fault] = check_together(load_catalogue(changed(("[KB-FIN-004]", "[KB-FIN-004, KB-FIN-099]"))), knowledge)
    assert str(fault) == (
        "request_types.fin.purchase_request.knowledge: "
        "'KB-FIN-099' is not an article of the knowledge list; correct or remove it"
    )


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


def places(content: object) -> list[tuple[object, object]]:
    """Every container of a file with every key in it."""
    inside = content.items() if isinstance(content, dict) else enumerate(content)
    found = [(content, key) for key, _ in inside]
    for container, key in list(found):
        if isinstance(container[key], dict | list):
            found += places(container[key])
    return found


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_whatever_stands_at_a_place_is_loaded_or_refused_in_words(data: st.DataObject) -> None:
    content = fresh()
    for _ in range(3):
        container, key = data.draw(st.sampled_from(places(content)))
        container[key] = data.draw(
            st.sampled_from([None, "", "x y", 0, -1, [], [None], {}, {"id": 1}, [[1, "a"]], True])
        )
    faults: tuple[Fault, ...] = ()
    try:
        load_catalogue(written(content))
    except ConfigurationFaults as error:
        faults = error.faults
    assert all(fault.rule and fault.line for fault in faults)


def test_a_directory_names_faults_of_both_kinds_too() -> None:
    text = "people:\n- {address: nobody, display_name: A}\n- {addres: a@b.example, display_name: B}\n"
    with pytest.raises(ConfigurationFaults) as caught:
        load_directory(text)
    assert len(caught.value.faults) == 3
