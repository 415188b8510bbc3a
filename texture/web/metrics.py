"""The server's own counters, in Prometheus' text format."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping

from flask import Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

from texture.version import VERSION

MEDIA = CONTENT_TYPE_LATEST
METHODS = ("GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS")
SECONDS = (0.005, 0.02, 0.1, 0.5, 2, 10, 60)  # bounds of the histogram


class Metrics:
    """The metrics of one server. They name routes, but no addresses, ids or sessions."""

    def __init__(self, connections: Callable[[], int], viewers: Callable[[], int]) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        labels = ("method", "route", "status")
        self.answers = Counter("texture_http_answers", "HTTP answers", labels, registry=registry)
        self.seconds = Histogram(
            "texture_http_seconds", "until an answer begins", ("route",), buckets=SECONDS, registry=registry
        )
        self._queue = Gauge("texture_jobs_queued", "jobs that wait in the queue", registry=registry)
        self._data = Gauge("texture_data_bytes", "what the data folder holds", ("kind",), registry=registry)
        self._free = Gauge("texture_disk_free_bytes", "free on the disk of the data folder", registry=registry)
        Gauge("texture_connections", "open connections", registry=registry).set_function(connections)
        Gauge("texture_viewers", "connected sockets", registry=registry).set_function(viewers)
        Gauge("texture_info", "the version", ("version",), registry=registry).labels(VERSION).set(1)

    def text(self, queued: int, data: Mapping[str, int], free: int | None) -> bytes:
        """All metrics as they are now. queued: jobs that wait; data: bytes by kind; free: bytes, if there is a disk."""
        self._queue.set(queued)
        self._free.set(math.nan if free is None else free)
        for kind, size in data.items():
            self._data.labels(kind).set(size)
        return generate_latest(self._registry)


def install_metrics(app: Flask, metrics: Metrics) -> None:
    """Count every response of Flask's."""

    @app.before_request
    def begin() -> None:
        g.began = time.monotonic()

    @app.after_request
    def count(response: Response) -> Response:
        route = request.endpoint or "none"
        known = request.method if request.method in METHODS else "other"
        metrics.answers.labels(known, route, response.status_code).inc()
        metrics.seconds.labels(route).observe(time.monotonic() - g.get("began", time.monotonic()))
        return response
