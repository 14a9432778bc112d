import json
from pathlib import Path

import pytest

from connectors.calls import Call, Reply
from dataverse.errors import failure
from sync.errors import (
    FeedExpired,
    Forbidden,
    NotFound,
    OutcomeUnknown,
    PreconditionFailed,
    Rejected,
    RemoteError,
    Throttled,
)

DATA = Path(__file__).parents[2] / "data" / "dataverse"
CALL = Call("GET", "https://northgate.example/api/data/v9.2/plb_cases")
DELTA = Call("GET", "https://northgate.example/api/data/v9.2/plb_cases?$deltatoken=1%21x")


def error(status: int, body: object = None, call: Call = CALL, **headers: str) -> RemoteError:
    data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
    found = failure(call, Reply(status, {k.replace("_", "-"): v for k, v in headers.items()}, data))
    assert found is not None
    return found


KINDS = [
    NotFound,
    Rejected,
    Rejected,
    PreconditionFailed,
    PreconditionFailed,
    Rejected,
    Throttled,
    Throttled,
    Throttled,
    FeedExpired,
    Rejected,
    Forbidden,
]


@pytest.mark.parametrize(
    ("sample", "kind"),
    list(zip(json.loads((DATA / "constructed-error-bodies.json").read_text("utf-8")), KINDS, strict=True)),
)
def test_every_known_failure_has_its_branch(sample: dict, kind: type[RemoteError]) -> None:
    found = error(sample["status"] or 400, sample["body"])
    assert type(found) is kind
    assert found.code == sample["body"]["error"]["code"]


def named(code: str, message: str, status: int = 400) -> str:
    return str(error(status, {"error": {"code": code, "message": message}}))


def test_a_missing_privilege_is_named() -> None:
    said = named("0x80040220", "Principal user (Id=3c0a7a6e) is missing prvReadplb_Case privilege", 403)
    assert "prvReadplb_Case" in said
    assert "3c0a7a6e" not in said


def test_a_field_and_its_rule_are_named() -> None:
    said = named(
        "0x80044331",
        "The length of the 'plb_subject' attribute of the 'plb_message' entity exceeded the maximum allowed"
        " length of '400'.",
    )
    assert "field plb_subject" in said
    assert "at most 400 characters" in said


@pytest.mark.parametrize(
    "message",
    [
        "Could not find a property named 'plb_x' on type 'Microsoft.Dynamics.CRM.plb_case'.",
        "An undeclared property 'plb_x' which only has property annotations in the payload",
    ],
)
def test_an_unknown_field_is_named(message: str) -> None:
    assert "field plb_x" in named("0x0", message)


def test_the_words_of_the_service_are_not_repeated() -> None:
    assert "Mia" not in named("0x80040203", "Invalid value 'Mia Holt is ill' for argument")


def test_a_missing_application_user_or_role_says_what_to_do() -> None:
    assert "create one" in named("0x80072560", "The user is not a member of the organization.", 403)
    assert "security role" in named("0x80042f09", "no role", 403)


@pytest.mark.parametrize("code", ["0x80050201", "0x80050202", "0x80050205"])
def test_a_webhook_that_stopped_the_save_says_how_to_register_it(code: str) -> None:
    assert "register it async" in named(code, "The webhook call failed.")


def test_a_row_that_is_gone_differs_from_a_table_that_is_not_there() -> None:
    said = {"error": {"code": "0x80060888", "message": "Resource not found for the segment 'plb_cases'."}}
    assert type(error(404, said)) is Rejected
    assert "provisioning" in str(error(404, said))
    assert type(error(404)) is NotFound


@pytest.mark.parametrize("status", [400, 410, 404])
def test_a_dead_feed_token_is_known_by_its_text_on_a_delta_link(status: int) -> None:
    body = {"error": {"code": "0x80040203", "message": "The version stamp is no longer valid"}}
    assert type(error(status, body, DELTA)) is FeedExpired
    assert type(error(400, body)) is Rejected


@pytest.mark.parametrize("name", ["duplicate-content-id", "get-in-changeset"])
def test_a_malformed_batch_is_rejected_with_its_own_shape_of_body(name: str) -> None:
    body = (DATA / f"captured-batch-toplevel-{name}.json").read_bytes()
    assert (type(error(400, body)), error(400, body).code) == (Rejected, "0x0")


@pytest.mark.parametrize(
    "body", [b"", b"<html>busy</html>", b'"x"', b'{"error":"x"}', b'{"error":null}', b"[]"]
)
def test_bodies_of_any_shape_are_understood(body: bytes) -> None:
    assert type(error(502, body)) is OutcomeUnknown
    assert type(error(400, body)) is Rejected


def test_a_503_with_a_wait_is_throttling_and_without_is_unknown() -> None:
    assert error(503, b"", retry_after="2.5").retry_after == 2.5
    assert type(error(503, b"", retry_after="2.5")) is Throttled
    assert type(error(503)) is OutcomeUnknown


def test_the_request_id_stands_in_the_text() -> None:
    found = error(400, b"", x_ms_service_request_id="abc-1")
    assert found.request_id == "abc-1"
    assert "abc-1" in str(found)


def test_ids_of_rows_stay_out_of_the_text() -> None:
    call = Call(
        "GET", "https://x.example/api/data/v9.2/plb_cases(5b8f2c10-6c1e-4011-b4cb-000d3a1a0001)?$select=a"
    )
    assert "GET /api/data/v9.2/plb_cases({})" in str(error(404, b"", call))


def test_a_batch_answer_speaks_for_itself() -> None:
    reply = Reply(400, {"content-type": "multipart/mixed; boundary=x"})
    assert failure(CALL, reply) is None
