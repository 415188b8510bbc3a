"""The messages sent on sockets: rows, steps and frames as documented in docs/api.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from texture.jobs.domain.events import Framed, Stepped
from texture.jobs.domain.job import Job


def row_message(row: Job) -> dict[str, Any]:
    """A job's row for JSON, its numbers finite."""
    return {**row.model_dump(mode="json"), "losses": finite(row.losses), "metrics": finite(row.metrics)}


def step_message(event: Stepped) -> dict[str, Any]:
    """The payload of "step"."""
    return {
        "job": event.job,
        "seq": event.seq,
        "number": event.number,
        "total": event.total,
        "seconds": event.seconds,
        "wall": event.wall,
        "done": event.done,
        "eta": event.eta,
        "losses": finite(event.losses),
        "metrics": finite(event.metrics),
    }


def frame_message(frame: Framed) -> dict[str, Any]:
    """The payload of "frame"; `data` is a JPEG."""
    return {
        "job": frame.job,
        "seq": frame.seq,
        "number": frame.number,
        "width": frame.width,
        "height": frame.height,
        "data": frame.jpeg,
    }


def finite(values: Mapping[str, float]) -> dict[str, float | None]:
    """JSON has no NaN or infinity: null instead, or a browser would reject the whole message."""
    return {name: value if abs(value) < float("inf") else None for name, value in values.items()}
