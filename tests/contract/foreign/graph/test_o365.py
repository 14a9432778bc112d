"""The client `O365` works with mail, folders and list items of the tenant."""

import msal
import pytest

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="session")
def account(tenant, web):
    from O365 import Account
    from O365.connection import MSGraphProtocol
    from O365.utils.token import MemoryTokenBackend

    said = tenant.description()

    class Here(MSGraphProtocol):
        _protocol_url = said["graphUrl"].removesuffix("v1.0")
        _oauth_scope_prefix = _protocol_url

    secret = (said["clientId"], said["clientSecret"])
    made = Account(
        secret,
        auth_flow_type="credentials",
        tenant_id=said["tenantId"],
        protocol=Here(timezone="UTC"),
        token_backend=MemoryTokenBackend(),
        verify_ssl=said["caBundle"],
        request_retries=0,
    )
    made.con._msal_client = msal.ConfidentialClientApplication(
        secret[0],
        client_credential=secret[1],
        authority=said["authority"],
        instance_discovery=False,
        http_client=web,
        token_cache=made.con.token_backend,
    )
    assert made.authenticate()
    made.con.session = made.con.get_session(load_token=True)
    made.con.session.trust_env = False
    yield made
    made.con.session.close()


@pytest.fixture
def outlook(account, mailbox):
    return account.mailbox(resource=mailbox.address)


@pytest.mark.covers("gc.o365.mail")
def test_mail_is_listed_over_pages_and_read(outlook, mailbox):
    for number in range(5):
        mailbox.deliver(f"mail {number}", "It is on fire.")
    messages = list(outlook.inbox_folder().get_messages(limit=5, batch=2, order_by="receivedDateTime asc"))
    assert sorted(message.subject for message in messages) == [f"mail {number}" for number in range(5)]
    message = messages[0]
    assert message.sender.address == "ada@outside.example"
    assert "on fire" in message.body
    assert message.mark_as_read()
    assert outlook.get_message(message.object_id).is_read
    assert b"on fire" in message.get_mime_content()


@pytest.mark.covers("gc.o365.mail")
def test_mail_is_found_by_a_filter(outlook, mailbox):
    mailbox.deliver("about printers")
    mailbox.deliver("about badges")
    query = outlook.new_query().equals("subject", "about badges")
    assert [message.subject for message in outlook.inbox_folder().get_messages(query=query)] == [
        "about badges"
    ]


@pytest.mark.covers("gc.o365.mail", "gc.folder.draft")
def test_mail_is_drafted_sent_answered_and_forwarded(outlook, mailbox, tmp_path):
    new = outlook.new_message()
    new.to.add("ada@outside.example")
    new.subject, new.body = "News", "<p>Hello</p>"
    file = tmp_path / "log.txt"
    file.write_text("lines")
    new.attachments.add(str(file))
    assert new.save_draft()
    assert new.send()

    mailbox.deliver("Printer")
    (mail,) = outlook.inbox_folder().get_messages()
    answer = mail.reply()
    answer.body = "We look at it."
    assert answer.send()
    passed = mail.forward()
    passed.to.add("bo@outside.example")
    assert passed.send()
    sent = list(outlook.sent_folder().get_messages(download_attachments=True))
    assert sorted(message.subject for message in sent) == ["FW: Printer", "News", "RE: Printer"]
    (kept,) = [message for message in sent if message.subject == "News"]
    assert [attachment.name for attachment in kept.attachments] == ["log.txt"]


@pytest.mark.covers("gc.o365.folders")
def test_folders_are_made_filled_renamed_and_deleted(outlook, mailbox):
    mailbox.deliver("to be filed")
    folder = outlook.create_child_folder("Closed")
    (mail,) = outlook.inbox_folder().get_messages()
    assert mail.move(folder)
    assert [message.subject for message in folder.get_messages()] == ["to be filed"]
    assert folder.update_folder_name("Closed cases")
    assert "Closed cases" in [each.name for each in outlook.get_folders(limit=50)]
    (filed,) = folder.get_messages()
    assert filed.copy(outlook.inbox_folder())
    assert filed.delete()
    assert folder.delete()
    assert [message.subject for message in outlook.inbox_folder().get_messages()] == ["to be filed"]


@pytest.mark.covers("gc.o365.lists")
def test_list_items_are_made_read_changed_and_deleted(account, tenant, web):
    url = f"{tenant.base}/_sandbox/sites/strangers-too"
    number = web.put(url, json={"access": "fullcontrol"}, timeout=10).json()["id"]
    site = account.sharepoint().get_site(number)
    columns = [{"name": "Uses", "number": {}}, {"name": "Team", "text": {}, "indexed": True}]
    site.create_list({"displayName": "Articles", "columns": columns, "list": {"template": "genericList"}})
    articles = site.get_list_by_name("Articles")
    assert "Articles" in [each.name for each in site.get_lists()]

    made = [articles.create_list_item({"Title": f"a{n}", "Uses": n, "Team": "IT"}) for n in range(3)]
    made[0].update_fields({"Uses": 7})
    assert made[0].save_updates()
    assert made[1].delete()
    items = articles.get_items(expand_fields=["Title", "Uses"], batch=1)
    assert [(item.fields["Title"], item.fields["Uses"]) for item in items] == [("a0", 7), ("a2", 2)]
    assert articles.get_item_by_id(made[2].object_id, expand_fields=True).fields["Title"] == "a2"
