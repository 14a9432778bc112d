"""Microsoft's Graph client in the tenant: batches, subscriptions, waiting when it is asked to."""

import json
from datetime import timedelta

import pytest

from tests.contract.foreign.graph.conftest import asked
from tests.contract.receiver import receiver

__all__ = ["receiver"]
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.mark.covers("gc.sdk.batch")
def test_a_batch_answers_each_part(sdk, run, mailbox):
    from msgraph.generated.models.message import Message
    from msgraph_core.requests.batch_request_content import BatchRequestContent
    from msgraph_core.requests.batch_request_item import BatchRequestItem

    mailbox.deliver("in a batch")
    user = sdk.users.by_user_id(mailbox.address)
    calls = {
        "list": user.mail_folders.by_mail_folder_id("inbox").messages.to_get_request_information(),
        "new": user.messages.to_post_request_information(Message(subject="drafted")),
        "gone": user.messages.by_message_id("AAMkADnobody").to_get_request_information(),
    }
    for call in calls.values():
        call.path_parameters["baseurl"] = sdk.request_adapter.base_url
    items = {name: BatchRequestItem(call, name) for name, call in calls.items()}
    content = BatchRequestContent(items)
    answer = run(sdk.batch.post(content))
    codes = answer.get_response_status_codes()
    assert (codes["list"], codes["new"]) == (200, 201)
    assert codes["gone"] >= 400
    assert answer.get_response_by_id("list").content_type.startswith("application/json")
    # This version of the SDK loses the bodies: it takes each for a text in base64.
    drafts = user.mail_folders.by_mail_folder_id("drafts").messages
    assert [message.subject for message in run(drafts.get()).value] == ["drafted"]


@pytest.mark.covers("gc.sdk.subscriptions")
def test_a_subscription_lives_through_its_life(sdk, run, mailbox, tenant, receiver):
    from msgraph.generated.models.o_data_errors.o_data_error import ODataError
    from msgraph.generated.models.subscription import Subscription

    ends = tenant.clock.now() + timedelta(hours=2)
    wanted = Subscription(
        change_type="created",
        resource=f"users/{mailbox.address}/mailFolders('inbox')/messages",
        notification_url=f"{receiver.url}/notify",
        lifecycle_notification_url=f"{receiver.url}/lifecycle",
        expiration_date_time=ends,
        client_state="secret",
    )
    headers = {"Prefer": 'IdType="ImmutableId"'}
    made = run(sdk.subscriptions.post(wanted, asked(sdk.subscriptions, headers)))
    one = sdk.subscriptions.by_subscription_id(made.id)
    with pytest.raises(ODataError) as failed:
        run(sdk.subscriptions.post(wanted))
    assert failed.value.response_status_code == 409

    number = mailbox.deliver()
    (told,) = json.loads(receiver.await_calls(1)[0].body)["value"]
    assert (told["clientState"], told["resourceData"]["id"]) == ("secret", number)

    later = ends + timedelta(hours=1)
    assert run(one.patch(Subscription(expiration_date_time=later))).expiration_date_time == later
    run(one.reauthorize.post())
    assert made.id in [each.id for each in run(sdk.subscriptions.get()).value]
    run(one.delete())
    with pytest.raises(ODataError) as failed:
        run(one.get())
    assert failed.value.response_status_code == 404


@pytest.mark.covers("gc.sdk.retry")
def test_a_throttled_call_is_made_again_by_the_client_itself(sdk, run, mailbox, faults):
    mailbox.deliver()
    rule = faults.add(do="throttle", service="graph", times=1, retryAfter=1)
    listed = run(sdk.users.by_user_id(mailbox.address).messages.get())
    assert len(listed.value) == 1
    assert faults.fired(rule) == 1


@pytest.mark.covers("gc.sdk.retry")
def test_an_unavailable_service_with_an_empty_body_is_asked_again(sdk, run, mailbox, faults):
    faults.add(do="unavailable", service="graph", times=1, retryAfter=1, body="empty")
    assert run(sdk.users.by_user_id(mailbox.address).messages.get()).value == []
