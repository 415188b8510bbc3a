"""Keeps small pictures of what runs, by which its iterations can be seen again later."""

from __future__ import annotations

import logging
from collections.abc import Collection
from concurrent.futures import Executor
from typing import TYPE_CHECKING

from texture.images.decoding import Pixels
from texture.images.encoding import encode_jpeg
from texture.jobs.domain.faults import is_disk_full
from texture.jobs.running.background import Background
from texture.jobs.store.iterations import Iterations, spread

if TYPE_CHECKING:
    from texture.jobs.running.run import Run

log = logging.getLogger(__name__)


class IterationKeeper:
    """Draws the pictures on the worker's thread, in little of its time, and has them encoded and written beside it."""

    def __init__(self, iterations: Iterations, encoder: Executor | None) -> None:
        """encoder: where pictures are encoded and written; None: on this thread."""
        self._iterations, self._background = iterations, Background(encoder)

    def offer(self, run: Run, sharing: int) -> None:
        """Keep its picture so far, if it is time. Of a brief method's run none: its steps are parts of a picture.

        sharing: how many runs take up a share of the time together.
        """
        if run.brief or not (run.iterations_throttle.due and self._background.is_free):
            return
        there = self._iterations.numbers(run.id) if run.iterations is None else run.iterations
        before = [number for number in there if number < run.number]
        if run.number not in spread([*before[-1:], run.number]):
            return  # there is one of the same interval
        with run.iterations_throttle.taken(sharing):
            pixels = run.screen_pixels()
        run.iterations = kept = spread([*before, run.number])
        self._background.do(self._keep, run.id, run.number, pixels, {*there} - {*kept})

    def wait(self) -> None:
        """Until what was kept is on the disk."""
        self._background.wait()

    def _keep(self, job: str, number: int, pixels: Pixels, needless: Collection[int]) -> None:
        try:
            self._iterations.remove(job, needless)
            self._iterations.put(job, number, encode_jpeg(pixels))
        except Exception as error:
            if not is_disk_full(error):  # which is told where it matters
                log.exception("job %s: the picture of step %d could not be kept", job, number)
