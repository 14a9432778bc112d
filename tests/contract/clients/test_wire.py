"""What real sockets do when a call fails: did anything reach the service?"""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from connectors.http import Call, Http, Policy, new_session
from sync.errors import ConfigurationError, NotSent, OutcomeUnknown, RemoteError

ONCE = Policy(attempts=1, connect=1.0, read=0.3)
READ = Call("GET", "/things", replayable=True)


@contextmanager
def serving(folder: Path, behave: Callable[[ssl.SSLSocket], None]) -> Iterator[str]:
    """An https port whose behaviour after the request is the test's."""
    ca = trustme.CA()
    ca.cert_pem.write_to_path(folder / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        try:
            plain, _ = listener.accept()
            with plain, context.wrap_socket(plain, server_side=True) as secured:
                secured.recv(65536)
                behave(secured)
        except OSError:
            return  # the client went away: that is the test

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        thread.join(5)
        listener.close()


def failure_of(address: str, bundle: Path | None) -> RemoteError:
    with new_session(bundle) as session, pytest.raises(RemoteError) as caught:
        Http(session, None, base_url=address, policy=ONCE).request(READ)
    return caught.value


def test_nobody_listening_means_not_sent() -> None:
    assert type(failure_of("https://127.0.0.1:9", None)) is NotSent


def test_an_unknown_host_means_not_sent() -> None:
    assert type(failure_of("https://nowhere.invalid", None)) is NotSent


@pytest.mark.parametrize(
    "behave",
    [
        lambda wire: wire.unwrap(),
        lambda wire: wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf"),
        lambda wire: wire.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nha"),
        lambda wire: wire.recv(1),
    ],
    ids=["closed without answer", "half an answer", "half a chunk", "no answer in time"],
)
def test_a_lost_answer_means_that_the_outcome_is_unknown(
    tmp_path: Path, behave: Callable[[ssl.SSLSocket], None]
) -> None:
    with serving(tmp_path, behave) as address:
        assert type(failure_of(address, tmp_path / "ca.pem")) is OutcomeUnknown


def test_an_untrusted_certificate_is_a_matter_of_configuration(tmp_path: Path) -> None:
    with (
        serving(tmp_path, lambda wire: None) as address,
        new_session() as session,
        pytest.raises(ConfigurationError, match="CA bundle"),
    ):
        Http(session, None, base_url=address, policy=ONCE).request(READ)
