"""Mails as Microsoft Graph writes them."""

from datetime import UTC, datetime

from connectors import outlook_rows as rows
from schemas.mail import Address
from sync.ports import Letter

MAILBOX = "it.help@northgate.example"


def letter(**fields):
    return Letter(
        **{
            "key": "nc-1/ack",
            "mailbox": MAILBOX,
            "to": (Address(address="a@b.example", name="Anna"),),
            "subject": "Received",
            "text": "Thank you",
            "html": "<p>Thank you</p>",
            **fields,
        }
    )


def test_addresses_and_ids_are_encoded_in_paths():
    assert rows.read_source(MAILBOX, "AA/b+c=").path == (
        "/users/it.help%40northgate.example/messages/AA%2Fb%2Bc%3D/$value"
    )


def test_blanks_in_queries_become_percent_20():
    request = rows.find_dispatch(MAILBOX, "o'brien & co")
    assert "+" not in request.path
    assert "ep/value%20eq%20%27o%27%27brien%20%26%20co%27" in request.path


def test_the_feed_asks_for_ids_since_an_instant():
    path = rows.read_feed(MAILBOX, datetime(2026, 2, 9, 9, 4, tzinfo=UTC)).path
    assert path.endswith(
        "/mailFolders/inbox/messages/delta?$select=id,receivedDateTime"
        "&$filter=receivedDateTime%20ge%202026-02-09T09:04:00Z"
    )
    assert "$filter" not in rows.read_feed(MAILBOX, None).path


def test_the_last_entry_of_an_id_counts():
    page = rows.page(
        {
            "value": [
                {"id": "1", "@odata.etag": 'W/"a"'},
                {"id": "2"},
                {"id": "1", "@removed": {"reason": "deleted"}},
                "noise",
            ],
            "@odata.deltaLink": "https://x/delta",
        }
    )
    assert [(each.remote_id, each.removed) for each in page.changes] == [("2", False), ("1", True)]
    assert (page.next_link, page.delta_link) == (None, "https://x/delta")


def test_a_reply_is_written_by_the_service_into_the_thread():
    request = rows.write_draft(
        letter(answers="AA1", message_id="<m@x>", headers={"x-plumbline-case": "NC-1"})
    )
    message = request.body["message"]
    assert request.path.endswith("/messages/AA1/createReply")
    assert message["internetMessageId"] == "<m@x>"
    assert message["internetMessageHeaders"] == [{"name": "x-plumbline-case", "value": "NC-1"}]
    assert message["singleValueExtendedProperties"] == [{"id": rows.STAMP, "value": "nc-1/ack"}]
    assert not request.replayable


def test_a_new_letter_is_a_plain_draft():
    request = rows.write_draft(letter())
    assert request.path == "/users/it.help%40northgate.example/messages"
    assert request.body["toRecipients"] == [{"emailAddress": {"address": "a@b.example", "name": "Anna"}}]
    assert "internetMessageId" not in request.body


def test_the_stamp_is_found_whatever_the_case_of_its_id():
    row = {
        "singleValueExtendedProperties": [
            {"id": "x", "value": "no"},
            {"id": rows.STAMP.upper(), "value": "k"},
        ]
    }
    assert rows.stamp(row) == "k"
    assert rows.stamp({}) is None


def test_a_draft_has_no_sending_time():
    row = {"id": "1", "isDraft": True, "sentDateTime": "2026-02-09T09:04:00Z"}
    assert rows.dispatch(row).sent_at is None
    assert rows.dispatch({**row, "isDraft": False}).sent_at == datetime(2026, 2, 9, 9, 4, tzinfo=UTC)


def test_a_state_that_was_not_told_is_not_taken_for_sent():
    assert not rows.dispatch({"id": "1"}).sent
