"""The table definitions: what is shipped is sound, and a wrong one names every fault."""

import pytest

from dataverse.schema import choice, load_schema, read_schema
from sync.errors import ConfigurationError

COMMON = "columns: {plb_key: {type: text(100), label: Key}}\nkeys: [[plb_key]]"


def a_table(columns: str, keys: str = "[]") -> dict[str, str]:
    text = f"""
tables:
  plb_thing:
    schema: plb_Thing
    set: plb_things
    label: [Thing, Things]
    about: A thing.
    columns: {columns}
    keys: {keys}
"""
    return {"common.yaml": COMMON, "things.yaml": text}


def faults_of(texts: dict[str, str]) -> str:
    with pytest.raises(ConfigurationError) as refused:
        read_schema(texts)
    return str(refused.value)


def test_every_table_has_a_name_a_key_and_an_alternate_key_on_it() -> None:
    for table in load_schema().tables.values():
        assert table.column("plb_name").max_length == 200
        assert table.keys[0].columns == ("plb_key",)


def test_the_case_is_found_by_reference_and_by_source() -> None:
    keys = [key.columns for key in load_schema().table("plb_case").keys]
    assert keys == [("plb_key",), ("plb_reference",), ("plb_sourcekey",)]


def test_a_lookup_is_read_by_value_and_bound_by_its_schema_name() -> None:
    column = load_schema().table("plb_event").column("plb_case")
    assert (column.read_name, column.bind_name, column.target) == (
        "_plb_case_value",
        "plb_Case@odata.bind",
        "plb_case",
    )


def test_a_choice_translates_between_name_number_and_label() -> None:
    status = choice("plb_casestatus")
    assert status.value("received") == 727_000_000
    assert status.name(727_000_002) == "waiting_on_requester"
    assert status.label(727_000_001) == "In progress"


def test_an_unknown_name_lists_the_names_there_are() -> None:
    with pytest.raises(KeyError, match="received, in_progress"):
        choice("plb_casestatus").value("open")


def test_reporting_tables_hold_neither_long_text_nor_lookups() -> None:
    reporting = [t for t in load_schema().tables.values() if t.name.startswith(("plb_fact", "plb_dim"))]
    assert len(reporting) == 12
    assert {c.kind for t in reporting for c in t.columns} <= {
        "text",
        "integer",
        "boolean",
        "datetime",
        "date",
        "choice",
    }


def test_all_faults_of_form_come_at_once() -> None:
    said = faults_of(a_table("{plb_a: {type: text, label: A}, plb_b: {type: integer}}"))
    assert "plb_thing.plb_a.type" in said
    assert "plb_thing.plb_b.label" in said


@pytest.mark.parametrize(
    ("columns", "fault"),
    [
        ("{plb_A: {type: integer, label: A}}", "lower case"),
        ("{own: {type: integer, label: A}}", "begin with plb_"),
        ("{plb_thingid: {type: integer, label: A}}", "primary id"),
        ("{plb_a: {type: text(5000), label: A}}", "outside 1 to 4000"),
        ("{plb_a: {type: lookup(plb_none), schema: plb_A, label: A}}", "plb_none, which is not defined"),
        ("{plb_a: {type: lookup(plb_thing), label: A}}", "needs its schema name"),
        ("{plb_a: {type: choice(plb_none), label: A}}", "choice plb_none"),
    ],
)
def test_a_wrong_column_is_named_with_its_rule(columns: str, fault: str) -> None:
    assert fault in faults_of(a_table(columns))


@pytest.mark.parametrize(
    ("columns", "keys", "fault"),
    [
        ("{plb_a: {type: memo(10), label: A}}", "[[plb_a]]", "of type memo"),
        ("{plb_a: {type: text(500), label: A}}", "[[plb_a]]", "900 are allowed"),
        ("{plb_a: {type: text(5), label: A}}", "[[plb_b]]", "plb_b, which are not columns"),
    ],
)
def test_a_key_that_the_service_would_refuse_is_refused_here(columns: str, keys: str, fault: str) -> None:
    assert fault in faults_of(a_table(columns, keys))


def test_a_number_used_twice_in_a_choice_is_a_fault() -> None:
    options = "choices: {plb_c: {label: C, options: [[727000000, a, A], [727000000, b, B], [5, c, C]]}}"
    said = faults_of({"choices.yaml": options})
    assert "value 727000000 stands 2 times" in said
    assert "outside 727000000" in said
