"""Speed of the sandbox tenant: seconds until it is ready, single reads over kept connections, rows in bulk.

Goals, on two cores shared with the caller: ready in under 1.5 s, 600 reads/s, 5,000 rows/s. The limits of the services
are off. Reads come from 1 and 4 threads of the same plain caller, `http.client` without any library above it."""

import http.client
import json
import ssl
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from cli.processes import Process

READS, BULKS, ROWS = 1500, 5, 1000
API = "/api/data/v9.2/"
JSON = {"Content-Type": "application/json"}
OFF = {"dataverse": {"requests": None, "executionSeconds": None, "affinity": False}}


class Caller:
    """One kept connection with a token."""

    def __init__(self, said: dict[str, str], token: str = "") -> None:
        context = ssl.create_default_context(cafile=said["caBundle"])
        self._https = http.client.HTTPSConnection(urlsplit(said["dataverseUrl"]).netloc, context=context)
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}

    def call(self, method: str, path: str, body: Any = None, expected: int = 200) -> bytes:
        """The body of an answer with the expected status."""
        data = body if isinstance(body, bytes | None) else json.dumps(body)
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if isinstance(body, bytes) else JSON
        self._https.request(method, path, data, {**self._headers, **kind} if body else self._headers)
        answer = self._https.getresponse()
        content = answer.read()
        if answer.status != expected:
            sys.exit(f"{method} {path}: {answer.status} {content[:300]!r}")
        return content


def signed_in(said: dict[str, str]) -> str:
    """A token for the Web API."""
    form = {"grant_type": "client_credentials", "client_id": said["clientId"]}
    form |= {"client_secret": said["clientSecret"], "scope": f"{said['dataverseUrl']}/.default"}
    path = f"/{said['tenantId']}/oauth2/v2.0/token"
    return str(json.loads(Caller(said).call("POST", path, urlencode(form).encode()))["access_token"])


def label(text: str) -> dict[str, Any]:
    return {"LocalizedLabels": [{"Label": text, "LanguageCode": 1033}]}


def prepare(caller: Caller) -> str:
    """Make a table of four columns and one row; give the path of the row."""
    caller.call("PUT", "/_sandbox/limits", OFF)
    kind = "Microsoft.Dynamics.CRM."
    name = {"@odata.type": f"{kind}StringAttributeMetadata", "SchemaName": "bnc_name", "MaxLength": 100}
    table = {
        "@odata.type": f"{kind}EntityMetadata",
        "SchemaName": "bnc_Row",
        "DisplayName": label("Row"),
        "DisplayCollectionName": label("Rows"),
        "OwnershipType": "UserOwned",
        "Attributes": [{**name, "IsPrimaryName": True}],
    }
    caller.call("POST", API + "EntityDefinitions", table, 204)
    for extra in (
        {"@odata.type": f"{kind}MemoAttributeMetadata", "SchemaName": "bnc_Text", "MaxLength": 2000},
        {"@odata.type": f"{kind}IntegerAttributeMetadata", "SchemaName": "bnc_Count"},
        {"@odata.type": f"{kind}DateTimeAttributeMetadata", "SchemaName": "bnc_DueOn"},
    ):
        caller.call("POST", f"{API}EntityDefinitions(LogicalName='bnc_row')/Attributes", extra, 204)
    found = row(0)
    caller.call("POST", API + "bnc_rows", found, 204)
    return f"{API}bnc_rows({found['bnc_rowid']})?$select=bnc_name,bnc_text,bnc_count,bnc_dueon"


def row(number: int) -> dict[str, Any]:
    values = {"bnc_name": f"row {number}", "bnc_text": "A text of some length. " * 5, "bnc_count": number}
    return {"bnc_rowid": str(uuid.uuid4()), **values, "bnc_dueon": "2026-02-09T09:04:00Z"}


def rate(work: Callable[[int], None], threads: int, total: int) -> float:
    """How much a second is done; each thread does its share."""
    started = threading.Barrier(threads + 1)

    def run(number: int) -> None:
        work(-1)  # opens the connection
        started.wait()
        for _ in range(total // threads):
            work(number)

    running = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    started.wait()
    begin = time.perf_counter()
    for thread in running:
        thread.join()
    return total / (time.perf_counter() - begin)


def reads(said: dict[str, str], token: str, path: str, threads: int) -> float:
    """Single reads a second."""
    local = threading.local()

    def read(_: int) -> None:
        if not hasattr(local, "caller"):
            local.caller = Caller(said, token)
        local.caller.call("GET", path)

    return rate(read, threads, READS)


def bulk(caller: Caller) -> float:
    """Rows a second through CreateMultiple."""
    kind = {"@odata.type": "Microsoft.Dynamics.CRM.bnc_row"}
    bodies = [{"Targets": [{**kind, **row(n)} for n in range(ROWS)]} for _ in range(BULKS)]
    begin = time.perf_counter()
    for body in bodies:
        caller.call("POST", f"{API}bnc_rows/Microsoft.Dynamics.CRM.CreateMultiple", body)
    return BULKS * ROWS / (time.perf_counter() - begin)


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        process = Process(
            ["sandbox", "--json", "--state", f"{folder}/tenant"], {}, Path(folder, "sandbox.log")
        )
        ready = time.perf_counter() - begin
        try:
            said = process.description
            token = signed_in(said)
            caller = Caller(said, token)
            path = prepare(caller)
            print(f"ready                     {ready:8.2f} s      (goal under 1.5)")
            for threads in (1, 4):
                found = reads(said, token, path, threads)
                print(f"reads, {threads} connection(s)    {found:8.0f} a second (goal 600)")
            print(f"rows in bulk              {bulk(caller):8.0f} a second (goal 5,000)")
        finally:
            process.stop()


if __name__ == "__main__":
    main()
