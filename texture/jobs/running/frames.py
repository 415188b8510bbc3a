"""Pictures for viewers: the worker hands over pixels, and another thread makes JPEGs of them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from typing import TYPE_CHECKING

from texture.images.encoding import encode_jpeg
from texture.jobs.domain.events import Framed
from texture.jobs.running.publisher import Publisher

if TYPE_CHECKING:
    from torch import Tensor

    from texture.jobs.domain.throttle import Throttle
    from texture.jobs.running.run import Run

log = logging.getLogger(__name__)


class Frames:
    """Makes frames where somebody looks, one at a time. Used on the worker's thread."""

    def __init__(self, publisher: Publisher, encoder: Executor | None) -> None:
        """encoder: where pictures are encoded; None: on this thread."""
        self._publisher, self._encoder = publisher, encoder
        self._under_way: Future[None] | None = None

    def offer(self, run: Run, sharing: int) -> None:
        """Show its picture so far, if somebody wants it, one is due, and the frame before has been made.

        sharing: how many other runs take up a share of the time for frames.
        """
        if not (run.frames_throttle.due and self._is_free and self._publisher.wants_frame(run.id)):
            return
        if (frame := self._publisher.frame(run.id, run.number, *run.size)) is None:
            return
        make = partial(self._make, frame, run.screen_pixels(), run.frames_throttle, sharing)
        if self._encoder is None:
            make()
        else:
            self._under_way = self._encoder.submit(make)

    def show(self, run: Run, jpeg: bytes) -> None:
        """Show a picture that has been encoded, after the frame that is being made."""
        if self._under_way is not None:
            self._under_way.result()
        if (frame := self._publisher.frame(run.id, run.number, *run.size)) is not None:
            self._publisher.publish(frame(jpeg))

    @property
    def _is_free(self) -> bool:
        return self._under_way is None or self._under_way.done()

    def _make(self, frame: Callable[[bytes], Framed], pixels: Tensor, throttle: Throttle, sharing: int) -> None:
        try:
            with throttle.taken(sharing):
                self._publisher.publish(frame(encode_jpeg(pixels.cpu().numpy())))
        except Exception:
            log.exception("a picture could not be encoded for viewers")
