"""The composition root: `python app.py [--host --port]` serves Texture Lab."""

from __future__ import annotations

import argparse
import errno
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from functools import partial
from typing import NoReturn

from texture.errors import SetupProblem, TextureError
from texture.jobs.engines.protocol import open_engine
from texture.jobs.store import Store
from texture.settings import Settings
from texture.web import Web, create_app
from texture.web.concurrency import Concurrency, Stop, concurrency
from texture.web.logs import begin_log
from texture.web.networks import networks
from texture.wording import system_reason

GRACE = 4.7  # seconds that a shutdown may take; jobs continue from their last checkpoint after a harder end as well


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until a signal. 0: stopped; 1: the work failed; 2: the call or the environment was wrong."""
    begin_log("text")
    try:
        settings = _settings(arguments)
        begin_log(settings.log)
        with _listen(settings) as listener:
            _serve(settings, listener)
    except KeyboardInterrupt:
        return 0
    except SetupProblem as error:
        print(f"app.py: {error}", file=sys.stderr)
        return 2
    except TextureError as error:
        print(f"app.py: {error}", file=sys.stderr)
        return 1
    return 0


def _settings(arguments: Sequence[str] | None) -> Settings:
    """The settings of the environment, overridden by the command line."""
    parser = argparse.ArgumentParser(
        description="Serve Texture Lab.", epilog="Settings: TEXTURE_*, see docs/operations.md."
    )
    parser.add_argument("--host", help="address to serve on (127.0.0.1)")
    parser.add_argument("--port", help="port to serve on (5000)")
    given = parser.parse_args(arguments)
    said = {"TEXTURE_HOST": given.host, "TEXTURE_PORT": given.port}
    return Settings.from_environment({**os.environ, **{name: value for name, value in said.items() if value}})


def _listen(settings: Settings) -> socket.socket:
    """A listening socket, taken before anything else is opened.

    Raises:
        SetupProblem: the address is taken, or not this machine's.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=128)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SetupProblem(
                f"port {settings.port} is taken; type: python app.py --port {settings.port + 1}"
            ) from error
        raise SetupProblem(f"cannot serve on {settings.host}:{settings.port}: {system_reason(error)}") from error


def _serve(settings: Settings, listener: socket.socket) -> None:
    os.umask(0o077)  # what is written is for nobody else on this machine
    mode = concurrency(settings.runtime, networks(settings.proxies))
    store = Store(settings)
    web = create_app(settings, store, mode, partial(open_engine, settings, store))
    web.engine.start()
    web.weights.start()
    print(f"Texture Lab is on {_address(settings, web)} (Ctrl-C stops it)", flush=True)
    try:
        _run(mode, web, listener)
    finally:
        web.engine.stop()
        store.close()


def _run(mode: Concurrency, web: Web, listener: socket.socket) -> None:
    stop = Stop()

    def heed(*_: object) -> None:
        stop.ring()
        last_resort = threading.Timer(GRACE, os._exit, (0,))
        last_resort.daemon = True
        last_resort.start()

    signal.signal(signal.SIGINT, heed)
    signal.signal(signal.SIGTERM, heed)
    mode.serve(web.app, listener, stop)


def _address(settings: Settings, web: Web) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    name = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(host, host)
    made = web.access.token and not settings.token  # a chosen one is known to whoever chose it, and is in no log
    token = f"?token={web.access.token}" if made else ""
    return f"http://{name}:{settings.port}/{token}"


def _leave(status: int) -> NoReturn:
    """End at once: were Python taken down around a step that cannot be waited for, C++ would end it with an abort."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    _leave(main())
