"""The mail port over batches: how many calls it takes, and what becomes of parts that fail."""

import pytest

from connectors import outlook_rows as rows
from connectors.outlook import Outlook
from schemas.mail import Address, MailMessage, UnreadableMail
from sync.errors import Forbidden, NotFound, OutcomeUnknown, Rejected, Throttled
from sync.ports import Letter, Mark

MAILBOX = "it.help@northgate.example"
THROTTLED = {
    "status": 429,
    "headers": {"Retry-After": "0"},
    "body": {"error": {"code": "ApplicationThrottled"}},
}


@pytest.fixture
def outlook(graph):
    return Outlook(graph)


@pytest.fixture
def arrived(service):
    def arrive(count, source=b"From: a@b.example\nSubject: tap\n\nThe tap drips."):
        ids = [f"M{number}" for number in range(count)]
        for each in ids:
            service.sources[each] = source
            service.mails[each] = {
                "id": each,
                "receivedDateTime": "2026-02-09T09:04:00Z",
                "internetMessageId": f"<{each}@x>",
                "isDraft": False,
                "categories": ["Red"],
            }
        return ids

    return arrive


def letter(key):
    to = (Address(address="a@b.example"),)
    return Letter(key=key, mailbox=MAILBOX, to=to, subject="Received", text="x", html="<p>x</p>")


def letters(count):
    return [letter(f"k{n}") for n in range(count)]


def test_twenty_mails_are_fetched_with_two_calls(outlook, service, arrived):
    mails = outlook.fetch(MAILBOX, arrived(20))
    assert len(service.batches) == 2
    assert [each.remote_id for each in mails] == [f"M{n}" for n in range(20)]
    assert mails[0].new_text == "The tap drips."
    assert mails[0].internet_message_id == "<M0@x>"


def test_every_part_asks_for_immutable_ids(outlook, service, arrived):
    outlook.fetch(MAILBOX, arrived(1))
    assert all(part["headers"]["Prefer"] == 'IdType="ImmutableId"' for part in service.batches[0])


def test_a_mail_that_is_gone_is_a_value_beside_the_others(outlook, arrived):
    here, gone = outlook.fetch(MAILBOX, [*arrived(1), "none"])
    assert isinstance(here, MailMessage)
    assert isinstance(gone, NotFound)


def sized(service, mail, size):
    service.mails[mail]["singleValueExtendedProperties"] = [{"id": rows.SIZE, "value": str(size)}]


def test_a_mail_over_the_limit_is_set_aside_without_loading_it(outlook, service, arrived):
    large, good = arrived(2)
    sized(service, large, 40_500_000)
    aside, mail = outlook.fetch(MAILBOX, [large, good])
    assert isinstance(aside, UnreadableMail)
    assert aside.internet_message_id == "<M0@x>"
    assert "40.5 MB, the limit is 30 MB" in aside.reason
    assert isinstance(mail, MailMessage)
    assert not [part for batch in service.batches for part in batch if f"{large}/$value" in part["url"]]


def test_a_mail_of_unknown_size_over_the_limit_is_set_aside(outlook, arrived, monkeypatch):
    monkeypatch.setattr("connectors.outlook.LARGEST", 10)
    monkeypatch.setattr("connectors.mime.reader.LARGEST", 10)
    (mail,) = outlook.fetch(MAILBOX, arrived(1))
    assert isinstance(mail, UnreadableMail)


def test_a_large_mail_is_loaded_by_a_call_of_its_own(outlook, service, arrived):
    large, good = arrived(2)
    sized(service, large, 4_000_000)
    assert [type(each) for each in outlook.fetch(MAILBOX, [large, good])] == [MailMessage] * 2
    assert [len(parts) for parts in service.batches] == [2, 1]


def test_a_large_mail_that_is_not_handed_over_fails_alone(outlook, service, arrived):
    large, good = arrived(2)
    sized(service, large, 4_000_000)
    del service.sources[large]
    failed, mail = outlook.fetch(MAILBOX, [large, good])
    assert isinstance(failed, OutcomeUnknown)
    assert isinstance(mail, MailMessage)


