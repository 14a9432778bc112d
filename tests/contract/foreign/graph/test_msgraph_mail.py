"""Microsoft's Graph client reads, answers and files mail in the tenant."""

import base64

import pytest

from tests.contract.foreign.graph.conftest import asked

MIB = 1024 * 1024
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def user(sdk, mailbox):
    return sdk.users.by_user_id(mailbox.address)


@pytest.fixture
def folder(user):
    return user.mail_folders.by_mail_folder_id


def a_message(subject="An answer"):
    from msgraph.generated.models.body_type import BodyType
    from msgraph.generated.models.email_address import EmailAddress
    from msgraph.generated.models.item_body import ItemBody
    from msgraph.generated.models.message import Message
    from msgraph.generated.models.recipient import Recipient

    to = Recipient(email_address=EmailAddress(name="Ada", address="ada@outside.example"))
    return Message(
        subject=subject, body=ItemBody(content_type=BodyType.Text, content="Hello"), to_recipients=[to]
    )


def sent(run, folder):
    return [message.subject for message in run(folder("sentitems").messages.get()).value]


@pytest.mark.covers("gc.sdk.read")
def test_messages_are_listed_page_by_page(sdk, run, folder, mailbox):
    from msgraph_core.tasks.page_iterator import PageIterator

    for number in range(5):
        mailbox.deliver(f"mail {number}")
    messages = folder("inbox").messages
    first = run(messages.get(asked(messages, top=2, select=["subject"], orderby=["receivedDateTime"])))
    assert first.odata_next_link
    subjects = []
    pages = PageIterator(first, sdk.request_adapter)
    run(pages.iterate(lambda message: subjects.append(message.subject) or True))
    assert sorted(subjects) == [f"mail {number}" for number in range(5)]


@pytest.mark.covers("gc.sdk.read")
def test_a_message_is_read_with_what_was_selected(run, user, mailbox):
    number = mailbox.deliver("Printer", "It is on fire.")
    headers = {"Prefer": 'IdType="ImmutableId", outlook.body-content-type="text"'}
    select = ["subject", "uniqueBody", "internetMessageHeaders", "receivedDateTime", "from"]
    one = user.messages.by_message_id(number)
    message = run(one.get(asked(one, select=select, headers=headers)))
    assert message.id == number
    assert message.from_.email_address.address == "ada@outside.example"
    assert "on fire" in message.unique_body.content
    assert message.received_date_time.tzinfo
    assert {"name": "Subject", "value": "Printer"} in [
        {"name": each.name, "value": each.value} for each in message.internet_message_headers
    ]
    assert message.body is None


@pytest.mark.covers("gc.sdk.write")
def test_a_draft_is_made_changed_and_sent(run, user, folder):
    draft = run(user.messages.post(a_message()))
    assert draft.is_draft
    from msgraph.generated.models.message import Message

    changed = run(user.messages.by_message_id(draft.id).patch(Message(subject="Better", categories=["Case"])))
    assert changed.subject == "Better"
    run(user.messages.by_message_id(draft.id).send.post())
    assert sent(run, folder) == ["Better"]


@pytest.mark.covers("gc.sdk.write")
def test_a_mail_is_sent_without_a_draft(run, user, folder):
    from msgraph.generated.users.item.send_mail.send_mail_post_request_body import SendMailPostRequestBody

    run(user.send_mail.post(SendMailPostRequestBody(message=a_message("kept"), save_to_sent_items=True)))
    run(user.send_mail.post(SendMailPostRequestBody(message=a_message("not kept"), save_to_sent_items=False)))
    assert sent(run, folder) == ["kept"]


@pytest.mark.covers("gc.sdk.answer")
def test_a_mail_is_answered_and_forwarded(run, user, folder, mailbox):
    from msgraph.generated.models.email_address import EmailAddress
    from msgraph.generated.models.recipient import Recipient
    from msgraph.generated.users.item.messages.item.create_reply.create_reply_post_request_body import (
        CreateReplyPostRequestBody,
    )
    from msgraph.generated.users.item.messages.item.forward.forward_post_request_body import (
        ForwardPostRequestBody,
    )
    from msgraph.generated.users.item.messages.item.reply.reply_post_request_body import ReplyPostRequestBody

    mailbox.deliver("Printer")
    (mail,) = run(folder("inbox").messages.get()).value
    message = user.messages.by_message_id(mail.id)
    run(message.reply.post(ReplyPostRequestBody(comment="We look at it.")))
    draft = run(message.create_reply.post(CreateReplyPostRequestBody(comment="Done.")))
    assert (draft.subject, draft.conversation_id) == ("RE: Printer", mail.conversation_id)
    run(user.messages.by_message_id(draft.id).send.post())
    to = Recipient(email_address=EmailAddress(address="bo@outside.example"))
    run(message.forward.post(ForwardPostRequestBody(comment="Yours", to_recipients=[to])))
    assert sorted(sent(run, folder)) == ["FW: Printer", "RE: Printer", "RE: Printer"]


