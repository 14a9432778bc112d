"""azure-functions.md 4.2 as a table: what a request to the host is answered with."""

import http.client
import json
import stat
from urllib.parse import urlsplit

import pytest

GUID = "6F9619FF-8B86-D011-B42D-00CF4FC964FF"

ROUTING = [
    # method, path, status, body (None: not looked at)
    ("GET", "/api/cases/overdue", 200, "case_get"),  # sorted by function name, first match wins
    ("PATCH", "/api/cases/7", 200, "case_change"),  # same template, other method
    ("DELETE", "/api/cases/7", 404, ""),  # a method not listed is 404, never 405
    ("HEAD", "/api/cases/7", 404, ""),  # HEAD is not implied by GET
    ("GET", f"/api/things/{GUID}", 200, "a_thing"),
    ("GET", "/api/things/all", 200, "all_things"),  # a failed constraint is no match, the next route is tried
    ("GET", "/api/things/none", 404, ""),
    ("GET", "/API/Things/ALL/", 200, "all_things"),  # case and a trailing slash do not matter
    ("GET", "/things/all", 404, ""),  # the prefix is needed
    ("GET", "/api/echo/12", 200, None),
    ("GET", "/api/echo", 200, None),
    ("GET", "/api/echo/99999999999", 404, ""),  # int has 32 bits
    ("GET", "/api/echo/1/2", 404, ""),
    ("GET", "/api/files/a/b%20c/d%2Fe", 200, "a/b c/d%2Fe"),
    ("GET", "/api/files", 200, "none"),
    ("GET", "/api/pages", 200, "5"),
    ("GET", "/api/pages/9", 200, "9"),
    ("GET", "/api/pages/10", 404, ""),
    ("GET", "/api/twin", 200, "one"),
    ("PUT", "/api/twin", 404, ""),  # the second of two twins is not loaded
    ("GET", "/api/administrators", 404, ""),  # reserved
    ("GET", "/api/minutely", 404, ""),  # no HTTP function
    ("GET", "/", 404, ""),
    ("GET", "/api/boom", 500, ""),
    ("GET", "/api/nothing", 500, ""),
    ("GET", "/api/dictionary", 500, ""),
    ("GET", "/api/slow", 500, ""),  # longer than functionTimeout
    ("GET", "/api/text", 200, "plain"),
    ("GET", '/api/text?t={"status":418,"body":"pot"}', 418, "pot"),  # a bare text is read as a description
    ("GET", '/api/text?t={"a":1}', 200, '{"a":1}'),
]


@pytest.mark.parametrize(("method", "path", "status", "body"), ROUTING)
def test_a_request_is_routed(host, method, path, status, body):
    answer = host.call(method, path)
    assert answer.status_code == status
    if body is not None:
        assert answer.text == body


WRONG, HOST, MASTER, OWN = "wrong", "host", "master", "own"
KEYS = [
    # method, path, header key, code, status
    ("POST", "/api/keyed", None, None, 401),
    ("POST", "/api/keyed", WRONG, None, 401),
    ("POST", "/api/keyed", HOST, None, 200),
    ("POST", "/api/keyed", MASTER, None, 200),
    ("POST", "/api/keyed", OWN, None, 200),
    ("POST", "/api/keyed", None, HOST, 200),
    ("POST", "/api/keyed", WRONG, HOST, 401),  # the header alone counts
    ("POST", "/api/keyed", "", HOST, 401),
    ("GET", "/api/keyed", None, None, 404),  # route before key
    ("GET", "/api/guarded", HOST, None, 401),
    ("GET", "/api/guarded", MASTER, None, 200),
    ("GET", "/api/guarded", None, MASTER, 200),
    ("GET", "/api/off", None, None, 401),  # key before disabled
    ("GET", "/api/off", HOST, None, 404),
    ("GET", "/admin/host/status", None, None, 401),
    ("GET", "/admin/host/status", HOST, None, 401),
    ("GET", "/admin/host/status", MASTER, None, 200),
    ("GET", "/admin/no/such", MASTER, None, 404),
    ("POST", "/admin/functions/more", HOST, None, 401),
]


