"""The mail port against a tenant: feed, fetch, draft to sent, marks (reference: graph.md 3, 10)."""

import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from requests.adapters import HTTPAdapter

from connectors import outlook_rows
from connectors.auth import Secret, TokenSource
from connectors.graph import GraphClient
from connectors.graph_batch import Request
from connectors.graph_errors import GRAPH
from connectors.http import Http, Policy, new_session
from connectors.outlook import Outlook
from schemas.mail import Address, MailMessage, UnreadableMail
from sync.errors import FeedExpired, Forbidden, NotFound, OutcomeUnknown, Rejected
from sync.ports import Letter, Mark

MAILS = Path(__file__).parents[3] / "examples" / "northgate" / "mail"


class Wire(HTTPAdapter):
    """Carries every call out, and loses the answers to calls whose address ends in `losing`."""

    losing: str | None = None

    def send(self, request, *args, **kwargs):
        answer = super().send(request, *args, **kwargs)
        if self.losing and request.url.endswith(self.losing):
            self.losing = None
            answer.close()
            raise requests.ConnectionError("the answer got lost")
        return answer


@pytest.fixture
def wire():
    return Wire()


@pytest.fixture
def outlook(tenant, wire):
    facts = tenant.description()
    session = new_session(Path(facts["caBundle"]))
    session.mount(facts["graphUrl"], wire)
    tokens = TokenSource(
        Secret(facts["clientId"], facts["clientSecret"]), authority=facts["authority"], session=session
    )
    http = Http(session, tokens, base_url=facts["graphUrl"], service=GRAPH, policy=Policy(attempts=2))
    yield Outlook(GraphClient(http, facts["graphUrl"]))
    session.close()


class Control:
    """The tenant's control routes for one mailbox of its own."""

    def __init__(self, web, base):
        self._web = web
        self._base = base
        self.address = f"desk-{uuid.uuid4().hex[:8]}@northgate.example"
        self.change(kind="shared", displayName="Desk", access=True)

    def change(self, **facts):
        answer = self._web.put(f"{self._base}/_sandbox/mailboxes/{self.address}", json=facts)
        assert answer.ok, answer.text

    def deliver(self, raw):
        answer = self._web.post(f"{self._base}/_sandbox/mailboxes/{self.address}/deliver", data=raw)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def batches(self):
        log = self._web.get(f"{self._base}/_sandbox/requests?since=0").json()["requests"]
        return sum(each["path"].endswith("/$batch") for each in log)


@pytest.fixture
def mailbox(web, tenant):
    return Control(web, tenant.description()["dataverseUrl"])


def example(name):
    return (MAILS / f"{name}.eml").read_bytes()


def all_changes(outlook, address, link=None):
    """A whole round: its changes and the link for the next."""
    changes = []
    while True:
        page = outlook.changes(address, link)
        changes += page.changes
        link = page.next_link or page.delta_link
        if page.delta_link:
            return changes, link


def letter(mailbox, key, **fields):
    return Letter(
        **{
            "key": key,
            "mailbox": mailbox.address,
            "to": (Address(address="housing.manager@northgate.example"),),
            "subject": "[NC-004999] Received",
            "text": "Thank you.",
            "html": "<p>Thank you.</p>",
            **fields,
        }
    )


def test_a_round_names_every_mail_and_the_next_one_only_what_is_new(outlook, mailbox):
    first = {mailbox.deliver(example("m001")), mailbox.deliver(example("m003"))}
    changes, link = all_changes(outlook, mailbox.address)
    assert {each.remote_id for each in changes} == first
    assert all_changes(outlook, mailbox.address, link)[0] == []
    second = mailbox.deliver(example("m004"))
    assert [each.remote_id for each in all_changes(outlook, mailbox.address, link)[0]] == [second]


def test_a_first_round_can_be_bounded(outlook, mailbox):
    mailbox.deliver(example("m001"))
    page = outlook.changes(mailbox.address, None, since=datetime(2999, 1, 1, tzinfo=UTC))
    assert page.changes == ()


def test_mails_are_read_as_they_were_delivered(outlook, mailbox):
    ids = [mailbox.deliver(example(name)) for name in ("m001", "m020", "m037", "m052")]
    before = mailbox.batches()
    mails = outlook.fetch(mailbox.address, ids)
    assert mailbox.batches() - before == 2
    assert [type(each) for each in mails] == [MailMessage] * 4
    assert "two weeks of tenancy audits" in mails[0].new_text
    assert "22.2 hours over three days" in mails[1].new_text
    assert mails[2].forwarded[0].attached
    assert mails[3].attachments[0].name == "Facture 2026-0142 impayée.pdf"
    assert all(each.conversation_id and each.stamp is None for each in mails)


