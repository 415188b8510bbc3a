"""Jobs, pictures and comparisons as seen outside the database: frozen, detached, ready for JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

State = Literal["queued", "running", "paused", "done", "failed", "cancelled"]
ENDED: tuple[State, ...] = ("done", "failed", "cancelled")


class Picture(BaseModel):
    """An uploaded picture, decoded, checked and re-encoded; `owner` never leaves the server."""

    model_config = ConfigDict(frozen=True)

    id: str
    owner: str = Field(exclude=True)
    name: str = Field(description="its file name when uploaded; for display only, never a path")
    width: int
    height: int
    checksum: str = Field(description="SHA-256 of the pixels")


class Job(BaseModel):
    """A row of the jobs table, which is the single source of truth."""

    model_config = ConfigDict(frozen=True)

    id: str
    owner: str = Field(exclude=True)
    comparison: str | None = Field(None, description="the id of the comparison that it belongs to")
    method: str
    params: dict[str, Any] = Field(description="every parameter, defaults included")
    images: dict[str, str] = Field(
        description="role to picture: source, content, … to the id of a picture or sample:<name>, "
        "model to the id of the job that trained it"
    )
    names: dict[str, str] = Field(
        default_factory=dict, description="the name of each of them; of a model, that of its source texture"
    )
    exemplar: str = Field("", description="the name of the source texture; of a model, that of its training")
    name: str | None = Field(None, description="given by its owner")
    star: bool = Field(False, description="whether its owner has marked it")
    state: State
    seq: int = Field(description="increases with every event of this job, across restarts too")
    number: int = Field(0, description="steps done")
    total: int | None = Field(None, description="total steps; null while the method cannot know")
    done: float = Field(0.0, description="fraction of the work done, 0..1")
    seconds: float = Field(0.0, description="compute time, seconds")
    memory: int | None = Field(
        None, description="peak memory in bytes, sampled; null where this machine cannot measure it"
    )
    eta: float | None = Field(None, description="estimated seconds until it is done, sharing the device as now")
    place: int | None = Field(None, description="place in the queue, 1 is next")
    losses: dict[str, float] = Field(default_factory=dict)
    metrics: dict[str, float] = Field(
        default_factory=dict, description="as last measured: at intervals, and at the end"
    )
    baselines: dict[str, float] = Field(
        default_factory=dict, description="the same metrics between two halves of the source texture"
    )
    files: list[str] = Field(
        default_factory=list, description="its files besides the picture: a model, an animation, maps (.png)"
    )
    crashes: int = Field(0, exclude=True, description="times in a row that it took its process down with it")
    message: str | None = Field(None, description="why it failed or waits, or a note of the method on its progress")
    created: datetime
    started: datetime | None = None
    ended: datetime | None = None


class Point(BaseModel):
    """One point of a job's curves."""

    model_config = ConfigDict(frozen=True)

    number: int
    seconds: float = Field(description="time that the job had the device to itself")
    wall: float = Field(description="seconds since the job was created")
    values: dict[str, float] = Field(description="losses, and the metrics that were measured just then")


class Comparison(BaseModel):
    """Several jobs on one exemplar, which get equal shares of device time; or jobs put side by side afterwards."""

    model_config = ConfigDict(frozen=True)

    id: str
    owner: str = Field(exclude=True)
    kept: bool = Field(True, description="whether it is in the history; false for jobs that were put side by side")
    exemplar: str = Field(description="the name of the source texture; of several, all their names")
    images: dict[str, str] = Field(
        description="role to the id of a picture or sample:<name>: what all its runs are given"
    )
    shared: bool = Field(description="whether everybody who has the link may view it")
    name: str | None = Field(None, description="given by its owner")
    star: bool = Field(False, description="whether its owner has marked it")
    created: datetime
    jobs: list[Job] = Field(description="its runs, oldest first")
    labels: dict[str, str] = Field(description="by job id: what distinguishes it from the others")


class Entry(BaseModel):
    """An entry of the history: a comparison with its jobs, or a single job."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["job", "comparison"]
    id: str
    exemplar: str
    name: str | None = Field(description="given by its owner")
    star: bool = Field(description="whether its owner has marked it")
    created: datetime
    jobs: list[Job]
