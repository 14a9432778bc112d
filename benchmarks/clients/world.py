"""The sandbox of the measurement: real limits, latency, one table for each client, and the log of its calls."""

import contextlib
import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from cli.processes import Process
from connectors.auth import Secret, TokenSource
from connectors.http import Http, new_session
from dataverse.client import SERVICE, DataverseClient
from dataverse.operations import Operation

LATENCY = 80  # milliseconds that every answer takes on its way
KEY_WAIT = 30.0  # seconds for the index of a key
TEXT = "A colleague asks for something that takes a line or two to say, as requests do. " * 2


def row(prefix: str, number: int, text: str = TEXT) -> dict[str, Any]:
    """One row, about as large as a small case."""
    key = f"plb_{prefix}_key"
    return {
        key: f"R-{number:06}",
        f"plb_{prefix}_name": f"Row {number}",
        f"plb_{prefix}_text": f"{text} {number}",
    }


@dataclass(frozen=True)
class Cost:
    """What a task cost: calls and bytes as the sandbox saw them, seconds as the client felt them."""

    calls: int
    refused: int
    bytes: int
    seconds: float
    note: str = ""

    def times(self, factor: int) -> "Cost":
        """The cost of so many times the work."""
        note = f"measured on 1/{factor}"
        return Cost(
            self.calls * factor, self.refused * factor, self.bytes * factor, self.seconds * factor, note
        )


@dataclass
class Measured:
    """A cost that is filled in when its block ends."""

    cost: Cost = field(default_factory=lambda: Cost(0, 0, 0, 0.0))


class World:
    """A running sandbox."""

    def __init__(self, state: Path) -> None:
        self._process = Process(
            ["sandbox", "--json", "--state", str(state)], {}, state.parent / "sandbox.log"
        )
        self.said = self._process.description
        self.web = requests.Session()
        self.web.trust_env = False
        self.web.verify = self.said["caBundle"]
        # The SDK has no setting for the authority of its certificates; requests takes it from here.
        os.environ["REQUESTS_CA_BUNDLE"] = self.said["caBundle"]
        self.tokens = TokenSource(
            Secret(self.said["clientId"], self.said["clientSecret"]),
            authority=self.said["authority"],
            session=new_session(Path(self.said["caBundle"])),
        )

    def close(self) -> None:
        """End the sandbox."""
        self._process.stop()

    @property
    def url(self) -> str:
        """The address of the organisation."""
        return self.said["dataverseUrl"]

    def token(self) -> str:
        """A bearer token for it."""
        return self.tokens.token(f"{self.url}/.default")

    def ours(self) -> DataverseClient:
        """A client of ours with its own connections."""
        session = new_session(Path(self.said["caBundle"]))
        return DataverseClient(Http(session, self.tokens, base_url=self.url, service=SERVICE), self.url)

    def control(self, method: str, path: str, body: object = None) -> Any:
        """Call a control route."""
        answer = self.web.request(method, f"{self.url}/_sandbox/{path}", json=body, timeout=60)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def limits(self, latency: int, **dataverse: float) -> None:
        """Set latency, and those limits of Dataverse that are named; the others are as in the cloud."""
        real = {"requests": 6000, "executionSeconds": 1200, "concurrent": 52, "windowSeconds": 300}
        self.control("PUT", "limits", {"latencyMilliseconds": latency, "dataverse": {**real, **dataverse}})

    @contextlib.contextmanager
    def measure(self) -> Iterator[Measured]:
        """Count calls, bytes and seconds of a block."""
        since = self.control("GET", "requests?count=1")["last"]
        started, measured = time.monotonic(), Measured()
        yield measured
        seconds = time.monotonic() - started
        made = self.control("GET", f"requests?since={since}")["requests"]
        mine = [each for each in made if each["service"] == "dataverse"]
        size = sum(each["requestBytes"] + each["responseBytes"] for each in mine)
        refused = sum(each["status"] == 429 for each in mine)
        measured.cost = Cost(len(mine), refused, size, seconds)

    def table(self, prefix: str, *, key: bool) -> None:
        """Make a table, with an alternate key or with none that could keep a doubled row out."""
        client = self.ours()
        text = "Microsoft.Dynamics.CRM.StringAttributeMetadata"
        label = {"LocalizedLabels": [{"Label": prefix, "LanguageCode": 1033}]}
        name = {
            "@odata.type": text,
            "SchemaName": f"plb_{prefix}_name",
            "IsPrimaryName": True,
            "MaxLength": 100,
        }
        columns = [("String", f"plb_{prefix}_key", 60), ("Memo", f"plb_{prefix}_text", 2000)]
        table = {
            "@odata.type": "Microsoft.Dynamics.CRM.EntityMetadata",
            "SchemaName": f"plb_{prefix}",
            "DisplayName": label,
            "DisplayCollectionName": label,
            "OwnershipType": "UserOwned",
            "Attributes": [name],
        }
        client.send(Operation("POST", "EntityDefinitions", table))
        path = f"EntityDefinitions(LogicalName='plb_{prefix}')"
        for kind, column, length in columns:
            body = {"@odata.type": f"Microsoft.Dynamics.CRM.{kind}AttributeMetadata", "SchemaName": column}
            client.send(Operation("POST", f"{path}/Attributes", {**body, "MaxLength": length}))
        if not key:
            return
        index = {"SchemaName": f"plb_{prefix}_bykey", "KeyAttributes": [f"plb_{prefix}_key"]}
        client.send(Operation("POST", f"{path}/Keys", index))
        self._await_key(client, f"{path}/Keys(LogicalName='plb_{prefix}_bykey')?$select=EntityKeyIndexStatus")

    def _await_key(self, client: DataverseClient, path: str) -> None:
        until = time.monotonic() + KEY_WAIT
        while client.get(path, consistency_strong=True)["EntityKeyIndexStatus"] != "Active":
            if time.monotonic() > until:
                raise TimeoutError("the index of the key was not built")
            time.sleep(0.2)

    def stored(self, prefix: str) -> list[str]:
        """The keys of all rows of a table, read past the measurement."""
        set_name, column = f"plb_{prefix}s", f"plb_{prefix}_key"
        headers = {"Authorization": f"Bearer {self.token()}"}
        url: str | None = f"{self.url}/api/data/v9.2/{set_name}?$select={column}"
        found: list[str] = []
        while url:
            page = json.loads(self.web.get(url, headers=headers, timeout=60).content)
            found += [each[column] for each in page["value"]]
            url = page.get("@odata.nextLink")
        return found


def told(lost: int, doubled: int) -> str:
    """Lost and doubled rows in words."""
    return f"{lost} lost, {doubled} doubled"


def compare(stored: Sequence[str], wanted: Sequence[str]) -> tuple[int, int]:
    """How many rows are missing and how many are there once too often."""
    return len(set(wanted) - set(stored)), len(stored) - len(set(stored))