def test_nothing_to_do_takes_no_call(outlook, service):
    assert outlook.fetch(MAILBOX, []) == []
    assert outlook.mark([]) == []
    assert outlook.find(MAILBOX, []) == {}
    assert service.batches == []


def test_only_the_refused_parts_are_repeated(outlook, service, arrived):
    ids = arrived(3)
    refused = iter([THROTTLED])
    service.trouble = lambda part: next(refused, None) if "M1?" in part["url"] else None
    assert [type(each) for each in outlook.fetch(MAILBOX, ids)] == [MailMessage] * 3
    assert [len(parts) for parts in service.batches] == [3, 1, 3]


def test_a_batch_too_large_for_the_service_is_halved(outlook, service, arrived):
    service.largest = 6
    assert [type(each) for each in outlook.fetch(MAILBOX, arrived(10))] == [MailMessage] * 10


def test_a_long_wait_is_handed_back(outlook, service, arrived):
    service.trouble = lambda part: {**THROTTLED, "headers": {"Retry-After": "120"}}
    (failed,) = outlook.fetch(MAILBOX, arrived(1))
    assert isinstance(failed, Throttled)
    assert failed.retry_after == 120
    assert len(service.batches) == 1


def test_a_draft_whose_answer_is_lost_is_not_written_twice(outlook, service):
    service.lost = 1
    (failed,) = outlook.draft(letters(1))
    assert isinstance(failed, OutcomeUnknown)
    assert len(service.mails) == 1
    assert outlook.find(MAILBOX, ["k0"])["k0"].remote_id == "D0"


def test_a_part_of_unknown_outcome_is_repeated_only_where_that_does_no_harm(outlook, service, arrived):
    ids = arrived(1)
    service.trouble = lambda part: {"status": 503} if part["method"] == "POST" else None
    assert [type(each) for each in outlook.send(MAILBOX, ids)] == [OutcomeUnknown]
    assert len(service.batches) == 1


def test_twenty_letters_take_one_call_each_way(outlook, service):
    drafts = outlook.draft(letters(20))
    ids = [each.remote_id for each in drafts]
    assert [each.key for each in drafts] == [f"k{n}" for n in range(20)]
    assert outlook.send(MAILBOX, ids) == [None] * 20
    assert all(each.sent for each in outlook.look(MAILBOX, ids))
    assert len(service.batches) == 3


def test_a_key_that_differs_in_case_only_is_not_ours(outlook, service):
    outlook.draft(letters(1))
    service.mails["D0"]["singleValueExtendedProperties"][0]["value"] = "K0"
    assert outlook.find(MAILBOX, ["k0"]) == {}


def test_a_mailbox_that_may_not_be_searched_is_an_error_and_not_an_empty_answer(outlook, service):
    service.trouble = lambda part: {"status": 403, "body": {"error": {"code": "ErrorAccessDenied"}}}
    with pytest.raises(Forbidden, match=r"Mail\.ReadWrite"):
        outlook.find(MAILBOX, ["k0"])


def test_marks_keep_the_categories_that_are_there(outlook, service, arrived):
    arrived(2)
    marks = [Mark(mailbox=MAILBOX, remote_id=each, categories=("Case",), stamp="k") for each in ("M0", "M1")]
    assert outlook.mark(marks) == [None, None]
    assert service.mails["M1"]["categories"] == ["Red", "Case"]
    assert rows.stamp(service.mails["M1"]) == "k"
    assert len(service.batches) == 2


def test_a_mark_that_is_there_already_is_not_written(outlook, service, arrived):
    arrived(1)
    assert outlook.mark([Mark(mailbox=MAILBOX, remote_id="M0", categories=("Red",))]) == [None]
    assert len(service.batches) == 1


def test_a_mark_on_a_mail_that_is_gone_fails_alone(outlook, arrived):
    arrived(1)
    marks = [Mark(mailbox=MAILBOX, remote_id=each, categories=("Case",)) for each in ("none", "M0")]
    first, second = outlook.mark(marks)
    assert isinstance(first, NotFound)
    assert second is None


def test_a_link_to_another_host_is_not_followed(outlook):
    with pytest.raises(Rejected, match="not followed"):
        outlook.changes(MAILBOX, "https://evil.test/v1.0/users/a/delta?$deltatoken=1")
