"""Events as bytes, for Redis."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

import orjson

from texture.jobs.domain.events import Changed, ComparisonChanged, Deleted, Event, Framed, Stepped
from texture.jobs.domain.job import Job

NUMBERS = ("seq", "number", "width", "height")  # of a frame, before its JPEG
HEAD = 8 * len(NUMBERS)
PLAIN = {made.__name__.lower(): made for made in (Stepped, Deleted)}


def packed(event: Changed | Deleted | Stepped | ComparisonChanged) -> bytes:
    """The event as JSON."""
    if isinstance(event, Changed):
        return orjson.dumps(["changed", event.job, event.seq, _row(event.row)])
    if isinstance(event, ComparisonChanged):
        return orjson.dumps(["comparison", event.comparison, event.owner, sorted(event.jobs), event.shared])
    return orjson.dumps([type(event).__name__.lower(), asdict(event)])


def unpacked(data: bytes) -> Event:
    """What `packed` made. Raises ValueError, TypeError, KeyError for anything else: another version wrote it."""
    kind, *rest = orjson.loads(data)
    if kind == "changed":
        job, seq, row = rest
        return Changed(job, seq, Job.model_validate(row))
    if kind == "comparison":
        comparison, owner, jobs, shared = rest
        return ComparisonChanged(comparison, owner, frozenset(jobs), shared)
    made = PLAIN[kind]
    known = {field.name for field in fields(made)}
    return made(**{name: value for name, value in rest[0].items() if name in known})


def packed_frame(frame: Framed) -> bytes:
    """A frame: its numbers, and its JPEG as it is."""
    return b"".join(getattr(frame, name).to_bytes(8, "big") for name in NUMBERS) + frame.jpeg


def unpacked_frame(job: str, data: bytes) -> Framed:
    """What `packed_frame` made."""
    seq, number, width, height = (int.from_bytes(data[place : place + 8], "big") for place in range(0, HEAD, 8))
    return Framed(job, seq, number, width, height, data[HEAD:])


def _row(row: Job) -> dict[str, Any]:
    """Every field, those that never leave the server included."""
    kept = {name: getattr(row, name) for name, about in Job.model_fields.items() if about.exclude}
    return {**row.model_dump(mode="json"), **kept}
