"""What a job and a picture are, as everybody outside the database sees them: frozen, detached, ready for JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

State = Literal["queued", "running", "paused", "done", "failed", "cancelled"]
ENDED: tuple[State, ...] = ("done", "failed", "cancelled")


class Picture(BaseModel):
    """A picture that a person brought, decoded, checked and re-encoded; `owner` never leaves the server."""

    model_config = ConfigDict(frozen=True)

    id: str
    owner: str = Field(exclude=True)
    name: str = Field(description="what the person called it; for display only, never a path")
    width: int
    height: int
    checksum: str = Field(description="SHA-256 of the pixels")


class Job(BaseModel):
    """A row of the table of jobs, which is the truth."""

    model_config = ConfigDict(frozen=True)

    id: str
    owner: str = Field(exclude=True)
    method: str
    params: dict[str, Any] = Field(description="every parameter, defaults included")
    images: dict[str, str] = Field(description="role (source, content) to the id of a picture or sample:<name>")
    state: State
    seq: int = Field(description="grows with every event of this job, over restarts too")
    number: int = Field(0, description="steps done")
    total: int | None = Field(None, description="steps in all, once the method has said")
    seconds: float = Field(0.0, description="time the device has spent on it")
    eta: float | None = Field(None, description="seconds until it is done, sharing the device as now")
    place: int | None = Field(None, description="place in the queue, 1 is next")
    losses: dict[str, float] = Field(default_factory=dict)
    metrics: dict[str, float] = Field(default_factory=dict)
    crashes: int = Field(0, exclude=True, description="times in a row that it went down with its process")
    message: str | None = Field(None, description="why it failed or waits, in words that a person can act on")
    created: datetime
    started: datetime | None = None
    ended: datetime | None = None


class Point(BaseModel):
    """One point of a job's curves."""

    model_config = ConfigDict(frozen=True)

    number: int
    seconds: float
    values: dict[str, float]
