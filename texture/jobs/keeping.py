"""What is kept of a job that stops before its end."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from texture.jobs.faults import explain
from texture.jobs.job import State

if TYPE_CHECKING:
    from texture.jobs.live import Live

log = logging.getLogger(__name__)


def keep(live: Live, state: State, measure: Callable[[], object]) -> str | None:
    """Write what is to stay of a job that goes on later, or never; a message where something went wrong.

    measure: takes the last figures of one that is cancelled. Each part for itself, and the checkpoint before the
    pictures: what the disk has no room for must not cost what it has.
    """
    if not live.has_picture:
        return None
    parts: list[Callable[[], object]] = [live.read_losses, live.save, live.keep_preview]
    if state == "cancelled":
        parts.insert(0, measure)
    if state in ("paused", "cancelled"):
        parts += [live.keep_result, live.keep_files]
    problems = [problem for part in parts if (problem := _attempt(live, part))]
    return f"the latest state could not be kept: {problems[0]}" if problems else None


def keep_last_look(live: Live) -> None:
    """The picture as it was when the job broke, unless that is what broke."""
    try:
        live.check_finite()
        if live.has_picture:
            live.keep_preview()
    except Exception:  # the job has failed for a reason of its own, which is the one to tell
        log.warning("job %s: its last picture could not be kept", live.id, exc_info=True)


def _attempt(live: Live, part: Callable[[], object]) -> str | None:
    try:
        part()
    except Exception as error:
        log.exception("job %s could not be kept as it is", live.id)
        return explain(error)
    return None
