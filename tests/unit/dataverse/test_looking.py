"""After a lost answer: is the refusal of the second try the echo of the first?"""

import json
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import requests

from dataverse.operations import ChangeSet, ChangeSetResult, Operation, Result, create, delete, update
from sync.errors import NotFound, PreconditionFailed
from tests.unit.connectors.wire import Wire, answer
from tests.unit.dataverse.test_client import ROW, client, parts

LOST = requests.exceptions.ReadTimeout("lost")
OTHER = UUID("5b8f2c10-6c1e-4011-b4cb-000d3a1a0002")
SENT = {
    "plb_name": "Laptop",
    "plb_dueon": "2026-03-02T09:00:00+01:00",
    "plb_share": Decimal("1.50"),
    "plb_Case@odata.bind": f"/plb_cases({OTHER})",
    "plb_note": None,
}
FOUND = {
    "@odata.etag": 'W/"9"',
    "plb_name": "Laptop",
    "plb_dueon": "2026-03-02T08:00:00Z",
    "plb_share": 1.5,
    "_plb_case_value": str(OTHER),
    "plb_note": None,
}
CREATE = create("plb_cases", SENT, row_id=ROW)
STAMPED = update("plb_cases", ROW, {"plb_name": "run 7", "plb_next": 3}, if_match='W/"1"', proof=["plb_name"])
PLAIN = update("plb_cases", ROW, {"plb_name": "run 7"}, if_match='W/"1"')


def row(**values: Any) -> requests.Response:
    return answer(200, json.dumps({**FOUND, **values}).encode(), ETag='W/"9"')


def test_a_create_refused_by_its_own_first_try_is_a_success() -> None:
    wire = Wire(LOST, answer(412), row())
    assert client(wire).send(CREATE) == Result(status=204, etag='W/"9"')
    assert "_plb_case_value" in wire.sent[-1].url


@pytest.mark.parametrize(
    "other",
    [
        {"plb_name": "Phone"},
        {"plb_dueon": "2026-03-02T09:00:00Z"},
        {"plb_share": 1.51},
        {"_plb_case_value": str(ROW)},
        {"plb_note": "x"},
        {"plb_name": None},
    ],
)
def test_a_create_refused_by_a_row_with_other_content_stays_refused(other: dict[str, object]) -> None:
    with pytest.raises(PreconditionFailed):
        client(Wire(LOST, answer(412), row(**other))).send(CREATE)


def test_a_create_refused_at_its_first_try_is_somebody_elses_row_and_nobody_looks() -> None:
    wire = Wire(answer(412))
    with pytest.raises(PreconditionFailed):
        client(wire).send(CREATE)
    assert len(wire.sent) == 1


def test_a_stamped_update_is_known_by_its_stamp_alone() -> None:
    wire = Wire(LOST, answer(412), row(plb_name="run 7", plb_next=99))
    assert client(wire).send(STAMPED).etag == 'W/"9"'


def test_an_update_without_a_stamp_stays_refused_though_its_values_are_there() -> None:
    wire = Wire(LOST, answer(412))
    with pytest.raises(PreconditionFailed):
        client(wire).send(PLAIN)
    assert len(wire.sent) == 2


def test_a_delete_that_finds_nothing_after_a_lost_answer_is_done() -> None:
    assert client(Wire(LOST, answer(404), answer(404))).send(delete("plb_cases", ROW)).status == 204
    with pytest.raises(NotFound):
        client(Wire(answer(404))).send(delete("plb_cases", ROW))


def test_an_update_that_gives_its_row_back_gives_the_row_that_was_found() -> None:
    asked = update("plb_cases", ROW, {"plb_name": "Laptop"}, returning=["plb_share"], proof=["plb_name"])
    given = client(Wire(LOST, answer(412), row())).send(asked)
    assert given.row is not None
    assert (given.status, given.row["plb_share"]) == (200, Decimal("1.5"))


def found(*rows: dict[str, object] | int) -> requests.Response:
    """The answer to a batch of reads."""
    lines = []
    for each in rows:
        body = "" if isinstance(each, int) else json.dumps(each)
        status = each if isinstance(each, int) else 200
        lines += ["--r", "Content-Type: application/http", "", f"HTTP/1.1 {status} Word"]
        lines += ["Content-Type: application/json", 'ETag: W/"9"', "", body]
    return answer(
        200, "\r\n".join([*lines, "--r--", ""]).encode(), Content_Type="multipart/mixed; boundary=r"
    )


def batch(*operations: Operation | ChangeSet, wire: Wire) -> list[object]:
    return list(client(wire).batch(list(operations)))


def test_the_parts_of_a_batch_that_was_sent_twice_are_looked_at_in_one_call() -> None:
    wire = Wire(LOST, parts(412, 412, 412), found(FOUND, {**FOUND, "plb_name": "Phone"}))
    first, second, third = batch(CREATE, CREATE, PLAIN, wire=wire)
    assert isinstance(first, Result)
    assert isinstance(second, PreconditionFailed)
    assert isinstance(third, PreconditionFailed)
    assert len(wire.sent) == 3


def test_a_change_set_is_known_by_one_of_its_creates() -> None:
    whole = ChangeSet((PLAIN, CREATE))
    wire = Wire(LOST, parts(412), found({**FOUND, "plb_name": "somebody was here since"}, FOUND))
    [entry] = batch(whole, wire=wire)
    assert entry == ChangeSetResult((Result(204, etag='W/"9"'), Result(204, etag='W/"9"')))


def test_a_change_set_whose_create_is_not_there_was_not_carried_out() -> None:
    [entry] = batch(ChangeSet((PLAIN, CREATE)), wire=Wire(LOST, parts(412), found(FOUND, 404)))
    assert isinstance(entry, PreconditionFailed)


def test_a_change_set_of_updates_without_stamp_is_not_guessed() -> None:
    wire = Wire(LOST, parts(412))
    [entry] = batch(ChangeSet((PLAIN,)), wire=wire)
    assert isinstance(entry, PreconditionFailed)
    assert len(wire.sent) == 2


def test_when_looking_fails_the_refusal_stays() -> None:
    [entry] = batch(CREATE, wire=Wire(LOST, parts(412), parts(403)))
    assert isinstance(entry, PreconditionFailed)
