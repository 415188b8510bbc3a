"""The files of a run: its artifacts, its preview and its checkpoint."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from texture.images.decoding import Pixels
from texture.images.encoding import encode_png
from texture.images.tensors import to_pixels
from texture.jobs.domain.job import Job
from texture.jobs.domain.throttle import SHARE
from texture.jobs.running.checkpoint import Checkpoint, Content, Damaged
from texture.jobs.store import Store
from texture.jobs.store.artifacts import GIVEN, checkpoint_key
from texture.methods.artifacts import FITTED, PICTURE, PREVIEW, Artifact
from texture.methods.common.regular import fitted_exemplar
from texture.methods.contract import Step
from texture.runs.collection import encoded, left
from texture.runs.preparation import Prepared

log = logging.getLogger(__name__)

Turn = Callable[[], AbstractContextManager[None]]

SAVED_EVERY, SAVED_AT_LEAST = 4.0, 6.0  # seconds, the latter where saving takes long; the promise is 10


class RunFiles:
    """What one run writes.

    left: the names of its files besides the picture and its preview. unsaved: there is something new that the
    checkpoint does not have.
    """

    def __init__(self, job: Job, store: Store, prepared: Prepared, lease: int = 0) -> None:
        self._job, self._prepared = job.id, prepared
        self._artifacts, self.left = store.artifacts, list(job.files)
        self._exemplar_kept = FITTED.name in job.files
        self._checkpoint = Checkpoint(store.blobs, checkpoint_key(job.id), lease)
        self.unsaved, self._save_at = False, time.monotonic() + SAVED_EVERY

    @property
    def has_picture(self) -> bool:
        """Whether result.png exists, possibly from before a pause."""
        return self._artifacts.exists(self._job, PICTURE.name)

    def keep_preview(self, jpeg: bytes) -> bytes:
        """Write preview.jpg, and the exemplar as it was fitted where it was: the picture is to be judged by that."""
        self._keep_exemplar()
        self._artifacts.put(self._job, PREVIEW.name, jpeg)
        return jpeg

    def keep_picture(self, pixels: Pixels, number: int, total: int | None) -> None:
        """Write result.png as it is after step `number` of `total`, with the recipe inside."""
        self._artifacts.put(self._job, PICTURE.name, encode_png(pixels, self._prepared.recipe(number, total)))

    def keep_further(self, step: Step | None, turn: Turn, for_screen: bool = False) -> None:
        """Write the artifacts of a step besides the picture.

        turn: what is done within it counts as the method's. for_screen: only what is drawn, as large as a screen
        needs it.
        """
        if step is None:
            return
        for artifact in left(self._prepared.method, step):
            if artifact != PICTURE and ((artifact.drawn and artifact.live) or not for_screen):
                with turn():
                    made = step.made(artifact)
                self._put(artifact, encoded(artifact, made, for_screen=for_screen))

    @property
    def save_due(self) -> bool:
        """Whether a new checkpoint is due."""
        return self.unsaved and time.monotonic() >= self._save_at

    def save(self, content: Content) -> None:
        """Write the checkpoint.

        Raises:
            SetupProblem: it cannot be written; the previous checkpoint is still intact.
        """
        began = time.monotonic()
        self._checkpoint.save(content)
        cost = time.monotonic() - began
        pause = max(SAVED_EVERY, min(SAVED_AT_LEAST, cost / SHARE))  # from one that is whole to the next that is
        self.unsaved, self._save_at = False, began + pause - min(cost, pause / 2)

    def postpone(self, seconds: float) -> None:
        """The checkpoint is not due before."""
        self._save_at = time.monotonic() + seconds

    def load(self) -> tuple[Content | None, bool]:
        """The checkpoint, or None; and whether there was a damaged one, which is removed."""
        if not self._checkpoint.exists:
            return None, False
        try:
            return self._checkpoint.load(), False
        except Damaged as error:
            log.warning("job %s: checkpoint: %s", self._job, error)
            self.forget_checkpoint()
            return None, True

    def forget_checkpoint(self) -> None:
        """Remove the checkpoint."""
        self._checkpoint.remove()
        self._artifacts.remove(self._job, GIVEN)
        self.unsaved, self._save_at = False, time.monotonic() + SAVED_EVERY

    def _keep_exemplar(self) -> None:
        if self._exemplar_kept:
            return
        self._exemplar_kept = True
        if not self._prepared.outline.fits:
            return
        fitted = fitted_exemplar(self._prepared.outline, self._prepared.inputs.source)
        if fitted is not None:
            self._put(FITTED, encode_png(to_pixels(fitted)))

    def _put(self, artifact: Artifact, data: bytes) -> None:
        self._artifacts.put(self._job, artifact.name, data)
        self.left = sorted({*self.left, artifact.name})
