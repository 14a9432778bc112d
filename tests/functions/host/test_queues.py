"""azure-functions.md 4.4: queue triggers and outputs of a running host."""

import json
import uuid
from datetime import timedelta

import pytest

from sandbox.functions.invoker import messages
from sandbox.functions.queues.storage import StorageQueues
from sandbox.functions.settings import Connection
from tests import azurite
from tests.functions.host.conftest import Driver

PAUSE = timedelta(seconds=30)  # visibilityTimeout of the app


@pytest.fixture
def fresh(clock, tmp_path):
    """A host with a state of its own."""
    driver = Driver(tmp_path / "state", clock.url, clock.ca)
    yield driver.start()
    driver.session.close()
    if driver.process.poll() is None:
        driver.end()


def send(host, text):
    assert host.call("POST", "/api/enqueue", data=text.encode()).status_code == 202


def texts(host, name):
    return sorted(line["text"] for line in host.ran(name))


def test_a_message_goes_from_output_to_trigger_to_output(host):
    host.forget()
    send(host, "fan out")
    host.idle()
    assert texts(host, "work") == ["fan out"]
    assert texts(host, "more") == ["one", "three", '{"two":  2}']


def test_an_array_becomes_one_message_for_each_element(host):
    host.forget()
    send(host, '["a", {"b": [1]}, "c"]')
    host.idle()
    assert texts(host, "work") == ["a", "c", '{"b":[1]}']


def test_a_returned_text_is_sent(host):
    host.forget()
    host.call(
        "POST", "/admin/functions/relay", headers={"x-functions-key": host.master}, json={"input": "loud"}
    )
    host.idle()
    assert texts(host, "more") == ["LOUD"]


@pytest.mark.parametrize(
    ("output", "sent"),
    [
        ("plain", ["plain"]),
        ("", [""]),
        ("5", ["5"]),
        ('"quoted"', ['"quoted"']),
        ('{"a":  "ä"}', ['{"a":"ä"}']),
        ('["a", {"b": 1}]', ["a", '{"b":1}']),
        ("[]", []),
    ],
)
def test_what_an_output_text_becomes(output, sent):
    assert messages(output) == sent


def test_a_failing_message_is_tried_after_each_pause_and_then_set_aside(host, clock):
    host.forget()
    send(host, "fail")
    for tried in (1, 2, 3):
        status = host.idle()
        assert [line["count"] for line in host.ran("work")] == list(range(1, tried + 1))
        if tried < 3:
            assert status["queues"]["work"]["invisible"] == 1
            assert status["queues"]["work"]["nextVisible"] == (clock.now() + PAUSE).strftime(
                "%Y-%m-%dT%H:%M:%SZ"
            )
            clock.set(clock.now() + PAUSE)
    status = host.idle()
    assert status["queues"]["work"] == {"visible": 0, "invisible": 0, "nextVisible": None}
    assert status["poison"]["work-poison"] >= 1
    assert host.ran("more") == []  # a failed run writes no output
    clock.set(clock.now() + 4 * PAUSE)
    host.idle()
    assert len(host.ran("work")) == 3


def test_a_poison_queue_has_no_poison_queue_of_its_own(host, clock):
    host.forget()
    host.call("POST", "/api/lose")
    for tried in range(1, 6):
        status = host.idle()
        assert [line["count"] for line in host.ran("lost")] == list(range(1, tried + 1))
        assert status["queues"]["lost-poison"]["invisible"] == 1
        clock.set(clock.now() + timedelta(minutes=10))
    assert "lost-poison-poison" not in status["poison"]


def test_messages_run_in_parallel_up_to_the_limit(host):
    host.forget()
    send(host, json.dumps([f"pause {number}" for number in range(12)]))
    host.idle()
    running = most = 0
    for line in host.ran("work"):
        running += -1 if line.get("done") else 1
        most = max(most, running)
    assert 4 <= most <= 6  # batchSize + newBatchThreshold


def test_a_message_too_large_fails_the_sender(host):
    assert host.call("POST", "/api/enqueue", data=b"x" * 60_000).status_code == 500
    assert "64 KiB" in host.log()


def test_a_killed_host_goes_on_from_its_state(fresh, clock):
    send(fresh, json.dumps([f"pause {number}" for number in range(20)]))
    while not fresh.ran("work"):
        pass
    key = fresh.key
    fresh.end(kill=True)
    fresh.start()
    assert fresh.key == key
    status = fresh.idle()
    # What the dead host held shows again when its ten minutes are over; the death counts as a try.
    held = status["queues"]["work"]["invisible"]
    assert 1 <= held <= 6
    clock.set(clock.now() + timedelta(minutes=10))
    status = fresh.idle()
    assert status["queues"]["work"]["invisible"] == 0
    done = [line["text"] for line in fresh.ran("work") if line.get("done")]
    assert sorted(set(done)) == sorted(f"pause {number}" for number in range(20))
    assert max(line["count"] for line in fresh.ran("work") if "count" in line) == 2


def test_a_stopped_host_lets_running_messages_end(fresh):
    send(fresh, "pause")
    while not fresh.ran("work"):
        pass
    assert fresh.end() == 0
    assert [line.get("done") for line in fresh.ran("work")] == [None, True]
    fresh.start()
    assert fresh.idle()["queues"]["work"]["invisible"] == 0
    assert len(fresh.ran("work")) == 2


@pytest.fixture
def on_storage(tmp_path):
    driver = Driver(
        tmp_path / "state",
        AzureWebJobsStorage=azurite.connection_string(),
        WORK=f"work-{uuid.uuid4().hex[:12]}",
    )
    yield driver.start()
    driver.session.close()
    assert driver.end() == 0


@pytest.mark.azurite
def test_a_connection_setting_moves_the_queues_to_azure_storage(on_storage):
    send(on_storage, "fan out")
    on_storage.idle()
    assert texts(on_storage, "work") == ["fan out"]
    assert texts(on_storage, "more") == ["one", "three", '{"two":  2}']
    assert not (on_storage.state / "queues.sqlite").exists()


@pytest.mark.azurite
def test_a_message_in_another_encoding_goes_to_the_poison_queue_as_it_is(on_storage):
    queues = StorageQueues(Connection("Storage", connection_string=azurite.connection_string()))
    queues.queue(on_storage.settings["WORK"]).send("not base64!")
    on_storage.idle()
    (poisoned,) = queues.queue(f"{on_storage.settings['WORK']}-poison").receive(1, timedelta(minutes=1))
    queues.close()
    assert poisoned.text == "not base64!"
    assert on_storage.ran("work") == []
