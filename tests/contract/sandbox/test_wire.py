"""What happens below HTTP: lengths, chunks, waiting clients, methods that nobody knows."""

import socket
import ssl

import pytest

from sandbox import server
from sandbox.tenant import Tenant

TARGET = "/api/data/v9.2/publishers"


def said(tenant: Tenant, request: str, wait: float = 10) -> str:
    """The first bytes that come back for a request as written."""
    context = ssl.create_default_context(cafile=tenant.description()["caBundle"])
    port = int(tenant.base.rpartition(":")[2])
    with (
        socket.create_connection(("127.0.0.1", port), timeout=wait) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as secure,
    ):
        secure.sendall(request.encode())
        return secure.recv(65536).decode()


def head(tenant: Tenant, *lines: str) -> str:
    token = tenant.issuer.issue("x", "dataverse")
    start = [f"POST {TARGET} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {token}"]
    return "\r\n".join([*start, "Content-Type: application/json", *lines, "", ""])


@pytest.mark.parametrize("length", ["-5", "abc", "1 2", "²"])
def test_a_length_that_is_none_is_400_at_once(tenant: Tenant, length: str) -> None:
    assert said(tenant, head(tenant, f"Content-Length: {length}")).startswith("HTTP/1.1 400 ")


@pytest.mark.parametrize("chunk", ["zz", "-5", ""])
def test_a_chunk_that_is_none_is_400_at_once(tenant: Tenant, chunk: str) -> None:
    request = head(tenant, "Transfer-Encoding: chunked") + f"{chunk}\r\n{{}}\r\n"
    assert said(tenant, request).startswith("HTTP/1.1 400 ")


def test_a_client_that_waits_for_the_word_gets_it(tenant: Tenant) -> None:
    waiting = head(tenant, "Expect: 100-continue", "Content-Length: 2")
    assert said(tenant, waiting, wait=3).startswith("HTTP/1.1 100 ")


def test_an_unknown_method_is_501(tenant: Tenant) -> None:
    assert said(tenant, "PROPFIND / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").startswith("HTTP/1.1 501 ")


@pytest.mark.parametrize("begun", ["", "POST /api/data/v9.2/x HTTP/1.1\r\nContent-Length: 5\r\n\r\nab"])
def test_a_connection_on_which_nothing_happens_is_closed(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, begun: str
) -> None:
    assert server.IDLE_SECONDS == 120
    monkeypatch.setattr(server._Handler, "timeout", 0.2)
    assert said(tenant, begun, wait=5) == ""
