"""A receiver of notifications on this machine: https by an authority of its own, or plain http."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest
import trustme
from werkzeug.datastructures import Headers

from sandbox.tenant import Tenant
from tests.openapi.watch import WATCH


@dataclass
class Got:
    """One POST that arrived."""

    path: str
    query: dict[str, list[str]]
    headers: Headers
    body: bytes


@dataclass
class Receiver:
    """Answers every POST as `statuses` say, in order, then with 202; validation requests get their token."""

    url: str = ""
    ca: str = ""
    got: list[Got] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    pause: float = 0.0
    validate: Callable[[str], tuple[int, str, bytes]] = lambda token: (200, "text/plain", token.encode())

    def answer(self, got: Got) -> tuple[int, str, bytes]:
        pause, validate = self.pause, self.validate
        if "validationToken" in got.query:
            time.sleep(pause)
            return validate(got.query["validationToken"][0])
        if b'"subscriptionId"' in got.body:
            WATCH.note_notification(got.body)
        self.got.append(got)
        status = self.statuses.pop(0) if self.statuses else 202
        time.sleep(pause)
        return status, "text/plain", b""

    def await_calls(self, number: int) -> list[Got]:
        """Wait for that many calls, and give all."""
        deadline = time.monotonic() + 10
        while len(self.got) < number and time.monotonic() < deadline:
            time.sleep(0.005)
        assert len(self.got) >= number, [got.path for got in self.got]
        return self.got


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        got = Got(parts.path, parse_qs(parts.query), Headers(self.headers.items()), body)
        status, kind, said = cast("Any", self.server).receiver.answer(got)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        pass


@contextmanager
def listening(*, tls: bool) -> Iterator[Receiver]:
    """A receiver that runs until the end of the block."""
    server, receiver = _Server(("127.0.0.1", 0), _Handler), Receiver()
    if tls:
        authority = trustme.CA()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        receiver.ca = authority.cert_pem.bytes().decode()
    receiver.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
    cast("Any", server).receiver = receiver
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def receiver(tenant: Tenant) -> Iterator[Receiver]:
    """A receiver that the shared tenant trusts."""
    with listening(tls=True) as running:
        trust(tenant, running)
        yield running


def trust(tenant: Tenant, receiver: Receiver, **settings: object) -> None:
    """Let a tenant call a receiver."""
    wanted = replace(tenant.outgoing.settings, ca_bundle=receiver.ca, **settings)
    tenant.outgoing.change(wanted)
