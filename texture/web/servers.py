"""The two HTTP servers, eventlet's and Werkzeug's, with tracking of their connections."""

from __future__ import annotations

import errno
import logging
import re
import socket
import sys
import time
from email.message import Message
from typing import Any
from urllib.parse import quote

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from texture.web.connections import KEY, PATIENCE, WAIT, Connection, Connections
from texture.web.headers import HEADERS, LINES

NO_HANDLES = (errno.EMFILE, errno.ENFILE)  # too many open files
A_MOMENT = 0.1  # seconds
LENGTH = re.compile("[0-9]{1,18}")  # of a body, in bytes
PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))

log = logging.getLogger(__name__)


class Strict:
    """For a request handler: what a client left unfinished, or said in two ways, is no request."""

    default_request_version = "HTTP/1.0"  # else what is no HTTP is refused without any headers
    rfile: Any
    path: str
    headers: Message
    close_connection: bool
    refused = False

    def parse_request(self) -> bool:
        """Whether a whole head of a request has come, which says where its body ends."""
        file, self.rfile = self.rfile, _Head(self.rfile)
        try:
            whole = bool(super().parse_request())  # type: ignore[misc]
        except EOFError:
            self.close_connection = True
            return False
        finally:
            self.rfile = file
        if not whole:
            return False
        if not has_one_end(self.headers):
            self.send_error(400, "Length of the body unclear")
            return False
        self.path = quote(self.path, safe=PRINTABLE, encoding="latin-1")  # raw bytes, as some clients send them
        return True

    def send_error(self, code: int, *more: Any) -> None:
        """Refuse what is no HTTP. Whatever it is, it is no fault of ours, as a 505 would say."""
        self.refused = True
        super().send_error(400 if code >= 500 else code, *more)  # type: ignore[misc]

    def log_message(self, *_: object) -> None:
        """Nothing: strangers would fill the log."""


def has_one_end(headers: Message) -> bool:
    """Whether a request's headers say once where its body ends: of two lengths, a proxy might believe the other."""
    lengths, codings = headers.get_all("Content-Length", []), headers.get_all("Transfer-Encoding", [])
    return (
        len(lengths) + len(codings) <= 1
        and all(LENGTH.fullmatch(one) for one in lengths)
        and all(one.lower() == "chunked" for one in codings)
    )


class _Head:
    """A file of header lines, of which an empty one is the last."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def readline(self, *size: int) -> bytes:
        line: bytes = self._file.readline(*size)
        if not line:
            raise EOFError
        return line


def eventlet_protocol(http: Any, connections: Connections) -> Any:
    """The class that handles a connection in eventlet's server. http: that server's own one."""

    class Protocol(Strict, http):  # type: ignore[misc]
        wfile: Any

        def setup(self) -> None:
            super().setup()
            self._plain = self.wfile

        def handle_one_request(self) -> None:
            self.wfile = _Dressed(self._plain)  # what is refused before the app sees it
            super().handle_one_request()

        def get_environ(self) -> dict[str, Any]:
            environ: dict[str, Any] = super().get_environ()
            if "HTTP_TRANSFER_ENCODING" in environ:
                environ["wsgi.input_terminated"] = True  # the body has an end, if no length
            return {**environ, KEY: connections.find(self.connection)}

        def handle_one_response(self) -> None:
            self.wfile = self._plain
            super().handle_one_response()
            connections.enter(connections.find(self.connection), "waiting", WAIT)

        def finish(self) -> None:
            self.wfile = self._plain
            try:
                super().finish()
            finally:
                connections.close(self.connection)

    return Protocol


def eventlet_listener(green: Any, sleep: Any, connections: Connections) -> Any:
    """The class of listening sockets whose connections are accounted for. green: eventlet's own one."""

    class Listener(green):  # type: ignore[misc]
        def accept(self) -> Any:
            while True:
                try:
                    link, address = super().accept()
                except OSError as error:  # eventlet's server would end
                    if error.errno not in NO_HANDLES:
                        raise
                    connections.relieve()
                    sleep(A_MOMENT)
                else:
                    if connections.open(link, address[0]):
                        return link, address
                    link.close()

    return Listener


class _Dressed:
    """A file that refusals are written to, each in one go; it adds the security headers."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def write(self, answer: bytes) -> Any:
        status, end, rest = answer.partition(b"\r\n")
        return self._file.write(status + end + LINES + rest if status.startswith(b"HTTP/") else answer)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class ThreadedServer(ThreadedWSGIServer):
    """Werkzeug's server, on a socket that listens already."""

    daemon_threads = True

    def __init__(self, app: Any, listener: socket.socket, connections: Connections) -> None:
        self.connections = connections
        host, port = listener.getsockname()[:2]
        super().__init__(host, port, app, _Handler, fd=listener.fileno())

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Whether there is room for it."""
        return self.connections.open(request, client_address[0])

    def shutdown_request(self, request: Any) -> None:
        """It has ended."""
        self.connections.close(request)
        super().shutdown_request(request)

    def get_request(self) -> Any:
        """The next connection."""
        try:
            return super().get_request()
        except OSError as error:
            if error.errno in NO_HANDLES:
                self.connections.relieve()
                time.sleep(A_MOMENT)
            raise  # it is then asked for again

    def handle_error(self, *_: object) -> None:
        """A client that has gone in the midst of a request is no error of ours."""
        if not isinstance(sys.exception(), OSError):
            log.exception("a connection could not be served")


class _Handler(Strict, WSGIRequestHandler):
    """A connection of `ThreadedServer`."""

    server: ThreadedServer
    timeout = PATIENCE

    def log(self, *_: object) -> None:
        """Nothing: what matters is told by the app."""

    def end_headers(self) -> None:
        """With those that the app would have added to a refusal."""
        if self.refused:
            for name, value in HEADERS:
                self.send_header(name, value)
        super().end_headers()

    def make_environ(self) -> dict[str, Any]:
        """With the connection in it."""
        return {**super().make_environ(), KEY: self._known}

    def run_wsgi(self) -> None:
        """Answer one request."""
        super().run_wsgi()
        self.server.connections.enter(self._known, "waiting", WAIT)

    @property
    def _known(self) -> Connection | None:
        return self.server.connections.find(self.connection)
