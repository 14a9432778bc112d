"""The control routes of the mail service."""

from sandbox.tenant import Tenant
from tests.contract.sandbox_graph.conftest import Client

RAW = b"From: a@outside.example\r\nTo: new.desk@contoso.example\r\nSubject: x\r\n\r\nHello\r\n"


def test_a_mail_to_a_new_address_makes_its_mailbox(tenant: Tenant, graph: Client) -> None:
    url = f"{tenant.base}/_sandbox/mailboxes/new.desk@contoso.example/deliver"
    answer = graph.web.post(url, data=RAW, timeout=30)
    assert answer.status_code == 201
    found = graph.get("/users/new.desk@contoso.example/mailFolders/inbox/messages").json()["value"]
    assert [mail["id"] for mail in found] == [answer.json()["id"]]


def test_a_word_that_is_no_address_gets_no_mailbox(tenant: Tenant, graph: Client) -> None:
    answer = graph.web.post(f"{tenant.base}/_sandbox/mailboxes/desk/deliver", data=RAW, timeout=30)
    assert answer.status_code == 400
    assert "address" in answer.text
