"""`FunctionsHost` inside a process of its own user, such as a demo that also holds the tenant."""

import json
import subprocess
import sys

from tests.functions.host.conftest import APP, ROOT

STORY = """
import json, sys, urllib.request
from pathlib import Path
from sandbox.functions.errors import HostError
from sandbox.functions.host import FunctionsHost

app, state, other = map(Path, sys.argv[1:])

def ask(host):
    return urllib.request.urlopen(host.url + "/api/text").read().decode()

told = {}
with FunctionsHost(app, state) as host:
    told["first"] = ask(host)
    told["state"] = host.status()["state"]
    key = host.function_key
    try:
        FunctionsHost(app, state).start()
    except HostError as exc:
        told["second on one state"] = str(exc)
with FunctionsHost(app, state) as host:
    told["again"] = ask(host)
    told["same key"] = host.function_key == key
try:
    FunctionsHost(other, state).start()
except HostError as exc:
    told["other app"] = str(exc)
print(json.dumps(told))
"""


def test_a_host_starts_again_in_one_process_and_guards_its_state(tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "host.json").write_text('{"version": "2.0"}')
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", STORY, str(APP), str(tmp_path / "state"), str(other)],
        cwd=ROOT,
        env={"PATH": "", "RECORD": str(tmp_path / "record"), "NIGHTLY": "0 0 3 * * *", "WORK": "work"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["first"], told["again"], told["state"], told["same key"]) == (
        "plain",
        "plain",
        "Running",
        True,
    )
    assert "another host works on this state folder" in told["second on one state"]
    assert "already serves" in told["other app"]
