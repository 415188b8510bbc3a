"""The server: pages, JSON API and sockets around a store and an engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from flask_socketio import SocketIO

from texture.jobs.domain.events import Listener
from texture.jobs.engines.protocol import Engine
from texture.jobs.store import Store
from texture.settings import Settings
from texture.web.api.openapi import install_openapi
from texture.web.api.request import MOST_JSON
from texture.web.api.route import install
from texture.web.api.spooling import spooling
from texture.web.assets import install_assets
from texture.web.concurrency import Concurrency
from texture.web.endpoints.catalogue import catalogue
from texture.web.endpoints.comparison_routes import comparisons
from texture.web.endpoints.file_routes import results
from texture.web.endpoints.forecast_routes import forecasts
from texture.web.endpoints.history_routes import history
from texture.web.endpoints.iteration_routes import iterations
from texture.web.endpoints.job_routes import work
from texture.web.endpoints.mark_routes import marks
from texture.web.endpoints.material_routes import materials
from texture.web.endpoints.model_routes import models
from texture.web.endpoints.picture_routes import pictures
from texture.web.endpoints.usage_routes import usage
from texture.web.endpoints.worker_routes import workers
from texture.web.live.bounds import install_bounds
from texture.web.live.packet import ClientPacket
from texture.web.live.sockets import MOST_MESSAGE, install_sockets, sender
from texture.web.live.viewers import Viewers
from texture.web.metrics import Metrics, install_metrics
from texture.web.networks import networks
from texture.web.pages import install_errors, install_pages
from texture.web.security.access import Access, current_owner, install_access, open_access
from texture.web.security.origin_guard import OriginGuard
from texture.web.security.proxy import Proxied
from texture.web.services import Services
from texture.web.weights_state import Weights

ROOT = Path(__file__).parents[2]
PARTS = (
    catalogue,
    pictures,
    work,
    forecasts,
    results,
    materials,
    iterations,
    comparisons,
    marks,
    history,
    models,
    usage,
    workers,
)
ROUTES = [route for part in PARTS for route in part.routes]


@dataclass(frozen=True)
class Web:
    """What the composition root needs: the app to serve, and what to start and stop with it."""

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
    app = Flask("texture", root_path=str(ROOT), static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_JSON
    app.request_class = spooling(concurrency)
    # Our gate compares origins, for pages and sockets alike; [] is only: no second opinion, and no CORS headers.
    socketio = SocketIO(
        app,
        async_mode=concurrency.mode,
        max_http_buffer_size=MOST_MESSAGE,
        cors_allowed_origins=[],
        serializer=ClientPacket,
        manage_session=False,
        async_handlers=False,  # one message of a socket after the other: it waits for itself, and nobody else does
    )
    concurrency.limit(socketio.server.eio, MOST_MESSAGE)
    viewers = Viewers(sender(socketio))
    viewers.post = concurrency.bridge(viewers.deliver)
    engine = engine_for(viewers)
    weights = Weights(settings, viewers.post, engine.wake, engine.workers if settings.broker else None)
    metrics = Metrics(lambda: len(concurrency.connections), lambda: len(viewers))
    services = Services(settings, store, engine, weights, viewers.post, metrics)
    access = open_access(settings, store.agreed.value)
    install_access(app, access)
    install(app, ROUTES, services, concurrency, current_owner)
    install_sockets(socketio, services, concurrency, access)
    install_bounds(app, socketio, access)
    install_assets(app, ROOT / "static", concurrency)
    install_pages(app, services, concurrency)
    install_openapi(app, ROUTES, concurrency)
    install_errors(app)
    install_metrics(app, metrics)
    local = access.token is None
    guarded = OriginGuard(app.wsgi_app, local=local)
    app.wsgi_app = Proxied(guarded, networks(settings.proxies))  # type: ignore[method-assign]
    return Web(app, engine, weights, access)
