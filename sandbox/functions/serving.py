"""HTTP/1.1 with keep-alive on loopback: raw requests in, plain replies out.

The development server of werkzeug closes every connection; the standard library's does not.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

from sandbox.functions.outcome import HttpReply

log = logging.getLogger("sandbox.functions")

_LARGEST = 100 * 1024 * 1024  # bytes of a request body that the platform takes
_NO_BODY = {204, 304}


@dataclass(frozen=True)
class Request:
    """One request. `target` is path and query as sent; header names are lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    chunked: bool = False


Application = Callable[[Request], HttpReply]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "FunctionsHost"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1
    application: ClassVar[Application]

    def _serve(self) -> None:
        reply = self._too_large() or type(self).application(self._request())
        self.send_response(reply.status)
        given = {name.lower() for name, _ in reply.headers}
        for name, value in reply.headers:
            if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                self.send_header(name, value)
        if reply.body and "content-type" not in given:
            self.send_header("Content-Type", "text/plain; charset=utf-8")
        if reply.status not in _NO_BODY:
            self.send_header("Content-Length", str(len(reply.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD" and reply.status not in _NO_BODY:
            self.wfile.write(reply.body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_TRACE = _serve  # noqa: N815

    def _too_large(self) -> HttpReply | None:
        length = self.headers.get("Content-Length", "0")
        if length.isascii() and length.isdigit() and int(length) <= _LARGEST:
            return None
        self.close_connection = True
        if length.isascii() and length.isdigit():
            return HttpReply(413, body=b"The request body is larger than 100 MB.")
        return HttpReply(400, body=b"Content-Length is not a number.")

    def _request(self) -> Request:
        headers: dict[str, str] = {}
        for name, value in self.headers.items():
            key = name.lower()
            headers[key] = f"{headers[key]}, {value}" if key in headers else value
        chunked = "transfer-encoding" in headers
        if chunked:
            self.close_connection = True  # the body stays unread
        body = b"" if chunked else self.rfile.read(int(headers.get("content-length", "0")))
        return Request(self.command, self.path, headers, body, chunked)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Nothing: a request line holds `code=`, which is a key."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
        """A client that went away is no event."""
        log.debug("a connection broke off")


def make_server(port: int, application: Application) -> ThreadingHTTPServer:
    """A server on 127.0.0.1 that is bound but does not serve yet; port 0 takes a free one."""
    handler = type("Handler", (_Handler,), {"application": staticmethod(application)})
    return _Server(("127.0.0.1", port), handler)
