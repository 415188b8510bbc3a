"""A viewer over a real socket: python-socketio's client, in order, and in charge of its own acknowledgements."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import engineio
import socketio
from socketio.exceptions import ConnectionError as RefusedConnection

from tests.serving import Session

PATIENCE = 60.0  # seconds; only a test that fails waits so long
Event = tuple[str, dict[str, Any]]


class _InOrder(engineio.Client):
    """Handles one message after the other; as it comes, each would have a thread of its own."""

    def _trigger_event(self, event: str, *args: Any, **named: Any) -> Any:
        return super()._trigger_event(event, *args, **{**named, "run_async": False})


class _Client(socketio.Client):
    acknowledges = True

    def _engineio_client_class(self) -> type[engineio.Client]:
        return _InOrder

    def _handle_event(self, namespace: str | None, id: int | None, data: list[Any]) -> None:
        if not self.acknowledges and id is not None:
            self.owed.append(id)
            id = None
        super()._handle_event(namespace, id, data)

    owed: list[int]


class Viewer:
    """Connects at once. `events` are (name, message) in the order in which they came."""

    def __init__(
        self,
        session: Session,
        *,
        acknowledges: bool = True,
        cookie: str | None = None,
        auth: dict[str, str] | None = None,
        **handshake: Any,
    ) -> None:
        """`handshake` goes to websocket.create_connection: origin, host, header.

        Raises:
            ConnectionRefusedError: in the server's words.
        """
        self.events: list[Event] = []
        self._changed = threading.Condition()
        self._client = _Client(reconnection=False, websocket_extra_options=handshake)
        self._client.owed = []
        self._client.acknowledges = acknowledges
        self._client.on("*", self._hear)
        refusals: list[Any] = []
        self._client.on("connect_error", refusals.append)
        headers = {"Cookie": session.cookie if cookie is None else cookie}
        try:
            self._client.connect(session.url, headers=headers, transports=["websocket"], auth=auth)
        except RefusedConnection as error:
            self.close()
            raise ConnectionRefusedError(f"{refusals or error}") from None

    def _hear(self, name: str, message: dict[str, Any]) -> None:
        with self._changed:
            self.events.append((name, message))
            self._changed.notify_all()

    def call(self, name: str, *message: Any) -> Any:
        """Say something, and wait for the acknowledgement."""
        return self._client.call(name, message, timeout=PATIENCE)

    def seqs(self) -> list[int]:
        """The `seq` of each event of a job; news of the weights have none."""
        return [message["seq"] for _, message in self.events if "seq" in message]

    def watch(self, jobs: Any) -> Any:
        """`call("watch", …)`."""
        return self.call("watch", {"jobs": jobs})

    def watch_comparison(self, comparison: str) -> Any:
        """`call("watch", …)`."""
        return self.call("watch", {"comparison": comparison})

    def wait_for(self, wanted: Callable[[str, dict[str, Any]], bool], what: str) -> dict[str, Any]:
        """The first message, of those that came and those to come, that is wanted."""
        deadline = time.monotonic() + PATIENCE
        with self._changed:
            while True:
                for name, message in self.events:
                    if wanted(name, message):
                        return message
                left = deadline - time.monotonic()
                assert left > 0, f"no {what} within {PATIENCE} s; came: {[(n, m.get('seq')) for n, m in self.events]}"
                self._changed.wait(left)

    def wait_for_state(self, job: str, state: str) -> dict[str, Any]:
        """The row of a job in that state."""
        message = self.wait_for(
            lambda name, message: name == "job" and message["job"] == job and message["row"]["state"] == state,
            f"{state} job",
        )
        row: dict[str, Any] = message["row"]
        return row

    def wait_for_count(self, name: str, count: int) -> None:
        """Until that many events of that name have come."""
        self.wait_for(lambda *_: len(self.of(name)) >= count, f"{count} × {name}")

    def of(self, name: str) -> list[dict[str, Any]]:
        """All messages of that name so far."""
        return [message for what, message in self.events.copy() if what == name]

    def draw_one(self) -> None:
        """Acknowledge the oldest frame that was not."""
        from socketio import packet

        number = self._client.owed.pop(0)
        self._client._send_packet(self._client.packet_class(packet.ACK, namespace="/", id=number, data=[]))

    def draw_all_from_now_on(self) -> None:
        """Acknowledge what is owed, and each frame to come at once."""
        self._client.acknowledges = True
        while self._client.owed:
            self.draw_one()

    @property
    def connected(self) -> bool:
        return self._client.connected

    def wait_until_gone(self) -> None:
        """Until the connection has ended."""
        self._client.eio.wait()

    def close(self) -> None:
        """Gone, as a closed tab is: without a word. (`disconnect()` would wait 3 s for an answer, now and then.)"""
        if (link := self._client.eio.ws) is not None:
            link.abort()
            self._client.eio.wait()
            link.shutdown()


Look = Callable[..., Viewer]  # what the fixture `look` gives