def test_the_mailbox_tells_the_size_before_a_mail_over_the_limit_is_loaded(outlook, mailbox):
    raw = example("m001") + (b"x" * 998 + b"\r\n") * 31_000
    (mail,) = outlook.fetch(mailbox.address, [mailbox.deliver(raw)])
    assert isinstance(mail, UnreadableMail)
    assert mail.size == len(raw)
    assert mail.internet_message_id


def test_a_mail_that_is_gone_is_not_found_beside_the_others(outlook, mailbox):
    here, gone = outlook.fetch(mailbox.address, [mailbox.deliver(example("m001")), "AAkALgAAAAAAgone"])
    assert isinstance(here, MailMessage)
    assert isinstance(gone, NotFound | Rejected)


def test_a_reply_goes_from_draft_to_sent_under_one_id(outlook, mailbox):
    question = mailbox.deliver(example("m001"))
    (draft,) = outlook.draft([letter(mailbox, "NC-004999:ack:1", answers=question)])
    assert not draft.sent
    assert outlook.send(mailbox.address, [draft.remote_id]) == [None]
    (state,) = outlook.look(mailbox.address, [draft.remote_id])
    assert (state.key, state.sent, state.remote_id) == ("NC-004999:ack:1", True, draft.remote_id)
    (mail,) = outlook.fetch(mailbox.address, [draft.remote_id])
    assert mail.stamp == "NC-004999:ack:1"
    assert mail.in_reply_to == ("<LOA7DA84.0870723E8939E0B46A077BBD@LOA7DA84.prod.mail.northgate.example>",)


def test_a_new_letter_needs_no_mail_to_answer(outlook, mailbox):
    (draft,) = outlook.draft([letter(mailbox, "NC-004998:note:1", headers={"x-plumbline-case": "NC-004998"})])
    assert outlook.send(mailbox.address, [draft.remote_id]) == [None]
    assert outlook.find(mailbox.address, ["NC-004998:note:1"])["NC-004998:note:1"].sent


def test_a_draft_whose_answer_was_lost_is_found_and_sent_once(outlook, mailbox, wire):
    key = f"NC-{uuid.uuid4().hex}:ack"
    wire.losing = "/$batch"
    (failed,) = outlook.draft([letter(mailbox, key)])
    assert isinstance(failed, OutcomeUnknown)
    found = outlook.find(mailbox.address, [key, "NC-000000:none"])
    assert set(found) == {key}
    assert not found[key].sent
    wire.losing = "/$batch"
    assert isinstance(outlook.send(mailbox.address, [found[key].remote_id])[0], OutcomeUnknown)
    (state,) = outlook.look(mailbox.address, [found[key].remote_id])
    assert state.sent


def test_a_mark_adds_to_what_is_there(outlook, mailbox):
    mail = mailbox.deliver(example("m001"))
    marks = [
        Mark(mailbox=mailbox.address, remote_id=mail, categories=(name,)) for name in ("Case", "NC-004999")
    ]
    assert outlook.mark(marks[:1]) == [None]
    assert outlook.mark(marks[1:]) == [None]
    assert outlook.mark([marks[0].model_copy(update={"stamp": "NC-004999"})]) == [None]
    assert outlook.fetch(mailbox.address, [mail])[0].stamp == "NC-004999"


def test_twenty_letters_are_written_with_one_call(outlook, mailbox):
    before = mailbox.batches()
    drafts = outlook.draft([letter(mailbox, f"NC-1:{number}") for number in range(20)])
    assert len({each.remote_id for each in drafts}) == 20
    assert mailbox.batches() - before == 1


def test_a_mail_that_left_the_inbox_is_reported_and_can_still_be_read(outlook, mailbox, web, tenant):
    mail = mailbox.deliver(example("m001"))
    _, link = all_changes(outlook, mailbox.address)
    outlook._graph.send(move(mailbox.address, mail, "archive"))
    changes, _ = all_changes(outlook, mailbox.address, link)
    assert [(each.remote_id, each.removed) for each in changes] == [(mail, True)]
    assert isinstance(outlook.fetch(mailbox.address, [mail])[0], MailMessage)


def move(address, mail, folder):
    path = outlook_rows.path("users", address, "messages", mail, "move")
    return Request("POST", path, {"destinationId": folder}, {"Prefer": 'IdType="ImmutableId"'})


def test_a_link_that_is_no_longer_honoured_asks_for_a_new_round(outlook, mailbox):
    mailbox.deliver(example("m001"))
    _, link = all_changes(outlook, mailbox.address)
    with pytest.raises(FeedExpired):
        outlook.changes(mailbox.address, link[:-6] + "AAAAAA")


def test_a_mailbox_out_of_scope_is_named_as_a_missing_right(outlook, mailbox):
    mailbox.change(access=False)
    with pytest.raises(Forbidden, match=r"Application Mail\.ReadWrite"):
        outlook.changes(mailbox.address, None)


def test_a_mailbox_that_does_not_exist_is_not_found(outlook):
    with pytest.raises(NotFound):
        outlook.changes("nobody@northgate.example", None)
