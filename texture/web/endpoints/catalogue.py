"""Health, weights, methods and samples: what a client asks first."""

from __future__ import annotations

import tempfile
from typing import Literal

from pydantic import BaseModel, Field

from texture.methods.registry import methods as all_methods
from texture.version import VERSION
from texture.web.api.problems import Refused, problem
from texture.web.api.response import File
from texture.web.api.route import Routes
from texture.web.endpoints.described import Catalogue, MethodDescription, SampleDescription, catalogue_for, version_for
from texture.web.metrics import MEDIA
from texture.web.services import Services
from texture.web.weights_state import WeightsState
from texture.wording import system_reason

AGAIN = 10  # seconds until a server that is not ready is worth another look

catalogue = Routes()


class Health(BaseModel):
    """The state of the server."""

    status: Literal["ok"] = "ok"
    version: str
    device: str = Field(description="the device setting: auto, cpu, cuda or mps")
    queue: int = Field(description="jobs waiting in the queue, of all owners")
    lost: int = Field(description="jobs and pictures in the lost-and-found, of which the database knows nothing")
    disk_full: bool = Field(description="whether there is no room for pictures and results")
    trouble: str | None = Field(description="why no job gets on: no worker is running, say; null where one can")
    weights: WeightsState


class Standing(BaseModel):
    """One word for who watches over the server."""

    status: Literal["ok"]


class MethodList(BaseModel):
    """All methods."""

    methods: list[MethodDescription]


class MethodQuery(BaseModel, extra="forbid"):
    """Which methods are listed."""

    unlisted: bool = Field(False, description="also the unlisted ones, such as the one that tests use")


class CatalogueQuery(BaseModel, extra="forbid"):
    """Which catalogue is meant."""

    version: str | None = Field(
        None, description="its digest, as the page has it: the answer may be kept for good then"
    )


class SampleList(BaseModel):
    """All built-in pictures."""

    samples: list[SampleDescription]


@catalogue.get("/health")
def health(services: Services) -> Health:
    """Whether the server is healthy, and what it waits for. Needs no token."""
    return Health(
        version=VERSION,
        device=services.settings.device,
        queue=services.store.jobs.queued(),
        lost=services.store.lost.amount.count,
        disk_full=services.store.reserve.short,
        trouble=services.engine.trouble(),
        weights=services.weights.state(),
    )


@catalogue.get("/health/live")
def live() -> Standing:
    """Whether the server answers at all: where it does not, restart it. Needs no token."""
    return Standing(status="ok")


@catalogue.get("/health/ready", errors=(503,))
def ready(services: Services) -> Standing:
    """Whether it can work: the database answers, the folder can be written, the worker goes on. Needs no token.

    Where workers run the jobs elsewhere, they, Redis and the bucket do not count: pages are served without. `trouble`
    of /api/health tells of them.
    """
    if reason := _fault(services) or (None if services.settings.broker else services.engine.trouble()):
        raise Refused(problem(503, f"not ready: {reason}"), retry_after=AGAIN)
    return Standing(status="ok")


@catalogue.get("/metrics", media=MEDIA)
def metrics(services: Services) -> File:
    """Counts and times for Prometheus; it needs the token where there is one."""
    store = services.store
    text = services.metrics.text(store.jobs.queued(), store.bytes_by_kind(), store.usage.free)
    return File(text, MEDIA, "metrics.txt", cache="no-store")


def _fault(services: Services) -> str | None:
    """What is wrong with the store."""
    try:
        services.store.jobs.queued()
    except Exception:
        return "the database does not answer"
    try:
        if services.settings.broker is None:
            services.store.blobs.exists("pictures")
    except OSError:
        return "the bucket does not answer"
    try:
        with tempfile.TemporaryFile(dir=services.settings.data) as file:
            file.write(b"0" * 4096)
    except OSError as error:
        return f"the data folder cannot be written: {system_reason(error)}"
    return None


@catalogue.post("/weights", status=202)
def fetch_weights(services: Services) -> WeightsState:
    """Retry the download of missing weights; harmless when none are missing."""
    return services.weights.fetch_again()


@catalogue.get("/methods")
def methods(query: MethodQuery) -> MethodList:
    """Every method with its parameters."""
    shown = [method for method in all_methods().values() if method.listed or query.unlisted]
    return MethodList(methods=[MethodDescription.of(method) for method in shown])


@catalogue.get("/catalogue")
def whole_catalogue(root: str, query: CatalogueQuery) -> Catalogue:
    """All fixed facts: methods, built-in pictures, roles, metrics, states with their transitions, limits, colours."""
    whole = catalogue_for(root)
    return whole.lasting() if query.version == version_for(root) else whole


@catalogue.get("/samples")
def samples(root: str) -> SampleList:
    """The built-in pictures."""
    return SampleList(samples=SampleDescription.every(root))
