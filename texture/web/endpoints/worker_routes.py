"""Who computes: the workers, and what waits for them."""

from __future__ import annotations

from pydantic import BaseModel, Field

from texture.jobs.engines.worker_state import WorkerState
from texture.jobs.scheduling.leases import Leases
from texture.web.api.route import Routes
from texture.web.services import Services

workers = Routes()


class Workforce(BaseModel):
    """All workers that are alive."""

    workers: list[WorkerState]
    waiting: dict[str, int] = Field(description="how many jobs and comparisons wait, by queue: gpu, cpu, brief")


@workers.get("/workers")
def workforce(services: Services) -> Workforce:
    """Who computes: the server itself, or the workers on other machines."""
    waiting = Leases(services.store.database).waiting()
    return Workforce(workers=list(services.engine.workers()), waiting=dict(waiting.items()))
