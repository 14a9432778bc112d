"""The https server: one port on loopback, HTTP/1.1 with keep-alive, one thread for a connection.

werkzeug's own server closes every connection after one answer, so only its request and response serve."""

import logging
import socket
import ssl
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import cast

from werkzeug import Response
from werkzeug.http import HTTP_STATUS_CODES

from sandbox.router import Router
from sandbox.traces import log_failure
from sandbox.wire import HELD, ON_THE_WIRE, OnTheWire, make_request

LOG = logging.getLogger("sandbox.server")
BODYLESS = (204, 304)
UNSAID = ("content-length", "content-type")
IDLE_SECONDS = 120  # as long as a load balancer keeps a connection on which nothing happens
LONGEST_LENGTH = 9  # digits of a length
PIECES = 20  # of a body that trickles


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    rbufsize = 1 << 16
    timeout = IDLE_SECONDS

    def handle(self) -> None:
        try:
            super().handle()
        except (OSError, ssl.SSLError) as exc:
            LOG.debug("a connection ended: %s", exc)

    def answer(self) -> None:
        """Read one request, let the router answer, write it in one piece."""
        try:
            body = self._body()
        except ValueError:
            self.close_connection = True
            self.send_error(400, "The length of the body or of a chunk could not be read")
            return
        host = self.headers.get("Host", "127.0.0.1")
        request = make_request(self.command, self.path, self.headers.items(), body, host)
        response = cast("HttpsServer", self.server).router.handle(request)
        if held := request.environ.get(HELD):
            cast("HttpsServer", self.server).ended.wait(held)
        effect = request.environ.get(ON_THE_WIRE)
        if effect is None:
            self._write(response)
        else:
            self._write_with(effect, response)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = answer  # noqa: N815 - names of http.server

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return b"".join(self._chunks())
        return self.rfile.read(_length(self.headers.get("Content-Length") or "0", 10))

    def _chunks(self) -> list[bytes]:
        chunks: list[bytes] = []
        while size := _length(self.rfile.readline().partition(b";")[0].strip().decode("latin-1"), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return chunks

    def _write(self, response: Response) -> None:
        self.wfile.write(self._head(response) + self._content(response))
        self.wfile.flush()

    def _content(self, response: Response) -> bytes:
        return b"" if self.command == "HEAD" else response.get_data()

    def _head(self, response: Response) -> bytes:
        status = response.status_code
        lines = [f"HTTP/1.1 {status} {HTTP_STATUS_CODES.get(status, 'Unknown')}"]
        left_out = UNSAID if status in BODYLESS else ("content-length",)
        lines += [f"{name}: {value}" for name, value in response.headers if name.lower() not in left_out]
        if status not in BODYLESS:
            lines.append(f"Content-Length: {len(response.get_data())}")
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"

    def _write_with(self, effect: OnTheWire, response: Response) -> None:
        """Write an answer that a fault befalls: broken off, in small pieces, or not at all."""
        if effect.reset:
            self._reset()
            return
        self.wfile.write(self._head(response))
        body = self._content(response)
        body = body[: int(len(body) * effect.share)]
        pieces = PIECES if effect.seconds else 1
        size = -(-len(body) // pieces) or 1
        for start in range(0, len(body), size):
            self.wfile.write(body[start : start + size])
            self.wfile.flush()
            cast("HttpsServer", self.server).ended.wait(effect.seconds / pieces)
        self.wfile.flush()
        self.close_connection = self.close_connection or effect.share < 1

    def _reset(self) -> None:
        """Close without a word, so that the peer gets RST: an orderly end would look like an empty answer."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        socket.close(self.connection.detach())

    def handle_expect_100(self) -> bool:
        """Let a waiting client go on at once: the buffer would keep the word back."""
        proceed = super().handle_expect_100()
        self.wfile.flush()
        return proceed

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        LOG.debug(format, *args)


class HttpsServer(ThreadingMixIn, TCPServer):
    """Serves a router over TLS until stopped."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, port: int, context: ssl.SSLContext, router: Router) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.router = router
        self.ended = threading.Event()
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        # The handshake is left to the thread of the connection: a slow client must not hold up the others.
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def get_request(self) -> tuple[socket.socket, object]:
        connection, address = super().get_request()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._guard:
            self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: object) -> None:
        with self._guard:
            self._open.discard(cast("socket.socket", request))
        super().shutdown_request(cast("socket.socket", request))

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
        if (error := sys.exception()) is not None:
            log_failure(LOG, "a connection failed", error)

    def stop(self) -> None:
        """Stop to listen and end the connections that are still open."""
        self.ended.set()
        self.shutdown()
        with self._guard:
            still_open = list(self._open)
        for connection in still_open:
            _hang_up(connection)
        deadline = time.monotonic() + 2
        while self._open and time.monotonic() < deadline:
            time.sleep(0.005)
        self.server_close()


def _length(text: str, base: int) -> int:
    """Give a length as HTTP spells it; a sign or a blank in it is an error, and so is more than memory holds."""
    if not text.isascii() or not text.isalnum() or len(text) > LONGEST_LENGTH:
        raise ValueError(f"'{text}' is no length")
    return int(text, base)


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        LOG.debug("a connection was closed already")
