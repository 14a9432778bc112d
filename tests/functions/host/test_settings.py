"""azure-functions.md 4.6: host.json, local.settings.json, connections."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.functions.errors import HostError
from sandbox.functions.hostjson import read_host_json
from sandbox.functions.settings import Settings, load_settings


def host_json(folder, document):
    path = folder / "host.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return read_host_json(path)


def test_defaults(tmp_path):
    read = host_json(tmp_path, {"version": "2.0"})
    queues = read.extensions.queues
    assert (queues.batch_size, queues.threshold, queues.max_dequeue_count) == (16, 8, 5)
    assert queues.visibility_timeout == timedelta(0)
    assert read.extensions.http.route_prefix == "api"
    assert read.function_timeout == timedelta(minutes=30)


def test_the_file_of_this_project_is_read():
    assert read_host_json(Path(__file__).parents[3] / "host.json").extensions.queues.threshold == 4


def test_no_timeout_is_minus_one(tmp_path):
    assert host_json(tmp_path, {"version": "2.0", "functionTimeout": "-1"}).function_timeout is None


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({"version": "2.0", "extension": {}}, "extension: unknown"),
        (
            {"version": "2.0", "extensions": {"queues": {"batchsize": 3}}},
            r"extensions\.queues\.batchsize: unknown",
        ),
        (
            {"version": "2.0", "extensions": {"queues": {"batchSize": 33}}},
            r"extensions\.queues\.batchSize: .*32",
        ),
        (
            {"version": "2.0", "extensions": {"serviceBus": {}}},
            r"extensions\.serviceBus: unknown, or not emulated",
        ),
        ({"version": "2.0", "functionTimeout": "10 min"}, "functionTimeout: .*HH:MM:SS"),
        ({"version": "1.0"}, "version"),
        ({}, "version"),
        ("{", "not JSON: line 1"),
    ],
)
def test_a_fault_in_host_json_is_named(tmp_path, document, place):
    with pytest.raises(HostError, match=place):
        host_json(tmp_path, document)


def test_a_missing_host_json_is_told(tmp_path):
    with pytest.raises(HostError, match="needs a host"):
        read_host_json(tmp_path / "host.json")


def test_values_enter_the_environment_and_what_is_there_wins(tmp_path):
    (tmp_path / "local.settings.json").write_text(json.dumps({"Values": {"A": "file", "B": "file"}}))
    environment = {"A": "shell"}
    settings = load_settings(tmp_path, environment)
    assert environment == {"A": "shell", "B": "file"}
    assert settings.resolve("%A%-%B%") == "shell-file"


@pytest.mark.parametrize("document", ['{"IsEncrypted": true}', '{"Values": {"A": 1}}', "[]", "{"])
def test_wrong_local_settings_are_refused(tmp_path, document):
    (tmp_path / "local.settings.json").write_text(document)
    with pytest.raises(HostError, match=r"local\.settings\.json"):
        load_settings(tmp_path, {})


def test_an_unknown_name_is_told():
    with pytest.raises(HostError, match="%NOPE%"):
        Settings({}).resolve("queue-%NOPE%")


def test_connections():
    settings = Settings(
        {
            "Text": "UseDevelopmentStorage=true",
            "AzureWebJobsPrefixed": "x=y",
            "Uri__queueServiceUri": "https://q.example/",
            "Uri__credential": "managedidentity",
            "Uri__clientId": "id",
            "Name__accountName": "acct",
        }
    )
    assert settings.connection("").embedded
    assert settings.connection("Text").connection_string == "UseDevelopmentStorage=true"
    assert settings.connection("Prefixed").connection_string == "x=y"
    by_uri = settings.connection("Uri")
    assert (by_uri.queue_uri, by_uri.client_id, by_uri.managed_identity) == ("https://q.example/", "id", True)
    assert settings.connection("Name").queue_uri == "https://acct.queue.core.windows.net"
    with pytest.raises(HostError, match="Other__queueServiceUri"):
        settings.connection("Other")
