"""Saving a job that stops before its end."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from texture.jobs.domain.faults import explain, is_disk_full
from texture.jobs.domain.job import State

if TYPE_CHECKING:
    from texture.jobs.running.run import Run

log = logging.getLogger(__name__)


def keep(run: Run, state: State, measure: Callable[[], object]) -> str | None:
    """Write what is to stay of a job that goes on later, or never; a message where something went wrong.

    measure: takes the last figures of one that is cancelled. Each part for itself, and the checkpoint before the
    pictures: what the disk has no room for must not cost what it has.
    """
    if not run.has_picture:
        return None
    parts: list[Callable[[], object]] = [partial(run.progress.read, run.step), run.save, run.keep_preview]
    if state == "cancelled":
        parts.insert(0, measure)
    if state in ("paused", "cancelled"):
        parts += [run.keep_result, run.keep_files]
    problems = [problem for part in parts if (problem := _attempt(run, part))]
    return f"the latest state could not be saved: {problems[0]}" if problems else None


def keep_last_look(run: Run) -> None:
    """Save the picture as it was when the job failed, unless that is what failed."""
    try:
        run.check_finite()
        if run.has_picture:
            run.keep_preview()
    except Exception:  # the job has failed for a reason of its own, which is the one to report
        log.warning("job %s: its last picture could not be saved", run.id, exc_info=True)


def _attempt(run: Run, part: Callable[[], object]) -> str | None:
    try:
        part()
    except Exception as error:
        words = explain(error)
        log.error("job %s could not be saved: %s", run.id, words, exc_info=not is_disk_full(error))
        return words
    return None
