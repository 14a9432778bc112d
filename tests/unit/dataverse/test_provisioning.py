"""Plan and apply: everything once, in order, again after any accident, and nothing of others touched."""

from collections import Counter

import pytest

from dataverse.operations import Operation, Result
from dataverse.provisioning import Outcome, apply, plan
from dataverse.schema import Schema, load_schema
from sync.errors import NotFound, OutcomeUnknown, Rejected
from tests.unit.dataverse.organisation import FakeOrganisation, refused

ALL = load_schema()
SCHEMA = Schema(
    tables={name: ALL.table(name) for name in ("plb_case", "plb_event", "plb_message")}, choices=ALL.choices
)


def provision(organisation: FakeOrganisation, slept: list[float] | None = None) -> Outcome:
    sleep = [].append if slept is None else slept.append
    return apply(organisation, plan(organisation, SCHEMA), sleep=sleep)


@pytest.fixture
def provisioned() -> FakeOrganisation:
    organisation = FakeOrganisation()
    provision(organisation)
    return organisation


def test_an_empty_organisation_gets_everything_and_the_second_plan_is_empty() -> None:
    organisation = FakeOrganisation()
    apply(organisation, plan(organisation, ALL), sleep=[].append)
    second = plan(organisation, ALL)
    assert (second.steps, second.drift) == ((), ())
    assert set(organisation.tables) == set(ALL.tables)
    assert set(organisation.choices) == set(ALL.choices)


def test_tables_come_with_their_plain_columns_in_one_write_each(provisioned: FakeOrganisation) -> None:
    writes = Counter(w.path for w in provisioned.writes)
    columns = [c for t in SCHEMA.tables.values() for c in t.columns]
    assert writes["EntityDefinitions"] == len(SCHEMA.tables)
    assert sum(n for path, n in writes.items() if path.endswith("/Attributes")) == sum(
        c.kind == "choice" for c in columns
    )
    assert writes["RelationshipDefinitions"] == sum(c.kind == "lookup" for c in columns)


def test_every_table_is_change_tracked_and_has_the_entity_set_of_the_definitions(
    provisioned: FakeOrganisation,
) -> None:
    assert all(table["ChangeTrackingEnabled"] for table in provisioned.tables.values())
    assert provisioned.tables["plb_case"]["EntitySetName"] == "plb_cases"


def test_labels_are_in_the_base_language_of_the_environment() -> None:
    organisation = FakeOrganisation(language=1031)
    provision(organisation)
    assert "'LanguageCode': 1031" in str(organisation.tables["plb_case"]["DisplayName"])


def test_what_exists_is_read_in_a_few_calls() -> None:
    organisation = FakeOrganisation()
    plan(organisation, ALL)
    assert len(organisation.reads) <= 7


@pytest.mark.parametrize("writes", [0, 1, 2, 20, 27, 30, 40, 43])
def test_killed_anywhere_a_new_plan_does_the_rest(writes: int) -> None:
    organisation = FakeOrganisation(dies_after=writes)
    with pytest.raises(ConnectionResetError):
        provision(organisation)
    organisation.dies_after = None
    outcome = provision(organisation)
    assert outcome.already_there == ()
    assert plan(organisation, SCHEMA).is_empty


def test_an_old_plan_applied_again_finds_everything_there() -> None:
    organisation = FakeOrganisation()
    first = plan(organisation, SCHEMA)
    apply(organisation, first, sleep=[].append)
    again = apply(organisation, first, sleep=[].append)
    assert len(again.already_there) == len([s for s in first.steps if s.kind not in ("index", "visible")])


def test_indexes_are_waited_for(provisioned: FakeOrganisation) -> None:
    slow = FakeOrganisation(built_after=4)
    slept: list[float] = []
    outcome = provision(slow, slept)
    assert slept == [0.2, 0.5, 1.0, 2.0]
    assert outcome.faults == ()


def test_a_failed_index_is_named_with_the_remedy_and_built_again_by_the_next_apply() -> None:
    organisation = FakeOrganisation(failing_keys={"plb_case_reference"})
    (fault,) = provision(organisation).faults
    assert "plb_case_reference" in fault
    assert "ReactivateEntityKey" in fault
    assert provision(organisation).faults == ()
    assert organisation.writes[-1].path == "ReactivateEntityKey"


def test_an_index_that_never_ends_is_a_fault_and_not_an_endless_wait() -> None:
    slept: list[float] = []
    outcome = provision(FakeOrganisation(built_after=1000), slept)
    assert 300 < sum(slept) < 330
    assert "still being built" in outcome.faults[0]


