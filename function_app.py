"""Every trigger, nothing else: unpack, call the app, pack. Timers plan, queues fan out (DESIGN.md section 1)."""

import typing

import azure.functions as func

from app.entry import triggers

functions = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)

MAILBOXES = "plumbline-mailboxes"
OUTBOX = "plumbline-outbox"


@functions.timer_trigger(arg_name="tick", schedule="0 * * * * *")
@functions.queue_output(arg_name="mailboxes", queue_name=MAILBOXES, connection="AzureWebJobsStorage")
@functions.queue_output(arg_name="outbox", queue_name=OUTBOX, connection="AzureWebJobsStorage")
def plan_round(tick: func.TimerRequest, mailboxes: func.Out[typing.List[str]], outbox: func.Out[str]) -> None:
    """Each minute: one message for each mailbox, one for the outbox."""
    plan = triggers().plan()
    mailboxes.set(plan.mailboxes)
    outbox.set(plan.outbox)


@functions.queue_trigger(arg_name="message", queue_name=MAILBOXES, connection="AzureWebJobsStorage")
@functions.queue_output(arg_name="outbox", queue_name=OUTBOX, connection="AzureWebJobsStorage")
@functions.queue_output(arg_name="again", queue_name=MAILBOXES, connection="AzureWebJobsStorage")
def mailbox_pull(message: func.QueueMessage, outbox: func.Out[str], again: func.Out[str]) -> None:
    """One message is one mailbox: take in what is new there."""
    after = triggers().pull(message.get_body())
    if after.outbox:
        outbox.set(after.outbox)
    if after.again:
        again.set(after.again)


@functions.queue_trigger(arg_name="message", queue_name=OUTBOX, connection="AzureWebJobsStorage")
@functions.queue_output(arg_name="again", queue_name=OUTBOX, connection="AzureWebJobsStorage")
def outbox_drain(message: func.QueueMessage, again: func.Out[str]) -> None:
    """Send what is due; ask for another round when there is more."""
    more = triggers().drain(message.get_body())
    if more:
        again.set(more)


@functions.queue_trigger(
    arg_name="message", queue_name=f"{MAILBOXES}-poison", connection="AzureWebJobsStorage"
)
def mailbox_poison(message: func.QueueMessage) -> None:
    """A mailbox that failed five times: say so where an alert sees it. The next minute tries again."""
    triggers().poisoned(message.get_body())


@functions.queue_trigger(arg_name="message", queue_name=f"{OUTBOX}-poison", connection="AzureWebJobsStorage")
def outbox_poison(message: func.QueueMessage) -> None:
    """An outbox round that failed five times: say so where an alert sees it."""
    triggers().poisoned(message.get_body())


@functions.route("health", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def health(req: func.HttpRequest) -> func.HttpResponse:
    """Whether the app runs and its settings can be read; says nothing else."""
    return _http(triggers().health())


@functions.route("v1/cases/{reference}", methods=["GET"])
def case_get(req: func.HttpRequest) -> func.HttpResponse:
    """Where a case stands."""
    return _http(triggers().case(req.route_params["reference"]))


@functions.route("v1/cases/{reference}/explain", methods=["GET"])
def case_explain(req: func.HttpRequest) -> func.HttpResponse:
    """How a case came to stand there."""
    return _http(triggers().explain(req.route_params["reference"]))


def _http(reply: typing.Any) -> func.HttpResponse:
    return func.HttpResponse(reply.body, status_code=reply.status, mimetype=reply.content_type)
