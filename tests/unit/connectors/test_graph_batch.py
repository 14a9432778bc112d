"""Batches of Microsoft Graph (reference: graph.md section 6)."""

import base64

import pytest

from connectors.graph_batch import Answer, Request, decode, encode
from connectors.graph_errors import error_codes, failure
from sync.errors import (
    FeedExpired,
    Forbidden,
    NotFound,
    OutcomeUnknown,
    PreconditionFailed,
    Rejected,
    Throttled,
)

READ = Request("GET", "/users/a%40b.example/messages/1")
WRITE = Request("POST", "/users/a%40b.example/messages", {"subject": "x"})


def test_parts_carry_the_common_headers_and_their_own():
    body = encode([READ, WRITE], {"Prefer": 'IdType="ImmutableId"'})
    assert body["requests"] == [
        {"id": "1", "method": "GET", "url": READ.path, "headers": {"Prefer": 'IdType="ImmutableId"'}},
        {
            "id": "2",
            "method": "POST",
            "url": WRITE.path,
            "headers": {"Prefer": 'IdType="ImmutableId"', "Content-Type": "application/json"},
            "body": {"subject": "x"},
        },
    ]


def test_answers_in_any_order_find_their_requests():
    first, second = decode(
        {
            "responses": [
                {"id": "2", "status": 201, "body": {"id": "b"}},
                {"id": "1", "status": 200, "body": {"id": "a"}},
            ]
        },
        [READ, WRITE],
    )
    assert (first.row["id"], second.row["id"]) == ("a", "b")


def test_a_part_that_was_not_answered_has_an_unknown_outcome():
    (answer,) = decode({"responses": []}, [WRITE])
    assert isinstance(answer, OutcomeUnknown)


@pytest.mark.parametrize("body", [None, [], "x", {"responses": None}, {"responses": [None, {"id": 1}]}])
def test_a_body_that_is_no_batch_leaves_every_outcome_unknown(body):
    assert [type(each) for each in decode(body, [READ, WRITE])] == [OutcomeUnknown, OutcomeUnknown]


def test_bytes_travel_as_base64():
    assert Answer(200, {}, base64.b64encode(b"From: a\r\n\r\n\xff").decode()).data == b"From: a\r\n\r\n\xff"
    assert Answer(200, {}, "From: a\r\n\r\nplain").data == b"From: a\r\n\r\nplain"
    assert Answer(200, {}, b"raw").data == b"raw"


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "ErrorInvalidRecipients", Rejected),
        (400, "ResyncRequired", FeedExpired),
        (401, "InvalidAuthenticationToken", Forbidden),
        (403, "ErrorAccessDenied", Forbidden),
        (404, "ErrorItemNotFound", NotFound),
        (409, "nameAlreadyExists", Rejected),
        (409, "resourceModified", PreconditionFailed),
        (410, "SyncStateNotFound", FeedExpired),
        (412, "ErrorIrresolvableConflict", PreconditionFailed),
        (423, "resourceLocked", Throttled),
        (424, "FailedDependency", Rejected),
        (429, "ApplicationThrottled", Throttled),
        (500, "UnknownError", OutcomeUnknown),
        (501, "notImplemented", Rejected),
        (503, "", OutcomeUnknown),
        (507, "ErrorQuotaExceeded", OutcomeUnknown),
    ],
)
def test_failures_are_sorted_by_what_comes_next(status, code, kind):
    failed = failure("GET", READ.path, status, {"error": {"code": code}}, {})
    assert type(failed) is kind
    assert failed.status == status


def test_a_503_that_names_a_wait_refused_the_call_unread():
    assert isinstance(failure("POST", WRITE.path, 503, None, {"retry-after": "2"}), Throttled)


def test_success_is_no_failure():
    assert failure("GET", READ.path, 202, None, {}) is None


@pytest.mark.parametrize("body", [None, "", b"<html>", [], {"error": None}, {"error": {"code": 5}}])
def test_error_bodies_may_be_anything(body):
    assert failure("GET", READ.path, 503, body, {}).code is None


def test_the_innermost_code_comes_first_in_either_spelling():
    body = {"error": {"code": "a", "innererror": {"code": "b", "innerError": {"code": "c"}}}}
    assert error_codes(body) == ["c", "b", "a"]


@pytest.mark.parametrize(("header", "seconds"), [("2.128", 2.128), ("3", 3.0), ("soon", None), (None, None)])
def test_the_wait_may_be_fractional_or_missing(header, seconds):
    headers = {"retry-after": header} if header else {}
    assert failure("GET", READ.path, 429, None, headers).retry_after == seconds


def test_no_address_or_id_stands_in_an_error():
    path = "/users/it.help%40northgate.example/messages/AAkALgAAAAAAHYQDEapmEc2byACqAC-E/$value?$select=id"
    said = str(failure("GET", path, 404, {"error": {"message": "it.help@northgate"}}, {}))
    assert "GET /users/{}/messages/{}/$value" in said
    assert "northgate" not in said
