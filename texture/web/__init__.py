"""The server: pages, JSON API and sockets around a store and an engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from flask_socketio import SocketIO

from texture.jobs.engine import Engine
from texture.jobs.events import Listener
from texture.jobs.store import Store
from texture.settings import Settings
from texture.web.access import Access, install_access, open_access
from texture.web.bounded import NoAttachments
from texture.web.calls import install
from texture.web.catalogue import catalogue
from texture.web.comparisons import comparisons
from texture.web.concurrency import Concurrency
from texture.web.gate import Gate
from texture.web.history import history
from texture.web.models import models
from texture.web.openapi import install_openapi
from texture.web.pages import install_errors, install_pages
from texture.web.pictures import pictures
from texture.web.reading import MOST_JSON
from texture.web.results import results
from texture.web.services import Services
from texture.web.sockets import MOST_MESSAGE, install_sockets, sender
from texture.web.uploads import spooling
from texture.web.viewers import Viewers
from texture.web.weights import Weights
from texture.web.work import work

ROOT = Path(__file__).parents[2]
PARTS = (catalogue, pictures, work, results, comparisons, history, models)
CALLS = [call for part in PARTS for call in part.calls]


@dataclass(frozen=True)
class Web:
    """What the composition root needs: the app to serve, and what to start and stop around it."""

    app: Flask
    engine: Engine
    weights: Weights
    access: Access


def create_app(
    settings: Settings, store: Store, concurrency: Concurrency, engine_for: Callable[[Listener], Engine]
) -> Web:
    """The app for a store; `engine_for` is given the viewers, who listen. Nothing runs yet but the viewers' bridge.

    Raises:
        SetupProblem: the data folder cannot be used.
    """
    app = Flask("texture", root_path=str(ROOT))
    app.config["MAX_CONTENT_LENGTH"] = MOST_JSON
    app.request_class = spooling(concurrency)
    # Our gate compares origins, for pages and sockets alike; [] is only: no second opinion, and no CORS headers.
    socketio = SocketIO(
        app,
        async_mode=concurrency.mode,
        max_http_buffer_size=MOST_MESSAGE,
        cors_allowed_origins=[],
        serializer=NoAttachments,
        manage_session=False,
    )
    concurrency.limit(socketio.server.eio, MOST_MESSAGE)
    viewers = Viewers(sender(socketio))
    viewers.post = concurrency.bridge(viewers.deliver)
    engine = engine_for(viewers)
    weights = Weights(settings, viewers.post, engine.wake)
    services = Services(settings, store, engine, weights, viewers.post)
    access = open_access(settings)
    install_access(app, access)
    install(app, CALLS, services, concurrency)
    install_sockets(socketio, services, concurrency, access)
    install_pages(app)
    install_openapi(app, CALLS)
    install_errors(app)
    local = access.token is None
    app.wsgi_app = Gate(app.wsgi_app, local=local)  # type: ignore[method-assign]
    return Web(app, engine, weights, access)