@pytest.mark.parametrize(("method", "path", "header", "code", "status"), KEYS)
def test_a_key_opens_or_does_not(host, method, path, header, code, status):
    stored = json.loads((host.state / "keys.json").read_text())
    known = {
        HOST: host.key,
        MASTER: host.master,
        OWN: stored["functions"]["keyed"],
        WRONG: "nonsense",
        "": "",
    }
    headers = {} if header is None else {"x-functions-key": known[header]}
    query = {} if code is None else {"code": known[code]}
    answer = host.call(method, path, headers=headers, params=query)
    assert answer.status_code == status
    if status == 401:
        assert answer.content == b""


def test_keys_are_for_the_owner_only_and_out_of_version_control(host):
    assert stat.S_IMODE((host.state / "keys.json").stat().st_mode) == 0o600
    assert (host.state / ".gitignore").read_text() == "*\n"


def test_a_function_sees_the_whole_request(host):
    answer = host.call(
        "PUT", "/api/Echo/7?a=1&b=&a=2&code=k", data="Grüße".encode(), headers={"X-Some-Header": "V"}
    )
    told = answer.json()
    assert told["method"] == "PUT"
    assert told["query"] == {"a": "1,2", "code": "k"}
    assert told["route"] == {"id": "7"}
    assert told["headers"]["x-some-header"] == "V"
    assert told["body"] == "Grüße"
    assert told["url"] == f"{host.url}/api/Echo/7?a=1&b=&a=2&code=k"


def test_an_absent_optional_parameter_is_missing(host):
    assert host.call("GET", "/api/echo").json()["route"] == {}


def test_an_answer_arrives_whole(host):
    answer = host.call("POST", "/api/created")
    assert (answer.status_code, answer.content) == (201, b"\x00\x01")
    assert answer.headers["Content-Type"] == "application/x-bytes"
    assert answer.headers["Location"] == "/api/created/1"
    cookies = answer.raw.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    assert {cookie.split(";")[0] for cookie in cookies} == {"a=1", "b=2"}


def test_a_chunked_body_is_a_clear_400(host):
    answer = host.call("POST", "/api/echo", data=iter([b"a", b"b"]))
    assert answer.status_code == 400
    assert "Content-Length" in answer.text


def test_a_chunked_body_does_not_hide_a_missing_key(host):
    assert host.call("POST", "/api/keyed", data=iter([b"a"])).status_code == 401


def test_one_connection_serves_many_requests(host):
    connection = http.client.HTTPConnection(urlsplit(host.url).netloc)
    connection.request("GET", "/api/text")
    connection.getresponse().read()
    socket = connection.sock
    for path, body in (("/api/no", b"x" * 1000), ("/api/keyed", b"y"), ("/api/echo", b"z")):
        connection.request("POST", path, body=body)
        connection.getresponse().read()
    assert connection.sock is socket
    connection.close()


def test_load_errors_are_named_by_function(host):
    errors = host.status()["errors"]
    assert set(errors) == {"twin_two", "reserved"}
    assert "twin_one" in errors["twin_two"]


ADMIN = [
    ("more", {"json": {"input": "by hand"}}, 202),
    ("MINUTELY", {"json": {}}, 202),
    ("more", {}, 400),
    ("more", {"data": "no json"}, 400),
    ("more", {"json": {"input": 5}}, 400),
    ("more", {"json": ["input"]}, 400),
    ("unknown", {"json": {}}, 404),
    ("echo", {"json": {}}, 501),
]


@pytest.mark.parametrize(("name", "options", "status"), ADMIN)
def test_a_function_is_run_by_hand(host, name, options, status):
    host.forget()
    answer = host.call(
        "POST", f"/admin/functions/{name}", headers={"x-functions-key": host.master}, **options
    )
    assert answer.status_code == status
    host.idle()
    if status == 202:
        assert len(host.ran(name.lower())) == 1


def test_nothing_secret_is_logged(host):
    host.call("GET", f"/api/boom?code={host.key}")
    host.call("POST", "/api/keyed", params={"code": host.key})
    log = host.log()
    assert "function boom failed: RuntimeError" in log
    for secret in ("canary-in-an-exception", host.key, host.master, "code="):
        assert secret not in log