@pytest.mark.covers("gc.sdk.file")
def test_a_mail_is_moved_copied_and_deleted(run, user, folder, mailbox):
    from msgraph.generated.models.mail_folder import MailFolder
    from msgraph.generated.users.item.messages.item.copy.copy_post_request_body import CopyPostRequestBody
    from msgraph.generated.users.item.messages.item.move.move_post_request_body import MovePostRequestBody

    mailbox.deliver()
    made = run(user.mail_folders.post(MailFolder(display_name="Closed")))
    (mail,) = run(folder("inbox").messages.get()).value
    moved = run(user.messages.by_message_id(mail.id).move.post(MovePostRequestBody(destination_id=made.id)))
    assert moved.parent_folder_id == made.id
    assert moved.id != mail.id
    copied = run(user.messages.by_message_id(moved.id).copy.post(CopyPostRequestBody(destination_id="inbox")))
    run(user.messages.by_message_id(moved.id).delete())
    assert [each.id for each in run(folder("inbox").messages.get()).value] == [copied.id]
    assert run(folder(made.id).messages.get()).value == []
    names = [each.display_name for each in run(user.mail_folders.get(asked(user.mail_folders, top=50))).value]
    assert {"Inbox", "Sent Items", "Closed"} <= set(names)


@pytest.mark.covers("gc.sdk.attachments")
def test_small_attachments_are_added_and_read(run, user):
    from msgraph.generated.models.file_attachment import FileAttachment

    draft = user.messages.by_message_id(run(user.messages.post(a_message())).id)
    new = FileAttachment(
        odata_type="#microsoft.graph.fileAttachment",
        name="log.txt",
        content_type="text/plain",
        content_bytes=base64.urlsafe_b64encode(b"lines"),
    )
    made = run(draft.attachments.post(new))
    (listed,) = run(draft.attachments.get()).value
    assert (listed.name, listed.content_bytes) == ("log.txt", base64.b64encode(b"lines"))
    assert run(draft.attachments.by_attachment_id(made.id).get()).id == made.id
    run(draft.attachments.by_attachment_id(made.id).delete())
    assert run(draft.attachments.get()).value == []


@pytest.mark.covers("gc.sdk.attachments")
def test_a_large_file_goes_up_in_pieces(run, user, mailbox):
    from msgraph.generated.models.attachment_item import AttachmentItem
    from msgraph.generated.models.attachment_type import AttachmentType
    from msgraph.generated.users.item.messages.item.attachments.create_upload_session.create_upload_session_post_request_body import (  # noqa: E501
        CreateUploadSessionPostRequestBody,
    )

    draft = user.messages.by_message_id(run(user.messages.post(a_message())).id)
    content = bytes(range(256)) * 16 * 1024
    item = AttachmentItem(attachment_type=AttachmentType.File, name="big.bin", size=len(content))
    session = run(
        draft.attachments.create_upload_session.post(CreateUploadSessionPostRequestBody(attachment_item=item))
    )
    # The SDK's own task cannot read the ranges that Outlook gives (msgraph-sdk-python-core issue 691).
    for start in range(0, len(content), 3 * MIB):
        piece = content[start : start + 3 * MIB]
        span = {"Content-Range": f"bytes {start}-{start + len(piece) - 1}/{len(content)}"}
        said = mailbox.web.put(session.upload_url, data=piece, headers=span, timeout=60)
        assert said.ok, said.text
    assert said.status_code == 201
    (listed,) = run(draft.attachments.get(asked(draft.attachments, select=["name", "size"]))).value
    assert listed.name == "big.bin"
    assert listed.size >= len(content)


@pytest.mark.covers("gc.sdk.delta")
def test_changes_of_a_folder_come_over_several_pages_and_rounds(run, folder, mailbox):
    for number in range(5):
        mailbox.deliver(f"mail {number}")
    delta = folder("inbox").messages.delta
    headers = {"Prefer": 'odata.maxpagesize=2, IdType="ImmutableId"'}
    page = run(delta.get(asked(delta, headers, select=["subject"])))
    found, pages = list(page.value), 1
    while page.odata_next_link:
        page = run(delta.with_url(page.odata_next_link).get(asked(delta, headers)))
        found, pages = found + page.value, pages + 1
    assert sorted(each.subject for each in found) == [f"mail {number}" for number in range(5)]
    assert pages >= 3

    run(folder("inbox").messages.by_message_id(found[0].id).delete(asked(delta, headers)))
    later = run(delta.with_url(page.odata_delta_link).get(asked(delta, headers)))
    (removed,) = later.value
    assert removed.id == found[0].id
    assert "@removed" in removed.additional_data


@pytest.mark.covers("gc.sdk.errors")
def test_an_error_carries_its_code(run, user, sdk):
    from msgraph.generated.models.o_data_errors.o_data_error import ODataError

    with pytest.raises(ODataError) as failed:
        run(user.messages.by_message_id("AAMkADnobody").get())
    assert failed.value.response_status_code in (400, 404)
    assert failed.value.error.code in ("ErrorItemNotFound", "ErrorInvalidIdMalformed")
    assert failed.value.error.inner_error.request_id
    with pytest.raises(ODataError) as failed:
        run(sdk.users.by_user_id("nobody@contoso.example").messages.get())
    assert failed.value.response_status_code == 404


@pytest.mark.covers("gc.sdk.delta", "gc.sdk.errors")
def test_a_lapsed_feed_is_told_by_its_code(run, folder, mailbox, faults):
    from msgraph.generated.models.o_data_errors.o_data_error import ODataError

    delta = folder("inbox").messages.delta
    link = run(delta.get()).odata_delta_link
    faults.add(do="expired-feed", service="graph", times=1)
    with pytest.raises(ODataError) as failed:
        run(delta.with_url(link).get())
    assert (failed.value.response_status_code, failed.value.error.code) == (410, "SyncStateNotFound")
