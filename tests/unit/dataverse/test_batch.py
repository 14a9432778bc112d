from email import message_from_bytes
from email.message import Message
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.calls import Reply
from dataverse.batch import Answers, Damaged, decode, encode, split
from dataverse.operations import ChangeSet, Operation, create, delete, read, update, upsert

ROOT = "/api/data/v9.2/"
DATA = Path(__file__).parents[2] / "data" / "dataverse"
ROW = UUID("5b8f2c10-6c1e-4011-b4cb-000d3a1a0001")


def recorded(name: str) -> tuple[bytes, str]:
    head, _, body = (DATA / name).read_bytes().partition(b"\r\n\r\n")
    types = [line for line in head.decode().split("\r\n") if line.lower().startswith("content-type")]
    return body, types[0].partition(":")[2].strip()


def parsed(body: bytes, boundary: str) -> list[Message]:
    """The parts as the standard library reads them: an independent reader."""
    head = f'Content-Type: multipart/mixed; boundary="{boundary}"\r\n\r\n'.encode()
    return message_from_bytes(head + body).get_payload()


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
writes = st.builds(lambda text: update("plb_cases", ROW, {"plb_need": text}), texts)
sets = st.builds(ChangeSet, st.lists(writes, min_size=1, max_size=4).map(tuple))
parts = st.one_of(writes, sets, st.just(read("WhoAmI()")), st.just(delete("plb_cases", ROW)))


@given(st.lists(parts, min_size=1, max_size=6))
def test_another_reader_finds_every_part_and_unique_content_ids(given_parts: list) -> None:
    body = encode(given_parts, root=ROOT, boundary="batch_1")
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert body.endswith(b"--batch_1--\r\n")
    found = parsed(body, "batch_1")
    assert len(found) == len(given_parts)
    ids = []
    for message, part in zip(found, given_parts, strict=True):
        if isinstance(part, ChangeSet):
            assert len(message.get_payload()) == len(part.operations)
            ids += [each["Content-ID"] for each in message.get_payload()]
    assert ids == [str(number) for number in range(1, len(ids) + 1)]


@given(writes)
def test_the_length_of_a_body_is_counted_in_bytes(operation: Operation) -> None:
    body = encode([operation], root=ROOT, boundary="b")
    assert f"Content-Length: {len(operation.data or b'')}\r\n".encode() in body
    assert (operation.data or b"") in body


replies = st.builds(
    lambda status, text: (status, b'{"a":"' + text.encode("unicode_escape").replace(b'"', b"") + b'"}'),
    st.sampled_from([200, 201, 204, 400, 404, 412, 429]),
    texts,
)
answers = st.one_of(replies, st.lists(replies, min_size=1, max_size=4))


def written(status: int, body: bytes) -> bytes:
    head = b"Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    line = f'HTTP/1.1 {status} Word\r\nOData-Version: 4.0\r\nETag: W/"1"\r\n\r\n'
    return head + line.encode() + (b"" if status == 204 else body)


@given(st.lists(answers, min_size=1, max_size=6))
def test_every_answer_is_found_in_order(given_answers: list) -> None:
    lines = []
    for index, each in enumerate(given_answers):
        lines.append(b"--resp")
        if isinstance(each, tuple):
            lines.append(written(*each))
            continue
        lines.append(f"Content-Type: multipart/mixed; boundary=resp{index}\r\n".encode())
        for inner in each:
            lines += [f"--resp{index}".encode(), written(*inner)]
        lines += [f"--resp{index}--".encode()]
    lines += [b"--resp--", b""]
    found = decode(b"\r\n".join(lines), "multipart/mixed; boundary=resp")
    wanted = [each if isinstance(each, tuple) else [status for status, _ in each] for each in given_answers]
    for got, want in zip(found, wanted, strict=True):
        if isinstance(got, Answers):
            assert [each.status for each in got.replies] == want
        else:
            assert (got.status, got.body) == (want[0], b"" if want[0] == 204 else want[1])


def test_a_recorded_answer_with_a_change_set_is_read() -> None:
    changes, rows = decode(*recorded("constructed-batch-response.http"))
    assert isinstance(changes, Answers)
    assert [each.status for each in changes.replies] == [204, 204]
    assert "svc_casenotes(" in changes.replies[1].headers["odata-entityid"]
    assert isinstance(rows, Reply)
    assert rows.json["value"][0]["svc_reference"] == "NC-000104"


def test_an_answer_that_stopped_at_an_error_is_read() -> None:
    (only,) = decode(*recorded("constructed-batch-response-stopped-at-error.http"))
    assert (only.status, only.json["error"]["code"]) == (400, "0x80044331")


@pytest.mark.parametrize("cut", [1, 30, 200, 700])
def test_an_answer_that_breaks_off_is_damaged_not_short(cut: int) -> None:
    body, content_type = recorded("constructed-batch-response.http")
    with pytest.raises(Damaged):
        decode(body.rstrip()[:-cut], content_type)


def test_an_empty_answer_or_one_without_boundary_is_damaged() -> None:
    for body, kind in ((b"", "multipart/mixed; boundary=x"), (b"--x--", "multipart/mixed")):
        with pytest.raises(Damaged):
            decode(body, kind)


def test_a_header_cannot_smuggle_a_line() -> None:
    with pytest.raises(ValueError, match="If-Match"):
        encode([update("plb_cases", ROW, {}, if_match="*\r\nX: y")], root=ROOT, boundary="b")


def test_batches_are_split_by_count_and_change_sets_stay_whole() -> None:
    one = update("plb_cases", ROW, {})
    group = ChangeSet((one,) * 4)
    chunks = list(split([one, group, one, group, one], most=6))
    assert chunks == [[one, group, one], [group, one]]


def test_batches_are_split_by_size_and_a_giant_goes_alone() -> None:
    big = upsert("plb_cases", ROW, {"plb_need": "x" * 5000})
    assert [len(chunk) for chunk in split([big, big, big], largest=11_000)] == [2, 1]
    assert [len(chunk) for chunk in split([big], largest=10)] == [1]


def test_a_thousand_and_one_requests_are_two_batches() -> None:
    assert [len(chunk) for chunk in split([read("WhoAmI()")] * 1001)] == [1000, 1]


def test_a_change_set_holds_changes_only() -> None:
    for operations in ((), (read("WhoAmI()"),)):
        with pytest.raises(ValueError, match="change"):
            ChangeSet(operations)


def test_a_create_is_a_keyed_write_that_never_overwrites() -> None:
    made = create("plb_cases", {"plb_name": "x"}, row_id=ROW)
    assert (made.method, made.path, dict(made.headers)) == (
        "PATCH",
        f"plb_cases({ROW})",
        {"If-None-Match": "*"},
    )
    assert made.replayable
