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
    comparison: str | None = Field(None, description="the id of the comparison that it belongs to")
    method: str
    params: dict[str, Any] = Field(description="every parameter, defaults included")
    images: dict[str, str] = Field(
        description="role to what is given: source, content, … to the id of a picture or sample:<name>, "
        "model to the id of a job that has left one"
    )
    names: dict[str, str] = Field(
        default_factory=dict, description="what each of them is called; of a model, what its exemplar is"
    )
    exemplar: str = Field("", description="what the exemplar is called; where a model is given, that of its training")
    state: State
    seq: int = Field(description="grows with every event of this job, over restarts too")
    number: int = Field(0, description="steps done")
    total: int | None = Field(None, description="steps in all; null while the method cannot know")
    done: float = Field(0.0, description="share of the whole work that is done, 0..1")
    seconds: float = Field(0.0, description="time that it had the device to itself")
    memory: int | None = Field(
        None, description="the most bytes that it had at one time, sampled; null where this machine cannot tell"
    )
    eta: float | None = Field(None, description="seconds until it is done, sharing the device as now")
    place: int | None = Field(None, description="place in the queue, 1 is next")
    losses: dict[str, float] = Field(default_factory=dict)
    metrics: dict[str, float] = Field(
        default_factory=dict, description="as last measured: now and then, and at the end"
    )
    baselines: dict[str, float] = Field(
        default_factory=dict, description="the same numbers between two halves of the exemplar: as good as can be"
    )
    files: list[str] = Field(
        default_factory=list, description="what lies there besides the picture: a model, an animation, maps (.png)"
    )
    crashes: int = Field(0, exclude=True, description="times in a row that it took its process down with it")
    message: str | None = Field(
        None, description="why it failed or waits, or what the method has to say of how it goes on"
    )
    created: datetime
    started: datetime | None = None
    ended: datetime | None = None


class Point(BaseModel):
    """One point of a job's curves."""

    model_config = ConfigDict(frozen=True)

    number: int
    seconds: float = Field(description="time that the job had the device to itself")
    wall: float = Field(description="time since the job was made")
    values: dict[str, float] = Field(description="losses, and the metrics that were measured just then")


class Comparison(BaseModel):
    """Several jobs on one exemplar, which share the device by wall-clock."""

    model_config = ConfigDict(frozen=True)

    id: str
    owner: str = Field(exclude=True)
    exemplar: str = Field(description="what the exemplar is called")
    images: dict[str, str] = Field(description="role to the id of a picture or sample:<name>, for all runs")
    shared: bool = Field(description="whether everybody who has its id may look at it")
    created: datetime
    jobs: list[Job] = Field(description="its runs, oldest first")
    labels: dict[str, str] = Field(description="by the id of a job: what tells it from the others")


class Entry(BaseModel):
    """A line of the history: a comparison with its jobs, or a job that belongs to none."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["job", "comparison"]
    id: str
    exemplar: str
    created: datetime
    jobs: list[Job]
