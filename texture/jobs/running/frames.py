"""Pictures for viewers: the worker hands over pixels, and another thread makes JPEGs of them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TYPE_CHECKING

from texture.images.decoding import Pixels
from texture.images.encoding import encode_jpeg
from texture.jobs.domain.events import Framed
from texture.jobs.running.background import Background
from texture.jobs.running.publisher import Publisher

if TYPE_CHECKING:
    from texture.jobs.running.run import Run

log = logging.getLogger(__name__)


class Frames:
    """Makes frames where somebody looks, one at a time. Used on the worker's thread."""

    def __init__(self, publisher: Publisher, encoder: Executor | None) -> None:
        """encoder: where pictures are encoded; None: on this thread."""
        self._publisher, self._background = publisher, Background(encoder)

    def offer(self, run: Run, sharing: int) -> None:
        """Show its picture so far, if somebody wants it, one is due, and the frame before has been made.

        sharing: how many other runs take up a share of the time for frames.
        """
        if not (run.frames_throttle.due and self._background.is_free and self._publisher.wants_frame(run.id)):
            return
        with run.frames_throttle.taken(sharing):  # some methods draw with a network
            frame, pixels = self._publisher.frame(run.id, run.number, *run.size), run.screen_pixels()
        if frame is not None:
            self._background.do(self._make, frame, pixels)

    def show(self, run: Run, jpeg: bytes) -> None:
        """Show a picture that has been encoded, after the frame that is being made."""
        self._background.wait()
        if (frame := self._publisher.frame(run.id, run.number, *run.size)) is not None:
            self._publisher.publish(frame(jpeg))

    def _make(self, frame: Callable[[bytes], Framed], pixels: Pixels) -> None:
        try:
            self._publisher.publish(frame(encode_jpeg(pixels)))
        except Exception:
            log.exception("a picture could not be encoded for viewers")
