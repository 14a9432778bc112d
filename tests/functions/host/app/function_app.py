"""An app whose functions show how the host behaves. What ran is written to the file RECORD."""

import asyncio
import json
import os
import time
import typing
from pathlib import Path

import azure.functions as func

app = func.FunctionApp()
OPEN = func.AuthLevel.ANONYMOUS


def note(**what: object) -> None:
    with Path(os.environ["RECORD"]).open("a", encoding="utf-8") as file:
        file.write(json.dumps(what) + "\n")


@app.route("echo/{id:int?}", auth_level=OPEN)
def echo(req: func.HttpRequest) -> func.HttpResponse:
    told = {
        "method": req.method,
        "url": req.url,
        "headers": dict(req.headers),
        "query": dict(req.params),
        "route": dict(req.route_params),
        "body": req.get_body().decode(),
    }
    return func.HttpResponse(json.dumps(told), mimetype="application/json")


@app.route("cases/{id}", methods=["GET"], auth_level=OPEN)
def case_get(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("case_get")


@app.route("cases/overdue", methods=["GET"], auth_level=OPEN)
def cases_overdue(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("cases_overdue")


@app.route("cases/{id}", methods=["PATCH"], auth_level=OPEN)
def case_change(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("case_change")


@app.route("things/{id:guid}", methods=["GET"], auth_level=OPEN)
def a_thing(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("a_thing")


@app.route("things/all", methods=["GET"], auth_level=OPEN)
def all_things(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("all_things")


@app.route("files/{*rest}", methods=["GET"], auth_level=OPEN)
def files(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(req.route_params.get("rest", "none"))


@app.route("pages/{n:range(1,9)=5}", methods=["GET"], auth_level=OPEN)
def pages(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(req.route_params["n"])


@app.route("boom", auth_level=OPEN)
def boom(req: func.HttpRequest) -> func.HttpResponse:
    raise RuntimeError("canary-in-an-exception")


@app.route("nothing", auth_level=OPEN)
def gives_none(req: func.HttpRequest) -> func.HttpResponse:
    return None


@app.route("dictionary", auth_level=OPEN)
def gives_dict(req: func.HttpRequest) -> func.HttpResponse:
    return {"a": 1}


@app.route("text", auth_level=OPEN)
def gives_text(req: func.HttpRequest) -> str:
    return req.params.get("t", "plain")


@app.route("slow", auth_level=OPEN)
async def slow(req: func.HttpRequest) -> func.HttpResponse:
    await asyncio.sleep(30)
    return func.HttpResponse("late")


@app.route("created", auth_level=OPEN)
def created(req: func.HttpRequest) -> func.HttpResponse:
    answer = func.HttpResponse(b"\x00\x01", status_code=201, mimetype="application/x-bytes")
    answer.headers["Location"] = "/api/created/1"
    answer.headers.add("Set-Cookie", "a=1; Path=/; HttpOnly")
    answer.headers.add("Set-Cookie", "b=2; Secure; SameSite=Strict")
    return answer


@app.route("keyed", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
def keyed(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("in")


@app.route("guarded", methods=["GET"], auth_level=func.AuthLevel.ADMIN)
def guarded(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("in")


@app.route("off", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
def off(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("on")


@app.route("twin", methods=["GET", "POST"], auth_level=OPEN)
def twin_one(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("one")


@app.route("TWIN", methods=["POST", "PUT"], auth_level=OPEN)
def twin_two(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("two")


@app.route("administrators", auth_level=OPEN)
def reserved(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("never")


@app.timer_trigger("tick", schedule="0 * * * * *")
def minutely(tick: func.TimerRequest) -> None:
    note(ran="minutely", past_due=tick.past_due, next=tick.schedule_status["Next"])


@app.timer_trigger("tick", schedule="%NIGHTLY%")
def nightly(tick: func.TimerRequest) -> None:
    note(ran="nightly", past_due=tick.past_due)


@app.timer_trigger("tick", schedule="0 30 * * * *")
@app.retry(strategy="fixed_delay", max_retry_count="2", delay_interval="00:00:10")
def flaky(tick: func.TimerRequest, context: func.Context) -> None:
    note(ran="flaky", attempt=context.retry_context.retry_count)
    raise RuntimeError("never works")


@app.timer_trigger("tick", schedule="*/5 45 * * * *")
def slow_timer(tick: func.TimerRequest) -> None:
    note(ran="slow_timer", at="begin")
    time.sleep(0.3)
    note(ran="slow_timer", at="end")


@app.route("enqueue", methods=["POST"], auth_level=OPEN)
@app.queue_output("out", queue_name="%WORK%", connection="AzureWebJobsStorage")
def enqueue(req: func.HttpRequest, out: func.Out[str]) -> func.HttpResponse:
    out.set(req.get_body().decode())
    return func.HttpResponse(status_code=202)


@app.queue_trigger("message", queue_name="%WORK%", connection="AzureWebJobsStorage")
@app.queue_output("out", queue_name="more", connection="AzureWebJobsStorage")
def work(message: func.QueueMessage, out: func.Out[typing.List[str]]) -> None:
    text = message.get_body().decode()
    note(ran="work", text=text, count=message.dequeue_count, id=message.id)
    if text.startswith("pause"):
        time.sleep(0.3)
        note(ran="work", text=text, done=True)
    if text.startswith("fail"):
        out.set(["never sent"])
        raise RuntimeError("as asked")
    if text.startswith("fan"):
        out.set(["one", '{"two":  2}', "three"])


@app.queue_trigger("message", queue_name="more", connection="AzureWebJobsStorage")
async def more(message: func.QueueMessage) -> None:
    note(ran="more", text=message.get_body().decode())


@app.queue_trigger("message", queue_name="relay", connection="AzureWebJobsStorage")
@app.queue_output("$return", queue_name="more", connection="AzureWebJobsStorage")
def relay(message: func.QueueMessage) -> str:
    return message.get_body().decode().upper()


@app.queue_trigger("message", queue_name="lost-poison", connection="AzureWebJobsStorage")
def lost(message: func.QueueMessage) -> None:
    note(ran="lost", count=message.dequeue_count)
    raise RuntimeError("as always")


@app.route("lose", methods=["POST"], auth_level=OPEN)
@app.queue_output("out", queue_name="lost-poison", connection="AzureWebJobsStorage")
def lose(req: func.HttpRequest, out: func.Out[str]) -> func.HttpResponse:
    out.set("lost")
    return func.HttpResponse(status_code=202)
