"""Viewers of a comparison in a process of their own, as light as can be: nothing is decoded, every frame acknowledged.

python -m benchmarks.viewers URL COMPARISON COUNT [BYTES A SECOND OF ONE MORE, SLOW ONE [SILENT [PASSING]]]

Each has a session of its own: the comparison is a shared one. SILENT more never acknowledge a frame; PASSING more
connect, look and hang up without a word, all the time.

Says "ready" when all of them watch. When its standard input ends, it writes JSON: {cpu: seconds that it has used,
frames: [[viewer, job, seq, seconds of the monotonic clock, bytes], …]}; the slow one has the last number.
"""

from __future__ import annotations

import json
import re
import resource
import selectors
import socket
import sys
import threading
import time
import urllib.request
from contextlib import suppress

from websocket import ABNF, WebSocket, WebSocketException, create_connection

PATH = "/socket.io/?EIO=4&transport=websocket"
ATTACHED = re.compile(r"4([56])(\d+)-(\d*)(.*)", re.DOTALL)  # a message of Socket.IO whose pictures follow it
PAUSE = 1.0  # seconds between two visits of one who passes by
SMALL = 32 * 1024  # bytes that the system may take in for the slow one before anybody has read them

Arrival = tuple[int, str, int, float, int]


class Viewer:
    """One socket."""

    def __init__(
        self, number: int, url: str, comparison: str, cookie: str, pace: float | None = None, silent: bool = False
    ) -> None:
        """pace: bytes a second that its link takes; None: all that come. silent: it never acknowledges a frame."""
        self.number, self._pace, self._silent = number, pace, silent
        self.arrivals: list[Arrival] = []
        self._answered = False
        self._owed: tuple[str, dict[str, object]] | None = None  # the frame whose picture comes next
        self._link: WebSocket = create_connection(
            url.replace("http", "ws", 1) + PATH,
            cookie=cookie,
            timeout=60,
            sockopt=((socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL),) if pace else (),
        )
        self._link.send("40")
        self._link.send(f'420["watch",{json.dumps({"comparison": comparison})}]')
        while not self._answered:
            self.take()

    def fileno(self) -> int:
        """For a selector."""
        return self._link.sock.fileno()

    def take(self) -> None:
        """Read one message, which has begun to come, and answer it."""
        kind, data = self._link.recv_data()
        if self._pace:
            time.sleep(len(data) / self._pace)
        if kind == ABNF.OPCODE_BINARY:
            self._picture(len(data))
        else:
            self._message(data.decode())

    def _message(self, text: str) -> None:
        if text == "2":  # the server asks whether anybody is there
            self._link.send("3")
        elif text.startswith("43"):
            self._answered = True
        elif found := ATTACHED.match(text):
            self._answered = self._answered or found[1] == "6"
            if found[1] == "5":
                self._owed = found[3], json.loads(found[4])[1]
        elif text.startswith("44"):
            raise ConnectionRefusedError(text)

    def _picture(self, size: int) -> None:
        if self._owed is None:
            return  # one of the snapshot's
        id, frame = self._owed
        self._owed = None
        self.arrivals.append((self.number, str(frame["job"]), int(str(frame["seq"])), time.monotonic(), size))
        if not self._silent:
            self._link.send(f"43{id}[]")

    def hang_up(self) -> None:
        """Without a word, as a closed tab does."""
        self._link.shutdown()


def session(url: str) -> str:
    """The Cookie header of somebody new."""
    with urllib.request.urlopen(url) as page:
        return "; ".join(cookie.partition(";")[0] for cookie in page.headers.get_all("Set-Cookie"))


def watch(viewers: list[Viewer], ended: threading.Event) -> None:
    """Take what comes, on one thread: sixty would take more from each other than they read."""
    with selectors.DefaultSelector() as selector:
        for viewer in viewers:
            selector.register(viewer, selectors.EVENT_READ, viewer)
        while not ended.is_set():
            for key, _ in selector.select(timeout=0.1):
                key.data.take()


def dawdle(viewer: Viewer, ended: threading.Event) -> None:
    """The slow one has a thread of its own, in which it sleeps."""
    with suppress(OSError, WebSocketException):
        while not ended.is_set():
            viewer.take()


def pass_by(url: str, comparison: str, ended: threading.Event) -> None:
    """Come and go, until told."""
    cookie = session(url)
    while not ended.wait(PAUSE):
        with suppress(OSError, WebSocketException):
            Viewer(-1, url, comparison, cookie).hang_up()


def main(url: str, comparison: str, count: str, pace: str = "", silent: str = "0", passing: str = "0") -> None:
    ended = threading.Event()
    viewers = [Viewer(number, url, comparison, session(url)) for number in range(int(count))]
    slow = [Viewer(len(viewers), url, comparison, session(url), float(pace))] if pace else []
    mute = [Viewer(-1, url, comparison, session(url), silent=True) for _ in range(int(silent))]
    threads = [threading.Thread(target=watch, args=(viewers + mute, ended), daemon=True)]
    threads += [threading.Thread(target=dawdle, args=(one, ended), daemon=True) for one in slow]
    threads += [
        threading.Thread(target=pass_by, args=(url, comparison, ended), daemon=True) for _ in range(int(passing))
    ]
    for thread in threads:
        thread.start()
    print("ready", flush=True)
    sys.stdin.read()
    ended.set()
    threads[0].join()
    used = resource.getrusage(resource.RUSAGE_SELF)
    frames = [frame for viewer in [*viewers, *slow] for frame in list(viewer.arrivals)]
    json.dump({"cpu": used.ru_utime + used.ru_stime, "frames": frames}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