def test_a_missing_column_is_added_and_a_short_one_grows(provisioned: FakeOrganisation) -> None:
    columns = provisioned.tables["plb_case"]["Attributes"]
    del columns["plb_need"]  # type: ignore[attr-defined]
    columns["plb_queue"]["MaxLength"] = 50  # type: ignore[index]
    steps = plan(provisioned, SCHEMA).steps
    assert [s.kind for s in steps] == ["column", "change", "publish", "visible"]
    provision(provisioned)
    assert columns["plb_queue"]["MaxLength"] == 100  # type: ignore[index]
    assert "<entity>plb_case</entity>" in str(provisioned.writes[-1].body)
    assert plan(provisioned, SCHEMA).is_empty


def test_a_longer_column_is_reported_and_never_shrunk(provisioned: FakeOrganisation) -> None:
    provisioned.tables["plb_case"]["Attributes"]["plb_queue"]["MaxLength"] = 400  # type: ignore[index]
    found = plan(provisioned, SCHEMA)
    assert found.is_empty
    assert "plb_case.plb_queue: holds 400" in found.drift[0]


def test_a_column_of_another_type_is_drift_for_a_person(provisioned: FakeOrganisation) -> None:
    provisioned.tables["plb_case"]["Attributes"]["plb_queue"]["AttributeType"] = "Memo"  # type: ignore[index]
    found = plan(provisioned, SCHEMA)
    assert found.is_empty
    assert "plb_case.plb_queue: is Memo, expected String" in found.drift[0]


def test_what_others_added_is_ignored(provisioned: FakeOrganisation) -> None:
    provisioned.tables["plb_case"]["Attributes"]["new_mood"] = {"LogicalName": "new_mood"}  # type: ignore[index]
    provisioned.choices["plb_channel"]["Options"].append({"Value": 900})  # type: ignore[attr-defined]
    found = plan(provisioned, SCHEMA)
    assert (found.steps, found.drift) == ((), ())


def test_an_option_that_is_new_is_inserted_and_published(provisioned: FakeOrganisation) -> None:
    provisioned.choices["plb_channel"]["Options"].pop()  # type: ignore[attr-defined]
    assert [str(s) for s in plan(provisioned, SCHEMA).steps] == [
        "option plb_channel.bypass",
        "publish changes",
    ]
    provision(provisioned)
    assert plan(provisioned, SCHEMA).is_empty


def test_change_tracking_that_someone_switched_off_is_switched_on(provisioned: FakeOrganisation) -> None:
    provisioned.tables["plb_event"]["ChangeTrackingEnabled"] = False
    provision(provisioned)
    assert provisioned.tables["plb_event"]["ChangeTrackingEnabled"] is True


class Slow(FakeOrganisation):
    """Shows a new table late, as a server with a stale cache does."""

    hidden = 2

    def send(self, operation: Operation) -> Result:
        if operation.path == "EntityDefinitions(LogicalName='plb_case')/Attributes" and self.hidden:
            self.hidden -= 1
            raise NotFound("not yet", status=404, code="0x80060888")
        return super().send(operation)


def test_the_cache_window_after_a_new_table_is_waited_out() -> None:
    slept: list[float] = []
    provision(Slow(), slept)
    assert slept[:2] == [0.0, 3.0]


class LosesAnswers(FakeOrganisation):
    """Does the first table and loses the answer."""

    lost = False

    def send(self, operation: Operation) -> Result:
        result = super().send(operation)
        if operation.path == "EntityDefinitions" and not self.lost:
            self.lost = True
            raise OutcomeUnknown("cut")
        return result


def test_a_lost_answer_is_asked_again_and_counts_as_there() -> None:
    organisation = LosesAnswers()
    assert [s.kind for s in provision(organisation).already_there] == ["table"]
    assert plan(organisation, SCHEMA).is_empty


class Refuses(FakeOrganisation):
    def send(self, operation: Operation) -> Result:
        if operation.path == "EntityDefinitions":
            raise refused("0x80044331")
        return super().send(operation)


def test_a_refusal_ends_the_run_at_once() -> None:
    slept: list[float] = []
    with pytest.raises(Rejected):
        provision(Refuses(), slept)
    assert slept == []


def test_progress_hears_each_step() -> None:
    organisation = FakeOrganisation()
    heard: list[str] = []
    apply(organisation, plan(organisation, SCHEMA), progress=heard.append, sleep=[].append)
    assert heard[0] == "publisher plumbline"
    assert "table plb_case" in heard
