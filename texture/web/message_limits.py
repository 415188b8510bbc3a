"""Size limits of clients' socket messages, enforced before they are in memory, for each of the two websocket libraries.

Engine.IO compares a message with `max_http_buffer_size` once it is whole. eventlet bounds a frame, but not a message
of many; simple-websocket could bound both, but Engine.IO does not tell it. The attachments of an event, each a message
of its own, are refused by `live.packet`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

TOO_BIG = 1009  # RFC 6455's status for it


def bounded_eventlet(driver: Any, most: int) -> Any:
    """Engine.IO's websocket class for eventlet, whose messages have at most `most` bytes, in however many frames."""

    class Bounded(driver):  # type: ignore[misc]
        def __init__(self, handler: Callable[[Any], Any], server: Any) -> None:
            super().__init__(lambda socket: handler(_bound_messages(socket, most)), server)
            self.support_legacy_versions = False  # drafts of 2010, without any bound

    return Bounded


def _bound_messages(socket: Any, most: int) -> Any:
    from eventlet.websocket import FailedConnectionError

    class Message(socket.Message):  # type: ignore[misc]
        received = 0

        def push(self, data: bytes, final: bool = False) -> None:
            self.received += max(1, len(data))  # an endless run of empty frames is a message too
            if self.received > most:
                raise FailedConnectionError(TOO_BIG, f"a message may have at most {most} bytes")
            super().push(data, final)

    socket.Message = Message
    return socket


def bounded_threads(driver: Any, most: int) -> Any:
    """Engine.IO's websocket class for threads, whose messages have at most `most` bytes."""

    class Bounded(driver):  # type: ignore[misc]
        def __init__(self, handler: Callable[[Any], Any], server: Any) -> None:
            super().__init__(handler, server, max_message_size=most)

        def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
            self.environ = environ  # as eventlet's has it
            # It sends with send(), not sendall(): on a socket with a timeout that may be half a frame.
            environ["werkzeug.socket"].settimeout(None)
            return super().__call__(environ, start_response)

    return Bounded
