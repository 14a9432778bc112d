"""A tenant as a process of its own."""

import json
import signal
import sys
import threading
from pathlib import Path

from sandbox.conditions import Conditions
from sandbox.tenant import Tenant


def run(port: int, state: Path | None, conditions: Conditions, *, as_json: bool) -> int:
    """Serve a tenant until SIGTERM or SIGINT and give the exit code 0; with `as_json` say where on stdout."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    tenant = Tenant(state, port)
    with conditions.on(tenant), tenant:
        if as_json:
            print(json.dumps(tenant.description()), flush=True)  # noqa: T201 - stdout belongs to this line
        else:
            for name, value in tenant.description().items():
                print(f"{name}: {value}", file=sys.stderr)  # noqa: T201 - words for a person
        ended.wait()
    return 0
