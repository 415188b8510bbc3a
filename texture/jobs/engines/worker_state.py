"""What a worker says of itself."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, Field

from texture.features import weights
from texture.runs.machine import machine_name
from texture.settings import Settings
from texture.version import VERSION


class WorkerState(BaseModel, frozen=True):
    """A worker: the process, and the machine that it is on."""

    name: str = Field(description="its machine, and its process there")
    device: str = Field(description="where it computes: cpu, cuda:0, …")
    machine: str = Field(description="processor, cores, PyTorch")
    queues: list[str] = Field(description="the kinds of jobs that it takes: gpu, cpu, brief")
    version: str
    busy: bool = Field(description="whether it has a job, or a comparison, now")
    load: float = Field(description="processes that want a processor there, divided by its processors")
    weights: Literal["ready", "missing", "fetching", "damaged"] = Field(description="of VGG-19 there")
    since: float = Field(description="when it was started, in seconds since 1970")

    @classmethod
    def of_this_process(cls, settings: Settings, queues: Sequence[str], *, busy: bool, since: float) -> WorkerState:
        """Of the worker in this process."""
        return cls(
            name=f"{socket.gethostname()}-{os.getpid()}",
            device=settings.device,
            machine=machine_name(settings.device),
            queues=list(queues),
            version=VERSION,
            busy=busy,
            load=round(os.getloadavg()[0] / (os.cpu_count() or 1), 2) if hasattr(os, "getloadavg") else 0.0,
            weights=weights.status(settings).state,
            since=since,
        )
